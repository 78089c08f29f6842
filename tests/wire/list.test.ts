import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  canonicalReading,
  deltaOf,
  listDigest,
  listFingerprint,
  type ListRow,
  NO_PIN,
  packRows,
  readingBytes,
  ROW_FLAGS,
  sortRows,
  unpackRows,
} from '../../gateway/wire/mqtt/list.ts';

const LIST_KEY = Buffer.from('8e30df3f1e09822c2f93a6306b3468fcddd13a91dda89c2f2d6b2adc57fff395', 'hex');

describe('canonical bytes of a reading', () => {
  test.each([
    [{ w: 32, x: '1A2B3C4D' }, '201a2b3c4d'],
    [{ w: 32, x: '1a2b3c4d' }, '201a2b3c4d'],
    [{ w: 24, x: '2b3c4d' }, '182b3c4d'],
    [{ w: 26, x: '03ffffff' }, '1a03ffffff'],
    [{ w: 40, x: '0102030405' }, '280102030405'],
    [{ w: 56, x: '04a1b2c3d4e5f6' }, '3804a1b2c3d4e5f6'],
    [{ w: 64, x: 'ffffffffffffffff' }, '40ffffffffffffffff'],
    [{ w: 1, x: '01' }, '0101'],
  ])('%o', (reading, hex) => {
    expect(canonicalReading(reading)?.toString('hex')).toBe(hex);
  });

  test.each([
    [{ w: 0, x: '' }],
    [{ w: 0, x: '00' }],
    [{ w: 65, x: '000000000000000000' }],
    [{ w: 32, x: '' }],
    [{ w: 32, x: '1a2b3c' }],
    [{ w: 32, x: '1a2b3c4d00' }],
    [{ w: 26, x: '04000000' }],
    [{ w: 7, x: '80' }],
    [{ w: 8, x: 'zz' }],
    [{ w: 8, x: '0' }],
  ])('%o is no reading', (reading) => {
    expect(canonicalReading(reading)).toBeUndefined();
  });

  test('tell cards that differ in one high bit apart, and the same number of another width', () => {
    const hex = (w: number, x: string): string | undefined => canonicalReading({ w, x })?.toString('hex');
    expect(new Set([hex(32, '1a2b3c4d'), hex(32, '9a2b3c4d'), hex(24, '2b3c4d'), hex(40, '001a2b3c4d')]).size).toBe(4);
  });

  test('exist exactly for a value below 2^width in whole bytes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (w, value) => {
        const digits = Math.ceil(w / 8) * 2;
        const x = value.toString(16).padStart(digits, '0');
        expect(readingBytes({ w, x }) !== undefined).toBe(value < 2n ** BigInt(w));
      }),
      { numRuns: 300 },
    );
  });
});

// Made by Python's hmac and hashlib, not by ours.
test('the fingerprint is the first 12 bytes of the HMAC under the list key', () => {
  expect(listFingerprint(LIST_KEY, Buffer.from('201a2b3c4d', 'hex'))).toBe('9567c9fbff4c9cdc99396eca');
});

test('a row is 40 bytes, and the digest is over them', () => {
  const one: ListRow = ['9567c9fbff4c9cdc99396eca', 1, 0, 0, 0, NO_PIN];
  const two: ListRow = ['9567c9fbff4c9cdc99396eca', 5, 1_797_592_000_000, 3, ROW_FLAGS.duty | ROW_FLAGS.pin, '0102030405060708090a0b0c0d0e0f10'];
  expect(packRows([one, two]).toString('hex')).toBe(
    '9567c9fbff4c9cdc99396eca01000000000000000000000000000000000000000000000000000000' + '9567c9fbff4c9cdc99396eca05000001a288d526000306000102030405060708090a0b0c0d0e0f10',
  );
  expect(listDigest([one])).toBe('55479516ad897b1febc04b69030b76c768b6d98d13de3e693d73e5e739c83905');
  expect(listDigest([two])).toBe('64d6c69ffafe954f7155110209df7da1fa5ec1fa2dcbbb16338030c1636ba10d');
  expect(listDigest([])).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

const hex = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((each) => Buffer.from(each).toString('hex'));
const byte = fc.integer({ min: 0, max: 255 });
const anyRow: fc.Arbitrary<ListRow> = fc.tuple(hex(12), fc.integer({ min: 1, max: 255 }), fc.maxSafeNat(), byte, byte, hex(16));

test('rows come back as they were packed', () => {
  fc.assert(fc.property(fc.array(anyRow, { maxLength: 20 }), (rows) => void expect(unpackRows(packRows(rows), 'rows')).toEqual(rows)));
});

test('rows stand in the order of their bytes', () => {
  const few = fc.constantFrom('00'.repeat(12), 'ff'.repeat(12));
  const row: fc.Arbitrary<ListRow> = fc.tuple(
    few,
    fc.constantFrom(1, 2),
    fc.constantFrom(0, 5, 2 ** 40),
    fc.constantFrom(0, 1),
    fc.constantFrom(0, 4),
    fc.constantFrom(NO_PIN, '01'.repeat(16)),
  );
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
      const byBytes = rows.map((each) => packRows([each]).toString('hex')).sort();
      expect(packRows(sortRows([...rows])).toString('hex')).toBe(byBytes.join(''));
    }),
  );
});

test.each([
  ['half a row', Buffer.alloc(20, 1), 'rows: expected rows of 40 bytes'],
  ['a row of no door', packRows([['00'.repeat(12), 0, 0, 0, 0, NO_PIN]]), 'rows[0]: expected the bits of a door'],
  ['an end no number holds', Buffer.concat([Buffer.alloc(12), Buffer.of(1), Buffer.alloc(27, 255)]), 'an end below 2^53'],
])('%s is refused', (_, bytes, said) => {
  expect(() => unpackRows(bytes, 'rows')).toThrow(said);
});

test('a difference turns one list into the other', () => {
  const list = fc.uniqueArray(anyRow, { maxLength: 12, selector: (row) => row.join() }).map(sortRows);
  fc.assert(
    fc.property(list, list, list, (one, other, both) => {
      const [from, to] = [
        [...one, ...both],
        [...other, ...both],
      ].map((rows) => packRows(sortRows(rows)));
      if (from === undefined || to === undefined) throw new Error('two lists');
      const { gone, rows } = deltaOf(from, to);
      const left = unpackRows(from, 'from').map((row) => row.join());
      for (const row of unpackRows(gone, 'gone')) left.splice(left.indexOf(row.join()), 1);
      const made = [...left, ...unpackRows(rows, 'rows').map((row) => row.join())].sort();
      expect(made).toEqual(
        unpackRows(to, 'to')
          .map((row) => row.join())
          .sort(),
      );
    }),
  );
});
