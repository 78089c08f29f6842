import { isShut, type Tries, triesOf } from '../gateway/core/pin-tries.ts';
import { type ListRow, ROW_FLAGS } from '../gateway/wire/mqtt/list.ts';
import { matchPinNow } from '../gateway/wire/mqtt/pin.ts';
import type { Step } from './model.ts';
import { isHour, settingsOf, toldTime } from './rules.ts';

/** Enough of a verifier to tell a PIN from the next one. */
const KEY_DIGITS = 8;

type Ruled = Pick<Step, 'config' | 'run'>;

/** A card at a reader, and the rows that let it in here now. */
interface FittingCard {
  readonly canonical: Uint8Array;
  readonly fingerprint: string;
  readonly rows: readonly ListRow[];
}

/** What the door makes of digits by itself. `refusal`: why the card is not enough, at an hour at which it alone is not. */
interface LocalPin {
  readonly refusal?: 'PIN_NEEDED' | 'PIN_SHUT' | 'PIN_WRONG';
  readonly duress?: boolean;
}

/** Rows of wrong PINs, as of a start: whoever had too many waits anew, for a device does not know for how long it was off. */
export const startTries = (wrong: ReadonlyMap<string, number>, now: number): Map<string, Tries> =>
  new Map([...wrong].map(([fingerprint, count]) => [fingerprint, triesOf(count, now)]));

const verifierIn = (rows: readonly ListRow[]): string | undefined => rows.find(([, , , , flags]) => (flags & ROW_FLAGS.pin) !== 0)?.[5];

/** What wrong PINs of a card are counted by: a new PIN begins a new row. */
export const triesKey = ({ run }: Pick<Ruled, 'run'>, fingerprint: string): string => `${fingerprint}${(verifierIn(run.rows.get(fingerprint) ?? []) ?? '').slice(0, KEY_DIGITS)}`;

/** Is it known to be an hour in which a card needs its PIN? Then digits are asked for before anything is decided. */
export const isPinHour = (c: Ruled, door: number): boolean => isHour(c.run, settingsOf(c, door).p);

/** Digits that came with a card, by its rows; '' for none. Without the time a PIN must be given by who has one, and nobody else is shut out by a clock. */
export function checkPinLocally(c: Ruled, door: number, { canonical, fingerprint, rows }: FittingCard, digits: string): LocalPin {
  const verifier = verifierIn(rows);
  const untold = settingsOf(c, door).p !== 0 && verifier !== undefined && toldTime(c.run) === undefined;
  const because = (refusal: NonNullable<LocalPin['refusal']>): LocalPin => (untold || isPinHour(c, door) ? { refusal } : {});
  if (verifier === undefined || digits === '') return because('PIN_NEEDED');
  if (isShut(c.run.tries.get(triesKey(c, fingerprint)), c.run.u)) return because('PIN_SHUT');
  const match = matchPinNow(digits, canonical, verifier);
  return match === 'wrong' ? because('PIN_WRONG') : { duress: match === 'duress' };
}
