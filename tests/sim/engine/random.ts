/** A stream of pseudo-random numbers (sfc32): the same seed gives the same numbers on every machine. */
export interface Random {
  /** 0 up to, not including, 1. */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  whole(min: number, max: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** One of these; throws RangeError when there are none. */
  pick<T>(items: readonly T[]): T;
  /** Waiting time until the next of events that come about every `mean`. */
  wait(mean: number): number;
  /** Between the two, small values as likely as large ones on a logarithmic scale. */
  spread(min: number, max: number): number;
  fill(bytes: Uint8Array): void;
  hex(bytes: number): string;
}

/** 32 bits of a text and a seed, well mixed (FNV-1a and a finaliser), so that streams of one seed have nothing in common. */
function mixed(seed: number, name: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let at = 0; at < name.length; at += 1) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) >>> 0;
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The stream of a name under a seed: a draw more in one stream shifts no other. */
export function stream(seed: number, name: string): Random {
  let [a, b, c, counter] = [mixed(seed, `${name} a`), mixed(seed, `${name} b`), mixed(seed, `${name} c`), 1];
  function bits(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
  for (let warm = 0; warm < 12; warm += 1) bits();
  const next = (): number => bits() / 2 ** 32;
  const whole = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  const fill = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = bits() >>> 24;
  };
  return {
    next,
    whole,
    chance: (probability) => next() < probability,
    pick(items) {
      const item = items[whole(0, items.length - 1)];
      if (item === undefined) throw new RangeError('pick: expected at least one item');
      return item;
    },
    wait: (mean) => Math.max(1, Math.round(-Math.log(1 - next()) * mean)),
    spread: (min, max) => Math.round(Math.exp(Math.log(min) + next() * (Math.log(max) - Math.log(min)))),
    fill,
    hex(bytes) {
      const made = Buffer.alloc(bytes);
      fill(made);
      return made.toString('hex');
    },
  };
}
