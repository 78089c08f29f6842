import type { DoorId } from '../../core/ids.ts';
import type { DayCalendar } from '../../core/schedule.ts';
import { showOrders, type Show } from '../../serial/lamp.ts';
import { OsdpRelay } from '../../serial/relay.ts';
import type { Order } from '../../wire/osdp/acu-model.ts';
import type { DoorWord } from '../../wire/mqtt/door-words.ts';
import { codeReading } from '../../wire/mqtt/pin.ts';
import type { Reading } from '../../wire/mqtt/reading.ts';
import type { DoorEvent, EventKey } from '../../journal/entry.ts';
import type { LinkLog } from '../device.ts';
import type { CommandResult, DoorCommand, DoorSide, DoorState, Outcome, Tap, Verdict } from '../link.ts';
import { credentialOf } from '../requests.ts';
import { DoorRun, type Moment } from './door-run.ts';
import { type Asked, Keypad } from './keypad.ts';
import type { LineInputPoint, LineRecord, SerialDoor } from './registry.ts';
import type { Teller } from './teller.ts';

/** A door that is not unlocked so long after the card stays shut: nobody stands there any more, ms. */
const LATE_MS = 2000;
/** A reader that cannot be told to show something in this time shows nothing, ms. */
const SHOW_MS = 2000;

const UNAVAILABLE: Verdict = { granted: false, reason: 'UNAVAILABLE', note: undefined, openMs: 0, entry: 0, answer: true };

/** How an order to a device went. */
export type OrderResult = 'ok' | 'refused' | 'not-up' | 'late' | 'unknown';

/** What the doors of a line are made of. */
export interface LineDoorsParts {
  readonly side: Pick<DoorSide, 'tap'>;
  readonly teller: Teller;
  readonly log: LinkLog;
  readonly calendar: DayCalendar;
  readonly moment: () => Moment;
  /** A fresh key for what happened on this line. */
  readonly key: () => EventKey;
  /** Says something to a device, or gives it up after so many ms. */
  readonly order: (address: number, order: Order, withinMs: number) => Promise<OrderResult>;
  readonly isUp: (address: number) => boolean;
  /** The line is in a test: no card opens. */
  readonly isTesting: () => boolean;
}

interface Place {
  readonly run: DoorRun;
  readonly keypad: Keypad;
  readonly relay: OsdpRelay;
  /** What became of the last order to its relay. */
  said: Promise<OrderResult>;
}

/** Who was let in and has not gone in yet, by the number of the request. */
type LetIn = Pick<Outcome, 'tap' | 'granted' | 'reason'>;

/** Input states that say something (osdp.md 2.7): inactive, active; then short, cut, fault; all others are not known. */
const [INACTIVE, ACTIVE, FAULT] = [0, 1, 4];

const RESULTS: Readonly<Record<OrderResult, CommandResult>> = { ok: 'done', refused: 'refused', 'not-up': 'offline', late: 'expired', unknown: 'expired' };

/** Undefined: cannot be told. */
const activeOf = ({ activeLow }: LineInputPoint, state: number | undefined): boolean | undefined => (state === ACTIVE ? !activeLow : state === INACTIVE ? activeLow : undefined);

function contactOf(point: LineInputPoint, state: number | undefined): Parameters<DoorRun['sense']>[1] {
  const open = activeOf(point, state);
  if (open !== undefined) return open ? 'open' : 'closed';
  return state !== undefined && state <= FAULT ? 'fault' : 'away';
}

const isPartOf = ({ reader, relay }: SerialDoor, address: number): boolean => reader.address === address || relay.address === address;

const pointKey = ({ address, input }: Pick<LineInputPoint, 'address' | 'input'>): string => `${address}.${input}`;
const wiredAs = ({ relay }: SerialDoor): string => `${relay.address}.${relay.output}`;

/** The doors of one serial line. */
export class LineDoors {
  readonly #parts: LineDoorsParts;
  readonly #places = new Map<number, Place>();
  readonly #letIn = new Map<number, LetIn>();
  /** What the inputs showed last, by address and input. */
  readonly #inputs = new Map<string, boolean>();
  #record: LineRecord;

  constructor(record: LineRecord, parts: LineDoorsParts) {
    this.#record = record;
    this.#parts = parts;
    this.update(record);
  }

  /** The register has another word on the line. `moved`: devices that have another address, by the one they had: their doors go with them. */
  update(record: LineRecord, moved: ReadonlyMap<number, number> = new Map()): void {
    this.#record = record;
    this.#readdress(moved);
    for (const [doorId, { run, relay }] of this.#places) {
      const stays = record.doors.find((door) => door.doorId === doorId);
      if (stays !== undefined && wiredAs(stays) === wiredAs(run.record)) continue;
      relay.stop();
      run.end();
      this.#places.delete(doorId);
    }
    for (const door of record.doors) {
      const place = this.#places.get(door.doorId);
      if (place === undefined) this.#places.set(door.doorId, this.#place(door));
      else place.run.record = door;
    }
  }

  /** Every lock that an operator left open goes shut by its own timer. */
  stop(): void {
    for (const { relay } of this.#places.values()) relay.stop();
  }

  tick(): void {
    const now = this.#parts.moment();
    for (const { run, keypad } of this.#places.values()) {
      void keypad.tick(now.u);
      run.tick(now);
    }
  }

  /** A card at a reader. Resolves when what it came to is in the log, or cannot be. */
  async card(address: number, reader: number, reading: Reading): Promise<void> {
    const now = this.#parts.moment();
    await Promise.all(this.#at(address, reader).map(({ run, keypad }) => keypad.card(now.u, reading, run.asksDigits(now))));
  }

  /** A key of a reader's keypad. */
  async key(address: number, reader: number, key: string): Promise<void> {
    const { u } = this.#parts.moment();
    await Promise.all(this.#at(address, reader).map(({ keypad }) => keypad.key(u, key)));
  }

  /** What the inputs of a device show (osdp.md 2.7); undefined: it is away. */
  inputs(address: number, states: readonly number[] | undefined): void {
    const now = this.#parts.moment();
    const { fire } = this.#record;
    for (const { run } of this.#places.values()) {
      const { contact, exit } = run.record;
      if (contact?.address === address) run.sense(now, contactOf(contact, states?.[contact.input]));
      if (exit?.address === address && this.#pressed(exit, states?.[exit.input])) run.exit(now);
    }
    const burning = fire?.address === address ? activeOf(fire, states?.[fire.input]) : undefined;
    if (burning !== undefined) for (const { run } of this.#places.values()) run.fire(now, burning);
    this.tick();
  }

  /** The case, the supply or the reader of a device: `word` at each of its doors. */
  note(address: number, word: DoorWord): void {
    for (const { run } of this.#places.values()) if (isPartOf(run.record, address)) this.#note(run.record, word);
  }

  /** The line is in a test, or in service again: said at each of its doors. */
  noteAll(word: DoorEvent): void {
    for (const { run } of this.#places.values()) this.#note(run.record, word);
  }

  /** Does any of its doors stand unlocked? */
  isReleased(): boolean {
    const now = this.#parts.moment();
    return [...this.#places.values()].some(({ run }) => run.isReleased(now));
  }

  /** A device is there again: what it missed is not said again, but how its locks are to stand now is. */
  settle(address: number): void {
    for (const { run, relay } of this.#places.values()) if (run.record.relay.address === address) relay.settle();
  }

  /** An operator's order. */
  async command(doorId: DoorId, { what, openMs }: DoorCommand): Promise<CommandResult> {
    const place = this.#places.get(doorId);
    const now = this.#parts.moment();
    if (place === undefined || what === 'restart') return 'refused';
    const { run } = place;
    if (what === 'identify') return RESULTS[await this.#show(run.record, 'identify')];
    if (!this.#parts.isUp(run.record.relay.address)) return 'offline';
    if (what === 'unlock' && this.#isInterlocked(run, now)) return 'refused';
    if (what === 'unlock') run.unlock(now, openMs);
    else run.lock();
    return RESULTS[await place.said];
  }

  /** Is this one of them? */
  has(doorId: DoorId): boolean {
    return this.#places.has(doorId);
  }

  /** Live state of each door. */
  states(covers: number, since: number): DoorState[] {
    const now = this.#parts.moment();
    const { isUp } = this.#parts;
    return [...this.#places.values()].map(({ run }) => {
      const { doorId, reader, relay } = run.record;
      const online = isUp(reader.address) && isUp(relay.address);
      const lock = !isUp(relay.address) ? 'unknown' : run.isReleased(now) ? 'unlocked' : 'locked';
      return { doorId, online, since, contact: run.contact, lock, power: true, queued: this.#parts.teller.waiting, have: '', want: '', covers };
    });
  }

  #readdress(moved: ReadonlyMap<number, number>): void {
    if (moved.size === 0) return;
    const now = <T extends { readonly address: number }>(part: T): T => ({ ...part, address: moved.get(part.address) ?? part.address });
    for (const { run } of this.#places.values()) run.record = { ...run.record, reader: now(run.record.reader), relay: now(run.record.relay) };
    const shown = [...this.#inputs].map(([point, active]) => {
      const [address = 0, input = 0] = point.split('.').map(Number);
      return [pointKey(now({ address, input })), active] as const;
    });
    this.#inputs.clear();
    for (const [point, active] of shown) this.#inputs.set(point, active);
  }

  #at(address: number, reader: number): Place[] {
    return [...this.#places.values()].filter(({ run: { record } }) => record.reader.address === address && record.reader.number === reader);
  }

  #place(door: SerialDoor): Place {
    const relay = new OsdpRelay(door.relay, (order, within) => {
      place.said = this.#parts.order(run.record.relay.address, order, within);
      // A device that was busy for too long has its session still: nothing else would tell it that there is a fire, or that one is over.
      void place.said.then((said) => {
        if (said === 'late') relay.settle();
      });
    });
    const run: DoorRun = new DoorRun(
      door,
      {
        release: (ms) => relay.pulse(ms),
        stand: () => relay.hold(),
        relock: () => relay.off(),
        alarm: () => void this.#show(run.record, 'alarm'),
        note: (what) => this.#note(run.record, what),
        wentIn: (tag, opened) => this.#finish(tag, 'executed', opened),
      },
      () => ({ schedules: this.#record.schedules, calendar: this.#parts.calendar }),
    );
    const keypad = new Keypad(
      (asked) => this.#asked(place, asked),
      () => void this.#show(run.record, 'pin'),
    );
    const place: Place = { run, keypad, relay, said: Promise.resolve('not-up') };
    return place;
  }

  #note({ doorId }: SerialDoor, what: DoorEvent): void {
    this.#parts.teller.tell({ t: 'happened', of: { key: this.#parts.key(), doorId, what, deviceTime: this.#parts.moment().wall, offline: false } });
  }

  async #show({ reader }: SerialDoor, show: Show): Promise<OrderResult> {
    const [led, ...more] = showOrders(show, reader.number).map((order) => this.#parts.order(reader.address, order, SHOW_MS));
    void Promise.all(more);
    return (await led) ?? 'not-up';
  }

  /** Down the unlock path, as every card of every door. */
  async #asked(place: Place, { card, digits }: Asked): Promise<void> {
    const { side, moment, key, log } = this.#parts;
    const began = moment();
    const asks =
      card === undefined
        ? { method: 'pin' as const, credential: codeReading(digits) }
        : { method: 'card' as const, credential: credentialOf(card, 'card'), pin: digits || undefined };
    const tap: Tap = { key: key(), doorId: place.run.record.doorId, ...asks, deviceTime: began.wall, ageMs: 0, budgetMs: LATE_MS, list: '', inTest: this.#parts.isTesting() };
    const verdict = await side.tap(tap).catch((error: unknown) => {
      log.error({ door: tap.doorId, error: String(error) }, 'the decision failed');
      return UNAVAILABLE;
    });
    this.#answered(place, tap, verdict, began);
    if (verdict.reason === 'PIN_NEEDED' && card !== undefined && digits === undefined) place.keypad.want(moment().u, card);
  }

  #answered(place: Place, tap: Tap, verdict: Verdict, began: Moment): void {
    const { run } = place;
    const now = this.#parts.moment();
    const { granted, reason } = verdict;
    const tag = tap.key.seq;
    this.#letIn.set(tag, { tap, granted, reason });
    if (!granted) {
      void this.#show(run.record, 'red');
      return this.#finish(tag, 'executed', 'unopened');
    }
    // A test that began while the card was being decided counts too.
    const barred = this.#isInterlocked(run, now) ? 'INTERLOCK' : this.#parts.isTesting() ? 'LINE_TEST' : undefined;
    if (barred !== undefined) {
      void this.#show(run.record, 'red');
      this.#letIn.set(tag, { tap, granted: false, reason: barred });
      return this.#finish(tag, 'local', 'unopened');
    }
    if (now.u - began.u > LATE_MS || !this.#parts.isUp(run.record.relay.address)) {
      void this.#show(run.record, 'red');
      return this.#finish(tag, 'not-executed', 'unopened');
    }
    run.grant(now, { tag, openMs: verdict.openMs, duty: verdict.note === 'LOCKDOWN' });
    void this.#show(run.record, 'green');
    void place.said.then((said) => this.#moved(run, tag, said));
  }

  /** The lock was told, or could not be. */
  #moved(run: DoorRun, tag: number, said: OrderResult): void {
    if (said === 'ok') return run.moved(tag);
    run.ungrant(tag);
    void this.#show(run.record, 'red');
    this.#finish(tag, said === 'unknown' ? 'unknown' : 'not-executed', said === 'unknown' ? 'unknown' : 'unopened');
  }

  #finish(tag: number, final: Outcome['final'], opened: Outcome['opened']): void {
    const letIn = this.#letIn.get(tag);
    if (letIn === undefined) return;
    this.#letIn.delete(tag);
    const { boot, seq } = letIn.tap.key;
    this.#parts.teller.tell({ t: 'outcome', of: { key: this.#parts.key(), request: { boot, seq }, ...letIn, final, opened } });
  }

  /** Is another door of its interlock open or unlocked? */
  #isInterlocked({ record }: DoorRun, now: Moment): boolean {
    const { interlock = 0, doorId } = record;
    return interlock !== 0 && [...this.#places.values()].some(({ run }) => run.record.interlock === interlock && run.record.doorId !== doorId && run.isBusy(now));
  }

  /** A button that was not pressed before, and is now: one that a device shows as pressed when it comes back is nobody. */
  #pressed(point: LineInputPoint, state: number | undefined): boolean {
    const active = activeOf(point, state);
    const before = this.#inputs.get(pointKey(point));
    if (active === undefined) this.#inputs.delete(pointKey(point));
    else this.#inputs.set(pointKey(point), active);
    return active === true && before === false;
  }
}
