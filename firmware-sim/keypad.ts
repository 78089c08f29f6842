import { canonicalReading } from '../gateway/wire/mqtt/list.ts';
import { MAX_DIGITS, typedReading } from '../gateway/wire/mqtt/pin.ts';
import { type Input, NEVER, type Step } from './model.ts';
import { askDigits, stillTyping } from './pin-count.ts';
import { isPinHour } from './pins.ts';
import { requested } from './requests.ts';

/** Keys pressed out of habit after a card that needed none are nothing, for so long, ms. */
const HABIT_MS = 5000;

/** What was typed goes on its way; with a card also when nothing was, for the card was held to the reader. */
function hand(c: Step, door: number): void {
  const lock = c.run.doors[door - 1];
  if (lock?.keypad === undefined) return;
  const { card, tag, digits } = lock.keypad;
  lock.keypad = undefined;
  const asked = tag === undefined ? { door } : { door, tag };
  if (card !== undefined) requested(c, { ...asked, reading: card, method: 'card' }, digits);
  else if (digits !== '') requested(c, { ...asked, reading: typedReading(digits), method: 'pin' }, digits);
}

/** A card was read. In its PIN hours the door asks for digits first; whoever was typing is answered by what he typed. */
export function tapped(c: Step, tap: Extract<Input, { t: 'tap' }>): void {
  const lock = c.run.doors[tap.door - 1];
  if (lock === undefined) return;
  if (lock.keypad?.card !== undefined) hand(c, tap.door);
  lock.keypad = undefined;
  lock.mutedUntil = c.run.u + HABIT_MS;
  if (tap.method === 'card' && canonicalReading(tap.reading) !== undefined && isPinHour(c, tap.door)) askDigits(c, tap);
  else requested(c, tap);
}

/** A key: a digit; `*` begins again; `#` is the end. */
export function keyPressed(c: Step, { door, key, tag }: Extract<Input, { t: 'key' }>): void {
  const lock = c.run.doors[door - 1];
  if (lock === undefined || (lock.keypad === undefined && c.run.u < lock.mutedUntil)) return;
  const { card, digits, tag: asked } = lock.keypad ?? { card: undefined, digits: '', tag: undefined };
  const typed = key === '*' ? '' : key === '#' ? digits : `${digits}${key}`.slice(0, MAX_DIGITS);
  lock.keypad = { card, tag: asked ?? tag, digits: typed, until: stillTyping(c) };
  if (key === '#') hand(c, door);
}

/** Nobody goes on typing: a card is refused for want of its PIN, digits alone are forgotten. */
export function superviseKeypads(c: Step): void {
  c.run.doors.forEach((lock, at) => {
    if (lock.keypad === undefined || lock.keypad.until > c.run.u) return;
    lock.keypad = { ...lock.keypad, digits: '' };
    hand(c, at + 1);
  });
}

/** When the next of them ends, in running time. */
export const typingEnds = ({ doors }: Step['run']): number => Math.min(NEVER, ...doors.map(({ keypad }) => keypad?.until ?? NEVER));
