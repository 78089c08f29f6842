import { expect, test } from 'vitest';
import { buildList, type ListEntry, MAX_ROWS } from '../../gateway/doors/access-list.ts';
import { canonicalReading, listFingerprint } from '../../gateway/wire/mqtt/list.ts';

const KEY = Buffer.alloc(32, 9);
const entry = (n: number, over: Partial<ListEntry> = {}): ListEntry => ({ bits: 32, hex: n.toString(16).padStart(8, '0'), doors: 1, until: 0, ...over });
const fingerprint = (n: number): string => listFingerprint(KEY, canonicalReading({ w: 32, x: entry(n).hex }) ?? Buffer.alloc(0));

test('a list holds one row for each credential, sorted, under the key of its device', () => {
  const built = buildList(KEY, [entry(3), entry(1), entry(2)], { epoch: 2, n: 5 });
  expect(built).toMatchObject({ epoch: 2, n: 5, version: '2.5', count: 3 });
  expect(built.chunks.flat().map(([print]) => print)).toEqual([fingerprint(1), fingerprint(2), fingerprint(3)].sort());
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
  const of = (key: Buffer): string | undefined => buildList(key, [entry(1)], { epoch: 1, n: 1 }).chunks[0]?.[0]?.[0];
  expect(of(KEY)).not.toBe(of(Buffer.alloc(32, 8)));
});

test('chunks hold 200 rows and fit a packet of 16 KiB', () => {
  const { chunks } = buildList(
    KEY,
    Array.from({ length: 401 }, (_, n) => entry(n, { doors: 255, until: Number.MAX_SAFE_INTEGER })),
    { epoch: 1, n: 1 },
  );
  expect(chunks.map(({ length }) => length)).toEqual([200, 200, 1]);
  expect(JSON.stringify({ v: 1, e: 2 ** 32 - 1, n: 2 ** 32 - 1, at: 999, rows: chunks[0] }).length + 150).toBeLessThan(16_384);
});

test('more rows than a device must hold are refused', () => {
  const entries = Array.from({ length: MAX_ROWS + 1 }, (_, n) => entry(n));
  expect(() => buildList(KEY, entries, { epoch: 1, n: 1 })).toThrow('expected at most 20000 rows, got 20001');
});
