import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrateRegister } from '../../gateway/store/migrate.ts';
import { openReadWrite } from '../../gateway/store/sqlite.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SHIPPED = path.join(ROOT, 'prisma/migrations/sqlite');
const FIRST = readdirSync(SHIPPED).filter((name) => /^\d/.test(name))[0] ?? '';
const require = createRequire(import.meta.url);

let dir: string;
let file: string;
let folder: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'doorbook-migrate-'));
  file = path.join(dir, 'register.sqlite');
  folder = path.join(dir, 'migrations');
  cpSync(SHIPPED, folder, { recursive: true });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function add(name: string, sql: string): void {
  mkdirSync(path.join(folder, name));
  writeFileSync(path.join(folder, name, 'migration.sql'), sql);
}

function ask(sql: string): unknown[] {
  const connection = openReadWrite(file);
  try {
    return connection.prepare(sql).all();
  } finally {
    connection.close();
  }
}

const db = (...args: string[]): string =>
  execFileSync(process.execPath, [path.join(ROOT, 'scripts/db.mjs'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, DATABASE_URL: `file:${file}`, DOORBOOK_OFFLINE: '1' },
    stdio: 'pipe',
  });

describe('the start-up runner', () => {
  test('makes a register, and has nothing to do the second time', () => {
    expect(migrateRegister(file)).toContain(FIRST);
    expect(migrateRegister(file)).toEqual([]);
  });

  test('writes the rows Prisma writes: SHA-256 of the file, ISO times as text, one step, no log', () => {
    migrateRegister(file);
    const sql = readFileSync(path.join(SHIPPED, FIRST, 'migration.sql'));
    const [row] = ask(`SELECT *, typeof(finished_at) AS kind FROM _prisma_migrations WHERE migration_name = '${FIRST}'`);
    expect(row).toMatchObject({ checksum: createHash('sha256').update(sql).digest('hex'), logs: null, rolled_back_at: null, applied_steps_count: 1, kind: 'text' });
    expect(row).toMatchObject({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), started_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/) });
  });

  test('Prisma’s own engine, asked through the wrapper, finds the register up to date', () => {
    migrateRegister(file);
    expect(db('migrate', 'status')).toContain('Database schema is up to date!');
  }, 30_000);

  test('and takes over a register that Prisma made', () => {
    expect(db('migrate', 'deploy')).toContain('All migrations have been successfully applied.');
    expect(migrateRegister(file)).toEqual([]);
  }, 30_000);

  test('the migrations make exactly the schema of the models', () => {
    expect(db('migrate', 'diff', '--from-migrations', 'prisma/migrations/sqlite', '--to-schema', 'prisma/sqlite', '--exit-code')).toContain('No difference detected');
  }, 30_000);

  test('a change that fails is undone whole, named, and can be tried again', () => {
    migrateRegister(file, folder);
    add('29990101000000_bad', 'CREATE TABLE "Good" ("id" INTEGER); CREATE TABLE "Site" ("id" INTEGER);');
    expect(() => migrateRegister(file, folder)).toThrow(`The change 29990101000000_bad of ${file} failed and was undone`);
    expect(ask(`SELECT name FROM sqlite_master WHERE name = 'Good'`)).toEqual([]);
    writeFileSync(path.join(folder, '29990101000000_bad', 'migration.sql'), 'CREATE TABLE "Good" ("id" INTEGER);');
    expect(migrateRegister(file, folder)).toEqual(['29990101000000_bad']);
  });

  test('a change that would leave rows without their owners is undone', () => {
    migrateRegister(file, folder);
    add('29990101000000_orphans', `INSERT INTO "Building" ("code", "siteId", "name") VALUES ('x', 77, 'nobody''s');`);
    expect(() => migrateRegister(file, folder)).toThrow('rows without their owners');
    expect(ask('SELECT * FROM "Building"')).toEqual([]);
  });
});

describe('the start-up runner refuses', () => {
  test('a change whose file is not the one that was applied', () => {
    migrateRegister(file, folder);
    writeFileSync(path.join(folder, FIRST, 'migration.sql'), '-- another\n', { flag: 'a' });
    expect(() => migrateRegister(file, folder)).toThrow(`The file of the change ${FIRST} is not the one`);
  });

  test('a change that was begun and not finished; one that Prisma marked as rolled back does not count', () => {
    migrateRegister(file, folder);
    ask(`INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('1', 'c', '29990101000000_half') RETURNING id`);
    expect(() => migrateRegister(file, folder)).toThrow('The change 29990101000000_half');
    ask(`UPDATE _prisma_migrations SET rolled_back_at = '2026-01-01T00:00:00.000+00:00' WHERE id = '1' RETURNING id`);
    expect(migrateRegister(file, folder)).toEqual([]);
  });

  test('a register that a newer version has changed', () => {
    add('29990101000000_later', 'CREATE TABLE "Later" ("id" INTEGER);');
    migrateRegister(file, folder);
    expect(() => migrateRegister(file)).toThrow('was used by a newer Doorbook (29990101000000_later)');
  });

  test('a database of somebody else', () => {
    const connection = openReadWrite(file);
    connection.exec('CREATE TABLE "Mine" ("id" INTEGER)');
    connection.close();
    expect(() => migrateRegister(file)).toThrow('holds tables that Doorbook did not make');
  });
});

test('the engine of the Prisma command line and the WebAssembly one that stands in for it are the same build', () => {
  const ofPrisma = createRequire(require.resolve('prisma/package.json'));
  const ofEngines = createRequire(ofPrisma.resolve('@prisma/engines/package.json'));
  const engines: { version: string; prisma: { enginesVersion: string } } = ofEngines('@prisma/engines-version/package.json');
  const wasm = readFileSync(path.join(ROOT, 'node_modules/@prisma/schema-engine-wasm/package.json'), 'utf8');
  expect(JSON.parse(wasm).version).toBe(engines.version);
  expect(engines.version).toContain(engines.prisma.enginesVersion);
});
