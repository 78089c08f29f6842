import { isShut, triesOf } from '../gateway/core/pin-tries.ts';
import { canonicalReading, listFingerprint } from '../gateway/wire/mqtt/list.ts';
import type { Reading } from '../gateway/wire/mqtt/reading.ts';
import { recordDoorEvent } from './events.ts';
import type { Input, Step } from './model.ts';
import { triesKey } from './pins.ts';
import type { Claim } from './store-image.ts';

/** Cards whose wrong PINs are remembered; of more, the oldest row is forgotten. */
const KEPT = 1000;
/** After this long without a key nobody is typing any more, ms. */
const TYPING_MS = 10_000;

/** Asks for the digits of a card that was held to the reader. */
export function askDigits(c: Step, { door, reading, tag }: Pick<Extract<Input, { t: 'tap' }>, 'door' | 'reading' | 'tag'>): void {
  const lock = c.run.doors[door - 1];
  if (lock === undefined) return;
  lock.keypad = { card: reading, tag, digits: '', until: c.run.u + TYPING_MS };
  c.out.push({ t: 'lamp', door, show: 'pin', answer: undefined });
}

/** A key more, or the same digits: there is time again. */
export const stillTyping = (c: Step): number => c.run.u + TYPING_MS;

/** What came of a card's digits: a wrong PIN is on disk before anybody is shown it, whoever decided; a right one ends the row. */
export function countPin(c: Step, door: number, reading: Reading, { source, granted, reason }: Claim): void {
  const canonical = canonicalReading(reading);
  if (canonical === undefined || (!granted && reason !== 'PIN_WRONG')) return;
  const { tries, u } = c.run;
  const f = triesKey(c, listFingerprint(c.config.listKey, canonical));
  const before = tries.get(f)?.wrong ?? 0;
  if (granted && before === 0) return;
  const wrong = granted ? 0 : before + 1;
  const changed = [{ f, wrong }];
  tries.delete(f);
  if (wrong > 0) tries.set(f, triesOf(wrong, u));
  const [oldest] = tries.keys();
  if (tries.size > KEPT && oldest !== undefined) {
    tries.delete(oldest);
    changed.push({ f: oldest, wrong: 0 });
  }
  c.out.push({ t: 'store', change: { tries: changed } });
  // What the gateway decided it tells by itself.
  if (source === 'local' && isShut(tries.get(f), u)) recordDoorEvent(c, door, 'pin-tries');
}
