import type { StoredEntry } from '../../journal/entry.ts';
import { BY_INDEX, type LineNumbers } from '../line-numbers.ts';

/** Entries read at once, and in all for one answer, while looking for those that pass. */
const BATCH = 200;
const MOST_READ = 10_000;

/** An entry that passed, and its number as this viewer knows it. */
export interface Numbered {
  readonly entry: StoredEntry;
  readonly number: number;
}

/** What passed, newest first, and the number to go on from; null at the end. */
export interface Gathered {
  readonly found: readonly Numbered[];
  readonly next: number | null;
}

/** How a page is asked of the journal, newest first. */
export type Read = (bounds: { readonly index?: number; readonly until?: number }, limit: number) => readonly StoredEntry[];

export interface Asked {
  readonly passes: (entry: StoredEntry) => boolean;
  readonly before: number | undefined;
  readonly limit: number;
  /** `byTime` for who must not learn from gaps how much is left out; the journal's own when left out. */
  readonly numbers?: LineNumbers;
}

/** A page of those entries that pass. Stops after many that do not; `next` then goes on from there. */
export function gather(read: Read, { passes, before, limit, numbers = BY_INDEX }: Asked): Gathered {
  const found: Numbered[] = [];
  let bounds: Parameters<Read>[0] = before === undefined ? {} : numbers.before(before);
  for (let seen = 0; ; ) {
    const batch = read(bounds, BATCH);
    for (const entry of batch) {
      if (!passes(entry)) continue;
      const number = numbers.of(entry);
      if (before === undefined || number < before) found.push({ entry, number });
      if (found.length > limit) return { found: found.slice(0, limit), next: found[limit - 1]?.number ?? null };
    }
    const oldest = batch.at(-1);
    if (oldest === undefined || batch.length < BATCH) return { found, next: null };
    bounds = { index: oldest.index };
    seen += batch.length;
    if (seen >= MOST_READ) return { found, next: numbers.least(oldest) };
  }
}
