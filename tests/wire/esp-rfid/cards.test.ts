import { describe, expect, test } from 'vitest';
import { CARD_FORMS, readings, spell } from '../../../gateway/wire/esp-rfid/cards.ts';

const four = { bits: 32, hex: 'ED0BA996' };
const seven = { bits: 56, hex: '04A30B1F2C0180' };

describe('how a board writes a card', () => {
  test.each([
    ['uid', 'ed0ba996'],
    // esprfid/esp-rfid issue 466: "Card UID ED0BA996 read as EDBA996".
    ['uid-short', 'edba996'],
    ['decimal', '3976964502'],
    ['hex', 'ed0ba996'],
    // Issue 610: an RC522 gives 22d3dad6 where a Wiegand reader gives d6dad322.
    ['hex-reversed', '96a90bed'],
    ['decimal-reversed', '2527661037'],
  ] as const)('%s: %s', (form, text) => {
    expect(spell(form, four)).toBe(text);
    expect(readings(form, text)).toContainEqual(four);
    expect(readings(form, text.toUpperCase())).toContainEqual(four);
  });

  test('as issues 429 and 610 show it', () => {
    expect(spell('uid-short', { bits: 32, hex: '1BEC07EC' })).toBe('1bec7ec');
    expect(spell('hex-reversed', { bits: 32, hex: '22D3DAD6' })).toBe('d6dad322');
  });

  test('a 7-byte UID has no number on a board', () => {
    expect([spell('uid', seven), spell('uid-short', seven), spell('decimal', seven)]).toEqual(['04a30b1f2c0180', '4a3b1f2c180', undefined]);
    expect(readings('uid', '04a30b1f2c0180')).toEqual([seven]);
    expect(readings('uid-short', '4a3b1f2c180')).toContainEqual(seven);
  });

  test('a dropped zero may have stood in several places, and a full text in none', () => {
    expect(readings('uid-short', '1bec7ec').map(({ hex }) => hex)).toEqual(['1BEC7E0C', '1BEC07EC', '1B0EC7EC', '01BEC7EC']);
    expect(readings('uid-short', '1becd7ec')).toContainEqual({ bits: 32, hex: '1BECD7EC' });
  });

  test('a small number may be of a narrow reader or a wide one', () => {
    expect(readings('decimal', '1256789')).toEqual([
      { bits: 24, hex: '132D55' },
      { bits: 32, hex: '00132D55' },
    ]);
  });

  test.each(CARD_FORMS)('%s: whatever it writes, the card is among what it may mean', (form) => {
    for (let at = 0; at < 500; at += 1) {
      const value = ((at * 2_654_435_761) % 2 ** 32) >>> ((at % 3) * 4);
      const card = { bits: 32, hex: (value >>> 0).toString(16).toUpperCase().padStart(8, '0') };
      expect(readings(form, spell(form, card) ?? ''), card.hex).toContainEqual(card);
    }
  });

  test.each(['', ' ', 'zz', '123', '1'.repeat(40), '-1', '1e5.'])('"%s" is no card', (text) => {
    for (const form of ['uid', 'uid-short', 'hex-reversed'] as const) expect(readings(form, text).every(({ bits }) => form === 'hex-reversed' && bits > 0)).toBe(true);
    expect(readings('uid', text)).toEqual([]);
  });

  test('a value that cannot be is not written', () => {
    for (const reading of [
      { bits: 0, hex: '' },
      { bits: 8, hex: '1234' },
      { bits: 32, hex: 'xyz' },
    ])
      expect(spell('uid', reading)).toBeUndefined();
  });
});
