import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import { openJournal } from '../../gateway/journal/client.ts';
import { type Appended, JournalUnavailable } from '../../gateway/journal/entry.ts';
import { commitment } from '../../gateway/journal/leaf.ts';
import { type LogPlace, openLog, unsealRow } from '../../gateway/journal/log.ts';
import { openReader } from '../../gateway/journal/reader.ts';
import { keysOf } from '../../gateway/journal/seal.ts';
import { openSlotReader, slotPaths } from '../../gateway/journal/slots.ts';
import type { Alarm } from '../../gateway/journal/writer-messages.ts';
import type { EntryRow } from '../../gateway/store/journal-store.ts';
import { newPlace, tapEntry, WRITER } from '../journal/samples.ts';

const CHILD = fileURLToPath(new URL('./journal-load.mjs', import.meta.url));
/** The short form; a night run sets more (security.md 5: 200 in CI, 10,000 at night). */
const KILLS = Number(process.env['JOURNAL_KILLS'] ?? 120);
/** Logs that are written and killed side by side: each child keeps one core busy. */
const LOGS = 2;

interface Ack {
  readonly seq: number;
  readonly index: number;
  readonly how: string;
}

/** Runs the child until it has acknowledged something and `ms` more have passed, kills it without warning, and returns what it had acknowledged. */
async function killedAfter(place: LogPlace, from: number, ms: number): Promise<Ack[]> {
  const child = spawn(process.execPath, [CHILD, place.file, place.keysDir, Buffer.from(place.root).toString('hex'), String(from)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (part: Buffer) => {
    if (said === '') setTimeout(() => child.kill('SIGKILL'), ms);
    said += part.toString();
  });
  await new Promise((resolve) => child.once('close', resolve));
  expect(child.signalCode).toBe('SIGKILL');
  const lines = said.slice(0, said.lastIndexOf('\n')).split('\n');
  return lines.map((line) => line.split(' ')).map(([seq = '', index = '', how = '']) => ({ seq: Number(seq), index: Number(index), how }));
}

/** Every row opens, its commitments and leaf hash recompute, and the indexes have no gap. */
function checkLog(place: LogPlace): number {
  const db = new Database(place.file, { readonly: true });
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  const logId = db.prepare<[], Buffer>('SELECT logId FROM log').pluck().get() ?? Buffer.alloc(0);
  const rows = db.prepare<[], EntryRow>('SELECT * FROM entry ORDER BY idx').all();
  db.close();
  const keys = keysOf(openSlotReader(place.keysDir, place.root));
  rows.forEach((row, at) => {
    const { event, person } = unsealRow(row, { logId, first: 0 }, keys);
    if (row.idx !== at || event === undefined || person === undefined) throw new Error(`row ${at} has index ${row.idx} and ${event === undefined ? 'does not open' : 'no person'}`);
    const index = Buffer.alloc(8);
    index.writeBigUInt64BE(BigInt(at));
    const leaf = Buffer.concat([Buffer.of(0, 1, row.kind, 0, 0), logId, index, commitment('event', event), commitment('person', person)]);
    if (!createHash('sha256').update(leaf).digest().equals(row.leafHash)) throw new Error(`leaf hash of row ${at} is wrong`);
  });
  return rows.length;
}

/** Writes one log and kills its writer again and again: every acknowledged entry is there, once, and the log adds up. */
async function killedAgainAndAgain(place: LogPlace, kills: number): Promise<void> {
  const acknowledged = new Map<number, number>();
  let from = 1;
  for (let round = 0; round < kills; round += 1) {
    for (const { seq, index, how } of await killedAfter(place, from, 20 + Math.random() * 150)) {
      expect(how).not.toBe('other');
      expect(acknowledged.get(seq) ?? index).toBe(index);
      acknowledged.set(seq, index);
    }
    // The next child sends again what this one had on its way, as a controller does.
    from = Math.max(1, Math.max(1, ...acknowledged.keys()) - 400);
    // Half of the time the slots lose their tail too, as after a torn write.
    const [, mirror] = slotPaths(place.keysDir);
    if (round % 2 === 0) writeFileSync(mirror, readFileSync(mirror).subarray(0, -30));
  }
  openLog(place).close();
  const length = checkLog(place);
  const reader = openReader(place);
  const stored = reader.since(0, length);
  reader.close();
  expect(stored).toHaveLength(length - 1);
  const bySeq = new Map(stored.map((entry) => [entry.event.key?.seq, entry.index]));
  expect(bySeq.size).toBe(stored.length);
  expect(acknowledged.size).toBeGreaterThan(kills * 10);
  for (const [seq, index] of acknowledged) expect(bySeq.get(seq)).toBe(index);
}

describe('a gateway killed without warning', () => {
  let places: readonly LogPlace[] = [];
  afterEach(() => {
    for (const { file } of places) rmSync(dirname(file), { recursive: true, force: true });
  });

  test(
    `${KILLS} times under load: every acknowledged entry is there, once, and the log adds up`,
    async () => {
      places = Array.from({ length: LOGS }, () => newPlace());
      await Promise.all(places.map((place) => killedAgainAndAgain(place, Math.ceil(KILLS / LOGS))));
    },
    60_000 + KILLS * 5000,
  );
});

/** A small file system of its own, or why there is none. */
function smallDisk(megabytes: number): { readonly dir: string } | { readonly why: string } {
  const dir = mkdtempSync(join(tmpdir(), 'doorbook-full-'));
  try {
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'doorbook-test', dir], { stdio: 'pipe' });
    return { dir };
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    return { why: `a file system of ${megabytes} MB could not be mounted (needs root): ${String(error)}` };
  }
}

/** Fills what is left but `spare` bytes. */
function fill(dir: string, spare: number): string {
  const { bavail, bsize } = statfsSync(dir);
  const file = join(dir, 'filler');
  writeFileSync(file, Buffer.alloc(Math.max(0, bavail * bsize - spare), 1));
  return file;
}

describe('a full disk', () => {
  let dir = '';
  afterEach(() => {
    if (dir === '') return;
    execFileSync('/bin/umount', ['-l', dir]);
    rmSync(dir, { recursive: true, force: true });
    dir = '';
  });

  test('costs the reserve first, then refuses; nothing acknowledged is missing; room brings everything back', async (context) => {
    const disk = smallDisk(72);
    if ('why' in disk) return context.skip(disk.why);
    dir = disk.dir;
    const place = newPlace(dir);
    const reserve = join(dir, 'journal.reserve');
    const journal = await openJournal({ ...place, writer: WRITER });
    const alarms: Alarm[] = [];
    journal.onAlarm((alarm) => alarms.push(alarm));
    expect(existsSync(reserve)).toBe(true);
    const filler = fill(dir, 1024 * 1024);

    const stored = new Map<number, Appended>();
    let refusedAt = 0;
    for (let seq = 1; refusedAt === 0 && seq < 400_000; seq += 200) {
      const answers = await Promise.allSettled(Array.from({ length: 200 }, (_, place) => journal.append(tapEntry(seq + place))));
      answers.forEach((answer, place) => {
        if (answer.status === 'fulfilled') stored.set(seq + place, answer.value);
        else {
          expect(answer.reason).toBeInstanceOf(JournalUnavailable);
          refusedAt = Date.now();
        }
      });
    }
    expect(refusedAt).toBeGreaterThan(0);
    expect(journal.status()).toBe('unavailable');
    expect(existsSync(reserve)).toBe(false);
    expect(alarms[0]?.what).toBe('disk-full');
    expect(alarms[0]?.message).toContain('reserve is in use');
    // The second alarm, that the reserve is used up too, came within a second of the first refusal.
    const usedUp = alarms.find((alarm) => alarm.message.includes('used up'));
    expect(usedUp).toBeDefined();
    expect(Math.abs((usedUp?.at ?? 0) - refusedAt)).toBeLessThan(1000);
    expect(stored.size).toBeGreaterThan(2000);

    rmSync(filler);
    const { index } = await journal.append(tapEntry(900_001));
    expect(index).toBe(stored.size + 1);
    expect(journal.status()).toBe('ok');
    await expect.poll(() => existsSync(reserve), { timeout: 5000 }).toBe(true);
    await expect.poll(() => alarms.at(-1)?.what, { timeout: 5000 }).toBe('recovered');
    await journal.close();

    expect(checkLog(place)).toBe(stored.size + 2);
    const reader = openReader(place);
    const bySeq = new Map(reader.since(0, 400_000).map((entry) => [entry.event.key?.seq, entry.index]));
    reader.close();
    for (const [seq, answer] of stored) expect(bySeq.get(seq)).toBe(answer.index);
  }, 120_000);
});
