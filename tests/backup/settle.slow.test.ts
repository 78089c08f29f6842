import { copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { restoreBackup } from '../../gateway/backup/restore.ts';
import { settleRegister } from '../../gateway/backup/settle.ts';
import { JournalUnavailable, type NewEntry } from '../../gateway/journal/entry.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { openReader } from '../../gateway/journal/reader.ts';
import { openListEpoch, readEpoch } from '../../gateway/list-epoch.ts';
import { createRevoke, type Revocation } from '../../gateway/register/revocations.ts';
import { markTime } from '../../gateway/store/mark-time.ts';
import { registerFacts } from '../../gateway/store/restored-register.ts';
import { type BackupSite, backupSite, entryAbout, journalPlace } from './backup-site.ts';

let here: BackupSite;
beforeEach(async () => {
  here = await backupSite();
});
afterEach(() => here.remove());

const NOW = Date.UTC(2026, 10, 1);
const EPOCH = NOW / 60_000;
const registerFile = (): string => path.join(here.data, 'register.sqlite');

/** Stops cards as the gateway does: first the log, then the register. `acted` false: it was cut off between the two. */
const stop = (ids: readonly number[], acted = true): Promise<void> =>
  here.open(async ({ write }, log) => {
    const revoke = createRevoke({ append: async (entry) => log.append([stage(entry)])[0] ?? { index: 0, duplicate: false } }, Date.now);
    for (const credentialId of ids) {
      const what: Revocation = { what: 'credential-stopped', credentialId, personId: credentialId };
      await write(async (db) => {
        await revoke(db, [what], 1);
        if (acted) await db.credential.update({ where: { id: credentialId }, data: { status: 'revoked' } });
      });
    }
  });

/** What the start of a gateway does before it serves. */
async function start(): Promise<{ readonly older: string[]; readonly said: string[] }> {
  const [older, said]: [string[], string[]] = [[], []];
  markTime(registerFile());
  await here.open(async (register, log) => {
    await register.close();
    const append = async (entry: NewEntry) => log.append([stage(entry)])[0] ?? { index: 0, duplicate: false };
    const epoch = openListEpoch(
      here.data,
      () => registerFacts(registerFile()).n,
      () => NOW,
    );
    const parts = { data: here.data, epoch, counted: true, now: () => NOW };
    await settleRegister({ ...parts, journal: { append }, older: (detail) => older.push(detail), say: (line) => said.push(line) });
  });
  return { older, said };
}

const stopped = (): Promise<number[]> =>
  here.open(async ({ read }) => (await read.credential.findMany({ where: { status: 'revoked' }, select: { id: true }, orderBy: { id: 'asc' } })).map(({ id }) => id));
/** Cards with a receipt of having been stopped again. */
const receipts = (): Promise<number[]> =>
  here.open(async ({ read }) => (await read.cardStop.findMany({ where: { reason: 'again' }, orderBy: { credentialId: 'asc' } })).map(({ credentialId }) => credentialId));

function written(): (string | undefined)[] {
  const reader = openReader(journalPlace(here.data));
  try {
    return reader.since(100, 1000).map(({ event }) => event.what);
  } finally {
    reader.close();
  }
}

describe('the start after a restore', () => {
  test('stops again what was stopped after the backup, and the log says so', async () => {
    await stop([1]);
    await here.back();
    await stop([2, 3]);
    writeFileSync(registerFile(), 'broken');
    expect(restoreBackup({ data: here.data, dir: here.dir, keysDir: undefined, replace: true }, NOW).journal).toBe('kept');
    const { older, said } = await start();
    expect([await stopped(), await receipts()]).toEqual([
      [1, 2, 3],
      [2, 3],
    ]);
    expect([older, said]).toEqual([[], [expect.stringContaining('2 of 2 revocations')]]);
    expect(written().slice(-2)).toEqual(['restored', 'revocations-read-again']);
    expect(existsSync(path.join(here.data, 'restored.json'))).toBe(false);
    expect(await start()).toEqual({ older: [], said: [] });
    expect(await receipts()).toEqual([2, 3]);
  });

  test('has nothing to read again where the log came from the backup too', async () => {
    await stop([1]);
    await here.back();
    await stop([2]);
    rmSync(path.join(here.data, 'journal.sqlite'));
    restoreBackup({ data: here.data, dir: here.dir, keysDir: undefined, replace: true }, NOW);
    expect((await start()).said[0]).toContain('a new log begins');
    expect(await stopped()).toEqual([1]);
    expect(await start()).toEqual({ older: [], said: [] });
  });

  test('stops what is to be stopped also when the log takes nothing, and says it at the next start', async () => {
    await here.back();
    await stop([2]);
    restoreBackup({ data: here.data, dir: here.dir, keysDir: undefined, replace: true }, NOW);
    const epoch = openListEpoch(
      here.data,
      () => 0,
      () => NOW,
    );
    const broken = { append: () => Promise.reject(new JournalUnavailable('disk full')) };
    await settleRegister({ data: here.data, journal: broken, epoch, counted: true, older: () => undefined, say: () => undefined, now: () => NOW });
    expect(await stopped()).toEqual([2]);
    expect((await start()).said[0]).toContain('0 of 1 revocations');
  });
});

describe('a start without a restore', () => {
  test('finds nothing to do on a register that is its log’s, however often and whatever was stopped', async () => {
    for (const id of [1, 2, 3]) {
      expect(await start()).toEqual({ older: [], said: [] });
      await stop([id]);
    }
    expect(await start()).toEqual({ older: [], said: [] });
    expect(readEpoch(here.data)).toBe(1);
  });

  test('a card given back after it was stopped is not stopped again', async () => {
    await stop([1]);
    await here.open(({ write }) => write((db) => db.credential.update({ where: { id: 1 }, data: { status: 'active' } })));
    for (let n = 0; n < 3; n += 1) await start();
    expect(await stopped()).toEqual([]);
  });

  test('finds that somebody put an older register in its place: stops again, begins a new epoch, and raises an alarm', async () => {
    await stop([1]);
    const older = path.join(here.root, 'older.sqlite');
    copyFileSync(registerFile(), older);
    await start();
    await stop([2, 3, 4]);
    await here.open((register) => register.close());
    for (const ending of ['-wal', '-shm']) rmSync(`${registerFile()}${ending}`, { force: true });
    copyFileSync(older, registerFile());
    const found = await start();
    expect(found.older).toEqual([expect.stringContaining('3 of 3 revocations')]);
    expect([await stopped(), readEpoch(here.data)]).toEqual([[1, 2, 3, 4], EPOCH]);
    expect(await start()).toEqual({ older: [], said: [] });
    await stop([5]);
    expect(await start()).toEqual({ older: [], said: [] });
  });

  test('an act cut off between log and register was never answered, and is neither lost data nor an alarm', async () => {
    await stop([1]);
    await stop([2], false);
    expect((await start()).older).toEqual([]);
    expect(await stopped()).toEqual([1]);
  });

  test('entries about people are no revocations', async () => {
    await here.open(async (_register, log) => void log.append([stage(entryAbout(3, 'n=99999 credential-stopped'))]));
    expect(await start()).toEqual({ older: [], said: [] });
  });
});
