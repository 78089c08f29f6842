/**
 * How an esp-rfid board writes the number of a card. A board knows a user by this text alone, so what it is sent
 * must be letter for letter what its own reader will give. Source: the public issues 429, 466, 610 and 635 of
 * esprfid/esp-rfid, and its change log (0.8.0, 2.0.0).
 */

/** A card as a reader gives it: data bits, and the value in hex, most significant byte first. */
export interface BoardReading {
  readonly bits: number;
  readonly hex: string;
}

/**
 * `uid`: the bytes of the UID as pairs of hex digits (RC522, firmware 2). `uid-short`: the same, a byte below 16 as one
 * digit (RC522 with firmware 1, PN532 with any). `decimal`, `hex`: the number a Wiegand reader sends, without leading
 * zeros; `-reversed`: its bytes the other way round than in our register.
 */
export const CARD_FORMS = ['uid', 'uid-short', 'decimal', 'hex', 'decimal-reversed', 'hex-reversed'] as const;
/** One of the ways a board writes a card. */
export type CardForm = (typeof CARD_FORMS)[number];
/** True when a word from outside is one of ours. */
export const isCardForm = (word: string): word is CardForm => CARD_FORMS.some((form) => form === word);

/** A Wiegand number is kept in 32 bits on the board. */
const NUMBER_BITS = 32;
/** UIDs of ISO 14443-3 have 4, 7 or 10 bytes; EM4100 numbers have 5. */
const UID_BYTES = [4, 5, 7, 10] as const;
const SHORT_BYTES = [4, 7, 10] as const;
const NUMBER_WIDTHS = [24, 32] as const;

const bytesOf = (hex: string): string[] => hex.match(/../g) ?? [];
const reversed = (hex: string): string => bytesOf(hex).reverse().join('');
const short = (byte: string): string => Number.parseInt(byte, 16).toString(16);

/** The value as whole bytes in lower-case hex; undefined for what is no value. */
function wholeBytes({ bits, hex }: BoardReading): string | undefined {
  if (bits < 1 || bits > 80 || !/^[0-9a-f]+$/i.test(hex)) return undefined;
  const digits = Math.ceil(bits / 8) * 2;
  const value = hex.toLowerCase().padStart(digits, '0');
  return value.length > digits ? undefined : value;
}

/** What the board's reader gives of a card; undefined when such a reader cannot tell the whole of it. */
export function spell(form: CardForm, reading: BoardReading): string | undefined {
  const value = wholeBytes(reading);
  if (value === undefined) return undefined;
  if (form === 'uid') return value;
  if (form === 'uid-short') return bytesOf(value).map(short).join('');
  if (reading.bits > NUMBER_BITS) return undefined;
  const number = BigInt(`0x${form.endsWith('-reversed') ? reversed(value) : value}`);
  return number.toString(form.startsWith('decimal') ? 10 : 16);
}

/** Every way to put `zeros` lost zeros back before single digits, so that the text is `bytes` whole bytes. */
function withZeros(text: string, bytes: number): string[] {
  if (bytes === 0) return text === '' ? [''] : [];
  // Neither too few nor too many digits are left for the bytes to come.
  if (text.length < bytes || text.length > bytes * 2) return [];
  const one = withZeros(text.slice(1), bytes - 1).map((rest) => `0${text.slice(0, 1)}${rest}`);
  // A byte of two digits never begins with 0 here: it would have lost it.
  const two = text.startsWith('0') || text.length < 2 ? [] : withZeros(text.slice(2), bytes - 1).map((rest) => text.slice(0, 2) + rest);
  return [...two, ...one];
}

const reading = (hex: string): BoardReading => ({ bits: hex.length * 4, hex: hex.toUpperCase() });

function numbers(form: CardForm, uid: string): BoardReading[] {
  const decimal = form.startsWith('decimal');
  if (!(decimal ? /^\d{1,10}$/ : /^[0-9a-f]{1,8}$/).test(uid)) return [];
  const hex = BigInt(decimal ? uid : `0x${uid}`).toString(16);
  return NUMBER_WIDTHS.filter((bits) => hex.length * 4 <= bits).map((bits) => {
    const value = hex.padStart(bits / 4, '0');
    return reading(form.endsWith('-reversed') ? reversed(value) : value);
  });
}

/** Every card this text may stand for; none when it is no such text. More than one: the board has dropped what tells them apart. */
export function readings(form: CardForm, text: string): BoardReading[] {
  const uid = text.trim().toLowerCase();
  if (form !== 'uid' && form !== 'uid-short') return numbers(form, uid);
  if (!/^[0-9a-f]{4,20}$/.test(uid)) return [];
  if (form === 'uid') return UID_BYTES.filter((bytes) => bytes * 2 === uid.length).map(() => reading(uid));
  // The least that it can be: one byte in sixteen has lost its zero, hardly ever six of seven.
  const bytes = SHORT_BYTES.find((some) => some * 2 >= uid.length) ?? 0;
  return withZeros(uid, bytes).map(reading);
}
