import { sameBytes } from './secure.ts';

/** Bytes of a device's key. */
export const KEY_BYTES = 16;
/** The public key that devices carry before they are given one (SCBK-D, osdp.md 2.8). */
export const DEFAULT_KEY: Uint8Array = Uint8Array.from({ length: KEY_BYTES }, (_, at) => 0x30 + at);

/** Keys of public examples and documents: 40 to 4F of osdp.md 3 falls under runs already. */
const SAMPLES = ['2b7e151628aed2a6abf7158809cf4f3c', '000102030405060708090a0b0c0d0e0f'].map((hex) => Buffer.from(hex, 'hex'));

const hasStep = (key: Uint8Array, step: number): boolean => key.every((byte, at) => at === 0 || byte === (((key[at - 1] ?? 0) + step) & 0xff));

/** Why a key may not protect a device (osdp.md 4, attack 4): such keys are tried first by whoever listens. Undefined: it may. */
export function weakness(key: Uint8Array): 'length' | 'default' | 'pattern' | 'halves' | 'sample' | undefined {
  if (key.length !== KEY_BYTES) return 'length';
  if (sameBytes(key, DEFAULT_KEY)) return 'default';
  // All bytes the same, runs up or down, and 00 11 22 33 …
  if (hasStep(key, (key[1] ?? 0) - (key[0] ?? 0))) return 'pattern';
  if (sameBytes(key.subarray(0, KEY_BYTES / 2), key.subarray(KEY_BYTES / 2))) return 'halves';
  return SAMPLES.some((sample) => sameBytes(sample, key)) ? 'sample' : undefined;
}
