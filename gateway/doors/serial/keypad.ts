import type { Reading } from '../../wire/mqtt/reading.ts';
import { MAX_DIGITS } from '../../wire/mqtt/pin.ts';

/** After this long without a key nobody is typing any more, ms. */
const TYPING_MS = 10_000;
/** Keys pressed out of habit after a card that needed none are nothing, for so long, ms. */
const HABIT_MS = 5000;

/** Who asks: a card, a card with digits ('': none came), or digits alone. */
export type Asked = { readonly card: Reading; readonly digits?: string } | { readonly card?: undefined; readonly digits: string };

/**
 * Somebody at the keypad of a door, by the rules of a controller's (docs/controller-protocol.md 8b). Times in `u`, ms.
 * What comes of a card or a key resolves when whoever asked has been handed on, and that is in the log.
 */
export class Keypad {
  readonly #hand: (asked: Asked) => Promise<void>;
  /** Shows that digits are wanted. */
  readonly #ask: () => void;
  #typing: { readonly card: Reading | undefined; readonly digits: string; readonly until: number } | undefined;
  #mutedUntil = 0;

  constructor(hand: (asked: Asked) => Promise<void>, ask: () => void) {
    this.#hand = hand;
    this.#ask = ask;
  }

  /** A card was read. Whoever was typing is answered by what he typed. */
  async card(u: number, card: Reading, asksDigits: boolean): Promise<void> {
    const before = this.#typing?.card === undefined ? undefined : this.#done();
    this.#typing = undefined;
    this.#mutedUntil = u + HABIT_MS;
    if (asksDigits) this.want(u, card);
    await Promise.all([before, asksDigits ? undefined : this.#hand({ card })]);
  }

  /** This card needs digits. */
  want(u: number, card: Reading): void {
    this.#typing = { card, digits: '', until: u + TYPING_MS };
    this.#ask();
  }

  /** A key: a digit; `*` begins again; `#` is the end. */
  async key(u: number, key: string): Promise<void> {
    if (this.#typing === undefined && u < this.#mutedUntil) return;
    const { card, digits } = this.#typing ?? { card: undefined, digits: '' };
    const typed = key === '*' ? '' : key === '#' ? digits : `${digits}${key}`.slice(0, MAX_DIGITS);
    this.#typing = { card, digits: typed, until: u + TYPING_MS };
    if (key === '#') await this.#done();
  }

  /** Nobody goes on typing: a card is refused for want of its PIN, digits alone are forgotten. */
  async tick(u: number): Promise<void> {
    if (this.#typing === undefined || this.#typing.until > u) return;
    this.#typing = { ...this.#typing, digits: '' };
    await this.#done();
  }

  async #done(): Promise<void> {
    const typing = this.#typing;
    this.#typing = undefined;
    if (typing?.card !== undefined) await this.#hand({ card: typing.card, digits: typing.digits });
    else if (typing !== undefined && typing.digits !== '') await this.#hand({ digits: typing.digits });
  }
}
