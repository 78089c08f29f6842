import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hmacSha256, sha256 } from '../../gateway/journal/sha256.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('hashing in one go', () => {
  test('SHA-256 of "abc" is the one of FIPS 180-4', () => {
    expect(hex(sha256(Buffer.from('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  test('HMAC is the one of RFC 4231, cases 1 and 2', () => {
    expect(hex(hmacSha256(Buffer.alloc(20, 0x0b))(Buffer.from('Hi There')))).toBe('b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7');
    expect(hex(hmacSha256(Buffer.from('Jefe'))(Buffer.from('what do ya want for nothing?')))).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
  });

  test('one key serves messages of any length in any order', () => {
    const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength, size: 'max' });
    fc.assert(
      fc.property(bytes(64), fc.array(bytes(400), { maxLength: 6 }), (key, messages) => {
        const mac = hmacSha256(key);
        for (const message of messages) {
          expect(hex(mac(message))).toBe(createHmac('sha256', key).update(message).digest('hex'));
          expect(hex(sha256(message))).toBe(createHash('sha256').update(message).digest('hex'));
        }
      }),
      { numRuns: 100 },
    );
  });
});
