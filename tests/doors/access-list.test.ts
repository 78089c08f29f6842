import { describe, expect, test } from 'vitest';
import { type BuiltList, buildList, createListBuilder, type ListEntry, MAX_ROWS } from '../../gateway/doors/access-list.ts';
import { encodePacked } from '../../gateway/wire/mqtt/list-chunk.ts';
import { canonicalReading, listDigest, listFingerprint, ROW_BYTES, sortRows, unpackRows } from '../../gateway/wire/mqtt/list.ts';

const KEY = Buffer.alloc(32, 9);
const rowsOf = ({ chunks }: BuiltList) => chunks.flatMap((rows) => unpackRows(rows, 'rows'));
const entry = (n: number, over: Partial<ListEntry> = {}): ListEntry => ({ bits: 32, hex: n.toString(16).padStart(8, '0'), doors: 1, until: 0, ...over });
const fingerprint = (n: number): string => listFingerprint(KEY, canonicalReading({ w: 32, x: entry(n).hex }) ?? Buffer.alloc(0));

test('a list holds one row for each credential, sorted, under the key of its device', () => {
  const built = buildList(KEY, [entry(3), entry(1), entry(2)], { epoch: 2, n: 5 });
  expect(built).toMatchObject({ epoch: 2, n: 5, version: '2.5', count: 3 });
  expect(rowsOf(built).map(([print]) => print)).toEqual([fingerprint(1), fingerprint(2), fingerprint(3)].sort());
});

test('the order it was given in, and repeats, change nothing', () => {
  const one = buildList(KEY, [entry(1), entry(2, { until: 9 })], { epoch: 1, n: 1 });
  const other = buildList(KEY, [entry(2, { until: 9 }), entry(1), entry(1)], { epoch: 1, n: 2 });
  expect(other.digest).toBe(one.digest);
  expect(buildList(KEY, [entry(1), entry(2)], { epoch: 1, n: 1 }).digest).not.toBe(one.digest);
});

test('one credential with two ends keeps both rows', () => {
  expect(buildList(KEY, [entry(1, { until: 9 }), entry(1, { doors: 2, until: 0 })], { epoch: 1, n: 1 }).count).toBe(2);
});

test('readings that cannot be, and rows that open no door, are left out', () => {
  const bad = [{ ...entry(1), bits: 0 }, { ...entry(1), hex: 'xyz' }, { ...entry(1), bits: 65 }, entry(1, { doors: 0 })];
  expect(buildList(KEY, bad, { epoch: 1, n: 1 }).count).toBe(0);
});

test('another device has other fingerprints for the same card', () => {
  const of = (key: Buffer): string | undefined => rowsOf(buildList(key, [entry(1)], { epoch: 1, n: 1 }))[0]?.[0];
  expect(of(KEY)).not.toBe(of(Buffer.alloc(32, 8)));
});

test('chunks hold 300 rows and fit a packet of 16 KiB', () => {
  const { chunks } = buildList(
    KEY,
    Array.from({ length: 601 }, (_, n) => entry(n, { doors: 255, until: Number.MAX_SAFE_INTEGER })),
    { epoch: 1, n: 1 },
  );
  expect(chunks.map(({ length }) => length / ROW_BYTES)).toEqual([300, 300, 1]);
  const rows = chunks[0] ?? new Uint8Array(0);
  expect(encodePacked({ e: 2 ** 32 - 1, n: 2 ** 32 - 1, at: 999, rows }).length + 150).toBeLessThan(16_384);
});

test('more rows than a device must hold are refused', () => {
  const entries = Array.from({ length: MAX_ROWS + 1 }, (_, n) => entry(n));
  expect(() => buildList(KEY, entries, { epoch: 1, n: 1 })).toThrow('expected at most 20000 rows, got 20001');
});

describe('a list that follows another of the same device', () => {
  const many = Array.from({ length: 40 }, (_, n) => entry(n));
  const first = { epoch: 1, n: 1 };
  const [next, third] = [
    { epoch: 1, n: 2 },
    { epoch: 1, n: 3 },
  ];

  test('comes with what is new and what is gone, and both together make it', () => {
    const build = createListBuilder();
    const before = build(7, KEY, many, first);
    expect(before.delta).toBeUndefined();
    const { delta, ...list } = build(7, KEY, [...many.slice(2), entry(99)], next);
    expect(delta?.base).toEqual(first);
    const [gone, rows] = [unpackRows(delta?.gone ?? KEY, 'gone'), unpackRows(delta?.rows ?? KEY, 'rows')];
    expect(gone.map(([print]) => print).sort()).toEqual([fingerprint(0), fingerprint(1)].sort());
    expect(rows.map(([print]) => print)).toEqual([fingerprint(99)]);
    const out = new Set(gone.map((row) => row.join()));
    expect(listDigest(sortRows([...rowsOf(before).filter((row) => !out.has(row.join())), ...rows]))).toBe(list.digest);
  });

  test('is compared with the version that was announced: one whose rows were the same never was', () => {
    const build = createListBuilder();
    build(7, KEY, many, first);
    expect(build(7, KEY, many, next).delta).toBeUndefined();
    expect(build(7, KEY, many.slice(1), third).delta?.base).toEqual(first);
  });

  test('of another device, or with more that differs than stays, comes whole', () => {
    const build = createListBuilder();
    build(7, KEY, many, first);
    expect(build(8, KEY, many.slice(1), next).delta).toBeUndefined();
    expect(build(7, KEY, [entry(99)], next).delta).toBeUndefined();
  });
});
