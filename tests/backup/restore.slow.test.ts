import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MadeBackup } from '../../gateway/backup/make.ts';
import { rehearse, restoreBackup, type RestoreWish } from '../../gateway/backup/restore.ts';
import { finishRestore } from '../../gateway/backup/switch-over.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { openProofs } from '../../gateway/journal/proofs.ts';
import { openReader } from '../../gateway/journal/reader.ts';
import { readEpoch } from '../../gateway/list-epoch.ts';
import { addVaultKeys, dropOldVaultKeys } from '../../gateway/store/keys.ts';
import { registerFacts } from '../../gateway/store/restored-register.ts';
import { type BackupSite, backupSite, entryAbout, journalPlace, opened } from './backup-site.ts';

let here: BackupSite;
let made: MadeBackup;
let first: MadeBackup;
let fresh: string;
beforeEach(async () => {
  here = await backupSite();
  made = await here.back();
  fresh = path.join(here.root, 'elsewhere');
});
afterEach(() => here.remove());

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 1);
const put = (over: Partial<RestoreWish> = {}, now = NOW) => restoreBackup({ data: fresh, dir: here.dir, keysDir: undefined, replace: false, ...over }, now);
const back = (over: Partial<RestoreWish> = {}) => put({ data: here.data, replace: true, ...over });
const facts = (data: string) => registerFacts(path.join(data, 'register.sqlite'));

function entriesIn(data: string): number[] {
  const reader = openReader(journalPlace(data));
  try {
    return reader.since(-1, 100_000).map(({ index }) => index);
  } finally {
    reader.close();
  }
}

describe('a restore into an empty place', () => {
  test('brings register, log and keys back, and everything opens', async () => {
    const { folder, journal, listEpoch, aside } = put();
    expect([folder, journal, aside]).toEqual([made.folder, 'restored', undefined]);
    expect(facts(fresh)).toMatchObject({ n: made.manifest.register.n, people: 20, credentials: 20 });
    expect(entriesIn(fresh)).toHaveLength(101);
    expect(listEpoch).toBe(NOW / MINUTE);
    await opened(fresh, async (register, log) => {
      const person = await register.read.person.findFirstOrThrow();
      expect(register.vault.open('person.name', person.nameSealed)).toBe('测试0');
      const [first, second, ...more] = log.append([stage(entryAbout(1))]);
      expect([first?.index, second, more]).toEqual([102, undefined, []]);
    });
    expect(readdirSync(fresh).sort()).toEqual(['epoch-mirror.json', 'epoch.json', 'journal.sqlite', 'keys', 'register.sqlite', 'restored.json'].sort());
  });

  test('begins a new log that cites the one in the backup', () => {
    put();
    return opened(fresh, async (_register, log) => {
      const [, second] = await logs(fresh);
      expect(second?.cites).toBe(`${made.manifest.journal.origin} ${made.manifest.journal.size} ${made.manifest.journal.root}`);
      expect(log.fault).toBeUndefined();
    });
  });

  test('two restores of one backup never share an epoch, also when the clock stands at 1970', () => {
    expect(put({}, 5 * MINUTE).listEpoch).toBe(5);
    expect(put({ replace: true }, 5 * MINUTE).listEpoch).toBe(6);
    expect(put({ replace: true }, NOW).listEpoch).toBe(NOW / MINUTE);
    expect(put({ replace: true }, NOW).listEpoch).toBe(NOW / MINUTE + 1);
    expect(readEpoch(fresh)).toBe(NOW / MINUTE + 1);
  });

  test('ends every session, withdraws links not taken up, and leaves a gap in the row numbers', async () => {
    await here.open(async ({ write }) => {
      await write(async (db) => {
        const account = await db.account.create({ data: { login: 'a', passwordHash: 'x', role: 'SA', createdAt: 0n } });
        await db.session.create({ data: { tokenHash: Uint8Array.from([1]), publicId: 'p', accountId: account.id, createdAt: 0n, lastSeenAt: 0n } });
        await db.invitation.create({ data: { tokenHash: Uint8Array.from([2]), accountId: account.id, createdAt: 0n, expiresAt: BigInt(NOW * 2) } });
      });
    });
    await here.back();
    put();
    await opened(fresh, async ({ read, write }) => {
      expect(await read.session.count()).toBe(0);
      expect((await read.invitation.findFirstOrThrow()).revokedAt).toBe(BigInt(NOW));
      const person = await write((db) => db.person.create({ data: { nameSealed: Uint8Array.from([1]), createdAt: 0n } }));
      expect(person.id).toBeGreaterThan(100_000);
    });
  });

  test('takes the newest of several, and the one that is named', async () => {
    await here.open((register) => register.write((db) => db.person.create({ data: { nameSealed: register.vault.seal('person.name', '新来的'), createdAt: 0n } })));
    const newer = await here.back();
    expect([put().folder, facts(fresh).people]).toEqual([newer.folder, 21]);
    expect([put({ dir: made.folder, replace: true }).folder, facts(fresh).people]).toEqual([made.folder, 20]);
  });

  test('says no more than that a rehearsal went well, and leaves nothing', () => {
    const scratch = path.join(here.root, 'rehearsal');
    expect(rehearse({ dir: here.dir, keysDir: undefined }, scratch, NOW)).toMatchObject({ folder: made.folder, people: 20, credentials: 20, entries: 101 });
    expect(existsSync(scratch)).toBe(false);
  });
});

async function logs(data: string) {
  const proofs = openProofs(path.join(data, 'journal.sqlite'));
  try {
    return proofs.logs();
  } finally {
    proofs.close();
  }
}

describe('a backup that is not whole is refused by name, and nothing is put anywhere', () => {
  const flip = (file: string): void => {
    const bytes = readFileSync(file);
    const at = Math.min(5000, bytes.length - 1);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(file, bytes);
  };
  const keys = (): string => path.join(here.keysDir, readdirSync(here.keysDir)[0] ?? '');
  test.each([
    ['register.sqlite changed by one bit', () => flip(path.join(made.folder, 'register.sqlite')), /register\.sqlite is damaged/],
    ['journal.sqlite changed by one bit', () => flip(path.join(made.folder, 'journal.sqlite')), /journal\.sqlite is damaged/],
    ['journal.sqlite cut off', () => truncateSync(path.join(made.folder, 'journal.sqlite'), 8192), /journal\.sqlite has 8192 bytes and should have/],
    ['register.sqlite gone', () => rmSync(path.join(made.folder, 'register.sqlite')), /register\.sqlite is missing/],
    ['the manifest gone', () => rmSync(path.join(made.folder, 'manifest.json')), /manifest\.json: is missing/],
    ['the manifest cut off', () => truncateSync(path.join(made.folder, 'manifest.json'), 100), /manifest\.json: cannot be read/],
    ['the manifest of another form', () => writeFileSync(path.join(made.folder, 'manifest.json'), '{"format":"doorbook-backup/2"}'), /newer Doorbook/],
    ['the keys gone', () => rmSync(here.keysDir, { recursive: true }), /keys of this backup are not there/],
    ['one of the key files changed', () => flip(path.join(keys(), 'slots.a')), /slots\.a is damaged/],
    ['one of the key files gone', () => rmSync(path.join(keys(), 'keys.json')), /keys\.json is missing/],
  ])('%s', (_what, damage, words) => {
    damage();
    expect(() => put()).toThrow(words);
    expect(existsSync(fresh) ? readdirSync(fresh) : []).toEqual([]);
  });

  test('the keys of another site', async () => {
    const other = await backupSite(1);
    try {
      await other.back();
      expect(() => put({ keysDir: other.keysDir })).toThrow(/those of another site/);
    } finally {
      other.remove();
    }
  });

  test('an empty folder, and one that is not there', () => {
    mkdirSync(path.join(here.root, 'empty'));
    expect(() => put({ dir: path.join(here.root, 'empty') })).toThrow(/there is no backup in it/);
    expect(() => put({ dir: path.join(here.root, 'none') })).toThrow(/no such folder/);
  });

  test('a half-made one beside it is not looked at', () => {
    cpSync(made.folder, path.join(here.dir, '20991231-000000.partial'), { recursive: true });
    expect(put().folder).toBe(made.folder);
  });
});

describe('a restore over a site', () => {
  test('is refused without --replace, and while a gateway runs on it', () => {
    expect(() => put({ data: here.data })).toThrow(/holds a site already/);
    writeFileSync(path.join(here.data, 'gateway.pid'), String(process.ppid));
    expect(() => back()).toThrow(/has .* open/);
  });

  test('keeps a log that is whole and goes on from the backup, and its keys; only the register is replaced', async () => {
    await here.open(async ({ write }, log) => {
      await write((db) => db.person.deleteMany({ where: { occupancies: { none: {} } } }));
      await write((db) => db.credential.deleteMany({}));
      log.append([stage(entryAbout(1, 'after the backup'))]);
    });
    writeFileSync(path.join(here.data, 'register.sqlite'), 'broken');
    const { journal, aside } = back();
    expect(journal).toBe('kept');
    expect([facts(here.data).credentials, entriesIn(here.data).length, (await logs(here.data)).length]).toEqual([20, 102, 1]);
    expect(readFileSync(path.join(aside ?? '', 'register.sqlite'), 'utf8')).toBe('broken');
    expect(readEpoch(here.data)).toBe(NOW / MINUTE);
  });

  test.each([
    ['is gone', () => rmSync(path.join(here.data, 'journal.sqlite')), undefined],
    ['is no database any more', () => writeFileSync(path.join(here.data, 'journal.sqlite'), Buffer.alloc(20_000, 1)), 'file is not a database'],
    ['is an earlier one', () => cpSync(path.join(first.folder, 'journal.sqlite'), path.join(here.data, 'journal.sqlite')), 'it is shorter than the one in the backup'],
  ])('takes the log of the backup when the one that is there %s', async (_what, damage, why) => {
    first = made;
    await here.open(async (_register, log) => void log.append([stage(entryAbout(1))]));
    await here.back();
    damage();
    expect(back()).toMatchObject({ journal: 'restored', why });
    expect(await logs(here.data)).toHaveLength(2);
  });

  test('takes the log of the backup when the one that is there has other entries', async () => {
    const other = await backupSite();
    try {
      for (const name of ['journal.sqlite', 'keys']) {
        rmSync(path.join(here.data, name), { recursive: true });
        renameSync(path.join(other.data, name), path.join(here.data, name));
      }
      const { journal, why, aside } = back();
      expect([journal, why]).toEqual(['restored', 'it is another log than the one in the backup']);
      expect(readdirSync(aside ?? '').sort()).toEqual(expect.arrayContaining(['journal.sqlite', 'keys', 'register.sqlite']));
    } finally {
      other.remove();
    }
  });

  test('of a register sealed under keys that were changed since is refused', async () => {
    const dir = path.join(here.data, 'keys');
    addVaultKeys(dir);
    dropOldVaultKeys(dir);
    rmSync(here.keysDir, { recursive: true });
    expect(() => back()).toThrow(/The keys do not open .*register\.sqlite/);
    expect(facts(here.data).people).toBe(20);
  });

  test('moves what was there aside inside the data directory when nothing can be made beside it', () => {
    if (process.getuid?.() === 0) return expect(back().aside).toContain('.before-restore-');
    chmodSync(here.root, 0o500);
    try {
      expect(back().aside).toContain(`${here.data}/before-restore-`);
    } finally {
      chmodSync(here.root, 0o700);
    }
  });
});

describe('a restore that is cut off', () => {
  /** Files by content, so that old and new can be told. */
  const bytesOf = (name: string): string => readFileSync(path.join(here.data, name)).toString('base64');

  test('before the files change places leaves what was there, and the rests go', () => {
    const before = bytesOf('register.sqlite');
    mkdirSync(path.join(here.data, 'restore.new'));
    writeFileSync(path.join(here.data, 'restore.new', 'register.sqlite'), 'half');
    expect(finishRestore(here.data)).toBe(false);
    expect([bytesOf('register.sqlite'), existsSync(path.join(here.data, 'restore.new'))]).toEqual([before, false]);
  });

  test('at any file while they change places is gone on with', () => {
    const names = ['register.sqlite', 'journal.sqlite', 'epoch.json'];
    for (let cut = 0; cut <= names.length * 2; cut += 1) {
      const data = path.join(here.root, `cut-${cut}`);
      const aside = path.join(here.root, `aside-${cut}`);
      mkdirSync(path.join(data, 'restore.new'), { recursive: true });
      mkdirSync(aside);
      for (const name of names) {
        writeFileSync(path.join(data, name), `old ${name}`);
        writeFileSync(path.join(data, `${name}-wal`), `old ${name}-wal`);
        writeFileSync(path.join(data, 'restore.new', name), `new ${name}`);
      }
      writeFileSync(path.join(data, 'restore.json'), JSON.stringify({ format: 'doorbook-restore/1', install: names, aside }));
      // What a crash after so many moves leaves.
      const steps = names.flatMap((name) => [
        () => {
          renameSync(path.join(data, `${name}-wal`), path.join(aside, `${name}-wal`));
          renameSync(path.join(data, name), path.join(aside, name));
        },
        () => renameSync(path.join(data, 'restore.new', name), path.join(data, name)),
      ]);
      for (const step of steps.slice(0, cut)) step();
      expect(finishRestore(data)).toBe(true);
      expect(readdirSync(data).sort()).toEqual([...names].sort());
      for (const name of names) expect([readFileSync(path.join(data, name), 'utf8'), readFileSync(path.join(aside, name), 'utf8')]).toEqual([`new ${name}`, `old ${name}`]);
      expect(readdirSync(aside)).toHaveLength(names.length * 2);
    }
  });
});
