import type { AccessIndex } from './core/access-index.ts';
import type { PinCheck } from './core/facts.ts';
import type { PinTries } from './core/pin-tries.ts';
import type { Tap } from './doors/link.ts';
import { canonicalReading } from './wire/mqtt/list.ts';
import { calmOf, codeBytes, matchPin } from './wire/mqtt/pin.ts';

/** Enough of a verifier to tell a PIN from the next one. */
const KEY_DIGITS = 8;

/** What the digits of a request are looked at with. */
export interface PinPath {
  readonly index: Pick<AccessIndex, 'facts'>;
  /** Keyed fingerprint of a reading, or of digits alone. */
  readonly fingerprint: (reading: { bits: number; hex: string }) => Uint8Array;
  readonly tries: PinTries;
}

/** Who asks, and what the digits are. */
interface Checked {
  readonly pin: PinCheck;
  readonly fingerprint: Uint8Array | undefined;
  /** What the door is to say of it beside the decision: a line of its own, which raises an alarm. */
  readonly tells: readonly ('duress' | 'pin-tries')[];
  /** The request was a repeat of one that has been looked at: it counts once. */
  undo(): void;
}

const plain = (fingerprint: Uint8Array | undefined, pin: PinCheck = 'none'): Checked => ({ pin, fingerprint, tells: [], undo: () => undefined });

function wrong({ tries }: PinPath, fingerprint: Uint8Array, key: string, now: number): Checked {
  return { pin: 'wrong', fingerprint, tells: tries.hasShut(key, now) ? ['pin-tries'] : [], undo: () => tries.undo(key, now) };
}

/** Digits without a card: a code, or what somebody under threat types in its place. No two codes are neighbours. */
function checkCode(path: PinPath, { doorId, credential: code }: Tap, now: number): Checked {
  // Whatever a link calls digits, only digits are looked up: a card's number is none.
  if (code === undefined || codeBytes(code) === undefined) return plain(undefined);
  const [print, calm] = [code, { ...code, hex: calmOf(code.hex) }].map(path.fingerprint);
  const key = `door ${doorId}`;
  if (print === undefined || !path.tries.begin(key, now)) return plain(print, 'shut');
  const known = [print, calm].find((each) => path.index.facts(doorId, each).credential !== undefined);
  if (known === undefined) return wrong(path, print, key, now);
  // A code that was stopped ends no row: its holder could go on guessing for ever.
  if (path.index.facts(doorId, known).credential?.status === 'active') path.tries.right(key);
  return { ...plain(known, 'code'), tells: known === print ? [] : ['duress'] };
}

/** Digits that came with a card, by the card's slow verifier; in another thread, for a tap behind it must not wait. */
async function checkPin(path: PinPath, { doorId, credential: card, pin = '' }: Tap, now: number): Promise<Checked> {
  const print = card && path.fingerprint(card);
  const canonical = card && canonicalReading({ w: card.bits, x: card.hex });
  const known = path.index.facts(doorId, print).credential;
  if (print === undefined || canonical === undefined || known?.verifier === undefined) return plain(print);
  // A new PIN begins a new row: who was given one because he had forgotten his need not wait.
  const key = `card ${known.id} ${known.verifier.slice(0, KEY_DIGITS)}`;
  if (!path.tries.begin(key, now)) return plain(print, 'shut');
  const match = await matchPin(pin, canonical, known.verifier);
  if (match === 'wrong') return wrong(path, print, key, now);
  path.tries.right(key);
  return { ...plain(print, match), tells: match === 'duress' ? ['duress'] : [] };
}

/** Who asks, and what the digits are that came with it, if any did. Only digits with a card take time. `now`: epoch ms. */
export function whoAsks(path: PinPath, tap: Tap, now: number): Checked | Promise<Checked> {
  if (tap.method === 'pin') return checkCode(path, tap, now);
  return tap.pin === undefined ? plain(tap.credential && path.fingerprint(tap.credential)) : checkPin(path, tap, now);
}
