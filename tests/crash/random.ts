/** Random numbers that come again with the same seed (mulberry32). */
export interface Random {
  /** From 0 on, below 1. */
  next(): number;
  /** A whole number from 0 on, below `n`. */
  below(n: number): number;
  chance(p: number): boolean;
}

export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  return { next, below: (n) => Math.floor(next() * n), chance: (p) => next() < p };
}
