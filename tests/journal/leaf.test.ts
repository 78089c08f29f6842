import { describe, expect, test } from 'vitest';
import { commitment, leafBytes, leafHash } from '../../gateway/journal/leaf.ts';

// Made with python3 hashlib from the words of design.md 8, not with this code.
const R = Buffer.from(Array.from({ length: 32 }, (_, place) => place));
const DATA = Buffer.from('a10101', 'hex');
const NOBODY = Buffer.concat([Buffer.alloc(32, 0xff), Buffer.of(0xa0), Buffer.alloc(255)]);
const C_EVENT = '9d0b9fbe43fc59c4b625dc70fdced47c0439a51f555629301822eb50057c51f2';
const C_NOBODY = '89caa041d1afb1e67494fe1f3783fa45f35ce62b58de1533cd8459d75e90ba89';
const LEAF = {
  kind: 1,
  flags: 0,
  logId: Buffer.from('00112233445566778899aabbccddeeff', 'hex'),
  index: 0x123456789a,
  cEvent: Buffer.from(C_EVENT, 'hex'),
  cPerson: Buffer.from(C_NOBODY, 'hex'),
};

describe('the leaf', () => {
  test('commitments are SHA-256 over label, r, length and data', () => {
    expect(commitment('event', Buffer.concat([R, DATA])).toString('hex')).toBe(C_EVENT);
    expect(commitment('person', Buffer.concat([R, DATA])).toString('hex')).toBe('cc06cfa2c4590cf49114c45915ee0bfbd109c133a870a00e39714eaf62359443');
    expect(commitment('person', NOBODY).toString('hex')).toBe(C_NOBODY);
  });

  test('a leaf is 92 bytes, big-endian', () => {
    expect(leafBytes(LEAF).toString('hex')).toBe(`01010000${'00112233445566778899aabbccddeeff'}000000123456789a${C_EVENT}${C_NOBODY}`);
    expect(leafBytes(LEAF)).toHaveLength(92);
    expect(
      leafBytes({ ...LEAF, kind: 8, flags: 0x8001 })
        .subarray(0, 4)
        .toString('hex'),
    ).toBe('01088001');
  });

  test('the leaf hash has the leaf prefix of RFC 6962', () => {
    expect(leafHash(LEAF).toString('hex')).toBe('c3e4208fd6f6e13398a0b00fad9ea7c353471878c65650aa602aafe79bacb0b2');
  });

  test('data of more than 65535 bytes and an opening without r are refused', () => {
    expect(() => commitment('event', Buffer.alloc(32 + 65_536))).toThrow('event data: expected 0 to 65535 bytes, got 65536');
    expect(() => commitment('person', Buffer.alloc(31))).toThrow('person data: expected 0 to 65535 bytes, got -1');
    expect(commitment('event', Buffer.alloc(32))).toHaveLength(32);
    expect(commitment('event', Buffer.alloc(32 + 65_535))).toHaveLength(32);
  });
});
