import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkPragma, explained, openReadOnly, openReadWrite } from '../../gateway/store/sqlite.ts';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'doorbook-sqlite-'));
  file = path.join(dir, 'a.sqlite');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('opening', () => {
  test('a new database is for this user alone and stands at WAL, FULL, foreign keys, 5 s, 64 MiB', () => {
    const connection = openReadWrite(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const read = (name: string) => connection.pragma(name, { simple: true });
    expect(['journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout', 'cache_size'].map(read)).toEqual(['wal', 2, 1, 5000, -65_536]);
    connection.close();
  });

  test('a reading connection sees what is committed and cannot write', () => {
    const writer = openReadWrite(file);
    writer.exec('CREATE TABLE t (a)');
    const reader = openReadOnly(file);
    writer.exec('INSERT INTO t VALUES (1)');
    expect(reader.prepare('SELECT count(*) FROM t').pluck().get()).toBe(1);
    expect(() => reader.exec('INSERT INTO t VALUES (2)')).toThrow(/readonly/);
    reader.close();
    writer.close();
  });
});

describe('what is wrong is said in a sentence that names the file', () => {
  test('a folder that is not there', () => {
    expect(() => openReadWrite(path.join(dir, 'none', 'a.sqlite'))).toThrow(`The data folder ${dir}/none does not exist.`);
  });

  test('a file that is not there, for reading', () => {
    expect(() => openReadOnly(file)).toThrow(`The database ${file} does not exist.`);
  });

  test('a file that is no database', () => {
    writeFileSync(file, 'name,room\n'.repeat(200));
    expect(() => openReadWrite(file)).toThrow(`The database ${file} is not a database, or not one of ours.`);
    expect(() => openReadOnly(file)).toThrow('is not a database');
  });

  test('a folder in place of the file', () => {
    expect(() => openReadOnly(dir)).toThrow(`The database ${dir} is not a file.`);
  });

  test('a folder that cannot be written', () => {
    chmodSync(dir, 0o500);
    // Rights do not hold the root user back; /proc takes files from nobody.
    const closed = process.getuid?.() === 0 ? '/proc' : dir;
    expect(() => openReadWrite(path.join(closed, 'a.sqlite'))).toThrow(`The data folder ${closed} cannot be written by this user.`);
    chmodSync(dir, 0o700);
  });

  test('a database another program holds', () => {
    const first = openReadWrite(file);
    first.exec('CREATE TABLE t (a)');
    const second = openReadWrite(file);
    second.pragma('busy_timeout = 1');
    first.exec('BEGIN IMMEDIATE');
    let error: unknown;
    try {
      second.exec('INSERT INTO t VALUES (1)');
    } catch (caught) {
      error = explained(file, caught);
    }
    expect(error).toMatchObject({ name: 'StoreError', message: `The database ${file} is in use by another program. Stop that one first.` });
    first.close();
    second.close();
  });

  test('a setting that did not take', () => {
    expect(() => checkPragma(file, 'synchronous', 1n)).toThrow('synchronous should be 2 and is 1. Is it on a network drive?');
    expect(() => checkPragma(file, 'journal_mode', 'delete')).toThrow('journal_mode should be wal and is delete');
    expect(() => checkPragma(file, 'synchronous', 2n)).not.toThrow();
  });
});
