import type { Sentence } from '../core/reasons.ts';
import type { StoredEntry } from '../journal/entry.ts';
import type { EntryFilter } from '../journal/reader.ts';
import type { JournalReads } from './deps.ts';
import { lineFor } from './disclosure.ts';
import type { LedgerLine, LedgerPage } from './schemas/ledger.ts';
import type { Viewer } from './viewer.ts';

/** Entries read at once, and in all for one answer, while looking for lines a role may see. */
const BATCH = 200;
const MOST_READ = 5_000;
/** The place a long search stops at is rounded to this, so that it does not move with each hidden entry. */
const STEP = 1_024;
/** Lines sent after a reconnect; beyond that the console loads the page anew. */
const GAP_LINES = 500;

export interface Missed {
  readonly lines: LedgerLine[];
  readonly last: number;
  readonly gap: boolean;
}

/** The ledger as one viewer sees it. */
export interface Ledger {
  /** Newest first. */
  page(viewer: Viewer, filter: EntryFilter, limit: number): LedgerPage;
  /** What the viewer missed after `since`, oldest first. */
  missed(viewer: Viewer, since: number, buildingId: number | undefined): Missed;
  lines(viewer: Viewer, entries: readonly StoredEntry[], buildingId: number | undefined): LedgerLine[];
  /** Index of the newest line the viewer may see; 0 when there is none. */
  top(viewer: Viewer, buildingId: number | undefined): number;
}

export interface LedgerParts {
  readonly journal: JournalReads;
  readonly doorName: (doorId: number) => Sentence;
}

const ofBuilding = (entry: StoredEntry, buildingId: number | undefined): boolean => buildingId === undefined || entry.event.buildingId === buildingId;

/** Reads the journal through the disclosure gate. */
export function createLedger({ journal, doorName }: LedgerParts): Ledger {
  const linesOf = (viewer: Viewer, entries: readonly StoredEntry[], buildingId: number | undefined): LedgerLine[] =>
    entries.flatMap((entry) => (ofBuilding(entry, buildingId) ? (lineFor(viewer, entry, doorName) ?? []) : []));

  function page(viewer: Viewer, filter: EntryFilter, limit: number): LedgerPage {
    const lines: LedgerLine[] = [];
    let read = 0;
    let stop = 0;
    let index = filter.index;
    // Who sees everything needs no more than this; further batches are for whoever does not.
    for (let size = limit + 1; ; size = BATCH) {
      const batch = journal.before({ ...filter, ...(index === undefined ? {} : { index }) }, size);
      const oldest = batch.at(-1)?.index ?? 0;
      lines.push(
        ...linesOf(
          viewer,
          batch.filter((entry) => entry.index >= stop),
          undefined,
        ),
      );
      const cut = lines[limit - 1];
      if (cut !== undefined && (lines.length > limit || batch.length === size)) return { lines: lines.slice(0, limit), next: cut.index };
      if (batch.length < size) return { lines, next: null };
      if (oldest <= stop) return { lines, next: stop };
      index = oldest;
      read += batch.length;
      if (stop === 0 && read >= MOST_READ) stop = Math.floor(index / STEP) * STEP;
    }
  }

  const top = (viewer: Viewer, buildingId: number | undefined): number => page(viewer, buildingId === undefined ? {} : { buildingId }, 1).lines[0]?.index ?? 0;

  return {
    page,
    top,
    lines: linesOf,
    missed(viewer, since, buildingId) {
      const lines: LedgerLine[] = [];
      for (let index = since, read = 0; read <= MOST_READ && lines.length <= GAP_LINES; read += BATCH) {
        const batch = journal.since(index, BATCH);
        lines.push(...linesOf(viewer, batch, buildingId));
        if (batch.length < BATCH && lines.length <= GAP_LINES) return { lines, last: lines.at(-1)?.index ?? since, gap: false };
        index = batch.at(-1)?.index ?? index;
      }
      return { lines: [], last: top(viewer, buildingId), gap: true };
    },
  };
}
