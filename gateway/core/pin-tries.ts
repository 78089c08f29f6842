/** Wrong PINs in a row that shut it. */
export const PIN_TRIES = 5;
/** For so long then, ms; each further wrong one shuts it again, until a right one ends the row. */
export const PIN_PAUSE_MS = 15 * 60_000;

/** A row of wrong PINs. `shutUntil`: ms on the clock of whoever counts; 0: not shut. */
export interface Tries {
  readonly wrong: number;
  readonly shutUntil: number;
}

/** Is it shut at `now`? A clock that was set back does not make a pause longer. */
export const isShut = (tries: Tries | undefined, now: number): boolean => tries !== undefined && now < tries.shutUntil && tries.shutUntil - now <= PIN_PAUSE_MS;

/** The row with so many wrong ones in it, the last of them at `now`. */
export const triesOf = (wrong: number, now: number): Tries => ({ wrong, shutUntil: wrong >= PIN_TRIES ? now + PIN_PAUSE_MS : 0 });

/** Rows that are remembered; of more, the one that is longest ago is forgotten. */
const KEPT = 10_000;

/** Counts wrong PINs: of a card, whichever door it is at; of the keypad of a door, which no card goes with. */
export interface PinTries {
  /** Somebody begins to try, and counts as wrong until more is known: who sends many at once has no more tries. False: it is shut. */
  begin(key: string, now: number): boolean;
  /** Did this try shut it? To be asked of one that was wrong. */
  hasShut(key: string, now: number): boolean;
  /** It was right: the row is over. */
  right(key: string): void;
  /** It was a repeat of one that has been counted. */
  undo(key: string, now: number): void;
  /** Rows that are not over, oldest first: what must outlive a restart. */
  rows(): [key: string, tries: Tries][];
}

/** Begins with the rows that were kept. */
export function createPinTries(kept: Iterable<readonly [string, Tries]> = []): PinTries {
  const rows = new Map<string, Tries>(kept);
  const wrongOf = (key: string): number => rows.get(key)?.wrong ?? 0;
  const put = (key: string, tries: Tries): void => {
    rows.delete(key);
    rows.set(key, tries);
    for (const oldest of rows.keys()) {
      if (rows.size <= KEPT) return;
      rows.delete(oldest);
    }
  };
  return {
    begin(key, now) {
      if (isShut(rows.get(key), now)) return false;
      put(key, triesOf(wrongOf(key) + 1, now));
      return true;
    },
    hasShut: (key, now) => isShut(rows.get(key), now),
    right: (key) => void rows.delete(key),
    undo(key, now) {
      const before = wrongOf(key) - 1;
      // A row beyond its pause is not shut anew by somebody who repeats what he asked.
      if (before < 1) rows.delete(key);
      else rows.set(key, { wrong: before, shutUntil: before < PIN_TRIES ? 0 : now });
    },
    rows: () => [...rows],
  };
}
