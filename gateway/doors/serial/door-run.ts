import { CHINA_MINUTES, type DayCalendar, isWithin } from '../../core/schedule.ts';
import type { DoorWord } from '../../wire/mqtt/door-words.ts';
import { type DoorState, LONGEST_LOCKDOWN_MS } from '../link.ts';
import type { SiteSchedule } from '../registry.ts';
import type { SerialDoor } from './registry.ts';

/** A moment. `u`: ms, never going back; `wall`: epoch ms. */
export interface Moment {
  readonly u: number;
  readonly wall: number;
}

/** Somebody who was let in: the tag is given back with what came of it. */
export interface Grant {
  readonly tag: number;
  readonly openMs: number;
  /** A duty card, which ends a lockdown. */
  readonly duty: boolean;
}

/** What a door does with its surroundings. */
export interface DoorHands {
  /** Unlocks for so many ms; the device's own timer locks it again. */
  release(ms: number): void;
  /** Unlocks until `relock`. */
  stand(): void;
  relock(): void;
  /** The reader sounds its alarm. */
  alarm(): void;
  note(what: DoorWord): void;
  /** Who was let in went in, or did not; `unknown`: the contact cannot tell. */
  wentIn(tag: number, opened: 'opened' | 'unopened' | 'unknown'): void;
}

/** Hours that doors keep to. */
export interface Hours {
  readonly schedules: readonly SiteSchedule[];
  readonly calendar: DayCalendar;
}

const NEVER = Number.POSITIVE_INFINITY;
/** Open longer than this is held, ms, where the register says nothing. */
const HELD_MS = 60_000;

/**
 * One door whose parts hang on a serial line: what a controller on the network does by itself is done here, by the same
 * rules (docs/controller-protocol.md). Reads no clock.
 */
export class DoorRun {
  #record: SerialDoor;
  readonly #hands: DoorHands;
  readonly #hours: () => Hours;
  #contact: DoorState['contact'] = 'unknown';
  #faulty = false;
  /** When the lock closes, in `u`; 0: locked. */
  #releasedUntil = 0;
  #heldAt = NEVER;
  /** Forced or held, so that its closing is worth a line. */
  #abnormal = false;
  #fire = false;
  #hold = false;
  /** Somebody locked it until the open hours are over; and: the first card of the span was there. */
  #holdOff = false;
  #firstCard = false;
  #lockdown: boolean | undefined;
  /** The end of the lockdown that a duty card ended; and when the present one was first seen. */
  #released = 0;
  #lockdownSince = 0;
  /** `moved`: the lock is known to have been told. */
  #waiting: { readonly tag: number; readonly until: number; readonly blind: boolean; moved: boolean }[] = [];

  constructor(record: SerialDoor, hands: DoorHands, hours: () => Hours) {
    this.#record = record;
    this.#hands = hands;
    this.#hours = hours;
  }

  get record(): SerialDoor {
    return this.#record;
  }

  /** The register has another word on it. */
  set record(record: SerialDoor) {
    this.#record = record;
  }

  get contact(): DoorState['contact'] {
    return this.#contact;
  }

  /** Does it stand unlocked, for whatever reason? */
  isReleased({ u }: Pick<Moment, 'u'>): boolean {
    return this.#fire || this.#hold || this.#releasedUntil > u;
  }

  /** Open, or about to be: another door of its interlock stays shut meanwhile. */
  isBusy({ u }: Pick<Moment, 'u'>): boolean {
    return this.#contact === 'open' || this.#hold || this.#releasedUntil > u;
  }

  /** Is a card alone not enough now? */
  asksDigits({ wall }: Pick<Moment, 'wall'>): boolean {
    return this.#isHour(this.#record.pinSchedule ?? 0, wall);
  }

  grant(now: Moment, { tag, openMs, duty }: Grant): void {
    this.#release(now, openMs);
    this.#waiting.push({ tag, until: now.u + openMs, blind: this.#contact !== 'closed', moved: false });
    if (duty) {
      this.#released = this.#record.lockdownUntil ?? 0;
      this.#lockdown = false;
      this.#hands.note('duty-release');
    }
    const { openSchedule = 0, firstCard = false } = this.#record;
    if (firstCard && !this.#firstCard && this.#isHour(openSchedule, now.wall)) {
      this.#firstCard = true;
      this.#hands.note('first-in');
    }
    this.tick(now);
  }

  /** It is a door of this line no more: of whoever was let in nothing further is known. */
  end(): void {
    for (const { tag } of this.#waiting.splice(0)) this.#hands.wentIn(tag, 'unknown');
  }

  /** The lock was told: what comes of it may be said when the time is over. */
  moved(tag: number): void {
    for (const each of this.#waiting) if (each.tag === tag) each.moved = true;
  }

  /** The lock could not be told: nobody went in. */
  ungrant(tag: number): void {
    this.#waiting = this.#waiting.filter((each) => each.tag !== tag);
  }

  /** An operator's order. */
  unlock(now: Moment, openMs: number): void {
    this.#release(now, openMs || this.#record.openMs);
  }

  /** Until its hours are over it does not stand open by its schedule either. */
  lock(): void {
    if (this.#hold) {
      this.#holdOff = true;
      this.#hold = false;
      this.#hands.note('hold-end');
    }
    this.#relock();
  }

  exit(now: Moment): void {
    this.#release(now, this.#record.openMs);
    this.#hands.note('exit');
  }

  fire(now: Moment, on: boolean): void {
    if (this.#fire === on) return;
    this.#fire = on;
    if (on) this.#hands.stand();
    else if (!this.isReleased(now)) this.#hands.relock();
    else if (!this.#hold) this.#hands.release(this.#releasedUntil - now.u);
    this.#hands.note(on ? 'fire' : 'fire-end');
  }

  /** `fault`: its wire is cut or shorted. `away`: the device is; what it showed last is no longer known. */
  sense(now: Moment, shown: 'open' | 'closed' | 'fault' | 'away'): void {
    const contact = shown === 'open' || shown === 'closed' ? shown : 'unknown';
    if (shown !== 'away' && this.#faulty !== (shown === 'fault')) {
      this.#faulty = shown === 'fault';
      this.#hands.note(this.#faulty ? 'contact-fault' : 'contact-back');
    }
    if (contact === this.#contact) return;
    const before = this.#contact;
    this.#contact = contact;
    if (contact === 'open') return this.#opened(now, before);
    this.#heldAt = NEVER;
    if (contact !== 'closed' || !this.#abnormal) return;
    this.#abnormal = false;
    this.#hands.note('closed');
  }

  /** Whatever is due. */
  tick(now: Moment): void {
    this.#superviseLockdown(now);
    this.#superviseHold(now);
    if (this.#releasedUntil !== 0 && this.#releasedUntil <= now.u) this.#relock();
    const over = this.#waiting.filter(({ until, moved }) => moved && until <= now.u);
    this.#waiting = this.#waiting.filter((each) => !over.includes(each));
    for (const { tag, blind } of over) this.#hands.wentIn(tag, blind ? 'unknown' : 'unopened');
    if (this.#heldAt > now.u) return;
    this.#heldAt = NEVER;
    if (this.#fire || this.#hold) return;
    this.#abnormal = true;
    this.#hands.note('held');
  }

  #opened(now: Moment, before: DoorState['contact']): void {
    this.#heldAt = now.u + (this.#record.heldMs || HELD_MS);
    this.#abnormal = false;
    const wentIn = this.#waiting.splice(0);
    for (const { tag } of wentIn) this.#hands.wentIn(tag, 'opened');
    // A device that has just come shows how its doors are, not what somebody does.
    if (wentIn.length > 0 || before === 'unknown') return;
    if (this.isReleased(now)) return this.#hands.note('opened');
    this.#abnormal = true;
    this.#hands.alarm();
    this.#hands.note('forced');
  }

  /** A second release while unlocked extends, never shortens. */
  #release(now: Moment, ms: number): void {
    this.#releasedUntil = Math.max(this.#releasedUntil, now.u + ms);
    if (this.#fire || this.#hold) return;
    this.#hands.release(this.#releasedUntil - now.u);
  }

  #relock(): void {
    this.#releasedUntil = 0;
    if (!this.#fire && !this.#hold) this.#hands.relock();
  }

  #isHour(number: number, wall: number): boolean {
    const { schedules, calendar } = this.#hours();
    const plan = number === 0 ? undefined : schedules.find((each) => each.number === number)?.plan;
    return plan !== undefined && isWithin(plan, wall, calendar, CHINA_MINUTES);
  }

  #superviseLockdown(now: Moment): void {
    const until = this.#record.lockdownUntil ?? 0;
    const told = until > now.wall && until !== this.#released;
    if (!told) this.#lockdownSince = 0;
    else if (this.#lockdownSince === 0) this.#lockdownSince = now.u;
    const locked = told && now.u - this.#lockdownSince < LONGEST_LOCKDOWN_MS;
    if (locked === this.#lockdown) return;
    const first = this.#lockdown === undefined;
    this.#lockdown = locked;
    if (!first || locked) this.#hands.note(locked ? 'lockdown' : 'lockdown-end');
  }

  #superviseHold(now: Moment): void {
    const { openSchedule = 0, firstCard = false } = this.#record;
    const hour = this.#isHour(openSchedule, now.wall);
    if (!hour) {
      this.#firstCard = false;
      this.#holdOff = false;
    }
    const hold = hour && (!firstCard || this.#firstCard) && !this.#holdOff && this.#lockdown !== true;
    if (hold === this.#hold) return;
    this.#hold = hold;
    if (hold && !this.#fire) this.#hands.stand();
    if (!hold && !this.isReleased(now)) this.#hands.relock();
    this.#hands.note(hold ? 'hold' : 'hold-end');
  }
}
