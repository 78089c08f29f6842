import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockCheck, type CardNumber, printedViews, readCardNumber, reverseBytes, uidWeakness } from '../../gateway/core/cards.ts';
import { decodeEm4100, decodeWiegand, encodeEm4100, encodeWiegand26, encodeWiegand34 } from '../../gateway/core/wiegand.ts';

const msb = { bits: 32, order: 'msb' } as const;
const lsb = { bits: 32, order: 'lsb' } as const;
const hexOf = (length: number): fc.Arbitrary<string> => fc.array(fc.constantFrom(...'0123456789ABCDEF'), { minLength: length, maxLength: length }).map((digits) => digits.join(''));
const value = (card: CardNumber): string => (card.ok ? `${card.reading.bits}:${card.reading.hex}` : card.code);
const frameValue = (frame: ReturnType<typeof decodeWiegand>): string => (frame.ok ? `${frame.bits}:${frame.hex}` : frame.code);
const flip = (frame: string, at: number): string => frame.slice(0, at) + (frame[at] === '1' ? '0' : '1') + frame.slice(at + 1);

describe('what is printed on one card (domain.md 3.8, UID 1A2B3C4D)', () => {
  test('big-endian reading', () => {
    expect(printedViews('1A2B3C4D')).toEqual({
      decimal10: '0439041101',
      decimal8: '02833485',
      pair24: '043,15437',
      pair32: '06699,15437',
      wiegand26: '00010101100111100010011011',
      wiegand34: '1000110100010101100111100010011011',
    });
  });

  test('reversed reading', () => {
    expect(printedViews(reverseBytes('1A2B3C4D'))).toEqual({
      decimal10: '1295788826',
      decimal8: '03943194',
      pair24: '060,11034',
      pair32: '19772,11034',
      wiegand26: '10011110000101011000110101',
      wiegand34: '0010011010011110000101011000110100',
    });
  });

  test('EM4100 number 1F00ABCDEF as printed', () => {
    expect(printedViews('1F00ABCDEF')).toMatchObject({ decimal10: '0011259375', decimal8: '11259375', pair24: '171,52719' });
  });

  test('block check bytes of 4-byte and 7-byte UIDs', () => {
    expect(blockCheck('1A2B3C4D')).toEqual(['40']);
    expect(blockCheck('04A1B2C3D4E5F6')).toEqual(['9F', '04']);
    expect([blockCheck('1A1A0000'), blockCheck(''), reverseBytes('')]).toEqual([['00'], ['00'], '']);
  });
});

describe('frames', () => {
  test('no card at all sends parity alone', () => {
    expect([encodeWiegand26('000000'), encodeWiegand34('00000000')]).toEqual([`0${'0'.repeat(24)}1`, `0${'0'.repeat(32)}1`]);
  });

  test('of a longer number only the low bits are sent', () => {
    expect([encodeWiegand26('1F00ABCDEF'), encodeWiegand34('1F00ABCDEF')]).toEqual([encodeWiegand26('ABCDEF'), encodeWiegand34('00ABCDEF')]);
  });

  test('two cards with the same low 24 bits send the same Wiegand-26 frame, and different Wiegand-34 frames', () => {
    expect(encodeWiegand26('9F2B3C4D')).toBe(encodeWiegand26('1A2B3C4D'));
    expect(encodeWiegand34('9F2B3C4D')).not.toBe(encodeWiegand34('1A2B3C4D'));
  });

  test('a Wiegand frame read back is the value sent', () => {
    fc.assert(fc.property(hexOf(6), (hex) => frameValue(decodeWiegand(encodeWiegand26(hex))) === `24:${hex}`));
    fc.assert(fc.property(hexOf(8), (hex) => frameValue(decodeWiegand(encodeWiegand34(hex))) === `32:${hex}`));
  });

  test('a turned bit is a parity error, whichever it is', () => {
    fc.assert(fc.property(hexOf(6), fc.nat(25), (hex, at) => frameValue(decodeWiegand(flip(encodeWiegand26(hex), at))) === 'WIEGAND_PARITY'));
    fc.assert(fc.property(hexOf(8), fc.nat(33), (hex, at) => frameValue(decodeWiegand(flip(encodeWiegand34(hex), at))) === 'WIEGAND_PARITY'));
  });

  test('a frame slipped by one bit is refused in the vectors', () => {
    const frame = encodeWiegand26('2B3C4D');
    expect(decodeWiegand(`${frame.slice(1)}0`)).toEqual({ ok: false, code: 'WIEGAND_PARITY' });
  });

  test.each([25, 27, 33, 35, 0, 37])('a frame of %i bits is a length error', (length) => {
    expect(decodeWiegand('0'.repeat(length))).toEqual({ ok: false, code: 'WIEGAND_LENGTH' });
  });

  test('EM4100 agrees with the vector and a published reference', () => {
    expect(encodeEm4100('1F00ABCDEF')).toBe('1111111110001111110000000000010100101111100011011111011111011110');
    // By hand: nine rows of nothing, then 0001 with its parity, then the columns 0001.
    expect(encodeEm4100('0000000001')).toBe(`111111111${'00000'.repeat(9)}00011${'0001'}0`);
    expect(decodeEm4100('1111111110001111110000000000010100101111100011011111011111011110')).toEqual({ ok: true, bits: 40, hex: '1F00ABCDEF' });
  });

  test('EM4100 round-trips and every turned bit is refused', () => {
    fc.assert(fc.property(hexOf(10), fc.nat(63), (hex, at) => frameValue(decodeEm4100(encodeEm4100(hex))) === `40:${hex}` && !decodeEm4100(flip(encodeEm4100(hex), at)).ok));
    expect(decodeEm4100('1'.repeat(63))).toEqual({ ok: false, code: 'EM4100_LENGTH' });
    expect(decodeEm4100(flip(encodeEm4100('1F00ABCDEF'), 63))).toEqual({ ok: false, code: 'EM4100_FRAME' });
    expect(decodeEm4100(encodeEm4100('1F00ABCDEF').replace('0', '2'))).toEqual({ ok: false, code: 'EM4100_LENGTH' });
    expect(decodeEm4100(flip(encodeEm4100('1F00ABCDEF'), 0))).toEqual({ ok: false, code: 'EM4100_FRAME' });
    expect(decodeEm4100(flip(encodeEm4100('1F00ABCDEF'), 12))).toEqual({ ok: false, code: 'EM4100_PARITY' });
  });
});

describe('card numbers on paper', () => {
  test.each([
    ['1A2B3C4D', msb, '32:1A2B3C4D'],
    ['1a2b3c4d', msb, '32:1A2B3C4D'],
    ['1A:2B:3C:4D', msb, '32:1A2B3C4D'],
    ['0x1A2B3C4D', msb, '32:1A2B3C4D'],
    ['0439041101', msb, '32:1A2B3C4D'],
    ['439041101', msb, '32:1A2B3C4D'],
    ['1295788826', lsb, '32:1A2B3C4D'],
    ['1A2B3C4D', lsb, '32:1A2B3C4D'],
    ['０４３９０４１１０１', msb, '32:1A2B3C4D'],
    ['06699,15437', msb, '32:1A2B3C4D'],
    ['06699，15437', msb, '32:1A2B3C4D'],
    ['19772,11034', lsb, '32:1A2B3C4D'],
    ['20231104', msb, '32:20231104'],
    ['0x02833485', msb, '32:02833485'],
    ['12 34 56 78', msb, '32:12345678'],
    ['1F00ABCDEF', msb, '32:00ABCDEF'],
    ['1F00ABCDEF', { bits: 40, order: 'msb' } as const, '40:1F00ABCDEF'],
    ['04A1B2C3D4E5F6', { bits: 56, order: 'msb' } as const, '56:04A1B2C3D4E5F6'],
    ['1A2B3C4D', { bits: 24, order: 'msb' } as const, '24:2B3C4D'],
    ['1A2B3C4D', { bits: 24, order: 'lsb' } as const, '24:3C2B1A'],
    ['0439041101', { bits: 24, order: 'msb' } as const, '24:2B3C4D'],
    ['2B3C4D', { bits: 24, order: 'msb' } as const, '24:2B3C4D'],
    ['16777216', msb, '32:16777216'],
    ['00001,65535', msb, '32:0001FFFF'],
    ['06699, 15437', msb, '32:1A2B3C4D'],
    ['1F00ABCDEF', lsb, '32:00ABCDEF'],
    ['F0000001', msb, '32:F0000001'],
    ['1000000F', msb, '32:1000000F'],
    ['08A1B2C3D4E5F6', { bits: 56, order: 'msb' } as const, '56:08A1B2C3D4E5F6'],
    ['12345678901234', { bits: 56, order: 'msb' } as const, '56:12345678901234'],
    ['1234567890123456', { bits: 64, order: 'msb' } as const, '64:1234567890123456'],
  ])('%s is read as the card', (text, profile, expected) => {
    expect(value(readCardNumber(text, profile))).toBe(expected);
  });

  test.each([
    ['02833485', msb, 'CARD_TAP'],
    ['2833485', msb, 'CARD_TAP'],
    ['043,15437', msb, 'CARD_TAP'],
    ['2B3C4D', msb, 'CARD_TAP'],
    ['0011259375', { bits: 40, order: 'msb' } as const, 'CARD_TAP'],
    ['1A2B3C4D', { bits: 56, order: 'msb' } as const, 'CARD_TAP'],
    ['04A1B2C3D4E5F6', msb, 'CARD_WIDTH'],
    ['081A2B3C', msb, 'CARD_RANDOM'],
    ['0135932732', msb, 'CARD_RANDOM'],
    ['00000000', msb, 'CARD_TAP'],
    ['0x00000000', msb, 'CARD_WEAK'],
    ['FFFFFFFF', msb, 'CARD_WEAK'],
    ['4294967296', msb, 'CARD_FORMAT'],
    ['XYZ', msb, 'CARD_FORMAT'],
    ['', msb, 'CARD_FORMAT'],
    ['4.39E+08', msb, 'CARD_FORMAT'],
    ['=1+1', msb, 'CARD_FORMAT'],
    ['1A2B3C4', msb, 'CARD_FORMAT'],
    ['66699,15437', msb, 'CARD_FORMAT'],
    ['00001,65536', msb, 'CARD_FORMAT'],
    ['06699,154371', msb, 'CARD_FORMAT'],
    ['A06699,15437', msb, 'CARD_FORMAT'],
    ['043, 15437', msb, 'CARD_TAP'],
    ['043,154371', msb, 'CARD_FORMAT'],
    ['16777215', msb, 'CARD_TAP'],
    ['FFFFFF', msb, 'CARD_TAP'],
    ['4294967295', msb, 'CARD_WEAK'],
    ['112 34 56', msb, 'CARD_TAP'],
    ['12 34 567', msb, 'CARD_TAP'],
    ['1A0X2B3C4D', msb, 'CARD_FORMAT'],
  ])('%s is refused: %s', (text, profile, code) => {
    expect(value(readCardNumber(text, profile))).toBe(code);
  });

  test('digits without a letter are hex in a column of hex, ten of them stay decimal', () => {
    expect(value(readCardNumber('02833485', msb, 'hex'))).toBe('32:02833485');
    expect(value(readCardNumber('0439041101', msb, 'hex'))).toBe('32:1A2B3C4D');
    expect(value(readCardNumber('1234567890', { bits: 40, order: 'msb' }, 'hex'))).toBe('40:1234567890');
    expect(value(readCardNumber('123456789', { bits: 40, order: 'msb' }, 'hex'))).toBe('CARD_TAP');
    expect(value(readCardNumber('1234567890', { bits: 40, order: 'msb' }))).toBe('CARD_TAP');
  });

  test('hex, printed decimal and pair of one card give one reading, in both byte orders', () => {
    fc.assert(
      fc.property(hexOf(8), fc.constantFrom(msb, lsb), (hex, profile) => {
        fc.pre(uidWeakness(hex) === undefined);
        const views = printedViews(profile.order === 'lsb' ? reverseBytes(hex) : hex);
        const all = [`0x${hex}`, views.decimal10, views.pair32].map((text) => value(readCardNumber(text, profile)));
        return all.every((one) => one === `32:${hex}`);
      }),
    );
  });

  test('on 24-bit readers two cards with the same low bits give one reading', () => {
    const w26 = { bits: 24, order: 'msb' } as const;
    expect(value(readCardNumber('9F2B3C4D', w26))).toBe(value(readCardNumber('1A2B3C4D', w26)));
  });
});
