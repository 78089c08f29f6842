import { halfWidth } from './text.ts';
import { encodeWiegand26, encodeWiegand34 } from './wiegand.ts';

/** What a reader gives of a card: number of data bits, and the value as upper-case hex, most significant byte first. */
export interface CardReading {
  readonly bits: number;
  readonly hex: string;
}

/** How a building's readers see a card: data bits they give (24, 32, 40, 56, 64), and the byte order of printed decimals. */
export interface ReaderProfile {
  readonly bits: number;
  readonly order: 'msb' | 'lsb';
}

/** Why a card number on paper cannot be taken: no form we know, 24 bits only, too wide for the readers, a random or an empty UID. */
export type CardCode = 'CARD_FORMAT' | 'CARD_TAP' | 'CARD_WIDTH' | 'CARD_RANDOM' | 'CARD_WEAK';

/** A card number read, or refused. */
export type CardNumber = { readonly ok: true; readonly reading: CardReading } | { readonly ok: false; readonly code: CardCode };

/** The bytes of a hex value in the other order. */
export const reverseBytes = (hex: string): string => (hex.match(/../g) ?? []).reverse().join('');

/** Every number that is printed for one 4-byte value, and its two frames (domain.md 3.8). */
export interface PrintedViews {
  /** 8H→10D: 32 bits as ten decimal digits. */
  readonly decimal10: string;
  /** 6H→8D: low 24 bits as eight decimal digits. */
  readonly decimal8: string;
  /** 2H+4H: 8 and 16 bits, `043,15437`. */
  readonly pair24: string;
  /** 4H+4H: 16 and 16 bits, `06699,15437`. */
  readonly pair32: string;
  readonly wiegand26: string;
  readonly wiegand34: string;
}

/** The views of a value's last four bytes (hex, most significant first). For the reversed reading pass `reverseBytes(hex)`. */
export function printedViews(hex: string): PrintedViews {
  const low = hex.slice(-8);
  const decimal = (digits: string, width: number): string => String(Number.parseInt(digits, 16)).padStart(width, '0');
  const number16 = decimal(low.slice(4), 5);
  return {
    decimal10: decimal(low, 10),
    decimal8: decimal(low.slice(2), 8),
    pair24: `${decimal(low.slice(2, 4), 3)},${number16}`,
    pair32: `${decimal(low.slice(0, 4), 5)},${number16}`,
    wiegand26: encodeWiegand26(low),
    wiegand34: encodeWiegand34(low),
  };
}

const CASCADE_TAG = 0x88;

/** Block check bytes of a 4-byte UID (one) or a 7-byte UID (two, the first over the cascade tag 88), ISO 14443-3 A, as hex. */
export function blockCheck(uidHex: string): readonly string[] {
  const bytes = [...uidHex.matchAll(/../g)].map(([pair]) => Number.parseInt(pair, 16));
  const xor = (part: readonly number[]): string =>
    part
      .reduce((sum, byte) => sum ^ byte, 0)
      .toString(16)
      .toUpperCase()
      .padStart(2, '0');
  return bytes.length === 7 ? [xor([CASCADE_TAG, ...bytes.slice(0, 3)]), xor(bytes.slice(3))] : [xor(bytes)];
}

/** A UID that names no single card: random (4 bytes, first 08), or all zeros or ones as blank and broken cards give. */
export function uidWeakness(hex: string): 'CARD_RANDOM' | 'CARD_WEAK' | undefined {
  if (/^0+$/.test(hex) || /^F+$/.test(hex)) return 'CARD_WEAK';
  return hex.length === 8 && hex.startsWith('08') ? 'CARD_RANDOM' : undefined;
}

/** What the profile's readers would give of a card whose full value this is; a narrow reader drops bytes at the front of its own order. */
function asRead(hex: string, profile: ReaderProfile): CardNumber {
  const weak = uidWeakness(hex);
  if (weak !== undefined) return { ok: false, code: weak };
  const bits = hex.length * 4;
  if (bits < profile.bits) return { ok: false, code: 'CARD_TAP' };
  if (bits === profile.bits) return { ok: true, reading: { bits, hex } };
  // Wiegand-34 and -26 readers send the low bytes of a 4-byte UID or an EM4100 number; of a 7-byte UID each maker sends others.
  if (bits !== 32 && bits !== 40) return { ok: false, code: 'CARD_WIDTH' };
  const own = profile.order === 'lsb' && bits === 32 ? reverseBytes(hex) : hex;
  return { ok: true, reading: { bits: profile.bits, hex: own.slice(-profile.bits / 4) } };
}

const U32 = 2 ** 32 - 1;
const LARGEST_24 = 2 ** 24 - 1;
const hex32 = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0');

function fromDecimal(value: number, profile: ReaderProfile): CardNumber {
  if (value > U32) return { ok: false, code: 'CARD_FORMAT' };
  const hex = hex32(value);
  return asRead(profile.order === 'lsb' ? reverseBytes(hex) : hex, profile);
}

function fromHex(hex: string, profile: ReaderProfile): CardNumber {
  if (hex.length === 6) return profile.bits === 24 ? asRead(hex, profile) : { ok: false, code: 'CARD_TAP' };
  return [8, 10, 14, 16].includes(hex.length) ? asRead(hex, profile) : { ok: false, code: 'CARD_FORMAT' };
}

/**
 * Digits only: a printed decimal, or hex without a letter. Eight digits up to 16777215 are the 24-bit form 8D;
 * above it they can only be hex. Nine or ten are 10D (a spreadsheet drops the leading zero); more are hex.
 */
function fromDigits(digits: string, profile: ReaderProfile, bare: 'decimal' | 'hex'): CardNumber {
  const value = Number(digits);
  if (digits.length > 10 || (digits.length === 8 && value > LARGEST_24)) return fromHex(digits, profile);
  if (bare !== 'decimal' && (digits.length === 8 || (digits.length === 10 && profile.bits === 40))) return fromHex(digits, profile);
  return digits.length < 9 ? { ok: false, code: 'CARD_TAP' } : fromDecimal(value, profile);
}

/**
 * Reads a card number from paper or a roster: hex (with or without 0x, colons, spaces, hyphens), ten decimal
 * digits (8H→10D), or 4H+4H. The 24-bit forms (8D, 2H+4H) cannot identify a card: CARD_TAP. `bare` says how to
 * take digits without a letter where both are possible: a column full of hex makes them hex.
 */
export function readCardNumber(text: string, profile: ReaderProfile, bare: 'decimal' | 'hex' = 'decimal'): CardNumber {
  const plain = halfWidth(text).toUpperCase();
  const pair = /^(\d{5}),\s?(\d{5})$/.exec(plain);
  // A first half beyond 16 bits makes a value beyond 32.
  if (pair !== null && Number(pair[2]) <= 0xffff) return fromDecimal(Number(pair[1]) * 0x10000 + Number(pair[2]), profile);
  if (/^\d{1,3},\s?\d{1,5}$/.test(plain)) return { ok: false, code: 'CARD_TAP' };
  const marked = plain.startsWith('0X') || /^[0-9A-F]{2}(?:[:\s-][0-9A-F]{2})+$/.test(plain);
  const digits = plain.replace(/^0X/, '').replace(/[:\s-]/g, '');
  if (!/^[0-9A-F]+$/.test(digits)) return { ok: false, code: 'CARD_FORMAT' };
  return marked || /[A-F]/.test(digits) ? fromHex(digits, profile) : fromDigits(digits, profile, bare);
}
