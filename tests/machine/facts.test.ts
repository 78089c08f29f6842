import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backupState, lastBackup, siteSince } from '../../gateway/machine/backups.ts';
import { readCertificate } from '../../gateway/machine/certificate.ts';
import { diskSpace, usedShare } from '../../gateway/machine/disk.ts';
import { watchThread } from '../../gateway/machine/thread.ts';
import { databaseSize } from '../../gateway/machine/wal.ts';
import { recordBackup } from '../../gateway/backup/record.ts';
import { selfSigned } from '../helpers/self-signed.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 23);
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'doorbook-machine-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('the newest backup', () => {
  const last = { at: NOW, dir: '/b', keysDir: '/k', bytes: 7, ok: true };

  test('is what the backup wrote of itself; none where there is none, or nothing that can be read', () => {
    expect(lastBackup(dir)).toBeUndefined();
    recordBackup(dir, last);
    expect(lastBackup(dir)).toEqual(last);
    writeFileSync(path.join(dir, 'backups.json'), '{"last":{"at":"soon"}}');
    expect(lastBackup(dir)).toBeUndefined();
  });

  test('is overdue after eight days; a failed one is never good; a new site has eight days for its first', () => {
    const states = [8 * DAY, 8 * DAY + 1].map((age) => backupState(last, 0, NOW + age));
    expect(states).toEqual(['fresh', 'old']);
    expect(backupState({ ...last, ok: false }, 0, NOW)).toBe('failed');
    expect([8 * DAY, 8 * DAY + 1].map((age) => backupState(undefined, NOW, NOW + age))).toEqual(['fresh', 'none']);
    expect(backupState(undefined, undefined, NOW)).toBe('fresh');
  });

  test('a site is as old as its register', () => {
    expect(siteSince(dir)).toBeUndefined();
    writeFileSync(path.join(dir, 'register.sqlite'), '');
    expect(Math.abs((siteSince(dir) ?? 0) - Date.now())).toBeLessThan(10_000);
  });
});

describe('a certificate', () => {
  test('tells its days, its host, and whether the key is its own', () => {
    const [from, until] = [NOW - DAY, NOW + 30 * DAY];
    const files = selfSigned(dir, { host: 'doors.example.cn', from, until });
    const other = selfSigned(dir, { host: 'other.example.cn', from, until });
    const found = readCertificate(files);
    expect([found.validFrom, found.validTo, found.keyFits]).toEqual([from, until, true]);
    expect(['doors.example.cn', 'other.example.cn', '127.0.0.1'].map(found.names)).toEqual([true, false, false]);
    expect(readCertificate({ cert: files.cert, key: other.key }).keyFits).toBe(false);
  });

  test('that is none is an error', () => {
    writeFileSync(path.join(dir, 'no.pem'), 'hello');
    expect(() => readCertificate({ cert: path.join(dir, 'no.pem'), key: path.join(dir, 'no.pem') })).toThrow();
  });
});

describe('disk, databases and threads', () => {
  test('a disk has room, and its share is between nothing and all', async () => {
    const space = await diskSpace(dir);
    expect([space.free > 0, usedShare(space) >= 0, usedShare(space) < 1]).toEqual([true, true, true]);
    expect([usedShare({ used: 30, free: 10 }), usedShare({ used: 0, free: 0 })]).toEqual([0.75, 0]);
    await expect(diskSpace(path.join(dir, 'gone'))).rejects.toThrow('ENOENT');
  });

  test('a database has its file and its write-ahead log', () => {
    writeFileSync(path.join(dir, 'journal.sqlite'), 'four');
    writeFileSync(path.join(dir, 'journal.sqlite-wal'), 'sixsix');
    expect([databaseSize(dir, 'journal'), databaseSize(dir, 'register')]).toEqual([
      { file: 4, wal: 6 },
      { file: 0, wal: 0 },
    ]);
  });

  test('a thread that stood still shows it once', async () => {
    const look = watchThread();
    await new Promise((resolve) => setTimeout(resolve, 50));
    look();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const until = performance.now() + 150;
    while (performance.now() < until);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const stood = look();
    expect([stood.max > 0.1, stood.heapBytes > 1e6]).toEqual([true, true]);
  });
});
