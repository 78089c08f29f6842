import { dateAt, startOfDay } from '../core/local-date.ts';
import type { StoredEntry } from '../journal/entry.ts';
import type { JournalReads } from './deps.ts';

/** Room for the lines of one millisecond. */
const LINES_IN_MS = 1_024;
/** The place a long search stops at is rounded to this many entries. */
const STEP = 1_024;

/** Part of a question to the journal that keeps to what may come before, or after, a line. */
interface Bounds {
  readonly index?: number;
  readonly from?: number;
  readonly until?: number;
}

/** How the lines of the ledger are numbered for a viewer: newer lines have greater numbers. */
export interface LineNumbers {
  of(entry: StoredEntry): number;
  /** Smallest number the entry could have; costs nothing. */
  least(entry: StoredEntry): number;
  /** Where entries with smaller numbers are. */
  before(line: number): Bounds;
  /** Where a search through hidden entries that has come to this one may stop: a number that does not move with each of them. */
  stop(entry: StoredEntry): number;
}

/** For who sees every entry in his scope: the journal's own index, which an auditor can check. */
export const BY_INDEX: LineNumbers = {
  of: ({ index }) => index,
  least: ({ index }) => index,
  before: (line) => ({ index: line }),
  stop: ({ index }) => Math.floor(index / STEP) * STEP,
};

/** The millisecond (epoch) a number made by `byTime` speaks of. */
export const timeOf = (line: number): number => Math.floor(line / LINES_IN_MS);

/**
 * For who does not: indexes have gaps, and a gap tells how many entries were left out. A number made of the time the
 * line shows anyway, and of its place among the lines he sees of that millisecond, tells nothing else.
 * While the gateway's clock is set back, two lines may come in the order of their times instead of as they happened.
 */
export function byTime(journal: Pick<JournalReads, 'at'>, sees: (entry: StoredEntry) => boolean): LineNumbers {
  const least = ({ event }: StoredEntry): number => event.gatewayTime * LINES_IN_MS;
  return {
    least,
    of(entry) {
      let place = 0;
      for (let at = entry.index - 1; ; at--) {
        const older = at < 0 ? undefined : journal.at(at);
        if (older?.event.gatewayTime !== entry.event.gatewayTime) return least(entry) + place;
        if (sees(older)) place += 1;
      }
    },
    before: (line) => ({ until: timeOf(line) + 1 }),
    // A whole day: he is told counts of whole hours anyway.
    stop: ({ event }) => startOfDay(dateAt(event.gatewayTime)) * LINES_IN_MS,
  };
}
