import { expect, test } from 'vitest';
import { encodeCbor } from '../../gateway/wire/cbor.ts';
import { decodeChunk, encodeChunk, type ListChunk } from '../../gateway/wire/mqtt/list-chunk.ts';
import { type ListRow, NO_PIN, packRows } from '../../gateway/wire/mqtt/list.ts';

const ONE: ListRow = ['9567c9fbff4c9cdc99396eca', 1, 0, 0, 0, NO_PIN];
const TWO: ListRow = ['9567c9fbff4c9cdc99396eca', 5, 1_797_592_000_000, 3, 6, '0102030405060708090a0b0c0d0e0f10'];
const ROWS = packRows([ONE]);

// Put together by hand in Python, not by ours.
test.each<[string, ListChunk, string]>([
  ['a piece of a list', { e: 1, n: 7, at: 0, rows: [ONE] }, 'a40101020703000458289567c9fbff4c9cdc99396eca01000000000000000000000000000000000000000000000000000000'],
  [
    'a difference',
    { e: 1, n: 8, at: 0, rows: [TWO], base: { e: 1, n: 7, gone: [ONE] } },
    'a70101020803000458289567c9fbff4c9cdc99396eca05000001a288d526000306000102030405060708090a0b0c0d0e0f10050106070758289567c9fbff4c9cdc99396eca01000000000000000000000000000000000000000000000000000000',
  ],
])('%s is written and read as the vector says', (_, chunk, hex) => {
  expect(encodeChunk(chunk).toString('hex')).toBe(hex);
  expect(decodeChunk(Buffer.from(hex, 'hex'))).toEqual(chunk);
});

const of = (...entries: [number, number | string | Uint8Array][]) => encodeCbor(new Map(entries));
test.each([
  ['no CBOR', Buffer.from('ff', 'hex'), 'body: expected a CBOR map'],
  ['JSON', Buffer.from('{"e":1}'), 'body: expected a CBOR map'],
  ['no map', encodeCbor([1, 2]), 'body: expected a CBOR map'],
  ['no version', of([2, 7], [3, 0], [4, ROWS]), 'e: expected a whole number from 0 to 4294967295 under key 1'],
  ['a version that is text', of([1, '1'], [2, 7], [3, 0], [4, ROWS]), 'e: expected'],
  ['a version beyond 32 bits', of([1, 2 ** 32], [2, 7], [3, 0], [4, ROWS]), 'e: expected'],
  ['a number below 0', of([1, 1], [2, -1], [3, 0], [4, ROWS]), 'n: expected'],
  ['a piece beyond the thousandth', of([1, 1], [2, 7], [3, 1000], [4, ROWS]), 'at: expected a whole number from 0 to 999 under key 3'],
  ['no rows', of([1, 1], [2, 7], [3, 0]), 'rows: expected a byte string under key 4'],
  ['rows as text', of([1, 1], [2, 7], [3, 0], [4, 'rows']), 'rows: expected a byte string'],
  ['half a row', of([1, 1], [2, 7], [3, 0], [4, ROWS.subarray(1)]), 'rows: expected rows of 40 bytes'],
  ['too many rows', of([1, 1], [2, 7], [3, 0], [4, packRows(Array.from({ length: 301 }, () => ONE))]), 'rows: expected at most 300 rows'],
  ['a difference from nothing', of([1, 1], [2, 7], [3, 0], [4, ROWS], [7, ROWS]), 'baseE: expected'],
  ['bad rows to take out', of([1, 1], [2, 7], [3, 0], [4, ROWS], [5, 1], [6, 6], [7, Buffer.alloc(3)]), 'gone: expected rows of 40 bytes'],
])('a body with %s is refused, by the name of the field', (_, body, said) => {
  expect(() => decodeChunk(body)).toThrow(said);
});

test('keys of later versions are ignored', () => {
  expect(decodeChunk(of([1, 1], [2, 7], [3, 0], [4, ROWS], [99, 'later']))).toEqual({ e: 1, n: 7, at: 0, rows: [ONE] });
});
