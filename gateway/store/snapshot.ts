import { closeSync, openSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { explained, openReadOnly } from './sqlite.ts';

/** How a copy goes on: called after each piece; may wait, and stops the copy by throwing. */
export type Pace = (copied: number, total: number) => void;

/** A database as it was at one moment, however much is written meanwhile. */
export interface Snapshot {
  /** Bytes of the copy to come. */
  readonly bytes: number;
  /** Copies it into a new file; that file is not flushed yet. Rejects with StoreError. */
  copyTo(file: string, pace: Pace): Promise<void>;
  /** Lets the database move its write-ahead log into the file again. */
  close(): void;
}

/** 1 MB: some milliseconds of a disk that others use too. */
const PAGES_AT_ONCE = 256;

/**
 * Pins a database to how it stands now: a read transaction that is kept open. SQLite's backup of a connection that
 * has one reads that snapshot to the end, and does not begin again when somebody writes.
 */
export function pinSnapshot(file: string): Snapshot {
  const db = openReadOnly(file);
  db.exec('BEGIN');
  const pages = Number(db.prepare('SELECT page_count FROM pragma_page_count()').pluck().get());
  // A page count alone takes no snapshot in every version: a row of the schema does.
  db.prepare('SELECT count(*) FROM sqlite_master').get();
  const pageBytes = Number(db.pragma('page_size', { simple: true }));
  return {
    bytes: pages * pageBytes,
    async copyTo(copy, pace) {
      closeSync(openSync(copy, 'wx', 0o600)); // SQLite would make it readable by others
      try {
        await db.backup(copy, {
          progress({ totalPages, remainingPages }) {
            pace((totalPages - remainingPages) * pageBytes, totalPages * pageBytes);
            return PAGES_AT_ONCE;
          },
        });
      } catch (error) {
        throw explained(copy, error);
      }
    },
    close() {
      if (db.inTransaction) db.exec('COMMIT');
      db.close();
    },
  };
}

/** Bytes of a database's write-ahead log; 0: there is none. */
export const walBytes = (file: string): number => statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;

/** What `PRAGMA integrity_check` finds, undefined when all is well, in a database nobody else has open. It is left as one single file. */
export function faultIn(file: string): string | undefined {
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { fileMustExist: true });
    db.pragma('journal_mode = DELETE');
    const found = db.pragma('integrity_check', { simple: true });
    return found === 'ok' ? undefined : String(found);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    db?.close();
  }
}

/** As `faultIn`, of a database that may be in use: nothing is written. */
export function faultInPlace(file: string): string | undefined {
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { readonly: true, fileMustExist: true });
    const found = db.pragma('integrity_check', { simple: true });
    return found === 'ok' ? undefined : String(found);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    db?.close();
  }
}
