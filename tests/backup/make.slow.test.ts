import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stampOf, readManifest, sumOf } from '../../gateway/backup/manifest.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { openProofs } from '../../gateway/journal/proofs.ts';
import { SLOT } from '../../gateway/journal/slot-file.ts';
import { openSlotReader } from '../../gateway/journal/slots.ts';
import { addVaultKeys, dropOldVaultKeys, readKeys, readRoots, writeRoots } from '../../gateway/store/keys.ts';
import { registerFacts } from '../../gateway/store/restored-register.ts';
import { rotationOf } from '../../gateway/store/rotation.ts';
import { type BackupSite, backupSite, entryAbout } from './backup-site.ts';

let here: BackupSite;
beforeEach(async () => {
  here = await backupSite();
});
afterEach(() => here.remove());

const folders = (dir: string): string[] => (existsSync(dir) ? readdirSync(dir).sort() : []);

describe('a backup', () => {
  test('shows both databases as of one moment, whatever is written while they are copied', async () => {
    const { made, at } = await here.open(async (register, log) => {
      const before = { n: registerFacts(path.join(here.data, 'register.sqlite')).n, last: log.last() };
      const writes: Promise<unknown>[] = [];
      const done = await here.back(
        {},
        {
          rest: () => {
            log.append([stage(entryAbout(1, 'written while it is copied'))]);
            writes.push(register.write((db) => db.site.update({ where: { id: 1 }, data: { code: `moved-${writes.length}` } })));
          },
        },
      );
      await Promise.all(writes);
      expect(writes.length).toBeGreaterThan(1);
      expect(log.last()).toBe(before.last + writes.length);
      return { made: done, at: before };
    });
    expect([made.manifest.register.n, made.manifest.journal.last]).toEqual([at.n, at.last]);
    expect(registerFacts(path.join(made.folder, 'register.sqlite'))).toMatchObject({ n: at.n, people: 20, credentials: 20 });
    const proofs = openProofs(path.join(made.folder, 'journal.sqlite'));
    expect(proofs.logs()[0]?.size).toBe(at.last + 1);
    proofs.close();
  });

  test('pins the register first and only while its writes stand still', async () => {
    const order: string[] = [];
    await here.back(
      {},
      { still: async (pin) => [order.push('still'), pin(), order.push('goes on')][1] as never, told: (step) => void (order.at(-1) !== step && order.push(step)) },
    );
    expect(order).toEqual(['waiting', 'still', 'goes on', 'copying', 'checking', 'keys']);
  });

  test('names every file with its length and sum, and is for this user alone', async () => {
    const { folder, keysFolder, manifest } = await here.back();
    expect(folders(folder)).toEqual(['journal.sqlite', 'manifest.json', 'register.sqlite']);
    expect(readManifest(folder)).toEqual(manifest);
    for (const { name, bytes, sha256 } of manifest.files) expect(sumOf(path.join(folder, name))).toEqual({ bytes, sha256 });
    expect(manifest).toMatchObject({ format: 'doorbook-backup/1', listEpoch: 1, vaultKey: 1, journal: { last: 100, size: 101 } });
    expect(manifest.journal.checkpoint).toContain(manifest.journal.origin);
    expect(folders(keysFolder)).toContain('slots.a');
    for (const each of [folder, keysFolder]) {
      expect(statSync(each).mode & 0o077).toBe(0);
      expect(folders(each).filter((name) => (statSync(path.join(each, name)).mode & 0o077) !== 0)).toEqual([]);
    }
  });

  test('keeps the keys apart, and only their newest copy', async () => {
    const first = await here.back();
    const second = await here.back();
    expect(folders(here.dir)).toEqual([path.basename(first.folder), path.basename(second.folder)]);
    expect(folders(here.keysDir)).toEqual([path.basename(second.keysFolder)]);
    expect(folders(second.folder).filter((name) => /key|slot|root|checkpoint/.test(name))).toEqual([]);
  });

  test('keeps as many as were asked for, and touches nothing that is not its own', async () => {
    const other = await backupSite();
    try {
      const theirs = await other.back({ dir: here.dir });
      const mine = [await here.back(), await here.back(), await here.back()];
      const broken = path.join(mine[1]?.folder ?? '', 'journal.sqlite');
      writeFileSync(broken, 'cut');
      const last = await here.back({ keep: 2 });
      expect(folders(here.dir)).toEqual([theirs, ...mine.slice(1), last].map(({ folder }) => path.basename(folder)).sort());
    } finally {
      other.remove();
    }
  });

  test.each([
    ['inside the data directory', (site: BackupSite) => ({ dir: path.join(site.data, 'backups') }), /would be lost together with it/],
    ['with the keys among the databases', (site: BackupSite) => ({ keysDir: path.join(site.dir, 'keys') }), /whoever finds/],
    ['of a folder without databases', (site: BackupSite) => ({ data: path.join(site.root, 'nowhere') }), /nothing to back up/],
  ])('is refused %s', async (_what, over, words) => {
    await expect(here.back(over(here))).rejects.toThrow(words);
    expect(folders(here.dir)).toEqual([]);
  });

  test('that fails half way leaves nothing that looks whole, and the keys of the one before', async () => {
    const before = await here.back();
    let pieces = 0;
    const failing = here.back(
      {},
      {
        rest: () => {
          if (++pieces === 2) throw new Error('the disk is gone');
        },
      },
    );
    await expect(failing).rejects.toThrow('the disk is gone');
    expect(folders(here.dir)).toEqual([path.basename(before.folder)]);
    expect(folders(here.keysDir)).toEqual([path.basename(before.keysFolder)]);
  });

  test('takes away what an interrupted one left behind', async () => {
    const left = [path.join(here.dir, `${stampOf(0)}.partial`), path.join(here.keysDir, `${stampOf(0)}.partial`)];
    for (const each of left) mkdirSync(each, { recursive: true });
    await here.back();
    expect(left.filter((each) => existsSync(each))).toEqual([]);
  });

  test('finds damage in a database before it calls anything a backup', async () => {
    const file = path.join(here.data, 'register.sqlite');
    const bytes = readFileSync(file);
    bytes.fill(0x5a, 4096 * 3, 4096 * 6);
    writeFileSync(file, bytes);
    await expect(here.back()).rejects.toThrow(/register\.sqlite/);
    expect([folders(here.dir), folders(here.keysDir)]).toEqual([[], []]);
  });
});

describe('the keys of a backup', () => {
  test('are copied once keys of old entries are not being destroyed any more', async () => {
    const dir = path.join(here.data, 'keys');
    const [root] = readRoots(dir) ?? [];
    if (root === undefined) throw new Error('no root');
    writeRoots(dir, [root, new Uint8Array(32).fill(7)]);
    let waits = 0;
    const { keysFolder } = await here.back(
      {},
      {
        pause: async () => {
          waits += 1;
          if (waits === 3) writeRoots(dir, [root]);
        },
      },
    );
    expect(waits).toBe(3);
    expect(openSlotReader(keysFolder, readKeys(keysFolder).journalRoot).key({ type: SLOT.person, id: 7 })).toBeDefined();
  });

  test('open every row, also when the register’s keys are changed while it is copied', async () => {
    const dir = path.join(here.data, 'keys');
    let changed = false;
    const made = await here.open(async (register) => {
      const rotation = rotationOf(register, dir);
      return here.back(
        {},
        {
          still: async (pin) => {
            const pinned = pin();
            // Between snapshot and keys: all sealed anew, the old key forgotten.
            if (!changed) {
              changed = true;
              addVaultKeys(dir);
              register.vault.refresh();
              while (
                (await rotation.pass(
                  async () => undefined,
                  () => true,
                )) > 0
              );
              dropOldVaultKeys(dir);
              register.vault.refresh();
            }
            return pinned;
          },
        },
      );
    });
    expect(made.manifest.vaultKey).toBe(2);
    expect(readKeys(made.keysFolder).vault.map(({ n }) => n)).toEqual([2]);
    expect(folders(here.dir)).toEqual([path.basename(made.folder)]);
  });
});
