const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/** The next pause between attempts, ms: doubling, capped, with up to a quarter of jitter so that consoles do not return all at once. */
export const nextWait = (attempt: number, random: number): number => Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt) * (0.75 + random * 0.25);
