import { randomBytes } from 'node:crypto';
import type { Action, Order } from '../../gateway/wire/osdp/acu-model.ts';
import { OUTPUT, type Reply } from '../../gateway/wire/osdp/messages.ts';
import { type DoorOutput, SimDevice, type TapResult } from '../device.ts';
import type { FleetFile } from '../fleet-file.ts';
import { OsdpBus, type Told } from '../../gateway/serial/bus.ts';
import type { PortOpener } from '../../gateway/serial/port.ts';
import type { BoardDevice, BoardFile, GpioPoint, OsdpInput } from './board-file.ts';
import type { Gpio } from './gpio.ts';
import { RESTING, showOrders } from '../../gateway/serial/lamp.ts';
import { keysOf, readingOf } from '../../gateway/serial/reading.ts';
import { OsdpRelay } from '../../gateway/serial/relay.ts';

const MODEL = 'doorbook-board';
const FLOOR_MS = 10;
/** USB adapters hold bytes back for so long, ms (osdp.md 2.4). */
const ADAPTER_MS = 20;
/** A device that has not come so long after the start is told as lost, ms. */
const EXPECTED_MS = 8000;
/** What a reader shows may come late; it is not shown to the next person, ms. */
const SHOW_MS = 1000;

/** What a board is made of. `pins`: absent where none is used. */
export interface BoardParts {
  readonly file: BoardFile;
  readonly fitted: FleetFile;
  readonly openPort: (port: string, baud: number) => PortOpener;
  readonly pins: Gpio | undefined;
  /** A line for whoever runs it. Never a key or a card. */
  readonly say: (line: string) => void;
}

interface Place {
  readonly bus: OsdpBus;
  readonly device: BoardDevice;
}
type Point = GpioPoint | OsdpInput | undefined;

const isActive = (input: OsdpInput, state: number): boolean => (state === 1) !== (input.activeLow === true);

/** A controller on a board: the door core of the simulator, with a reader, a lock and contacts that are real. */
export class Board {
  readonly #parts: BoardParts;
  readonly #sim: SimDevice;
  readonly #places = new Map<string, Place>();
  readonly #relays: readonly (OsdpRelay | GpioPoint)[];
  /** What the inputs of a device showed last: only what changes is an event. */
  readonly #inputs = new Map<string, readonly number[]>();
  readonly #orders = new Map<number, string>();
  readonly #tampered = new Set<string>();
  readonly #up = new Set<string>();
  #expected: NodeJS.Timeout | undefined;
  #tag = 0;

  /** Throws RangeError for devices that cannot share a line, and a sentence when there is no identity. */
  constructor(parts: BoardParts) {
    this.#parts = parts;
    const { file, fitted } = parts;
    const [device] = fitted.devices;
    if (device === undefined || device.doors.length !== file.doors.length)
      throw new Error(
        `这个身份有 ${device?.doors.length ?? 0} 扇门，配置有 ${file.doors.length} 扇。 The identity has ${device?.doors.length ?? 0} doors, the file ${file.doors.length}.`,
      );
    // After the step of the core, never within it: what a line tells at once must not come between two outputs of one step.
    const hardware = (output: DoorOutput, u: number): void => queueMicrotask(() => this.#move(output, u));
    this.#sim = new SimDevice({ mqtt: fitted.mqtt, storeDir: fitted.storeDir, device, walk: false, model: MODEL, hardware });
    for (const { port, baud, devices } of file.lines) {
      const records = devices.map(({ address, key, identity, clear }) => ({ address, key, identity, clear }));
      const bus = new OsdpBus({
        open: parts.openPort(port, baud),
        config: { baud, floorMs: FLOOR_MS, adapterMs: ADAPTER_MS, random: randomBytes },
        devices: records,
        told: (output) => this.#told(devices, output),
        port: (up, why) => parts.say(up ? `${port} ✓` : why),
      });
      for (const each of devices) this.#places.set(each.name, { bus, device: each });
    }
    this.#relays = file.doors.map(({ relay }) => ('chip' in relay ? relay : new OsdpRelay(relay, (order, within) => this.#order(relay.device, order, within))));
  }

  /** Starts the door core first: it is locked, whatever happened before; then the lines and pins. Throws what the store throws. */
  start(): void {
    this.#sim.start();
    for (const bus of this.#buses()) bus.start();
    this.#expected = setTimeout(() => {
      for (const { device } of this.#places.values()) if (!this.#up.has(device.name)) this.#went(device);
    }, EXPECTED_MS);
    const { doors, fire, tamper } = this.#parts.file;
    for (const [at, { contact, exit }] of doors.entries()) {
      this.#watch(contact, (active) => this.#contact(at + 1, active));
      this.#watch(exit, (active) => active === true && this.#sim.act({ t: 'exit', door: at + 1 }));
    }
    this.#watch(fire, (active) => active !== undefined && this.#sim.act({ t: 'fire', on: active }));
    this.#watch(tamper, (active) => this.#tamper('', active === true));
  }

  stop(): void {
    clearTimeout(this.#expected);
    this.#sim.stop();
    for (const bus of this.#buses()) bus.stop();
    for (const relay of this.#relays) if (relay instanceof OsdpRelay) relay.stop();
    this.#parts.pins?.stop();
  }

  #buses(): Set<OsdpBus> {
    return new Set([...this.#places.values()].map(({ bus }) => bus));
  }

  #watch(point: Point, heard: (active: boolean | undefined) => void): void {
    if (point !== undefined && 'chip' in point) this.#parts.pins?.watch(point, heard);
  }

  #doorsOf(name: string): number[] {
    return this.#parts.file.doors.flatMap(({ reader }, at) => (reader === name ? [at + 1] : []));
  }

  #order(name: string, order: Order, within: number): void {
    const place = this.#places.get(name);
    if (place === undefined) return;
    this.#tag += 1;
    // A device that is away needs not be told to lock: it is when it comes.
    if (order.name === 'OUT' && order.body.some(({ control }) => control !== OUTPUT.off)) this.#orders.set(this.#tag, name);
    const action: Action = { tag: this.#tag, order, until: place.bus.now() + within };
    place.bus.do({ t: 'act', address: place.device.address, action });
  }

  /** The door core moves a lock, or shows something. */
  #move(output: DoorOutput, u: number): void {
    const relay = this.#relays[output.door - 1];
    const { reader = '' } = this.#parts.file.doors[output.door - 1] ?? {};
    if (output.t === 'lamp') {
      for (const order of showOrders(output.show)) this.#order(reader, order, SHOW_MS);
      return;
    }
    if (relay === undefined) return;
    const ms = output.t === 'pulse' ? output.until - u : 0;
    if (output.t === 'relock' || ms <= 0) this.#drive(relay, 'off', 0);
    else if (ms === Number.POSITIVE_INFINITY) this.#drive(relay, 'hold', 0);
    else this.#drive(relay, 'pulse', ms);
  }

  #drive(relay: OsdpRelay | GpioPoint, how: 'off' | 'hold' | 'pulse', ms: number): void {
    if (relay instanceof OsdpRelay) relay[how](ms);
    else this.#parts.pins?.[how](relay, ms);
  }

  #told(devices: readonly BoardDevice[], output: Told): void {
    const device = devices.find(({ address }) => 'address' in output && address === output.address);
    if (device === undefined) return;
    const { say } = this.#parts;
    switch (output.t) {
      case 'report':
        this.#reported(device, output.reply);
        // What the core was told is on disk when it returns: the reader may forget it.
        return this.#places.get(device.name)?.bus.do({ t: 'taken', address: device.address });
      case 'up':
        say(`${device.name} ✓ ${output.identity}`);
        return this.#came(device);
      case 'down':
        say(`${device.name} ✗ ${output.why}`);
        return this.#went(device);
      case 'alarm':
        return say(`${device.name} ⚠ ${output.what}`);
      case 'done':
        if (output.result !== 'ok' && this.#orders.has(output.tag)) say(`${device.name} ⚠ OUT ${output.result}`);
        this.#orders.delete(output.tag);
        return;
      default:
        return;
    }
  }

  #came({ name }: BoardDevice): void {
    this.#up.add(name);
    for (const [at, relay] of this.#relays.entries()) {
      const { relay: point } = this.#parts.file.doors[at] ?? {};
      if (relay instanceof OsdpRelay && point !== undefined && 'device' in point && point.device === name) relay.settle();
    }
    for (const door of this.#doorsOf(name)) this.#sim.act({ t: 'reader', door, ok: true });
    this.#order(name, RESTING, SHOW_MS);
  }

  #went({ name }: BoardDevice): void {
    this.#up.delete(name);
    for (const door of this.#doorsOf(name)) this.#sim.act({ t: 'reader', door, ok: false });
    for (const [at, { contact }] of this.#parts.file.doors.entries())
      if (contact !== undefined && 'device' in contact && contact.device === name) this.#sim.act({ t: 'contact', door: at + 1, contact: 'unknown' });
  }

  #reported(device: BoardDevice, reply: Reply): void {
    switch (reply.name) {
      case 'RAW':
        return this.#card(device, reply.body);
      case 'KEYPAD':
        for (const door of this.#doorsOf(device.name)) for (const key of keysOf(reply.body.data)) this.#sim.act({ t: 'key', door, key });
        return;
      case 'ISTATR':
        return this.#sensed(device, reply.body);
      case 'LSTATR':
        return this.#tamper(device.name, reply.body.tamper === 1);
      default:
        return;
    }
  }

  #card({ name }: BoardDevice, body: Reply<'RAW'>['body']): void {
    const reading = readingOf(body);
    if (reading === undefined) return this.#parts.say(`${name} ⚠ parity`);
    for (const door of this.#doorsOf(name)) this.#shown(this.#sim.tap(door, reading));
  }

  /** Rejected only when the power goes in the middle: then there is nobody to tell. */
  #shown(tap: Promise<TapResult>): void {
    tap.then(
      ({ granted, reason, local }) => this.#parts.say(`${granted ? '✓' : '✗'} ${reason}${local ? ' (offline)' : ''}`),
      () => undefined,
    );
  }

  #sensed({ name }: BoardDevice, states: readonly number[]): void {
    const before = this.#inputs.get(name);
    this.#inputs.set(name, states);
    const of = (point: Point): { readonly now: boolean | undefined; readonly was: boolean | undefined } | undefined => {
      if (point === undefined || 'chip' in point || point.device !== name) return undefined;
      const [state, last] = [states[point.input], before?.[point.input]];
      return { now: state === 0 || state === 1 ? isActive(point, state) : undefined, was: last === undefined ? undefined : isActive(point, last) };
    };
    const { doors, fire, tamper } = this.#parts.file;
    for (const [at, { contact, exit }] of doors.entries()) {
      const [shown, pressed] = [of(contact), of(exit)];
      if (shown !== undefined) this.#contact(at + 1, shown.now);
      if (pressed?.now === true && pressed.was === false) this.#sim.act({ t: 'exit', door: at + 1 });
    }
    const [burning, opened] = [of(fire), of(tamper)];
    if (burning?.now !== undefined) this.#sim.act({ t: 'fire', on: burning.now });
    if (opened !== undefined) this.#tamper('', opened.now === true);
  }

  #contact(door: number, active: boolean | undefined): void {
    this.#sim.act({ t: 'contact', door, contact: active === undefined ? 'unknown' : active ? 'open' : 'closed' });
  }

  /** One case of several: the controller is tampered with while any is open. */
  #tamper(name: string, open: boolean): void {
    if (open) this.#tampered.add(name);
    else this.#tampered.delete(name);
    this.#sim.act({ t: 'tamper', on: this.#tampered.size > 0 });
  }
}
