import { setTimeout as sleep } from 'node:timers/promises';
import { FieldError } from '../../gateway/wire/fields.ts';
import { COLOUR } from '../../gateway/wire/osdp/messages.ts';
import { CARD_EXPECTED, parseCard } from '../cards.ts';
import { holdCard, isOn, type Peripheral, pressKeys, setInput } from './peripheral-model.ts';

/** Somebody at the reader waits so long for its lamp; then for the lock, ms. */
const PATIENCE_MS = 2000;
const LOCK_MS = 600;
const LOOK_MS = 5;
/** How long a button is held down, ms. */
const PRESS_MS = 300;
/** Somebody with a green lamp opens the door and lets it fall shut, ms after the lamp. */
const WALK_OPEN_MS = 700;
const WALK_CLOSED_MS = 3200;

/** An input of a device of the line. */
export interface Contact {
  readonly device: Peripheral;
  readonly input: number;
}
/** What a door on a serial line is made of. `walk`: a granted tap is followed by somebody going in. */
export interface LineDoorParts {
  readonly code: string;
  readonly reader: Peripheral;
  readonly relay: { readonly device: Peripheral; readonly output: number };
  readonly contact: Contact | undefined;
  readonly exit: Contact | undefined;
  readonly walk: boolean;
}
/** What the reader's lamp and the lock did. `ms`: from the card to the lamp; the reason is known to the gateway alone. */
export interface LampSeen {
  readonly granted: boolean;
  readonly reason: 'OK' | 'PIN_NEEDED' | undefined;
  readonly openMs: number;
  readonly ms: number;
}

const DARK = '读卡器两秒没有亮灯：网关没有开着，线断了，或者它没有密钥。 The reader showed nothing for two seconds: the gateway is not running, the line is cut, or it has no key.';

/** A door on a serial line, as somebody standing at it has it: a reader with a lamp, a lock, a leaf, a button. Rejects with sentences. */
export class LineDoor {
  readonly code: string;
  readonly #parts: LineDoorParts;
  #before: Promise<unknown> = Promise.resolve();

  constructor(parts: LineDoorParts) {
    this.code = parts.code;
    this.#parts = parts;
  }

  /** Holds a card to the reader, and types `pin` when the keypad asks. */
  tap(card: string, pin?: string): Promise<LampSeen> {
    const reading = parseCard(card);
    if (reading === undefined) return Promise.reject(new Error(CARD_EXPECTED));
    return this.#inTurn(() => this.#watch(() => holdCard(this.#parts.reader, reading.w, reading.x), pin));
  }

  /** Types digits without a card. */
  type(pin: string | undefined): Promise<LampSeen> {
    if (pin === undefined) return Promise.reject(new FieldError('pin', '1 to 12 digits'));
    return this.#inTurn(() => this.#watch(() => pressKeys(this.#parts.reader, `${pin}#`), undefined));
  }

  /** Presses the exit button. */
  push(): void {
    const { exit } = this.#parts;
    if (exit === undefined) throw new Error('这扇门没有出门按钮。 This door has no exit button.');
    setInput(exit.device, exit.input, true);
    setTimeout(() => setInput(exit.device, exit.input, false), PRESS_MS);
  }

  /** The leaf is opened, or falls shut. */
  leaf(open: boolean): void {
    const { contact } = this.#parts;
    if (contact === undefined) throw new Error('这扇门没有门磁。 This door has no contact.');
    setInput(contact.device, contact.input, open);
  }

  /** What somebody sees of it. */
  status(): { readonly contact: 'open' | 'closed' | 'unknown'; readonly lock: 'locked' | 'unlocked' } {
    const { contact, relay } = this.#parts;
    const open = contact === undefined ? 'unknown' : contact.device.inputs[contact.input] === 1 ? 'open' : 'closed';
    return { contact: open, lock: isOn(relay.device, relay.output, performance.now()) ? 'unlocked' : 'locked' };
  }

  /** One at a time: the lamp of one person is not that of the next. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#before.then(work);
    this.#before = mine.catch(() => undefined);
    return mine;
  }

  async #watch(act: () => void, pin: string | undefined): Promise<LampSeen> {
    const { lamp, reports } = this.#parts.reader;
    const since = performance.now();
    const first = lamp.until;
    act();
    if (!(await within(PATIENCE_MS, () => lamp.until !== first && lamp.until > performance.now()))) {
      // Who gets no answer walks away: what he held there is not told later.
      reports.splice(0, reports.length, ...reports.filter(({ name }) => name !== 'RAW' && name !== 'KEYPAD'));
      throw new Error(DARK);
    }
    const ms = Math.round((performance.now() - since) * 10) / 10;
    if (lamp.colour === COLOUR.amber && pin !== undefined) {
      const { ms: more, ...seen } = await this.#watch(() => pressKeys(this.#parts.reader, `${pin}#`), undefined);
      return { ...seen, ms: Math.round((ms + more) * 10) / 10 };
    }
    if (lamp.colour !== COLOUR.green) return { granted: false, reason: lamp.colour === COLOUR.amber ? 'PIN_NEEDED' : undefined, openMs: 0, ms };
    return { granted: true, reason: 'OK', openMs: await this.#released(), ms };
  }

  /** How long the lock stays released by the device's own timer, ms; then somebody may go in. */
  async #released(): Promise<number> {
    const { relay, walk, contact } = this.#parts;
    const left = (): number => Math.max(0, (relay.device.outputs[relay.output] ?? 0) - performance.now());
    await within(LOCK_MS, () => left() > 0);
    const openMs = Math.round(left() / 100) * 100;
    if (walk && contact !== undefined && openMs > 0) {
      setTimeout(() => this.leaf(true), WALK_OPEN_MS);
      setTimeout(() => this.leaf(false), WALK_CLOSED_MS);
    }
    return Number.isFinite(openMs) ? openMs : 0;
  }
}

async function within(ms: number, so: () => boolean): Promise<boolean> {
  const until = performance.now() + ms;
  while (!so()) {
    if (performance.now() >= until) return false;
    await sleep(LOOK_MS);
  }
  return true;
}
