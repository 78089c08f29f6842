import { type KeyObject, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Reading } from '../gateway/wire/mqtt/reading.ts';
import { listVerifier } from '../gateway/wire/mqtt/list-header.ts';
import { type DeviceKeys, deviceKeys } from '../gateway/wire/mqtt/seal.ts';
import { wantsTime } from './clock.ts';
import { createController, step, wakeAt } from './door.ts';
import { DeviceFaults, type Fault, PowerLost, withFaults } from './faults.ts';
import { type EventStore, openEventStore } from './event-store.ts';
import type { FleetDevice, FleetFile } from './fleet-file.ts';
import { listVersion } from './local.ts';
import type { Answer, Contact, Controller, Input, Now, Output } from './model.ts';
import { type MqttLink, startLink } from './mqtt-link.ts';
import { seeded } from './random.ts';
import { recorded, Recorder } from './recorder.ts';
import { isReleased, willBody } from './report.ts';
import type { StoreChange } from './store-image.ts';

const HELD_MS = 60_000;
const OPEN_MS = 5000;
const QUEUE_MAX = 10_000;
/** How often it is looked whether the time must be asked for: an answer may have been lost. */
const ASK_TIME_MS = 10_000;
/** A restart leaves its acknowledgement this long to get out, ms. */
const RESTART_MS = 300;
/** Power that went in the middle of a write comes back after this, ms. */
const POWER_BACK_MS = 1000;
const TIMER_MAX_MS = 2 ** 31 - 1;
/** Somebody with a green lamp opens the door and lets it fall shut, ms after the lamp. */
const WALK_OPEN_MS = 700;
const WALK_CLOSED_MS = 3200;

/** What a tap came to. `ms`: from the card to the lamp. `asks`: nothing yet, the keypad waits for digits. */
export interface TapResult extends Answer {
  readonly asks?: true;
  readonly ms: number;
}

/** What a person standing at a door could see of it, and what waits inside. */
export interface DoorStatus {
  readonly network: boolean;
  readonly power: boolean;
  readonly contact: Contact;
  readonly lock: 'locked' | 'unlocked';
  readonly queued: number;
  readonly list: string;
}

/** What moves or shines at a door. */
export type DoorOutput = Extract<Output, { t: 'pulse' | 'relock' | 'lamp' }>;
/** What a person, a wire or a case does to a device. */
export type Sensed = Extract<Input, { t: 'key' | 'exit' | 'contact' | 'fire' | 'tamper' | 'mains' | 'battery' | 'reader' }>;

/** Where a device finds its gateway and keeps its store. `walk`: a granted tap is followed by somebody going in. */
export interface DeviceOptions {
  readonly mqtt: FleetFile['mqtt'];
  readonly storeDir: string;
  readonly device: FleetDevice;
  readonly walk: boolean;
  /** What it says it is; left out: a simulated one. */
  readonly model?: string;
  /** A real door: called after what was to be written is on disk. `u`: the device's running time, ms. */
  readonly hardware?: (output: DoorOutput, u: number) => void;
}

interface Waiting {
  /** Answered as soon as the keypad asks for digits: whoever holds the card looks at it first. */
  readonly looks: boolean;
  /** Digits the person types when the keypad asks, once. */
  pin: string | undefined;
  readonly since: number;
  readonly resolve: (result: TapResult) => void;
  readonly reject: (error: Error) => void;
}

const hex8 = (): string => randomBytes(8).toString('hex');
const keypadBusy = (): Error => new Error('刚刷过卡，请过五秒再输。 A card was just there: wait five seconds, then type.');
const noPower = (): Error => new Error('门没有电。 The door has no power.');

/** A controller with a real clock, a real file and a real connection. */
export class SimDevice {
  readonly #options: DeviceOptions;
  readonly #keys: DeviceKeys;
  readonly #listKey: KeyObject;
  readonly #controller: Controller;
  readonly #waiting = new Map<number, Waiting>();
  readonly #faults = new DeviceFaults(Math.random);
  readonly #storePath: string;
  /** While a slow disk writes: what is to be carried out after it, and what happened meanwhile. */
  #writing: NodeJS.Timeout | undefined;
  #held: Input[] = [];
  #recorder: Recorder | undefined;
  #bootAt = 0;
  #tag = 0;
  #networkOn = true;
  #store: EventStore | undefined;
  #link: MqttLink | undefined;
  #timer: NodeJS.Timeout | undefined;
  #asking: NodeJS.Timeout | undefined;

  constructor(options: DeviceOptions) {
    this.#options = options;
    this.#storePath = join(options.storeDir, `${options.device.device}.events`);
    this.#keys = deviceKeys(Buffer.from(options.device.secretHex, 'hex'));
    this.#listKey = listVerifier(options.device.listKeyHex);
    const doors = Math.max(...options.device.doors.map(({ number }) => number));
    this.#controller = createController({
      doors,
      listKey: this.#keys.list,
      model: options.model ?? 'doorbook-sim',
      fw: '1.0',
      heldMs: HELD_MS,
      openMs: OPEN_MS,
      queueMax: QUEUE_MAX,
    });
  }

  /** Power on: opens the store, boots, connects. Throws what the store throws. */
  start(after: 'start' | 'power-lost' | 'restart' = 'start'): void {
    if (this.#store !== undefined) return;
    this.#store = openEventStore(this.#storePath, hex8());
    this.#bootAt = performance.now();
    this.#faults.powerOn();
    this.#feed({ t: 'boot', image: this.#store.image, after });
    this.#asking = setInterval(() => wantsTime(this.#controller) && this.#feed({ t: 'ask-time', nonce: hex8() }), ASK_TIME_MS);
    if (this.#networkOn) this.#connect();
  }

  /** Power off: stops at once; everything not in the store is gone. */
  stop(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#asking);
    clearTimeout(this.#writing);
    this.#writing = undefined;
    this.#held = [];
    step(this.#controller, { t: 'power-lost' }, this.#now());
    this.#disconnect();
    this.#store?.close();
    this.#store = undefined;
    for (const { reject } of this.#waiting.values()) reject(noPower());
    this.#waiting.clear();
  }

  /**
   * Holds a card to the reader, and types `pin` when the keypad asks; `looks`: answers then, with `asks`, and `type` goes
   * on. Rejects without power, or when it goes before the lamp shows anything.
   */
  tap(door: number, reading: Reading, { pin, looks = false }: { readonly pin?: string | undefined; readonly looks?: boolean } = {}): Promise<TapResult> {
    return this.#ask({ pin, looks }, (tag) => this.#feed({ t: 'tap', door, reading, method: 'card', tag }));
  }

  /** Types digits: of the card the keypad asks about, if nobody waits for its answer, else without a card. Rejects as `tap`, and while the keypad is somebody else's. */
  type(door: number, digits: string): Promise<TapResult> {
    const lock = this.#controller.run?.doors[door - 1];
    const asked = lock?.keypad?.card === undefined ? undefined : lock.keypad.tag;
    if (asked !== undefined && !this.#waiting.has(asked)) return this.#ask({ pin: undefined, looks: false, tag: asked }, () => this.#type(door, digits));
    if (lock !== undefined && (lock.keypad !== undefined || lock.mutedUntil > this.#now().u)) return Promise.reject(keypadBusy());
    return this.#ask({ pin: undefined, looks: false }, (tag) => this.#type(door, digits, tag));
  }

  #ask({ tag = this.#tag + 1, ...person }: Pick<Waiting, 'pin' | 'looks'> & { readonly tag?: number }, act: (tag: number) => void): Promise<TapResult> {
    if (this.#store === undefined) return Promise.reject(noPower());
    this.#tag = Math.max(this.#tag, tag);
    return new Promise((resolve, reject) => {
      this.#waiting.set(tag, { since: performance.now(), ...person, resolve, reject });
      act(tag);
    });
  }

  #type(door: number, digits: string, tag?: number): void {
    for (const key of `${digits}#`) this.#feed({ t: 'key', door, key, ...(tag === undefined ? {} : { tag }) });
  }

  act(input: Sensed): void {
    this.#feed(input);
  }

  network(on: boolean): void {
    if (on === this.#networkOn) return;
    this.#networkOn = on;
    if (!on) this.#disconnect();
    else if (this.#store !== undefined) this.#connect();
  }

  power(on: boolean): void {
    if (on) this.start('power-lost');
    else this.stop();
  }

  status(door: number): DoorStatus {
    const { run, world } = this.#controller;
    const shared = { network: this.#networkOn, power: run !== undefined, contact: world.contact[door - 1] ?? 'unknown' };
    if (run === undefined) return { ...shared, lock: world.fire ? 'unlocked' : 'locked', queued: 0, list: '' };
    return { ...shared, lock: isReleased({ run, world }, door) ? 'unlocked' : 'locked', queued: run.events.length + run.requests.size, list: listVersion(run.list) };
  }

  /** Puts a fault in, or ends all. `seed`: of the chance from here on. */
  fault(fault: Fault, seed?: number): void {
    if (seed !== undefined) this.#faults.reseed(seeded(seed));
    this.#faults.set(fault, performance.now() - this.#bootAt);
    if (fault.name === 'flash') this.#loseStore();
  }

  /** Writes every message into a file, from a new connection on. Throws what the file system throws. */
  record(file: string): void {
    this.stopRecording();
    const { device, doors } = this.#options.device;
    this.#recorder = new Recorder(file, { recording: 1, device, doors: Math.max(...doors.map(({ number }) => number)), began: Date.now() }, () => this.#now().u);
    if (this.#link === undefined) return;
    this.#disconnect();
    this.#connect();
  }

  stopRecording(): void {
    this.#recorder?.close();
    this.#recorder = undefined;
  }

  #now(): Now {
    const real = performance.now() - this.#bootAt;
    return { u: this.#faults.uptime(real), wall: this.#faults.wall(Date.now(), real) };
  }

  #loseStore(): void {
    const hadPower = this.#store !== undefined;
    this.stop();
    rmSync(this.#storePath, { force: true });
    if (hadPower) this.start('power-lost');
  }

  #feed(input: Input): void {
    if (this.#writing !== undefined) this.#held.push(input);
    else this.#guarded(() => this.#goOn(step(this.#controller, input, this.#now())));
  }

  /** A write that fails stops the device, so that nothing after it happens. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof PowerLost) {
        this.#store = undefined;
        setTimeout(() => this.start('power-lost'), POWER_BACK_MS);
      } else process.stderr.write(`${this.#options.device.device}: stopped: ${error instanceof Error ? error.message : String(error)}\n`);
      this.stop();
    }
  }

  /** Outputs in order. A slow disk holds up those after a write, and whatever happens meanwhile. */
  #goOn(outputs: readonly Output[]): void {
    for (const [at, output] of outputs.entries()) {
      this.#carryOut(output);
      if (output.t !== 'store' || this.#faults.diskMs === 0) continue;
      this.#writing = setTimeout(() => this.#written(outputs.slice(at + 1)), this.#faults.diskMs);
      return;
    }
    clearTimeout(this.#timer);
    const wait = wakeAt(this.#controller) - this.#now().u;
    if (Number.isFinite(wait)) this.#timer = setTimeout(() => this.#feed({ t: 'tick' }), Math.min(TIMER_MAX_MS, Math.max(1, wait)));
  }

  #written(rest: readonly Output[]): void {
    this.#writing = undefined;
    this.#guarded(() => this.#goOn(rest));
    for (const input of this.#held.splice(0)) this.#feed(input);
  }

  #carryOut(output: Output): void {
    if (output.t === 'pulse' || output.t === 'relock' || output.t === 'lamp') this.#options.hardware?.(output, this.#now().u);
    if (output.t === 'store') this.#write(output.change);
    else if (output.t === 'publish') this.#link?.publish(output.tail, output.body);
    else if (output.t === 'lamp' && output.answer !== undefined) this.#lampOn(output.door, output.answer);
    else if (output.t === 'lamp' && output.show === 'pin') this.#digitsWanted(output.door);
    else if (output.t === 'restart') setTimeout(() => this.#restart(), RESTART_MS);
  }

  #write(change: StoreChange): void {
    if (this.#store !== undefined) this.#faults.write(this.#store, this.#storePath, change);
  }

  #restart(): void {
    if (this.#store === undefined) return;
    this.stop();
    this.start('restart');
  }

  /** The keypad asks: whoever holds this card types, after the step that asked. */
  #digitsWanted(door: number): void {
    const tag = this.#controller.run?.doors[door - 1]?.keypad?.tag;
    const tap = tag === undefined ? undefined : this.#waiting.get(tag);
    if (tag !== undefined && tap?.looks === true && tap.pin === undefined) {
      this.#waiting.delete(tag);
      const nothing = { n: 0, tag, granted: false, reason: 'PIN_NEEDED', openMs: 0, entry: 0, local: false };
      return tap.resolve({ ...nothing, asks: true, ms: Math.round((performance.now() - tap.since) * 10) / 10 });
    }
    if (tap?.pin === undefined) return;
    const { pin } = tap;
    tap.pin = undefined;
    setImmediate(() => this.#type(door, pin));
  }

  #lampOn(door: number, answer: Answer): void {
    const tap = answer.tag === undefined ? undefined : this.#waiting.get(answer.tag);
    if (tap === undefined || answer.tag === undefined) return;
    // The door did not know that it takes a PIN, and asks for it now.
    if (answer.reason === 'PIN_NEEDED' && tap.pin !== undefined) return;
    this.#waiting.delete(answer.tag);
    tap.resolve({ ...answer, ms: Math.round((performance.now() - tap.since) * 10) / 10 });
    if (!answer.granted || !this.#options.walk) return;
    setTimeout(() => this.#feed({ t: 'contact', door, contact: 'open' }), WALK_OPEN_MS);
    setTimeout(() => this.#feed({ t: 'contact', door, contact: 'closed' }), WALK_CLOSED_MS);
  }

  #connect(): void {
    const { mqtt, device } = this.#options;
    const start = withFaults(
      recorded(startLink, () => this.#recorder),
      this.#faults,
    );
    this.#link = start({
      ...mqtt,
      site: device.site,
      device: device.device,
      keys: this.#keys,
      listKey: this.#listKey,
      will: () => willBody(this.#controller),
      connected: () => this.#feed({ t: 'connected', nonce: hex8() }),
      disconnected: () => this.#feed({ t: 'disconnected' }),
      received: (message) => this.#feed({ t: 'message', message }),
    });
  }

  #disconnect(): void {
    this.#link?.stop();
    this.#link = undefined;
  }
}
