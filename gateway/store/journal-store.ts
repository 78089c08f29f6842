import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { type LogRow, type ProofRows, proofRows, type ProofWrites, proofWrites } from './journal-proofs.ts';
import { spanKeeper } from './journal-spans.ts';

/** What came of a decision, as a column. `outcome`: what the door did with it (0 in logs of version 1); 0 for any other entry. */
export const RESULT = { other: 0, granted: 1, refused: 2, outcome: 3 } as const;

/** A row of the log as it lies on disk: everything about people and doors sealed or tagged. */
export interface EntryRow {
  readonly idx: number;
  readonly at: number;
  readonly kind: number;
  readonly result: number;
  readonly buildingTag: Buffer | null;
  readonly doorTag: Buffer | null;
  readonly personTag: Buffer | null;
  readonly dedup: Buffer | null;
  readonly cEvent: Buffer;
  readonly cPerson: Buffer;
  readonly leafHash: Buffer;
  readonly event: Buffer;
  readonly person: Buffer;
  /** NULL in rows of version 1, as the two below. */
  readonly unitTag: Buffer | null;
  /** Building and reason of a refusal. */
  readonly reasonTag: Buffer | null;
  readonly accountTag: Buffer | null;
}

/** What of a row must be read to open it. */
export type SealedRow = Pick<EntryRow, 'idx' | 'at' | 'kind' | 'event' | 'person'>;

/** The one write connection of journal.sqlite. Every function may throw the database's error. */
export interface JournalStore {
  /** Logs, tiles and checkpoints. There is always a log. */
  readonly proofs: ProofRows;
  readonly add: ProofWrites;
  /** Index of the last entry, −1 for none. */
  last(): number;
  begin(): void;
  /** False when a row with this dedup value is there already; then nothing was added. */
  insert(row: EntryRow): boolean;
  /** Returns only when the rows are on disk (synchronous=FULL). */
  commit(): void;
  /** Ends a transaction that may or may not be open. */
  rollback(): void;
  byDedup(dedup: Buffer): EntryRow | undefined;
  /** The newest rows, newest first. */
  newest(limit: number): SealedRow[];
  /** Is there a row with this tag of a person at a time from `from` on and before `until` (epoch ms)? */
  hasPerson(personTag: Buffer, from: number, until: number): boolean;
  /** Moves the write-ahead log into the file and cuts it when it has outgrown `bytes`; its size afterwards. */
  trimWal(bytes: number): number;
  close(): void;
}

const BUSY_MS = 1000;

/** Folder with the schema, beside the sources or above the compiled tree. */
function schemaFolder(): string {
  const folders = ['../../prisma/journal/', '../../../prisma/journal/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const found = folders.find((folder) => existsSync(`${folder}0001_entries.sql`));
  if (found === undefined) throw new Error(`journal: schema not found in ${folders.join(' or ')}`);
  return found;
}

const schemaFiles = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => /^\d{4}_.*\.sql$/.test(name))
    .sort();

const versionOf = (files: readonly string[]): number => Number(files.at(-1)?.slice(0, 4));

/** Version of the log's schema that this program writes. */
export const newestJournalVersion = (): number => versionOf(schemaFiles(schemaFolder()));

/** Runs the numbered files that this database has not seen, each in a transaction with its number. */
function migrate(db: Database.Database): void {
  const folder = schemaFolder();
  const done = Number(db.pragma('user_version', { simple: true }));
  const files = schemaFiles(folder);
  const newest = versionOf(files);
  if (done > newest) throw new Error(`journal: the file is of version ${done}, this program knows ${newest}; start the newer program`);
  for (const name of files) {
    const version = Number(name.slice(0, 4));
    if (version <= done) continue;
    db.exec(`BEGIN IMMEDIATE; ${readFileSync(`${folder}${name}`, 'utf8')}; PRAGMA user_version = ${version}; COMMIT`);
  }
}

/** Sets a pragma and reads it back: a setting that did not take would silently lose entries (storage.md 5). */
function setPragma(db: Database.Database, name: string, value: string | number, reads: string | number): void {
  db.pragma(`${name} = ${value}`);
  const got = db.pragma(name, { simple: true });
  if (got !== reads) throw new Error(`journal: PRAGMA ${name} reads ${String(got)}, expected ${reads}`);
}

/** The log that entries are added to. */
export function currentLog(rows: ProofRows): LogRow {
  const log = rows.logs().at(-1);
  if (log === undefined) throw new Error('journal: the file has no log');
  return log;
}

function open(file: string): Database.Database {
  // For this user alone; the files SQLite puts beside it take over its rights.
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
  const db = new Database(file, { timeout: BUSY_MS });
  try {
    setPragma(db, 'journal_mode', 'WAL', 'wal');
    setPragma(db, 'synchronous', 'FULL', 2);
    setPragma(db, 'recursive_triggers', 'ON', 1); // so that REPLACE counts as a delete
    setPragma(db, 'cache_size', -65_536, -65_536);
    // 32 MB between checkpoints: index pages that many entries touch are written to the file once instead of eight times.
    setPragma(db, 'wal_autocheckpoint', 8000, 8000);
    migrate(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

const COLUMNS = [
  'idx',
  'at',
  'kind',
  'result',
  'buildingTag',
  'doorTag',
  'personTag',
  'dedup',
  'cEvent',
  'cPerson',
  'leafHash',
  'event',
  'person',
  'unitTag',
  'reasonTag',
  'accountTag',
] as const;

/** Opens the log for writing, makes it when missing, and brings its schema up to date. */
export function openJournalStore(file: string): JournalStore {
  const db = open(file);
  const [proofs, adding] = [proofRows(db), proofWrites(db)];
  if (proofs.logs().length === 0) adding.log({ no: 1, logId: randomBytes(16), first: 0, cites: undefined });
  const [begin, commit, rollback] = [db.prepare('BEGIN IMMEDIATE'), db.prepare('COMMIT'), db.prepare('ROLLBACK')];
  const add = db.prepare(`INSERT INTO entry (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})
    ON CONFLICT (dedup) WHERE dedup IS NOT NULL DO NOTHING`);
  const last = db.prepare<[], { last: number | null }>('SELECT max(idx) AS last FROM entry');
  const newest = (): number => last.get()?.last ?? -1;
  const keepSpans = spanKeeper(db);
  db.transaction(() => keepSpans(newest()))();
  const newestRows = db.prepare<[number], SealedRow>('SELECT idx, at, kind, event, person FROM entry ORDER BY idx DESC LIMIT ?');
  const byDedup = db.prepare<[Buffer], EntryRow>('SELECT * FROM entry WHERE dedup = ?');
  // The newest first: of somebody who still comes it is at once the right one.
  const ofPerson = db.prepare<[Buffer, number, number], { one: 1 }>('SELECT 1 AS one FROM entry WHERE personTag = ? AND at >= ? AND at < ? ORDER BY idx DESC LIMIT 1');
  return {
    proofs,
    add: adding,
    last: newest,
    begin: () => void begin.run(),
    insert: (row) => add.run(COLUMNS.map((name) => row[name])).changes === 1,
    commit() {
      keepSpans(newest());
      commit.run();
    },
    rollback: () => void (db.inTransaction && rollback.run()),
    byDedup: (dedup) => byDedup.get(dedup),
    newest: (limit) => newestRows.all(limit),
    hasPerson: (tag, from, until) => ofPerson.get(tag, from, until) !== undefined,
    trimWal(bytes) {
      const size = (): number => statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
      if (size() <= bytes) return size();
      db.pragma('busy_timeout = 0'); // doors do not wait for a reader that is still at it
      try {
        db.pragma('wal_checkpoint(TRUNCATE)');
      } finally {
        db.pragma(`busy_timeout = ${BUSY_MS}`);
      }
      return size();
    },
    close: () => void db.close(),
  };
}
