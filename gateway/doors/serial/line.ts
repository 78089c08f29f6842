import type { EventKey } from '../../journal/entry.ts';
import { RESTING } from '../../serial/lamp.ts';
import { OsdpBus, type Told } from '../../serial/bus.ts';
import type { DeviceRecord, LineAlarm, LineInput, Order, Peer } from '../../wire/osdp/acu-model.ts';
import type { Reply } from '../../wire/osdp/messages.ts';
import type { DoorState } from '../link.ts';
import { LineDoors, type OrderResult } from './line-doors.ts';
import { LineTesting } from './line-test.ts';
import { createLive, inputOf, type Live, rateNow, recordOf, report, restingState, speakersOf, statusOf } from './live-device.ts';
import type { LineParts } from './line-parts.ts';
import type { LineRecord } from './registry.ts';
import { SpeedTelling } from './speed-telling.ts';
import type { CommissionAct, LineStatus, LineTestAnswer } from './status.ts';

/** A session that is lost and back again within this is no trouble of the door, ms (recovery takes 1.5 s at 9,600). */
const LOST_MS = 2500;
const [RATE_MS, SHOW_MS] = [10_000, 2000];
const INSTANCE_BYTES = 8;

/** One serial line of the register, its port and its doors. */
export class SerialLine {
  #record: LineRecord;
  readonly #parts: LineParts;
  readonly #bus: OsdpBus;
  readonly #doors: LineDoors;
  readonly #testing: LineTesting;
  readonly #telling: SpeedTelling;
  readonly #live = new Map<number, Live>();
  readonly #orders = new Map<number, (result: OrderResult) => void>();
  readonly #instance: string;
  readonly #announced = new Map<number, string>();
  #seq = 0;
  #tag = 0;
  #portUp = false;
  #why = '';
  #since: number;
  #ratedAt: number;
  #spoke = '';

  constructor(record: LineRecord, parts: LineParts) {
    this.#record = record;
    this.#parts = parts;
    this.#instance = Buffer.from(parts.random(INSTANCE_BYTES)).toString('hex');
    this.#since = parts.now();
    this.#ratedAt = parts.uptime();
    this.#meet(record);
    this.#spoke = speakersOf(this.#records());
    this.#bus = new OsdpBus({
      open: parts.openPort(record.port, record.baud),
      config: { baud: record.baud, floorMs: record.floorMs, adapterMs: record.adapterMs, random: parts.random },
      devices: this.#records(),
      uptime: parts.uptime,
      told: (output) => this.#told(output),
      port: (up, why) => this.#port(up, why),
    });
    this.#doors = new LineDoors(record, {
      side: parts.side,
      teller: parts.teller,
      log: parts.log,
      calendar: parts.calendar,
      moment: () => ({ u: parts.uptime(), wall: parts.now() }),
      key: () => this.#key(),
      order: (address, order, within) => this.#order(address, order, within),
      isUp: (address) => this.#isUp(address),
      isTesting: () => this.#testing.running,
    });
    const bus = { line: () => this.#bus.line, do: (input: LineInput) => this.#bus.do(input), uptime: () => this.#bus.now() };
    this.#telling = new SpeedTelling(bus, (address, result) => this.#parts.commissioned(this.#of(address)?.device.id ?? 0, { what: 'speed', of: { result } }));
    this.#testing = new LineTesting({
      ...bus,
      now: parts.now,
      hindrance: () => this.#hindrance(),
      settle: (address) => this.#doors.settle(address),
      note: (word) => this.#doors.noteAll(word),
    });
  }

  #hindrance(): 'port' | 'key' | 'open' | undefined {
    if (!this.#portUp) return 'port';
    if (this.#bus.line.peers.some(({ commission, move }) => commission !== undefined || move !== undefined)) return 'key';
    return this.#doors.isReleased() ? 'open' : undefined;
  }

  get record(): LineRecord {
    return this.#record;
  }

  start(): void {
    this.#bus.start();
  }

  stop(): void {
    this.#doors.stop();
    this.#bus.stop();
    for (const settle of this.#orders.values()) settle('not-up');
    this.#orders.clear();
  }

  /** The register has another word on it. Devices whose record is the same go on as if nothing had been. */
  update(record: LineRecord): void {
    this.#record = record;
    const moved = this.#meet(record);
    this.#speak();
    this.#doors.update(record, moved);
    this.announce();
  }

  /** Looks after everything that time brings; often. */
  tick(): void {
    const { uptime, now } = this.#parts;
    for (const live of this.#live.values()) {
      if (live.lostAt === undefined || live.lost || uptime() - live.lostAt < LOST_MS) continue;
      live.lost = true;
      this.#doors.note(live.device.address, 'reader-lost');
    }
    // Speaking in clear ends by itself.
    if ([...this.#live.values()].some(({ device }) => device.clearUntil !== 0 && device.clearUntil <= now())) this.#speak();
    this.#testing.tick();
    this.#doors.tick();
    if (uptime() - this.#ratedAt >= RATE_MS) this.#rate(uptime());
  }

  has: LineDoors['has'] = (doorId) => this.#doors.has(doorId);
  command: LineDoors['command'] = (doorId, command) => this.#doors.command(doorId, command);

  /** What an operator does at one device of this line. False: it has none of this row. */
  commission(deviceRow: number, given: CommissionAct): boolean {
    const live = this.#live.get(deviceRow);
    if (live === undefined) return false;
    const until = 'until' in given ? this.#bus.now() + (given.until - this.#parts.now()) : 0;
    if ('until' in given) this.#testing.end('key');
    if (given.act === 'begin') live.state = 'commissioning';
    this.#bus.do(inputOf(live.device, given, until));
    return true;
  }

  test: LineTesting['act'] = (given) => this.#testing.act(given);
  tellSpeed: SpeedTelling['begin'] = (baud, done) => this.#telling.begin(baud, done);
  /** Why neither a test nor another speed can begin now; undefined: either can. */
  hindrance = (): LineTestAnswer | undefined => (this.#testing.running ? 'running' : this.#hindrance());

  status(): LineStatus {
    const devices = [...this.#live.values()].map((live) => statusOf(live, this.#parts.now()));
    return { id: this.#record.id, portUp: this.#portUp, why: this.#why, counts: { ...this.#bus.line.counts }, devices, test: this.#testing.status(this.#live.values()) };
  }

  states(): DoorState[] {
    return this.#doors.states(this.#parts.covers(), this.#since);
  }

  /** Tells the door side which doors are in another state than it was told. */
  announce(): void {
    for (const state of this.states()) {
      const text = JSON.stringify(state);
      if (this.#announced.get(state.doorId) === text) continue;
      this.#announced.set(state.doorId, text);
      this.#parts.side.state(state);
    }
  }

  #key(): EventKey {
    this.#seq += 1;
    return { controllerId: this.#record.controllerId, instance: this.#instance, boot: 1, seq: this.#seq };
  }

  /** Takes in who is on the line; who has another address, by the one he had. */
  #meet({ devices }: LineRecord): ReadonlyMap<number, number> {
    const moved = new Map<number, number>();
    for (const row of this.#live.keys()) if (!devices.some(({ id }) => id === row)) this.#live.delete(row);
    for (const device of devices) {
      const live = this.#live.get(device.id);
      if (live === undefined) {
        this.#live.set(device.id, createLive(device, this.#parts.uptime()));
        continue;
      }
      if (device.nextKey === undefined) live.tries = 'key';
      if (device.identity !== live.device.identity) live.alarm = undefined;
      if (device.address !== live.device.address) moved.set(live.device.address, device.address);
      // Somebody says that it is where it was not met yet: it is looked for there.
      if (device.address !== live.device.address && device.address !== live.at) {
        live.state = restingState(device);
        live.lostAt ??= this.#parts.uptime();
      }
      live.device = device;
      if (live.state !== 'commissioning' && restingState(device) === 'waiting') live.state = 'waiting';
    }
    return moved;
  }

  #records(): DeviceRecord[] {
    return [...this.#live.values()].map((live) => recordOf(live, this.#parts.now()));
  }

  #speak(): void {
    const speakers = speakersOf(this.#records());
    if (speakers === this.#spoke) return;
    this.#spoke = speakers;
    this.#bus.do({ t: 'devices', devices: this.#records() });
  }

  #of(address: number): Live | undefined {
    return [...this.#live.values()].find(({ device }) => device.address === address);
  }

  #isUp(address: number): boolean {
    const state = this.#of(address)?.state;
    return state === 'up' || state === 'degraded';
  }

  #order(address: number, order: Order, withinMs: number): Promise<OrderResult> {
    // A test moves no lock: whoever needs one has the line back first.
    if (order.name === 'OUT') this.#testing.end('needed');
    if (!this.#isUp(address)) return Promise.resolve('not-up');
    this.#tag += 1;
    const tag = this.#tag;
    return new Promise((resolve) => {
      this.#orders.set(tag, resolve);
      this.#bus.do({ t: 'act', address, action: { tag, order, until: this.#bus.now() + withinMs } });
    });
  }

  #port(up: boolean, why: string): void {
    const { log, changes } = this.#parts;
    this.#portUp = up;
    this.#why = why;
    if (!up) this.#testing.end('port');
    this.#since = this.#parts.now();
    log.info({ line: this.#record.name, why }, up ? 'serial line open' : `serial line: ${why}`);
    if (changes.allow(this.#record.name)) this.#link(up ? 'online' : 'offline', up ? 'osdp-port' : 'osdp-port-lost');
    this.announce();
  }

  #link(what: 'online' | 'offline' | 'refused', why: string): void {
    this.#parts.teller.tell({ t: 'link', of: { controllerId: this.#record.controllerId, what, why, key: undefined } });
  }

  #told(output: Told): void {
    if (output.t === 'tested') return this.#testing.end('time');
    if (output.t === 'done') {
      this.#orders.get(output.tag)?.(output.result);
      this.#orders.delete(output.tag);
      return;
    }
    const live = this.#of(output.address);
    if (live === undefined) return;
    switch (output.t) {
      case 'up':
        live.at = output.where;
        return this.#came(live, output.identity);
      case 'down':
        return this.#went(live, output.why);
      case 'quality':
        if (output.state === 'degraded' && live.state === 'up') live.state = 'degraded';
        else if (output.state === 'good' && live.state === 'degraded') live.state = 'up';
        return this.announce();
      case 'alarm':
        return this.#alarmed(live, output.what);
      case 'report':
        return this.#reported(live, output.reply);
      case 'identity':
        live.identity = output.identity;
        return this.#parts.commissioned(live.device.id, { what: 'identity', identity: output.identity });
      case 'commissioned':
        return this.#given(live, output.result);
      case 'moved':
        return this.#telling.heard(output.address, output.of) ? undefined : this.#parts.commissioned(live.device.id, { what: 'address', of: output.of });
    }
  }

  #came(live: Live, identity: string): void {
    const { device } = live;
    // Just given, it was told as done.
    const isTold = live.state === 'up';
    live.state = 'up';
    live.identity = identity;
    this.#since = this.#parts.now();
    live.lostAt = undefined;
    if (live.lost) this.#doors.note(device.address, 'reader-back');
    live.lost = false;
    if (this.#parts.changes.allow(`${this.#record.name} ${device.address}`)) this.#link('online', `osdp-${device.address}`);
    // The next key turned out to be the device's; or one that was put into it by hand has been seen to work.
    const isNext = !isTold && device.nextKey !== undefined && (live.tries === 'nextKey' || device.key === undefined);
    if (isNext || (device.key !== undefined && device.identity === '')) this.#parts.commissioned(device.id, { what: 'done', identity });
    this.#found(live);
    this.#testing.came(device.address);
    void this.#order(device.address, RESTING, SHOW_MS);
    this.announce();
  }

  /** A device that may be at either of two addresses proved its key at one: the register is told until it knows. */
  #found({ state, at, device: { id, address, nextAddress } }: Live): void {
    if (nextAddress == null || (state !== 'up' && state !== 'degraded') || this.#peer(address)?.move !== undefined) return;
    this.#parts.commissioned(id, { what: 'address', of: { result: 'found', at } });
  }

  #peer(address: number): Peer | undefined {
    return this.#bus.line.peers.find(({ record }) => record.address === address);
  }

  #went(live: Live, why: string): void {
    // An operator is about to give it a key: that is why its session ended.
    if (live.state !== 'commissioning') live.state = restingState(live.device);
    this.#since = this.#parts.now();
    live.lostAt ??= this.#parts.uptime();
    this.#doors.inputs(live.device.address, undefined);
    if (this.#parts.changes.allow(`${this.#record.name} ${live.device.address}`)) this.#link('offline', `osdp-${live.device.address}-${why}`);
    this.announce();
  }

  #alarmed(live: Live, what: LineAlarm): void {
    const { log, told, now } = this.#parts;
    const { device } = live;
    // With two keys stored nobody knows which it has: the other one is tried.
    if (what === 'key-refused' && device.nextKey !== undefined && device.key !== undefined) {
      live.tries = live.tries === 'key' ? 'nextKey' : 'key';
      return this.#speak();
    }
    if (what === 'swapped') live.state = 'waiting';
    live.alarm = { what, at: now() };
    if (!told.allow(`${this.#record.name} ${device.address} ${what}`)) return;
    log.warn({ line: this.#record.name, device: device.name, what }, `serial line: ${what}`);
    // A wrong speed or two devices with one address: for who looks after the line, and no matter of the door's people.
    if (what !== 'unreadable') this.#link('refused', `osdp-${what}`);
  }

  #given(live: Live, result: Extract<Told, { t: 'commissioned' }>['result']): void {
    const { device, identity } = live;
    live.state = result === 'done' ? 'up' : restingState(device);
    this.#parts.commissioned(device.id, result === 'done' ? { what: 'done', identity } : { what: result });
    this.announce();
  }

  #reported(live: Live, reply: Reply): void {
    // By its address then: it may have got another meanwhile.
    const taken = (): void => this.#bus.do({ t: 'taken', address: live.device.address });
    const heard = report(live, reply, this.#doors, (what) => this.#parts.log.warn({ line: this.#record.name, device: live.device.name }, what));
    // The poll that lets a reader forget a card comes after the card is in the log.
    if (heard === undefined) taken();
    else void heard.finally(taken);
  }

  #rate(now: number): void {
    const seconds = (now - this.#ratedAt) / 1000;
    this.#ratedAt = now;
    for (const live of this.#live.values()) {
      this.#found(live);
      rateNow(live, this.#peer(live.device.address)?.counts.answered ?? 0, seconds);
    }
  }
}
