import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deviceKeys, open, seal } from '../../gateway/wire/mqtt/seal.ts';

// Made by another implementation (Python: HMAC for HKDF, the cryptography package for AES-GCM), not by ours.
const SECRET = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex');
const UP = '803dbc0d55673a2a550f12b955836a55226b0634d1cbbbe4abee32b8b1c051aa';
const DOWN = 'aa31aa7b9812990f8da3ab8f0b889491f6de77be8b3a70156b7526d7b4349a71';
const LIST = '8e30df3f1e09822c2f93a6306b3468fcddd13a91dda89c2f2d6b2adc57fff395';
const PASSWORD = '2d953c7b4bbc81e2ec17e1f2ad74d9c464e883773085c534d47eec86e9cf1ec6';
const TOPIC = 'ac/1/yc42/d/yc42-d01/req';
const NONCE = Buffer.from('000102030405060708090a0b', 'hex');
const SEALED = '000102030405060708090a0b7680db0d5654530000ca55359c06e34877e715a2ddadc3';

describe('keys of a device', () => {
  test('are the ones HKDF-SHA-256 gives', () => {
    const { up, down, list, password } = deviceKeys(SECRET);
    expect([up.toString('hex'), down.toString('hex'), list.toString('hex'), password]).toEqual([UP, DOWN, LIST, PASSWORD]);
  });

  test.each([0, 31, 33])('are not made from %i bytes', (length) => {
    expect(() => deviceKeys(new Uint8Array(length))).toThrow(`device secret: expected 32 bytes, got ${length}`);
  });
});

describe('the seal', () => {
  const key = Buffer.from(UP, 'hex');
  test('closes as the vector says', () => {
    expect(seal(key, TOPIC, Buffer.from('{"v":1}'), NONCE).toString('hex')).toBe(SEALED);
  });

  test('opens what the vector says', () => {
    expect(open(key, TOPIC, Buffer.from(SEALED, 'hex'))?.toString()).toBe('{"v":1}');
  });

  test('uses another nonce each time', () => {
    const seen = new Set(Array.from({ length: 200 }, () => seal(key, TOPIC, Buffer.alloc(1)).toString('hex', 0, 12)));
    expect(seen.size).toBe(200);
  });

  test('does not open with any bit turned, under another key, for another topic or cut', () => {
    const sealed = Buffer.from(SEALED, 'hex');
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const altered = Buffer.from(sealed);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(open(key, TOPIC, altered)).toBeUndefined();
    }
    expect(open(Buffer.from(DOWN, 'hex'), TOPIC, sealed)).toBeUndefined();
    expect(open(key, 'ac/1/yc42/d/yc42-d01/evt', sealed)).toBeUndefined();
    for (let length = 0; length < sealed.length; length++) expect(open(key, TOPIC, sealed.subarray(0, length))).toBeUndefined();
  });

  test('gives back whatever was sealed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (plain, topic) => {
        expect(open(key, topic, seal(key, topic, plain))).toEqual(Buffer.from(plain));
      }),
      { numRuns: 100 },
    );
  });

  test('never throws on bytes of a stranger', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(open(key, TOPIC, bytes)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });
});
