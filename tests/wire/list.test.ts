import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalReading, listDigest, listFingerprint, readingBytes, sortRows } from '../../gateway/wire/mqtt/list.ts';
import type { ListRow } from '../../gateway/wire/mqtt/messages.ts';

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

test('the digest is over 21 bytes a row', () => {
  expect(listDigest([['9567c9fbff4c9cdc99396eca', 1, 0]])).toBe('199b594d29915108d4b8d46ac854ac932cbd97bbd0421e3e314373201be42117');
  expect(listDigest([])).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

test('rows stand by fingerprint, doors, end', () => {
  const [a, b] = ['0'.repeat(24), 'f'.repeat(24)];
  const rows: ListRow[] = [
    [b, 1, 0],
    [a, 2, 5],
    [a, 1, 9],
    [a, 2, 0],
    [a, 1, 10],
  ];
  expect(sortRows(rows)).toEqual([
    [a, 1, 9],
    [a, 1, 10],
    [a, 2, 0],
    [a, 2, 5],
    [b, 1, 0],
  ]);
});
