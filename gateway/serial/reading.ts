import { decodeWiegand } from '../core/wiegand.ts';
import type { Reply } from '../wire/osdp/messages.ts';
import type { Reading } from '../wire/mqtt/reading.ts';

const [ENTER, CLEAR] = ['\r', '\x7f'];

const hexOf = (bits: string, width: number): string => BigInt(`0b${bits}`).toString(16).toUpperCase().padStart(width, '0');

/**
 * A card as OSDP gives it, as our own protocol says it: frames of 26 and 34 bits without their parity, all others whole.
 * Undefined: the parity is wrong, a bit was lost between the reader's two wires.
 */
export function readingOf({ bits, data }: Reply<'RAW'>['body']): Reading | undefined {
  const shown = [...data].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const frame = shown.slice(0, bits);
  const wiegand = decodeWiegand(frame);
  if (wiegand.ok) return { w: wiegand.bits, x: wiegand.hex };
  if (wiegand.code === 'WIEGAND_PARITY') return undefined;
  return { w: bits, x: hexOf(frame, 2 * Math.ceil(bits / 8)) };
}

/** Keys as the door core knows them: digits, `#` for enter, `*` for clear; others of the keypad are none. */
export const keysOf = (data: Uint8Array): readonly string[] =>
  [...Buffer.from(data).toString('latin1')].flatMap((key) => (key === ENTER ? '#' : key === CLEAR ? '*' : /[0-9]/.test(key) ? key : []));
