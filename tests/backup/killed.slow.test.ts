import { execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { finishRestore } from '../../gateway/backup/switch-over.ts';
import { rehearse } from '../../gateway/backup/restore.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { readEpoch } from '../../gateway/list-epoch.ts';
import { registerFacts } from '../../gateway/store/restored-register.ts';
import { type BackupSite, backupSite, entryAbout, opened } from './backup-site.ts';

const PROGRAM = path.resolve('dist/gateway/doorbook.js');
const KILLS = Number(process.env['BACKUP_KILLS'] ?? 8);

let here: BackupSite;
beforeEach(async () => {
  here = await backupSite(200);
  await here.open(async (_register, log) => {
    for (let n = 0; n < 40; n += 1) log.append(Array.from({ length: 100 }, () => stage(entryAbout(1))));
  });
});
afterEach(() => here.remove());

const folders = (dir: string): string[] => (existsSync(dir) ? readdirSync(dir).sort() : []);
const whole = (dir: string): string[] => folders(dir).filter((name) => !name.endsWith('.partial'));

/** Runs a command; with `ms` it is killed so long after its first sign of work. Resolves with how long it worked. */
async function run(args: readonly string[], begun: () => boolean, ms?: number): Promise<{ readonly ms: number; readonly killed: boolean }> {
  const child = spawn(process.execPath, [PROGRAM, ...args, '--lang', 'en'], { env: { ...process.env, DOORBOOK_DATA: here.data }, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  while (!begun() && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 2));
  const since = performance.now();
  const late = ms === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), ms);
  await ended;
  clearTimeout(late);
  return { ms: performance.now() - since, killed: child.signalCode === 'SIGKILL' };
}

describe(`killed without warning ${KILLS} times`, () => {
  test('a backup leaves the ones before as they were and nothing that looks whole and is not', async () => {
    await here.back();
    const partial = (): boolean => folders(here.dir).some((name) => name.endsWith('.partial'));
    const first = await run(['backup', here.dir], partial);
    let [killed, made, tries] = [0, 0, 0];
    // A busy machine may be done before it is killed: then it is tried again.
    for (; killed <= KILLS / 2 || tries < KILLS; tries += 1) {
      for (const name of folders(here.dir)) if (name.endsWith('.partial')) rmSync(path.join(here.dir, name), { recursive: true });
      const before = whole(here.dir);
      const { killed: died } = await run(['backup', here.dir], partial, randomInt(0, Math.ceil(first.ms)));
      killed += died ? 1 : 0;
      const now = whole(here.dir);
      made += now.length - before.length;
      expect(now).toEqual(expect.arrayContaining(before));
      const newest = now.at(-1) ?? '';
      expect(rehearse({ dir: path.join(here.dir, newest), keysDir: here.keysDir }, path.join(here.root, 'rehearsal'), Date.now())).toMatchObject({ people: 200, entries: 4101 });
    }
    // The next one clears up what they left, and is whole.
    await here.back();
    expect([folders(here.dir), folders(here.keysDir)].flat().filter((name) => name.endsWith('.partial'))).toEqual([]);
    expect(folders(here.keysDir)).toHaveLength(1);
    expect(made).toBeLessThanOrEqual(tries);
  }, 120_000);

  test('a restore leaves what was there, or what was to be there, and never a mixture', async () => {
    await here.back();
    await here.open(({ write, vault }) => write((db) => db.person.create({ data: { nameSealed: vault.seal('person.name', '后来的'), createdAt: 0n } })));
    const pristine = path.join(here.root, 'pristine');
    cpSync(here.data, pristine, { recursive: true });
    // As after the loss of the log: everything changes places.
    rmSync(path.join(pristine, 'journal.sqlite'));
    const again = (): void => {
      rmSync(here.data, { recursive: true });
      cpSync(pristine, here.data, { recursive: true });
    };
    const staged = (): boolean => existsSync(path.join(here.data, 'restore.new'));
    again();
    const first = await run(['restore', here.dir, '--replace'], staged);
    const seen = { old: 0, new: 0 };
    let killed = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      again();
      // The last ones where the files change places.
      const ms = kill < KILLS / 2 ? randomInt(0, Math.ceil(first.ms)) : Math.max(0, Math.ceil(first.ms) - randomInt(0, 120));
      killed += (await run(['restore', here.dir, '--replace'], staged, ms)).killed ? 1 : 0;
      finishRestore(here.data);
      const names = folders(here.data);
      const people = registerFacts(path.join(here.data, 'register.sqlite')).people;
      const isNew = people === 200;
      seen[isNew ? 'new' : 'old'] += 1;
      expect([people, readEpoch(here.data) > 1, existsSync(path.join(here.data, 'journal.sqlite')), existsSync(path.join(here.data, 'restored.json'))]).toEqual(
        isNew ? [200, true, true, true] : [201, false, false, false],
      );
      expect(names.filter((name) => name.startsWith('restore.') || (isNew && /-(wal|shm)$/.test(name)))).toEqual([]);
      if (isNew) await opened(here.data, async ({ read }, log) => expect([await read.person.count(), log.last()]).toEqual([200, 4101]));
    }
    expect(killed).toBeGreaterThan(KILLS / 2);
    expect(seen.old).toBeGreaterThan(0);
  }, 120_000);
});

describe('a disk that is full', () => {
  let disk = '';
  afterEach(() => {
    if (disk !== '') execFileSync('/bin/umount', ['-l', disk]);
    disk = '';
  });

  /** A small file system of its own, or why there is none. */
  function smallDisk(megabytes: number): string | undefined {
    const made = path.join(here.root, 'disk');
    mkdirSync(made);
    try {
      execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'doorbook-test', made], { stdio: 'pipe' });
      disk = made;
      return undefined;
    } catch (error) {
      return `a file system of ${megabytes} MB could not be mounted (needs root): ${String(error)}`;
    }
  }
  const fill = (spare: number): void => {
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(path.join(disk, 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - spare), 1));
  };

  test('is found before anything is copied, and while it is; nothing is left that looks whole', async (context) => {
    const why = smallDisk(80);
    if (why !== undefined) {
      expect(process.env['CI'], why).not.toBe('true');
      return context.skip(why);
    }
    const dir = path.join(disk, 'backups');
    const before = await here.back({ dir });
    fill(1_000_000);
    await expect(here.back({ dir })).rejects.toThrow(/needs about \d+ MB and \d+ MB are free/);
    rmSync(path.join(disk, 'filler'));
    let pieces = 0;
    const filling = here.back(
      { dir },
      {
        rest: () => {
          pieces += 1;
          if (pieces === 2) fill(0);
        },
      },
    );
    await expect(filling).rejects.toThrow(/disk is full/);
    expect(folders(dir)).toEqual([path.basename(before.folder)]);
    expect(rehearse({ dir, keysDir: here.keysDir }, path.join(here.root, 'rehearsal'), Date.now())).toMatchObject({ people: 200 });
  });
});
