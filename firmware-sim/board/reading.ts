import { decodeWiegand } from '../../gateway/core/wiegand.ts';
import type { Reply } from '../../gateway/wire/osdp/messages.ts';
import type { Reading } from '../../gateway/wire/mqtt/reading.ts';

/** Longest a person takes from one key to the next, ms. */
const KEYS_MS = 10_000;
const KEYS_MAX = 16;
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

/** Keys of one door, until `#` ends them or `*` takes them back; forgotten when nobody goes on. */
export class Keys {
  #digits = '';
  #at = Number.NEGATIVE_INFINITY;

  /** What `#` completed, as a reading of four bits a digit; undefined: nothing yet. `now`: ms. */
  press(data: Uint8Array, now: number): Reading | undefined {
    if (now - this.#at > KEYS_MS) this.#digits = '';
    this.#at = now;
    let done: Reading | undefined;
    for (const key of Buffer.from(data).toString('latin1')) {
      if (key === CLEAR) this.#digits = '';
      else if (key === ENTER) {
        if (this.#digits !== '') done = { w: 4 * this.#digits.length, x: this.#digits.padStart(2 * Math.ceil(this.#digits.length / 2), '0') };
        this.#digits = '';
      } else if (/[0-9]/.test(key) && this.#digits.length < KEYS_MAX) this.#digits += key;
    }
    return done;
  }
}
