import { pbkdf2Sync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalReading, NO_PIN } from '../../gateway/wire/mqtt/list.ts';
import { calmOf, codeBytes, codeReading, digitsOf, duressOf, matchPin, matchPinNow, pinVerifier, typedReading } from '../../gateway/wire/mqtt/pin.ts';

const canonical = (w: number, x: string): Buffer => canonicalReading({ w, x }) ?? Buffer.alloc(0);
const CARD = canonical(32, '1A2B3C4D');
const digits = fc.stringMatching(/^\d{4,8}$/);

describe('the verifier of a PIN', () => {
  // Made by a few lines of Python (hashlib.pbkdf2_hmac), not by this code.
  test.each([
    ['2468', 32, '1A2B3C4D', '6f2b9e9dd26963b9b017b883ed02516a'],
    ['70419365', 56, '04A1B2C3D4E5F6', 'b13160584c63a1fa7a757f3991acd3fb'],
  ])('of %s with a card of %i bits is what the protocol says', async (pin, w, x, verifier) => {
    expect(await pinVerifier(pin, canonical(w, x))).toBe(verifier);
  });

  test('is PBKDF2-HMAC-SHA-256 with the card in its salt', async () => {
    const salt = Buffer.concat([Buffer.from('doorbook pin v1'), CARD]);
    expect(await pinVerifier('2468', CARD)).toBe(pbkdf2Sync('2468', salt, 10_000, 16, 'sha256').toString('hex'));
    expect(await pinVerifier('2468', canonical(32, '1A2B3C4E'))).not.toBe(await pinVerifier('2468', CARD));
  });

  test('tells right, under threat and wrong, on either side alike', async () => {
    const verifier = await pinVerifier('2469', CARD);
    for (const [pin, match] of [
      ['2469', 'right'],
      ['2460', 'duress'],
      ['2468', 'wrong'],
      ['24690', 'wrong'],
      ['0', 'wrong'],
    ] as const) {
      expect(await matchPin(pin, CARD, verifier), pin).toBe(match);
      expect(matchPinNow(pin, CARD, verifier), pin).toBe(match);
    }
    expect(matchPinNow('2469', CARD, NO_PIN)).toBe('wrong');
  });
});

describe('typed digits', () => {
  test('under threat are one more in the last place, and come back to the PIN', () => {
    expect([duressOf('2468'), duressOf('2469'), calmOf('2460')]).toEqual(['2469', '2460', '2469']);
    fc.assert(fc.property(digits, (pin) => calmOf(duressOf(pin)) === pin && duressOf(pin) !== pin && duressOf(pin).length === pin.length));
  });

  test('travel four bits each, and come back whole with their noughts', () => {
    expect(typedReading('01234')).toEqual({ w: 20, x: '001234' });
    fc.assert(fc.property(fc.stringMatching(/^\d{1,12}$/), (typed) => digitsOf(typedReading(typed)) === typed));
  });

  test.each([
    [{ w: 0, x: '' }, 'none'],
    [{ w: 18, x: '001234' }, 'half a digit'],
    [{ w: 16, x: '12A4' }, 'a letter'],
    [{ w: 12, x: '1234' }, 'a digit above the width'],
    [{ w: 16, x: '001234' }, 'a byte more'],
    [{ w: 52, x: '01234567890123' }, 'thirteen'],
  ])('%o is no typing: %s', (reading) => {
    expect(digitsOf(reading)).toBeUndefined();
  });

  test('alone are known by bytes that no card has, and no other digits', () => {
    expect(codeBytes(codeReading('012345'))).toEqual(Buffer.from('86012345', 'hex'));
    expect(codeBytes({ bits: 32, hex: '12345678' })).toBeUndefined();
    expect(codeBytes({ bits: 128, hex: '' })).toBeUndefined();
    fc.assert(
      fc.property(fc.stringMatching(/^\d{1,12}$/), fc.stringMatching(/^\d{1,12}$/), (one, other) => {
        const [a, b] = [codeBytes(codeReading(one)), codeBytes(codeReading(other))];
        expect(a?.[0]).toBeGreaterThan(64);
        expect(a?.equals(b ?? Buffer.alloc(0))).toBe(one === other);
      }),
    );
  });
});
