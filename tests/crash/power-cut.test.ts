import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openLog } from '../../gateway/journal/log.ts';
import { openReader } from '../../gateway/journal/reader.ts';
import { loadKeys } from '../../gateway/store/keys.ts';
import { migrateRegister } from '../../gateway/store/migrate.ts';
import { openRegister } from '../../gateway/store/register.ts';
import { ackedEarly, eachImage, type Image, type Kind, placeIn, record, type Recording, withoutSyncs, wrongWithImage } from './cut-images.ts';
import { keysLeft } from './keys-left.ts';
import type { Verified } from './log-check.ts';
import { noStrace } from './strace.ts';

/** In all; a night run sets more (security.md 5: 500 in CI, 50,000 at night). */
const IMAGES = Number(process.env['CRASH_IMAGES'] ?? 500);
const SEED = Number(process.env['CRASH_SEED'] ?? 1);
/** Made of one recording of each program. */
const AT_A_TIME = 500;
/** For each planted bug. */
const PLANTED = 40;

const why = noStrace();
let work = '';
beforeAll(() => {
  work = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'doorbook-cut-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

test('the calls of a process can be recorded here', () => {
  if (process.env['CI'] === 'true') expect(why).toBeUndefined();
  else expect(typeof why).toMatch(/string|undefined/);
});

function imagesOf(recording: Recording, count: number, seed = SEED): Promise<string[]> {
  const verified: Verified = new Map();
  return eachImage(recording, { count, seed, work }, (image) => wrongWithImage(image, verified));
}

/** After a cut in the middle of destroying: what stays can be read, what was said to be gone cannot. */
function wrongAfterDestroying({ dir, heard }: Image): string[] {
  const place = placeIn(dir);
  try {
    // Before anything is opened, which would finish what was cut short.
    const left = existsSync(place.keysDir) ? keysLeft(place.keysDir, heard.gone) : [];
    const log = openLog(place);
    const { lostKeys, fault } = log;
    log.close();
    if ((lostKeys ?? fault) !== undefined) return [...left, String(lostKeys ?? fault)];
    const reader = openReader(place);
    const read = new Set(reader.since(0, 1_000_000).map(({ index }) => index));
    reader.close();
    const lost = [...heard.days].filter(([index, day]) => day >= heard.going && !read.has(index)).map(([index, day]) => `entry ${index} of day ${day} is lost`);
    const back = [...heard.days].filter(([index, day]) => day < heard.gone && read.has(index)).map(([index, day]) => `entry ${index} of day ${day} is readable again`);
    return [...left, ...lost, ...back];
  } catch (error) {
    return [`does not open: ${String(error)}`];
  }
}

async function wrongWithRegister({ dir, heard }: Image): Promise<string[]> {
  const file = path.join(dir, 'register.sqlite');
  try {
    const keys = loadKeys(path.join(dir, 'keys'));
    migrateRegister(file);
    const register = await openRegister({ file, keys });
    const rows = await register.read.outboxMessage.findMany({ select: { id: true, bodySealed: true } });
    const kept = new Map(rows.map(({ id, bodySealed }) => [id, register.vault.open('outbox.body', bodySealed)]));
    await register.close();
    return [...heard.rows].filter(([id, text]) => kept.get(id) !== text).map(([id, text]) => `row ${id} (${text}) says ${kept.get(id)}`);
  } catch (error) {
    return [`does not open: ${String(error)}`];
  }
}

describe('the power goes', () => {
  beforeEach((context) => {
    if (why !== undefined) context.skip(why);
  });
  let log: Recording;
  beforeAll(async () => {
    if (why !== undefined) return;
    log = await record('log', work, { count: 700, seed: SEED });
  });

  test.each(Array.from({ length: Math.ceil(IMAGES / AT_A_TIME) }, (_, at) => [Math.min(AT_A_TIME, IMAGES - at * AT_A_TIME), SEED + at]))(
    '%i images, seed %i: while the log is written, by one thread and by the writer, while keys are destroyed, while the register is written',
    async (count, seed) => {
      const share = (part: number): number => Math.ceil(count * part);
      const recorded = (kind: Kind, many: number): Promise<Recording> => record(kind, work, { count: many, seed });
      expect(await imagesOf(seed === SEED ? log : await recorded('log', 700), share(0.4), seed)).toEqual([]);
      expect(await imagesOf(await recorded('writer', 600), share(0.3), seed)).toEqual([]);
      expect(await eachImage(await recorded('destroy', 12), { count: share(0.2), seed, work }, wrongAfterDestroying)).toEqual([]);
      expect(await eachImage(await recorded('register', 120), { count: share(0.1), seed, work }, wrongWithRegister)).toEqual([]);
    },
    200_000,
  );

  test.each<[string, (recording: Recording) => Recording]>([
    ['synchronous=OFF', (whole) => withoutSyncs(whole, (name) => /sqlite(-wal)?$/.test(name))],
    [
      'synchronous=NORMAL: the write-ahead log is flushed before a checkpoint only',
      (whole) => withoutSyncs(whole, (name, at) => name.endsWith('-wal') && !beforeCheckpoint(whole, at)),
    ],
    ['an answer before the commit', ackedEarly],
    ['key slots that are not flushed', (whole) => withoutSyncs(whole, (name) => /slots\.[ab]$/.test(name))],
    ['a key file renamed before it is flushed', (whole) => withoutSyncs(whole, (name) => name.endsWith('.tmp'))],
    ['a folder that is not flushed after a rename', (whole) => withoutSyncs(whole, (name) => name.endsWith('/keys'))],
  ])('planted, and found: %s', async (_, plant) => {
    expect((await imagesOf(plant(log), PLANTED)).length).toBeGreaterThan(0);
  });

  test('planted, and found: an old root key that is gone before the disk knows it', async () => {
    const destroying = withoutSyncs(await record('destroy', work, { count: 12, seed: SEED + 1_000_000 }), (name) => name.endsWith('/keys'));
    const wrong = await eachImage(destroying, { count: PLANTED, seed: SEED, work }, wrongAfterDestroying);
    expect(wrong.filter((each) => each.includes('still opens the key of day')).length).toBeGreaterThan(0);
  });
});

/** Is the next thing done to a database file, after this flush of its write-ahead log, a write of the database itself? */
function beforeCheckpoint({ events, base, root }: Recording, at: number): boolean {
  const next = events.slice(at + 1).find(({ t }) => t === 'write' || t === 'said');
  const db = events.find((event) => event.t === 'make' && event.name === path.join(root, 'journal.sqlite'));
  return base.length === 0 && next?.t === 'write' && db?.t === 'make' && next.file === db.file;
}
