import { pbkdf2, pbkdf2Sync } from 'node:crypto';
import { promisify } from 'node:util';
import type { Reading } from './reading.ts';

/** Rounds of PBKDF2: some milliseconds on a computer, under half a second on a controller's chip. */
const ROUNDS = 10_000;
const VERIFIER_BYTES = 16;
const SALT = Buffer.from('doorbook pin v1');
/** More digits than a keypad hands over. */
export const MAX_DIGITS = 12;
/** Bits of a digit in a reading of a keypad. */
const DIGIT_BITS = 4;
/** Above every width of a card, so that digits alone can never have a card's fingerprint. */
const CODE_WIDTH = 128;

/** What digits that came with a card are, by its verifier. */
export type PinMatch = 'right' | 'duress' | 'wrong';

/** The PIN whose duress form these digits are: its last digit is one higher (9 becomes 0). */
export const calmOf = (digits: string): string => digits.slice(0, -1) + String((Number(digits.slice(-1)) + 9) % 10);
/** What somebody under threat types in place of a PIN. */
export const duressOf = (digits: string): string => digits.slice(0, -1) + String((Number(digits.slice(-1)) + 1) % 10);

/** The card itself is the salt: whoever has the register alone, or a list alone, has none to try digits with. */
const saltOf = (canonical: Uint8Array): Buffer => Buffer.concat([SALT, canonical]);
const derive = promisify(pbkdf2);
const matchOf = (verifier: string, [right, duress]: readonly (string | undefined)[]): PinMatch => (verifier === right ? 'right' : verifier === duress ? 'duress' : 'wrong');

/** Slow verifier of a card's PIN, 32 hex digits. `canonical`: the card's canonical reading (list.ts). */
export const pinVerifier = async (digits: string, canonical: Uint8Array): Promise<string> =>
  (await derive(digits, saltOf(canonical), ROUNDS, VERIFIER_BYTES, 'sha256')).toString('hex');

/** Both verifiers are worked out whatever comes of it, so that being forced takes no longer than not. */
export const matchPin = async (digits: string, canonical: Uint8Array, verifier: string): Promise<PinMatch> =>
  matchOf(verifier, await Promise.all([pinVerifier(digits, canonical), pinVerifier(calmOf(digits), canonical)]));

/** The same for a device, which has one thing to do at a time. */
export function matchPinNow(digits: string, canonical: Uint8Array, verifier: string): PinMatch {
  const now = (tried: string): string => pbkdf2Sync(tried, saltOf(canonical), ROUNDS, VERIFIER_BYTES, 'sha256').toString('hex');
  return matchOf(verifier, [now(digits), now(calmOf(digits))]);
}

const inBytes = (digits: string): string => digits.padStart(Math.ceil(digits.length / 2) * 2, '0');

/** Typed digits as they travel, 4 bits each. */
export const typedReading = (digits: string): Reading => ({ w: digits.length * DIGIT_BITS, x: inBytes(digits) });

/** Digits of a keypad's reading, 1 to MAX_DIGITS of them; undefined when it is none. */
export function digitsOf({ w, x }: Reading): string | undefined {
  const count = w / DIGIT_BITS;
  if (!Number.isInteger(count) || count < 1 || count > MAX_DIGITS || !/^\d+$/.test(x)) return undefined;
  const digits = x.slice(-count);
  return inBytes(digits) === x ? digits : undefined;
}

/** Canonical bytes of digits alone; undefined for what is none of them. */
export const codeBytes = ({ bits, hex }: { readonly bits: number; readonly hex: string }): Buffer | undefined =>
  digitsOf({ w: (bits - CODE_WIDTH) * DIGIT_BITS, x: hex }) === undefined ? undefined : Buffer.concat([Buffer.of(bits), Buffer.from(hex, 'hex')]);

/** What digits alone are known by, in the place of a card's reading. */
export const codeReading = (digits: string): { readonly bits: number; readonly hex: string } => ({ bits: CODE_WIDTH + digits.length, hex: inBytes(digits) });
