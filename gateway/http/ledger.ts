import type { StoredEntry } from '../journal/entry.ts';
import type { EntryFilter } from '../journal/filter.ts';
import type { JournalReads } from './deps.ts';
import { lineFor, seesAll } from './disclosure.ts';
import type { DoorList } from './door-list.ts';
import { BY_INDEX, byTime, type LineNumbers, timeOf } from './line-numbers.ts';
import type { LedgerLine, LedgerPage } from './schemas/ledger.ts';
import { touched, type Viewer } from './viewer.ts';

/** Entries read at once, and in all for one answer, while looking for lines a role may see. */
const BATCH = 200;
const MOST_READ = 5_000;
/** Lines sent after a reconnect; beyond that the console loads the page anew. */
const GAP_LINES = 500;

/** Which lines are wanted; `before`: a line's number as this viewer knows it. */
export interface LedgerFilter {
  readonly buildingId?: number;
  readonly doorId?: number;
  readonly before?: number;
}

export interface Missed {
  readonly lines: LedgerLine[];
  readonly last: number;
  readonly gap: boolean;
}

/** The ledger as one viewer sees it. All numbers of lines are the viewer's own (`line-numbers.ts`). */
export interface Ledger {
  /** Newest first. */
  page(viewer: Viewer, filter: LedgerFilter, limit: number): LedgerPage;
  /** What the viewer missed after the line `since`, oldest first; `upTo`: index of the newest entry that was looked at for it, never to be sent. */
  missed(viewer: Viewer, since: number, buildingId: number | undefined): { readonly missed: Missed; readonly upTo: number };
  lines(viewer: Viewer, entries: readonly StoredEntry[], buildingId: number | undefined): LedgerLine[];
  /** Number of the newest line the viewer may see; 0 when there is none. */
  top(viewer: Viewer, buildingId: number | undefined): number;
}

export interface LedgerParts {
  readonly journal: JournalReads;
  readonly doors: Pick<DoorList, 'of' | 'name'>;
}

const ofBuilding = (entry: StoredEntry, buildingId: number | undefined): boolean => buildingId === undefined || entry.event.buildingId === buildingId;
const newestFirst = (a: StoredEntry, b: StoredEntry): number => b.index - a.index;

/**
 * Asks the journal for entries a viewer may look among, newest first. Who does not see all is asked building by
 * building and without passages: else a page of few lines would be looked for in everything that ever happened.
 */
function entriesFor(journal: JournalReads, viewer: Viewer, { buildingId, doorId }: LedgerFilter): (bounds: EntryFilter, limit: number) => StoredEntry[] {
  const about = { ...(buildingId === undefined ? {} : { buildingId }), ...(doorId === undefined ? {} : { doorId }) };
  if (seesAll(viewer.role)) return (bounds, limit) => journal.before({ ...about, ...bounds }, limit);
  const places = buildingId === undefined && doorId === undefined ? touched(viewer).map((id) => ({ buildingId: id })) : [about];
  return (bounds, limit) =>
    places
      .flatMap((place) => journal.before({ ...place, ...bounds, withoutPassages: true }, limit))
      .sort(newestFirst)
      .slice(0, limit);
}

/** A journal's entries as lines of a viewer, with his numbers. */
function createLines({ journal, doors }: LedgerParts) {
  const sees = (viewer: Viewer, entry: StoredEntry): boolean => lineFor(viewer, entry, doors) !== undefined;
  const numbersOf = (viewer: Viewer): LineNumbers => (seesAll(viewer.role) ? BY_INDEX : byTime(journal, (entry) => sees(viewer, entry)));

  /** The line an outcome completes, by the viewer's number; null when it is not his to see. */
  function refOf(viewer: Viewer, numbers: LineNumbers, ref: number | null): number | null {
    if (ref === null || numbers === BY_INDEX) return ref;
    const entry = journal.at(ref);
    return entry !== undefined && sees(viewer, entry) ? numbers.of(entry) : null;
  }

  function linesOf(viewer: Viewer, entries: readonly StoredEntry[]): LedgerLine[] {
    const numbers = numbersOf(viewer);
    return entries.flatMap((entry) => {
      const line = lineFor(viewer, entry, doors);
      return line === undefined ? [] : { ...line, index: numbers.of(entry), ref: refOf(viewer, numbers, line.ref) };
    });
  }
  return { numbersOf, linesOf };
}

/** Reads the journal through the disclosure gate. */
export function createLedger(parts: LedgerParts): Ledger {
  const { journal } = parts;
  const { numbersOf, linesOf } = createLines(parts);

  function page(viewer: Viewer, filter: LedgerFilter, limit: number): LedgerPage {
    const { before = Number.POSITIVE_INFINITY } = filter;
    const [numbers, entries] = [numbersOf(viewer), entriesFor(journal, viewer, filter)];
    const lines: LedgerLine[] = [];
    let bounds: EntryFilter = filter.before === undefined ? {} : numbers.before(filter.before);
    let [read, stop] = [0, 0];
    // Who sees everything needs no more than this; further batches are for whoever does not.
    for (let size = limit + 1; ; size = BATCH) {
      const batch = entries(bounds, size);
      const kept = batch.filter((entry) => numbers.least(entry) >= stop);
      lines.push(...linesOf(viewer, kept).filter(({ index }) => index < before));
      const cut = lines[limit - 1];
      if (cut !== undefined && (lines.length > limit || batch.length === size)) return { lines: lines.slice(0, limit), next: cut.index };
      const oldest = batch.at(-1);
      if (oldest !== undefined && numbers.least(oldest) < stop) return { lines, next: stop };
      if (oldest === undefined || batch.length < size) return { lines, next: null };
      bounds = { ...bounds, index: oldest.index };
      read += batch.length;
      if (stop === 0 && read >= MOST_READ) stop = numbers.stop(oldest);
    }
  }

  const top = (viewer: Viewer, buildingId: number | undefined): number => page(viewer, buildingId === undefined ? {} : { buildingId }, 1).lines[0]?.index ?? 0;

  /** Entries after a line in batches: oldest first for who sees all, newest first for who does not. */
  function* after(viewer: Viewer, since: number, buildingId: number | undefined): Generator<StoredEntry[]> {
    const entries = entriesFor(journal, viewer, buildingId === undefined ? {} : { buildingId });
    let bounds: EntryFilter = { from: timeOf(since) };
    for (let index = since, size = BATCH; size === BATCH; ) {
      const batch = seesAll(viewer.role) ? journal.since(index, BATCH) : entries(bounds, BATCH);
      size = batch.length;
      index = batch.at(-1)?.index ?? index;
      bounds = { ...bounds, index };
      yield batch;
    }
  }

  function missed(viewer: Viewer, since: number, buildingId: number | undefined): { missed: Missed; upTo: number } {
    const upTo = journal.last();
    const lines: LedgerLine[] = [];
    let read = 0;
    for (const batch of after(viewer, since, buildingId)) {
      read += batch.length;
      const fresh = batch.filter((entry) => entry.index <= upTo && ofBuilding(entry, buildingId));
      lines.push(...linesOf(viewer, fresh).filter(({ index }) => index > since));
      if (read > MOST_READ || lines.length > GAP_LINES) return { missed: { lines: [], last: top(viewer, buildingId), gap: true }, upTo };
    }
    lines.sort((a, b) => a.index - b.index);
    return { missed: { lines, last: lines.at(-1)?.index ?? since, gap: false }, upTo };
  }

  return {
    page,
    top,
    lines: (viewer, entries, buildingId) =>
      linesOf(
        viewer,
        entries.filter((entry) => ofBuilding(entry, buildingId)),
      ),
    missed,
  };
}
