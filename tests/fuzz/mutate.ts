import type { Random } from './random.ts';

/** Values at which lengths, counts and signs go wrong. */
const EDGES = [0, 1, 2, 23, 24, 25, 31, 32, 63, 64, 127, 128, 129, 254, 255] as const;
const WIDE_EDGES = [0, 1, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1] as const;

/** What a mutation may draw from besides chance. */
export interface Material {
  /** Words of the format, spliced in whole. */
  readonly words: readonly Buffer[];
  /** Another input, to be joined with this one. */
  readonly other: () => Buffer;
  /** Longest input that is made, bytes. */
  readonly longest: number;
}

type Mutation = (bytes: Buffer, random: Random, material: Material) => Buffer;

const place = (bytes: Buffer, random: Random): number => random.below(bytes.length + 1);

function changed(bytes: Buffer, change: (copy: Buffer) => unknown): Buffer {
  const copy = Buffer.from(bytes);
  if (copy.length > 0) change(copy);
  return copy;
}

const insert = (bytes: Buffer, at: number, what: Uint8Array): Buffer => Buffer.concat([bytes.subarray(0, at), what, bytes.subarray(at)]);

function span(bytes: Buffer, random: Random): [number, number] {
  const [one, two] = [place(bytes, random), place(bytes, random)];
  return one < two ? [one, two] : [two, one];
}

const wide: Mutation = (bytes, random) =>
  changed(bytes, (copy) => {
    const width = random.pick([2, 4]);
    const value = random.any(WIDE_EDGES) ?? 0;
    const at = random.below(Math.max(1, copy.length - width));
    if (copy.length < at + width) return;
    if (width === 2) copy.writeUInt16BE(value % 65_536, at);
    else copy.writeUInt32BE(value % 2 ** 32, at);
  });

const MUTATIONS: readonly [Mutation, ...Mutation[]] = [
  (bytes, random) =>
    changed(bytes, (copy) => {
      const at = random.below(copy.length);
      copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
    }),
  (bytes, random) => changed(bytes, (copy) => copy.writeUInt8(random.below(256), random.below(copy.length))),
  (bytes, random) => changed(bytes, (copy) => copy.writeUInt8(random.any(EDGES) ?? 0, random.below(copy.length))),
  (bytes, random) =>
    changed(bytes, (copy) => {
      const at = random.below(copy.length);
      copy[at] = (copy[at] ?? 0) + random.below(17) - 8;
    }),
  wide,
  (bytes, random) => bytes.subarray(0, place(bytes, random)),
  (bytes, random) => bytes.subarray(place(bytes, random)),
  (bytes, random) => {
    const [from, to] = span(bytes, random);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  (bytes, random) => {
    const [from, to] = span(bytes, random);
    return insert(bytes, place(bytes, random), bytes.subarray(from, Math.min(to, from + 512)));
  },
  (bytes, random) => insert(bytes, place(bytes, random), random.bytes(1 + random.below(8))),
  (bytes, random) => insert(bytes, place(bytes, random), Buffer.alloc(1 + random.below(300), random.any(EDGES) ?? 0)),
  (bytes, random, { words }) => insert(bytes, place(bytes, random), random.any(words) ?? random.bytes(2)),
  (bytes, random, { words }) =>
    changed(bytes, (copy) => {
      const word = random.any(words) ?? random.bytes(2);
      word.copy(copy, random.below(copy.length));
    }),
  (bytes, random, { other }) => {
    const second = other();
    return Buffer.concat([bytes.subarray(0, place(bytes, random)), second.subarray(place(second, random))]);
  },
];

/** The bytes after one to eight mutations; most often few, so that what is checked first still passes. */
export function mutate(bytes: Buffer, random: Random, material: Material): Buffer {
  let rounds = 1;
  while (rounds < 8 && random.oneIn(2)) rounds += 1;
  let mutated = bytes;
  for (let round = 0; round < rounds; round += 1) mutated = random.pick(MUTATIONS)(mutated, random, material);
  return mutated.subarray(0, material.longest);
}
