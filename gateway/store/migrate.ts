import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { addShippedRules } from './seed-rules.ts';
import { type Connection, explained, openReadOnly, openReadWrite, StoreError } from './sqlite.ts';

/** One folder of prisma/migrations/sqlite. */
interface Migration {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file in hex: what Prisma writes in `_prisma_migrations`. */
  readonly checksum: string;
}

interface AppliedRow {
  readonly name: string;
  readonly checksum: string;
  readonly finished: string | null;
}

/** Prisma's own table, so that its command line finds what the gateway applied and the other way round (storage.md 1.2). */
const TABLE = `CREATE TABLE "_prisma_migrations" (
    "id"                    TEXT PRIMARY KEY NOT NULL,
    "checksum"              TEXT NOT NULL,
    "finished_at"           DATETIME,
    "migration_name"        TEXT NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        DATETIME,
    "started_at"            DATETIME NOT NULL DEFAULT current_timestamp,
    "applied_steps_count"   INTEGER UNSIGNED NOT NULL DEFAULT 0
)`;
const INSERT = `INSERT INTO "_prisma_migrations" ("id", "checksum", "finished_at", "migration_name", "logs", "rolled_back_at", "started_at", "applied_steps_count")
  VALUES (?, ?, ?, ?, NULL, NULL, ?, 1)`;

/** The migrations that came with this program, beside the sources or the compiled files. */
function shippedFolder(): string {
  const folders = ['../../', '../../../'].map((up) => fileURLToPath(new URL(`${up}prisma/migrations/sqlite`, import.meta.url)));
  const found = folders.find((folder) => existsSync(folder));
  if (found === undefined) throw new StoreError('The folder prisma/migrations is missing. Install Doorbook again.');
  return found;
}

function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return names.map((name) => {
    const sql = readFileSync(path.join(folder, name, 'migration.sql'), 'utf8');
    return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
  });
}

const tablesOf = (connection: Connection): unknown[] => connection.prepare(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`).pluck().all();
const hasTable = (connection: Connection): boolean => tablesOf(connection).includes('_prisma_migrations');

function appliedRows(connection: Connection): AppliedRow[] {
  const rows = `SELECT migration_name AS name, checksum, finished_at AS finished FROM "_prisma_migrations" WHERE rolled_back_at IS NULL ORDER BY started_at, migration_name`;
  return connection.prepare<[], AppliedRow>(rows).all();
}

function readApplied(connection: Connection, file: string): AppliedRow[] {
  if (hasTable(connection)) return appliedRows(connection);
  if (tablesOf(connection).length > 0) throw new StoreError(`The database ${file} holds tables that Doorbook did not make. Move it away.`);
  connection.exec(TABLE);
  return [];
}

/** Refuses to go on from a database that is not exactly at a point of our own history. */
function checkHistory(file: string, applied: readonly AppliedRow[], known: readonly Migration[]): void {
  for (const row of applied) {
    if (row.finished === null)
      throw new StoreError(`The change ${row.name} of ${file} was begun and not finished. Restore the backup, or clear it with: npm run db -- migrate resolve.`);
    const migration = known.find((candidate) => candidate.name === row.name);
    if (migration === undefined) throw new StoreError(`The database ${file} was used by a newer Doorbook (${row.name}). Start that version.`);
    if (migration.checksum !== row.checksum)
      throw new StoreError(`The file of the change ${row.name} is not the one ${file} was made with. Install this version of Doorbook again.`);
  }
}

/** As Prisma's engine writes times on SQLite. */
const now = (): string => new Date().toISOString().replace('Z', '+00:00');

function applyOne(connection: Connection, file: string, migration: Migration): void {
  const started = now();
  try {
    connection.exec(migration.sql);
  } catch (error) {
    throw new StoreError(`The change ${migration.name} of ${file} failed and was undone: ${error instanceof Error ? error.message : error}.`, { cause: error });
  }
  connection.prepare(INSERT).run(randomUUID(), migration.checksum, now(), migration.name, started);
}

function applyMissing(connection: Connection, file: string, folder: string): string[] {
  const known = readMigrations(folder);
  const applied = readApplied(connection, file);
  checkHistory(file, applied, known);
  const missing = known.filter((migration) => !applied.some((row) => row.name === migration.name));
  for (const migration of missing) applyOne(connection, file, migration);
  addShippedRules(connection);
  if (missing.length > 0 && connection.prepare('PRAGMA foreign_key_check').all().length > 0)
    throw new StoreError(`After its changes ${file} would hold rows without their owners. Nothing was changed.`);
  return missing.map((migration) => migration.name);
}

/**
 * Brings a register to this program's schema, with the rules it comes with, making it when it is not there; all in one transaction, so a crash or a
 * failing change leaves it as it was. Returns the names applied now. `waitMs`:
 * for another program’s lock. Throws StoreError for a history that is not ours.
 */
export function migrateRegister(file: string, folder: string = shippedFolder(), waitMs?: number): string[] {
  const connection = openReadWrite(file, waitMs);
  try {
    // Prisma's table rebuilds need it off, and inside a transaction it could not be switched.
    connection.exec('PRAGMA foreign_keys = OFF');
    return connection.transaction(() => applyMissing(connection, file, folder)).immediate();
  } catch (error) {
    throw explained(file, error);
  } finally {
    connection.close();
  }
}

/** Is the register of this program's schema, whole and nothing missing? Only reads, so it tells also while another program writes. Throws StoreError for a history that is not ours. */
export function isCurrent(file: string, folder: string = shippedFolder(), waitMs?: number): boolean {
  if (!existsSync(file)) return false;
  const connection = openReadOnly(file, waitMs);
  try {
    const known = readMigrations(folder);
    const applied = hasTable(connection) ? appliedRows(connection) : [];
    checkHistory(file, applied, known);
    return known.every((migration) => applied.some((row) => row.name === migration.name));
  } catch (error) {
    throw explained(file, error);
  } finally {
    connection.close();
  }
}
