import { dateAt, type LocalDate } from '../core/local-date.ts';
import type { SealedRow } from '../store/journal-store.ts';
import { openJournalView, type JournalView } from '../store/journal-view.ts';
import { ENTRY_KIND, type StoredEntry } from './entry.ts';
import { type EntryFilter, inTime, isWanted, queryOf } from './filter.ts';
import { type LogPlace, openRow } from './log.ts';
import { dayStart, isAuditKey, type Keys, keysOf } from './seal.ts';
import { openSlotReader } from './slots.ts';

/** A span of the gateway's clock, epoch ms: `from` is in it, `until` is not. */
export interface TimeRange {
  readonly from: number;
  readonly until: number;
}

/** Decisions in a time, told without opening a sealed part. What a door did with a decision is not counted again. */
export interface DecisionCount {
  readonly granted: number;
  readonly refused: number;
  /** Local day, by the gateway's clock, of the newest of them in the log; undefined when there is none. */
  readonly lastDay: LocalDate | undefined;
}

/** Decisions about the people of one unit. */
export interface UnitCount extends DecisionCount {
  readonly unitId: number;
}

/**
 * Reading the log, in any thread. Entries whose keys were destroyed are left out. Pages are newest first; the next
 * page is asked for with the `index` of the last entry of this one. Everything is synchronous and made of short reads.
 */
export interface JournalReader {
  /** Index of the newest entry. */
  last(): number;
  /** The entry at this index, or undefined when there is none or its keys are gone. */
  at(index: number): StoredEntry | undefined;
  /** Entries after this index, oldest first. */
  since(index: number, limit: number): StoredEntry[];
  /** Entries of doors and their links among the `rows` after this index, oldest first; `upTo`: the last index that was looked at. Of the others nothing is opened. */
  happened(index: number, rows: number): { readonly entries: StoredEntry[]; readonly upTo: number };
  before(filter: EntryFilter, limit: number): StoredEntry[];
  /** Audit entries: who signed in, who looked at what. */
  audits(filter: Omit<EntryFilter, 'kinds' | 'reason' | 'result' | 'withoutPassages'>, limit: number): StoredEntry[];
  /** Audit entries about a person, before an index if one is given: the receipts a tenant sees. */
  auditOf(personId: number, limit: number, before?: number): StoredEntry[];
  /** One count for each unit, in the order of `unitIds`. */
  unitCounts(wanted: TimeRange & { readonly unitIds: readonly number[] }): UnitCount[];
  /** All decisions at a building's doors, also about people of no unit. */
  buildingCount(wanted: TimeRange & { readonly buildingId: number }): DecisionCount;
  /** Grants in a building from a moment (epoch ms) on. */
  countGranted(wanted: { readonly buildingId: number; readonly from: number }): number;
  /** Local days before one (numbers as of `dayOf`) whose entries can still be read, newest first, with how many there are; audit entries, which have keys of their own, aside. */
  oldDays(before: number): readonly { readonly day: number; readonly entries: number }[];
  close(): void;
}

/** Rows read at once: each read is short, so that checkpoints are not held up. */
const PAGE = 256;
const OF_DOORS: ReadonlySet<number> = new Set([ENTRY_KIND.door, ENTRY_KIND.link]);
const NEWEST = Number.MAX_SAFE_INTEGER;
/** Damaged entries told of by one reader. */
const MOST_TOLD = 1000;

interface Source {
  readonly view: JournalView;
  readonly keys: Keys;
  readonly months: () => readonly number[];
  readonly open: (row: SealedRow) => StoredEntry | undefined;
  readonly refresh: () => void;
}

/**
 * Goes on page by page until `limit` entries could be opened or there are no more rows. The keys are brought up to
 * date after each page: a key is on disk before the row that needs it, so then it is there.
 */
function collect(limit: number, { open, refresh }: Pick<Source, 'open' | 'refresh'>, page: (from: SealedRow | undefined, rows: number) => readonly SealedRow[]): StoredEntry[] {
  const found: StoredEntry[] = [];
  let last: SealedRow | undefined;
  while (found.length < limit) {
    const wanted = Math.min(PAGE, limit - found.length);
    const rows = page(last, wanted);
    refresh();
    for (const row of rows) {
      const entry = open(row);
      if (entry !== undefined) found.push(entry);
    }
    last = rows.at(-1);
    if (rows.length < wanted) break;
  }
  return found;
}

function before({ view, keys, months, open, refresh }: Source, filter: EntryFilter, limit: number): StoredEntry[] {
  refresh();
  const query = queryOf(filter, keys, months());
  const openIfWanted = (row: SealedRow): StoredEntry | undefined => {
    const entry = open(row);
    return entry !== undefined && isWanted(entry, filter) ? entry : undefined;
  };
  return collect(limit, { open: openIfWanted, refresh }, (from, rows) => view.before(from?.idx ?? filter.index ?? NEWEST, query, rows));
}

type Counter = (about: 'unit' | 'building', id: number) => DecisionCount;

/** Counts in a time, by tag alone: no sealed part is opened, so it goes on when the keys of days and persons are gone. */
function counterIn({ view, keys, months, refresh }: Source, { from, until }: TimeRange): Counter {
  refresh();
  const period = view.period(from, until);
  // Decisions are never under the months of audit entries.
  const asked = months().filter((month) => !isAuditKey(month) && inTime({ from, until })(month));
  return (about, id) => {
    const tags = asked.flatMap((month) => keys.tag(month, about, id) ?? []);
    const { granted, refused, newest } = view.count({ column: about === 'unit' ? 'unitTag' : 'buildingTag', tags }, period);
    const row = view.row(newest);
    return { granted, refused, lastDay: row && dateAt(row.at) };
  };
}

/** The questions of log review, over one source. */
function questions(source: Source): Omit<JournalReader, 'last' | 'at' | 'since' | 'happened' | 'oldDays' | 'close'> {
  const audits: JournalReader['audits'] = (filter, limit) => before(source, { ...filter, kinds: ['audit'] }, limit);
  return {
    before: (filter, limit) => before(source, filter, limit),
    audits,
    auditOf: (personId, limit, index = NEWEST) => audits({ personId, index }, limit),
    unitCounts({ unitIds, ...time }) {
      const count = counterIn(source, time);
      return unitIds.map((unitId) => ({ unitId, ...count('unit', unitId) }));
    },
    buildingCount: ({ buildingId, ...time }) => counterIn(source, time)('building', buildingId),
    countGranted: ({ buildingId, from }) => counterIn(source, { from, until: Number.POSITIVE_INFINITY })('building', buildingId).granted,
  };
}

/** Calls once for each index, and for so many at most: a file that is bad all over says so soon enough. */
function once(call: (index: number) => void): (index: number) => void {
  const told = new Set<number>();
  return (index) => {
    if (told.size >= MOST_TOLD || told.has(index)) return;
    told.add(index);
    call(index);
  };
}

/** Opens the log for reading on a connection of its own. The writer must have made it. `onDamaged`: an entry's keys are there and do not open it. */
export function openReader({ file, keysDir, root }: LogPlace, onDamaged: (index: number) => void = () => undefined): JournalReader {
  const view = openJournalView(file);
  const slots = openSlotReader(keysDir, root);
  const keys = keysOf(slots);
  const tell = once(onDamaged);
  const source: Source = { view, keys, months: slots.months, open: (row) => openRow(row, view.logAt(row.idx), keys, tell), refresh: slots.refresh };
  return {
    ...questions(source),
    last: view.last,
    at(index) {
      const row = view.row(index);
      slots.refresh();
      return row && source.open(row);
    },
    oldDays(before) {
      slots.refresh();
      const days = slots.days().filter((day) => day < before && !isAuditKey(day));
      return days.map((day) => ({ day, entries: view.rowsIn(dayStart(day), dayStart(day + 1)) }));
    },
    happened(index, most) {
      const rows = view.after(index, most);
      slots.refresh();
      const entries = rows.flatMap((row) => (OF_DOORS.has(row.kind) ? (source.open(row) ?? []) : []));
      return { entries, upTo: rows.at(-1)?.idx ?? index };
    },
    since: (index, limit) => collect(limit, source, (from, rows) => view.after(from?.idx ?? index, rows)),
    close: view.close,
  };
}
