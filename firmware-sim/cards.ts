import type { Reading } from '../gateway/wire/mqtt/reading.ts';

/** Hex digits on a card → data bits: Wiegand-26, four-byte UID, EM4100, seven-byte UID. */
const BITS: ReadonlyMap<number, number> = new Map([
  [6, 24],
  [8, 32],
  [10, 40],
  [14, 56],
]);

/** What a reader says for a card number in hex, or undefined when it is none a reader could give. */
export function parseCard(card: string): Reading | undefined {
  const w = BITS.get(card.length);
  return w === undefined || !/^[0-9A-Fa-f]+$/.test(card) ? undefined : { w, x: card.toUpperCase() };
}

/** Said when a card is none. */
export const CARD_EXPECTED = '卡号要 6、8、10 或 14 位十六进制数。 A card number has 6, 8, 10 or 14 hex digits.';
