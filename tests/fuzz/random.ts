/** Numbers that look random and come again with the same seed. */
export interface Random {
  /** A whole number below 2^32. */
  next(): number;
  /** A whole number from 0 to `below`, which is not reached. */
  below(below: number): number;
  /** True in one of `of` cases. */
  oneIn(of: number): boolean;
  pick<T>(from: readonly [T, ...T[]]): T;
  /** As `pick`, for a list whose length is not known; undefined when it is empty. */
  any<T>(from: readonly T[]): T | undefined;
  bytes(length: number): Buffer;
}

/** sfc32 (PractRand): fast, and good enough that neighbouring seeds have nothing in common. */
export function createRandom(seed: number, n = 0): Random {
  let [a, b, c, counter] = [seed >>> 0, n >>> 0, 0x9e3779b9, 1];
  function next(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
  for (let round = 0; round < 12; round += 1) next();
  const below = (most: number): number => Math.floor((next() / 2 ** 32) * most);
  return {
    next,
    below,
    oneIn: (of) => below(of) === 0,
    pick: (from) => from[below(from.length)] ?? from[0],
    any: (from) => from[below(from.length)],
    bytes(length) {
      const bytes = Buffer.allocUnsafe(length);
      for (let at = 0; at < length; at += 1) bytes[at] = next();
      return bytes;
    },
  };
}
