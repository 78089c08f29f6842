import type { EntryRow } from '../store/journal-store.ts';
import { openJournalView, type JournalView, type RowFilter } from '../store/journal-view.ts';
import type { StoredEntry } from './entry.ts';
import { type LogPlace, openRow } from './log.ts';
import { type Keys, keysOf, monthOf, type Tagged } from './seal.ts';
import { openSlotReader } from './slots.ts';

/** Which entries are wanted. Fields that are not there do not limit. */
export interface EntryFilter {
  /** Only entries before this index. */
  readonly index?: number;
  readonly buildingId?: number;
  readonly doorId?: number;
  readonly personId?: number;
  /** Only decisions that refused. */
  readonly refusedOnly?: boolean;
}

/** Reading the log, in any thread. Entries whose keys were destroyed are left out. */
export interface JournalReader {
  /** Index of the newest entry. */
  last(): number;
  /** Entries after this index, oldest first. */
  since(index: number, limit: number): StoredEntry[];
  /** Newest first. */
  before(filter: EntryFilter, limit: number): StoredEntry[];
  /** Grants in a building from a moment (epoch ms) on; exact while the gateway's clock did not jump back. */
  countGranted(wanted: { readonly buildingId: number; readonly from: number }): number;
  close(): void;
}

/** Rows read at once: each read is short, so that checkpoints are not held up. */
const PAGE = 256;
const NEWEST = Number.MAX_SAFE_INTEGER;

interface Source {
  readonly view: JournalView;
  readonly keys: Keys;
  readonly months: () => readonly number[];
  readonly open: (row: EntryRow) => StoredEntry | undefined;
  readonly refresh: () => void;
}

/**
 * Goes on page by page until `limit` entries could be opened or there are no more rows. The keys are brought up to
 * date after each page: a key is on disk before the row that needs it, so then it is there.
 */
function collect(limit: number, { open, refresh }: Pick<Source, 'open' | 'refresh'>, page: (from: EntryRow | undefined, rows: number) => readonly EntryRow[]): StoredEntry[] {
  const found: StoredEntry[] = [];
  let last: EntryRow | undefined;
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

const ABOUT = [
  ['buildingId', 'buildingTag', 'building'],
  ['doorId', 'doorTag', 'door'],
  ['personId', 'personTag', 'person'],
] as const satisfies readonly (readonly [keyof EntryFilter, keyof RowFilter, Tagged])[];

/** The tags that stand for these ids in one month; undefined when the month's key is gone. */
function tagsOf(filter: EntryFilter, month: number, keys: Keys): RowFilter | undefined {
  const tags: Partial<Record<keyof RowFilter, Buffer>> = {};
  for (const [id, column, about] of ABOUT) {
    const value = filter[id];
    if (value === undefined) continue;
    const tag = keys.tag(month, about, value);
    if (tag === undefined) return undefined;
    tags[column] = tag;
  }
  const { buildingTag, doorTag, personTag } = tags;
  return { buildingTag, doorTag, personTag, refusedOnly: filter.refusedOnly ?? false };
}

/** Two things may share a tag, one in ten million; what the entry says decides. */
const isAbout = ({ event, person }: StoredEntry, { buildingId, doorId, personId }: EntryFilter): boolean =>
  (buildingId ?? event.buildingId) === event.buildingId && (doorId ?? event.doorId) === event.doorId && (personId ?? person.personId) === person.personId;

/**
 * Tags change with the month, so each month that has a key is asked and the answers are merged by index; a
 * clock that jumped over a month's end and back does no harm.
 */
function before({ view, keys, months, open, refresh }: Source, filter: EntryFilter, limit: number): StoredEntry[] {
  const tagged = ABOUT.some(([id]) => filter[id] !== undefined);
  const filters = tagged ? months().flatMap((month) => tagsOf(filter, month, keys) ?? []) : [{ refusedOnly: filter.refusedOnly ?? false }];
  const openIfAbout = (row: EntryRow): StoredEntry | undefined => {
    const entry = open(row);
    return entry !== undefined && isAbout(entry, filter) ? entry : undefined;
  };
  return collect(limit, { open: openIfAbout, refresh }, (from, rows) => {
    const index = from?.idx ?? filter.index ?? NEWEST;
    const found = filters.map((each) => view.before(index, each, rows));
    return found.length === 1
      ? (found[0] ?? [])
      : found
          .flat()
          .sort((a, b) => b.idx - a.idx)
          .slice(0, rows);
  });
}

/** Opens the log for reading on a connection of its own. The writer must have made it. */
export function openReader({ file, keysDir, root }: LogPlace): JournalReader {
  const view = openJournalView(file);
  const slots = openSlotReader(keysDir, root);
  const keys = keysOf(slots);
  const source: Source = { view, keys, months: slots.months, open: (row) => openRow(row, view.logId, keys), refresh: slots.refresh };
  return {
    last: view.last,
    since: (index, limit) => collect(limit, source, (from, rows) => view.after(from?.idx ?? index, rows)),
    before(filter, limit) {
      slots.refresh();
      return before(source, filter, limit);
    },
    countGranted({ buildingId, from }) {
      slots.refresh();
      const firstIdx = view.firstAt(from);
      const months = slots.months().filter((month) => month >= monthOf(from));
      return months.reduce((sum, month) => {
        const tag = keys.tag(month, 'building', buildingId);
        return tag === undefined ? sum : sum + view.countGranted(tag, firstIdx, from);
      }, 0);
    },
    close: view.close,
  };
}
