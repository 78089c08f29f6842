import { closeSync, existsSync, openSync, statSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { threadId } from 'node:worker_threads';
import Database from 'better-sqlite3';

/** What keeps a database from being opened or used, in one sentence for the person who started the gateway. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/** A connection of the bare driver. Synchronous: it blocks the thread it is used on. */
export type Connection = Database.Database;

/** How every connection must stand: value as PRAGMA reads it back, and as it is set (storage.md 6). */
interface Pragma {
  readonly name: string;
  readonly set: string;
  readonly reads: string | number;
}

const BUSY_TIMEOUT_MS = 5000;
const CACHE_KIB = 65_536;
const JOURNAL: Pragma = { name: 'journal_mode', set: 'WAL', reads: 'wal' };

const PRAGMAS: readonly Pragma[] = [
  JOURNAL,
  // 2 = FULL: only then does a commit outlive a power cut in WAL mode.
  { name: 'synchronous', set: 'FULL', reads: 2 },
  { name: 'foreign_keys', set: 'ON', reads: 1 },
  { name: 'busy_timeout', set: String(BUSY_TIMEOUT_MS), reads: BUSY_TIMEOUT_MS },
  { name: 'cache_size', set: String(-CACHE_KIB), reads: -CACHE_KIB },
];

/** Pragmas of a connection, in the order they are set. A read-only one cannot choose the journal mode, only find it. */
export const pragmaStatements = (readonly: boolean): readonly string[] =>
  PRAGMAS.filter((pragma) => !readonly || pragma !== JOURNAL).map((pragma) => `PRAGMA ${pragma.name} = ${pragma.set}`);

/** Names of the pragmas to read back with `checkPragma`. */
export const PRAGMA_NAMES: readonly string[] = PRAGMAS.map((pragma) => pragma.name);

/** Throws StoreError when a pragma did not take: a network drive, say, that knows no WAL. */
export function checkPragma(file: string, name: string, value: unknown): void {
  const wanted = PRAGMAS.find((pragma) => pragma.name === name)?.reads;
  const found = typeof value === 'bigint' ? Number(value) : value;
  if (found !== wanted) throw new StoreError(`The database ${file} does not keep its safety settings: ${name} should be ${wanted} and is ${found}. Is it on a network drive?`);
}

const SENTENCES: Readonly<Record<string, string>> = {
  SQLITE_NOTADB: 'is not a database, or not one of ours. Move it away, or restore it from a backup',
  SQLITE_CORRUPT: 'is damaged. Restore it from a backup',
  SQLITE_READONLY: 'cannot be written. Give this user the right to write the file and its folder',
  SQLITE_CANTOPEN: 'cannot be opened. Does it exist, and may this user read and write the file and its folder?',
  SQLITE_BUSY: 'is in use by another program. Stop that one first',
  SQLITE_FULL: 'cannot grow: the disk is full. Free some space',
  SQLITE_IOERR: 'cannot be read or written: the disk fails. Check the disk',
};

/** The driver's error as a sentence that names the file; errors of other origin stay as they are. */
export function explained(file: string, error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const family = Object.keys(SENTENCES).find((code) => error.code.startsWith(code));
  const sentence = family === undefined ? `failed: ${error.message}` : SENTENCES[family];
  return new StoreError(`The database ${file} ${sentence}.`, { cause: error });
}

/** Checks that the folder is there and takes a file: SQLite needs more of them beside its own. Tried, since rights alone do not tell. */
export function checkFolder(file: string): void {
  const folder = path.dirname(file);
  if (!existsSync(folder)) throw new StoreError(`The data folder ${folder} does not exist.`);
  const probe = path.join(folder, `.write-check-${process.pid}-${threadId}`);
  try {
    closeSync(openSync(probe, 'w', 0o600));
    unlinkSync(probe);
  } catch (error) {
    throw new StoreError(`The data folder ${folder} cannot be written by this user.`, { cause: error });
  }
}

function open(file: string, readonly: boolean, waitMs: number): Connection {
  if (!statSync(file).isFile()) throw new StoreError(`The database ${file} is not a file.`);
  let connection: Connection | undefined;
  try {
    connection = new Database(file, { readonly, fileMustExist: true, timeout: waitMs });
    for (const statement of pragmaStatements(readonly)) connection.exec(statement);
    for (const name of PRAGMA_NAMES) checkPragma(file, name, connection.pragma(name, { simple: true }));
    if (waitMs !== BUSY_TIMEOUT_MS) connection.pragma(`busy_timeout = ${waitMs}`);
    return connection;
  } catch (error) {
    connection?.close();
    throw explained(file, error);
  }
}

/** Opens a database for reading and writing, and makes it (for this user alone) when it is not there. `waitMs`: how long it waits, and blocks its thread, for another program’s lock. Throws StoreError. */
export function openReadWrite(file: string, waitMs: number = BUSY_TIMEOUT_MS): Connection {
  checkFolder(file);
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
  return open(file, false, waitMs);
}

/** Opens an existing database for reading; writing through it is refused by SQLite. `waitMs` as above. Throws StoreError. */
export function openReadOnly(file: string, waitMs: number = BUSY_TIMEOUT_MS): Connection {
  if (!existsSync(file)) throw new StoreError(`The database ${file} does not exist.`);
  return open(file, true, waitMs);
}
