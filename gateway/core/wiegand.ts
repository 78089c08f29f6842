/** Frames that readers put on two wires, as text of 0 and 1 in the order sent (domain.md 3.8). */

/** What a frame says, or why it is refused. */
export type FrameReading =
  | { readonly ok: true; readonly bits: number; readonly hex: string }
  | { readonly ok: false; readonly code: 'WIEGAND_LENGTH' | 'WIEGAND_PARITY' | 'EM4100_LENGTH' | 'EM4100_FRAME' | 'EM4100_PARITY' };

type Bits = Iterable<string>;
const ones = (bits: Bits): number => [...bits].reduce((sum, bit) => sum + Number(bit), 0);
const evenParity = (bits: Bits): string => String(ones(bits) % 2);
const oddParity = (bits: Bits): string => String((ones(bits) + 1) % 2);
const toBits = (hex: string): string => [...hex].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join('');
const toHex = (bits: string): string => bits.replaceAll(/.{4}/g, (nibble) => Number.parseInt(nibble, 2).toString(16).toUpperCase());

/** Even parity over the first half of the data in front, odd parity over the second half behind. */
const framed = (data: string): string => evenParity(data.slice(0, data.length / 2)) + data + oddParity(data.slice(data.length / 2));

/** Last 24 bits of a value (upper-case hex, at least 6 digits) as a Wiegand-26 frame: 8-bit facility, 16-bit number. */
export const encodeWiegand26 = (hex: string): string => framed(toBits(hex.slice(-6)));

/** Last 32 bits of a value (at least 8 hex digits) as a Wiegand-34 frame, parity over 16 data bits each (common vendor layout). */
export const encodeWiegand34 = (hex: string): string => framed(toBits(hex.slice(-8)));

/** Data of a Wiegand-26 or -34 frame. WIEGAND_LENGTH: another width. WIEGAND_PARITY: a bit was lost or turned. */
export function decodeWiegand(frame: string): FrameReading {
  if ((frame.length !== 26 && frame.length !== 34) || /[^01]/.test(frame)) return { ok: false, code: 'WIEGAND_LENGTH' };
  const data = frame.slice(1, -1);
  return framed(data) === frame ? { ok: true, bits: data.length, hex: toHex(data) } : { ok: false, code: 'WIEGAND_PARITY' };
}

const EM_START = '111111111';

/** A 40-bit number (10 hex digits: 8-bit version, 32-bit id) as the 64 bits an EM4100 tag repeats. */
export function encodeEm4100(hex: string): string {
  const rows = [...hex].map(toBits);
  const columns = [0, 1, 2, 3].map((at) => evenParity(rows.map((row) => row.charAt(at))));
  return `${EM_START}${rows.map((row) => row + evenParity(row)).join('')}${columns.join('')}0`;
}

/** Number in 64 bits of an EM4100 tag: nine ones, ten rows with even parity, column parity, stop 0. */
export function decodeEm4100(frame: string): FrameReading {
  if (frame.length !== 64 || /[^01]/.test(frame)) return { ok: false, code: 'EM4100_LENGTH' };
  if (!frame.startsWith(EM_START) || !frame.endsWith('0')) return { ok: false, code: 'EM4100_FRAME' };
  const hex = toHex(frame.slice(9, 59).replaceAll(/(.{4})./g, '$1'));
  return encodeEm4100(hex) === frame ? { ok: true, bits: 40, hex } : { ok: false, code: 'EM4100_PARITY' };
}
