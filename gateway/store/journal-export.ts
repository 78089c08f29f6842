import Database from 'better-sqlite3';
import { type ProofRows, proofRows } from './journal-proofs.ts';
import type { EntryRow } from './journal-store.ts';

/** What of a row is proven, and what opens to it. */
export type ProvenRow = Pick<EntryRow, 'idx' | 'at' | 'kind' | 'result' | 'cEvent' | 'cPerson' | 'leafHash' | 'event' | 'person'>;

/** Read-only connection for whoever shows the log to others. Every read is short. */
export interface ExportRows {
  readonly proofs: ProofRows;
  /** Version of the file's schema: proofs are there from 3 on. */
  readonly version: number;
  /** Index of the newest entry, −1 for none. */
  last(): number;
  row(idx: number): ProvenRow | undefined;
  /** Rows after this index and up to `until`, oldest first. */
  after(idx: number, until: number, limit: number): readonly ProvenRow[];
  close(): void;
}

const PROVEN = 'SELECT idx, at, kind, result, cEvent, cPerson, leafHash, event, person FROM entry';

/** Opens the journal for showing it. The file must exist. Throws what the database says. */
export function openExportRows(file: string): ExportRows {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const newest = db.prepare<[], number | null>('SELECT max(idx) FROM entry').pluck();
    const one = db.prepare<[number], ProvenRow>(`${PROVEN} WHERE idx = ?`);
    const after = db.prepare<[number, number, number], ProvenRow>(`${PROVEN} WHERE idx > ? AND idx <= ? ORDER BY idx LIMIT ?`);
    return {
      proofs: proofRows(db),
      version: Number(db.pragma('user_version', { simple: true })),
      last: () => newest.get() ?? -1,
      row: (idx) => one.get(idx),
      after: (idx, until, limit) => after.all(idx, until, limit),
      close: () => void db.close(),
    };
  } catch (error) {
    db.close();
    throw error;
  }
}
