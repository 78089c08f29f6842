import Database from 'better-sqlite3';
import { type EntryRow, RESULT } from './journal-store.ts';

/** What a page of entries is limited to. Tags of one month; undefined: any. */
export interface RowFilter {
  readonly buildingTag?: Buffer | undefined;
  readonly doorTag?: Buffer | undefined;
  readonly personTag?: Buffer | undefined;
  readonly refusedOnly: boolean;
}

/** Read-only connection to journal.sqlite: keyset pages, each a short read so that checkpoints are not held up. */
export interface JournalView {
  readonly logId: Buffer;
  last(): number;
  /** Rows after this index, oldest first. */
  after(idx: number, limit: number): readonly EntryRow[];
  /** Rows before this index that pass, newest first. */
  before(idx: number, filter: RowFilter, limit: number): readonly EntryRow[];
  /** Smallest index whose time is not before `at`, when times rise with the index. */
  firstAt(at: number): number;
  countGranted(buildingTag: Buffer, fromIdx: number, at: number): number;
  close(): void;
}

type Read = Database.Statement<unknown[], EntryRow>;

/**
 * One statement for each set of conditions. The building's index has the result before the row id, so a
 * building without a result is asked once for each result: sorting a whole month would be slow.
 */
function pager(db: Database.Database): (idx: number, filter: RowFilter, limit: number) => readonly EntryRow[] {
  const statements = new Map<string, Read>();
  const statement = (where: string): Read => {
    const known = statements.get(where) ?? db.prepare<unknown[], EntryRow>(`SELECT * FROM entry WHERE idx < ? ${where} ORDER BY idx DESC LIMIT ?`);
    statements.set(where, known);
    return known;
  };
  return (idx, { buildingTag, doorTag, personTag, refusedOnly }, limit) => {
    const byBuilding = buildingTag !== undefined && doorTag === undefined && personTag === undefined;
    const given = Object.entries({ personTag, doorTag, buildingTag }).filter(([, tag]) => tag !== undefined);
    const where = given.map(([name]) => `AND ${name} = ?`).join(' ');
    const tags = given.map(([, tag]) => tag);
    const results = refusedOnly ? [RESULT.refused] : byBuilding ? Object.values(RESULT) : [];
    if (results.length === 0) return statement(where).all(idx, ...tags, limit);
    const rows = results.flatMap((result) => statement(`${where} AND result = ?`).all(idx, ...tags, result, limit));
    return rows.sort((a, b) => b.idx - a.idx).slice(0, limit);
  };
}

function lowerBound(db: Database.Database, last: () => number): (at: number) => number {
  const time = db.prepare<[number], { at: number }>('SELECT at FROM entry WHERE idx = ?');
  return (at) => {
    let [low, high] = [0, last() + 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((time.get(middle)?.at ?? 0) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/** Opens the log for reading. It must exist. */
export function openJournalView(file: string): JournalView {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  const id = db.prepare<[], { logId: Buffer }>('SELECT logId FROM log').get();
  if (id === undefined) throw new Error('journal: the log has no id');
  const newest = db.prepare<[], { last: number | null }>('SELECT max(idx) AS last FROM entry');
  const after = db.prepare<[number, number], EntryRow>('SELECT * FROM entry WHERE idx > ? ORDER BY idx LIMIT ?');
  const count = db.prepare<[Buffer, number, number, number], { n: number }>('SELECT count(*) AS n FROM entry WHERE buildingTag = ? AND result = ? AND idx >= ? AND at >= ?');
  const last = (): number => newest.get()?.last ?? -1;
  return {
    logId: id.logId,
    last,
    after: (idx, limit) => after.all(idx, limit),
    before: pager(db),
    firstAt: lowerBound(db, last),
    countGranted: (buildingTag, fromIdx, at) => count.get(buildingTag, RESULT.granted, fromIdx, at)?.n ?? 0,
    close: () => void db.close(),
  };
}
