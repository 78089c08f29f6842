import Database from 'better-sqlite3';
import { type LogRow, proofRows } from './journal-proofs.ts';
import { joined, spanReader, type Stretch } from './journal-spans.ts';
import { RESULT, type SealedRow } from './journal-store.ts';
import { AUDIT, planOf, type RowQuery, statements, TAP_KINDS, walker } from './journal-walk.ts';

/** A time, epoch ms, and the parts of the log that can hold entries of it: found once for many counts. */
export interface Period {
  readonly from: number;
  readonly until: number;
  readonly stretches: readonly Stretch[];
}

/** What is counted: decisions with one of these tags, one for each month. */
export interface CountQuery {
  readonly column: 'unitTag' | 'buildingTag';
  readonly tags: readonly Buffer[];
}

/** `newest`: index of the newest of them, −1 for none. */
export interface RowCount {
  readonly granted: number;
  readonly refused: number;
  readonly newest: number;
}

/** Read-only connection to journal.sqlite: keyset pages, each a short read so that checkpoints are not held up. */
export interface JournalView {
  /** The log that the entry at this index is in. */
  logAt(idx: number): LogRow;
  last(): number;
  row(idx: number): SealedRow | undefined;
  /** Rows after this index, oldest first. */
  after(idx: number, limit: number): readonly SealedRow[];
  /** Rows before this index that pass, newest first. */
  before(idx: number, query: RowQuery, limit: number): readonly SealedRow[];
  period(from: number, until: number): Period;
  /** Decisions counted by index; rows are read only at the edges of the time. */
  count(query: CountQuery, period: Period): RowCount;
  /** Rows of a time that are no audit entries, epoch ms: `from` in it, `until` not. */
  rowsIn(from: number, until: number): number;
  close(): void;
}

/** A page is a few dozen rows all over the file: what lies above them in the tree should be in memory. */
const CACHE_KB = 32_768;
const SEALED = 'SELECT idx, at, kind, event, person FROM entry';
const WHOLE: readonly Stretch[] = [{ low: 0, high: Number.MAX_SAFE_INTEGER, inside: true }];

type Spans = (from: number, until: number) => Stretch[];

/** Candidates beyond a page, so that a few that do not pass cost no second look; and most in one go while few pass. */
const SPARE = 16;
const MOST_AT_ONCE = 4096;

/**
 * Finds candidates by index alone, month by month, and reads each row at most once: the newest of all months first. Where
 * conditions remain that no index holds, more candidates are looked at until enough pass.
 */
function pager(db: Database.Database, spans: Spans): JournalView['before'] {
  const walk = walker(db);
  const rows = statements<SealedRow>(db);
  return (idx, query, limit) => {
    const { walks, besides } = planOf(query);
    const { time } = query;
    // NOT INDEXED: by row id alone; left to choose, SQLite would go through all of a building for one of its tags.
    const pass = rows(
      `${SEALED} NOT INDEXED WHERE idx IN (SELECT value FROM json_each(?))${besides.sql}${time === undefined ? '' : ' AND at >= ? AND at < ?'} ORDER BY idx DESC LIMIT ?`,
    );
    const values = [...besides.values, ...(time === undefined ? [] : [time.from, time.until])];
    const found: SealedRow[] = [];
    for (const { low, high } of time === undefined ? WHOLE : joined(spans(time.from, time.until))) {
      let below = Math.min(idx, high);
      for (let size = limit + SPARE; below > low && found.length < limit; size = Math.min(size * 4, MOST_AT_ONCE)) {
        const candidates = walk(walks, low, below, size);
        if (candidates.length > 0) found.push(...pass.all(`[${candidates.join(',')}]`, ...values, limit - found.length));
        below = candidates.length < size ? low : (candidates.at(-1) ?? low);
      }
      if (found.length >= limit) break;
    }
    return found;
  };
}

function counter(db: Database.Database): JournalView['count'] {
  type Found = { readonly result: number; readonly n: number; readonly newest: number };
  const statement = (column: CountQuery['column'], more: string) =>
    db.prepare<unknown[], Found>(`SELECT result, count(*) AS n, max(idx) AS newest FROM entry INDEXED BY entry_${column === 'unitTag' ? 'unit' : 'building'}
      WHERE ${column} = ? AND result IN (${RESULT.granted}, ${RESULT.refused}) AND idx >= ? AND idx < ? ${more} GROUP BY result`);
  const edge = 'AND at >= ? AND at < ?';
  const prepared = {
    unitTag: { inside: statement('unitTag', ''), edge: statement('unitTag', edge) },
    buildingTag: { inside: statement('buildingTag', ''), edge: statement('buildingTag', edge) },
  };
  return ({ column, tags }, { from, until, stretches }) => {
    const { inside, edge: atEdge } = prepared[column];
    const found = stretches.flatMap((stretch) =>
      tags.flatMap((tag) => (stretch.inside ? inside.all(tag, stretch.low, stretch.high) : atEdge.all(tag, stretch.low, stretch.high, from, until))),
    );
    const sum = (result: number): number => found.reduce((total, each) => (each.result === result ? total + each.n : total), 0);
    return { granted: sum(RESULT.granted), refused: sum(RESULT.refused), newest: found.reduce((most, each) => Math.max(most, each.newest), -1) };
  };
}

/** Opens the log for reading. It must exist, and its writer must have brought its schema up to date. */
export function openJournalView(file: string): JournalView {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  db.pragma(`cache_size = -${CACHE_KB}`);
  const logs = proofRows(db).logs();
  const newest = db.prepare<[], { last: number | null }>('SELECT max(idx) AS last FROM entry');
  const one = db.prepare<[number], SealedRow>(`${SEALED} WHERE idx = ?`);
  const after = db.prepare<[number, number], SealedRow>(`${SEALED} WHERE idx > ? ORDER BY idx LIMIT ?`);
  const spans = spanReader(db);
  const atEdge = db.prepare<[number, number, number, number], number>(`SELECT count(*) FROM entry WHERE idx >= ? AND idx < ? AND at >= ? AND at < ? AND kind <> ${AUDIT}`).pluck();
  const audits = db
    .prepare<[number, number], number>(`SELECT count(*) FROM entry INDEXED BY entry_kind WHERE kind > ${TAP_KINDS} AND kind = ${AUDIT} AND idx >= ? AND idx < ?`)
    .pluck();
  return {
    logAt(idx) {
      const log = logs.findLast(({ first }) => first <= idx);
      if (log === undefined) throw new Error(`journal: no log has entry ${idx}`);
      return log;
    },
    last: () => newest.get()?.last ?? -1,
    row: (idx) => one.get(idx),
    after: (idx, limit) => after.all(idx, limit),
    before: pager(db, spans),
    period: (from, until) => ({ from, until, stretches: spans(from, until) }),
    count: counter(db),
    rowsIn: (from, until) =>
      spans(from, until).reduce((sum, { low, high, inside }) => sum + ((inside ? high - low - (audits.get(low, high) ?? 0) : atEdge.get(low, high, from, until)) ?? 0), 0),
    close: () => void db.close(),
  };
}
