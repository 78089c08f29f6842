/** When the next attempt is due, after so many that failed in a row: ms from now. */
export type Backoff = (failures: number) => number;

const FIRST_MS = 500;
const LAST_MS = 120_000;
/** Section 3 of the protocol: a random pause, growing from 0.5 s to at most 120 s, so that a street does not come back at one moment. */
export const jittered =
  (random: () => number): Backoff =>
  (failures) =>
    FIRST_MS + random() * Math.min(LAST_MS - FIRST_MS, 4500 * 2 ** failures);
