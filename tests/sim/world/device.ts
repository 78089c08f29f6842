import { join } from 'node:path';
import { wantsTime } from '../../../firmware-sim/clock.ts';
import { createController, step, wakeAt } from '../../../firmware-sim/door.ts';
import { EnrolRefused } from '../../../firmware-sim/enrol.ts';
import { type EventStore, openEventStore } from '../../../firmware-sim/event-store.ts';
import type { FleetFile } from '../../../firmware-sim/fleet-file.ts';
import { fitController, fittedController, isFitted, keepIdentity } from '../../../firmware-sim/fitted.ts';
import type { Controller, Down, Input, Output } from '../../../firmware-sim/model.ts';
import type { ControllerId } from '../../../gateway/core/ids.ts';
import { FieldError } from '../../../gateway/wire/fields.ts';
import type { EnrolRefusal, Identity } from '../../../gateway/wire/mqtt/enrol.ts';
import { decode, encode, type Message } from '../../../gateway/wire/mqtt/messages.ts';
import { deviceTopic, type DownTail, type UpTail } from '../../../gateway/wire/mqtt/topics.ts';
import type { Random } from '../engine/random.ts';
import type { Due, Host, Scheduler } from '../engine/scheduler.ts';
import { type Asker, useAsker } from '../ports/enrol-line.ts';
import { createFlash, type Flash, losePower, operate, PowerCut, useFlash } from '../ports/flash.ts';
import { deviceKeys, open, seal } from '../ports/wire-seal.ts';
import { headerOf } from './list-key.ts';
import type { Line, Net, Terminal } from './net.ts';

/** What checkers see of a device. */
export interface DeviceWatch {
  input(device: SimController, input: Input): void;
  output(device: SimController, output: Output): void;
  /** It unsealed and checked this; `stepped` follows. */
  heard(device: SimController, message: Down): void;
  /** One input was dealt with whole. */
  stepped(device: SimController): void;
  power(device: SimController, on: boolean): void;
  /** It was enrolled just now, or its flash says that it is somebody else than before. */
  became(device: SimController): void;
  /** It asks to be enrolled, under the id of its key. */
  asks(device: SimController, clientId: string): void;
  /** What its flash says of who it is cannot be read. */
  unreadable(device: SimController, error: unknown): void;
  /** Another device was put in its place: nothing of the old one is there any more. */
  replaced(device: SimController): void;
}

/** What came of a code that was typed in. `silent`: no answer, or one that was not for it. */
export type Fitted = 'enrolled' | 'silent' | EnrolRefusal;

/** Nothing came back in time. */
class NoAnswer extends Error {}

const FOLDER = '/flash';
/** A gateway puts a newcomer out after this, ms. */
const ASK_MS = 5000;
const NOBODY = new Uint8Array(32);

/** What a device of the world is made of. */
export interface DeviceParts {
  readonly scheduler: Scheduler;
  readonly net: Net;
  readonly watch: DeviceWatch;
  readonly random: Random;
  readonly id: string;
  readonly controllerId: ControllerId;
  readonly site: string;
  readonly doors: number;
  /** Its crystal runs this much fast, as a share. */
  readonly drift: number;
  /** Its own wall clock at a moment of the world, epoch ms; 0: it has none. */
  readonly wall: () => number;
  readonly queueMax: number;
}

const OPEN_MS = 5000;
const HELD_MS = 60_000;
const PING_MS = 10_000;
const CONNECT_MS = 5000;
const SILENT_MS = 15_000;
const ASK_TIME_MS = 10_000;
const RESTART_MS = 300;

/**
 * A controller of the world: the firmware's own state machine and event store, on simulated flash, clock and cable.
 * In the place of firmware-sim/device.ts and mqtt-link.ts, which are sockets, files and timers.
 */
export class SimController implements Terminal, Asker {
  readonly parts: DeviceParts;
  controller: Controller;
  flash: Flash = createFlash();
  readonly host: Host;
  readonly line: Line;
  readonly id: string;
  readonly site: string;
  store: EventStore | undefined;
  /** There is power, whether it is enrolled or not. */
  powered = false;
  /** What its flash holds, 64 hex digits; '': nobody has enrolled it. */
  secret = '';
  /** Of the store it opened last. */
  instance = '';
  /** Subscribed: messages may go. */
  up = false;
  bootAt = 0;
  #wake: Due | undefined;
  /** Rises with each power-on, so that what an earlier boot set going stops. */
  #life = 0;
  #keys = deviceKeys(NOBODY);

  constructor(parts: DeviceParts) {
    this.parts = parts;
    this.id = parts.id;
    this.site = parts.site;
    this.host = { name: parts.id, alive: true, busyUntil: 0, wall: parts.wall };
    this.controller = this.#core();
    this.line = parts.net.plug(this);
  }

  get on(): boolean {
    return this.store !== undefined;
  }

  get password(): string {
    return this.#keys.password;
  }

  /** Key of the fingerprints in its list. */
  get listKey(): Uint8Array {
    return this.#keys.list;
  }

  /** Running time since boot by its own crystal, ms. */
  get u(): number {
    return Math.floor((this.parts.scheduler.now - this.bootAt) * (1 + this.parts.drift));
  }

  /** Was enrolled before the world began. */
  enrolledAs(identity: Identity): void {
    useFlash(this.flash);
    keepIdentity(FOLDER, { host: 'gateway', port: 8883, pin: '' }, { identity, doors: this.parts.doors });
  }

  /** Somebody types a code in: the firmware's own trade. Settles never when the power goes meanwhile. */
  async fit(offer: string): Promise<Fitted> {
    const life = this.#life;
    useFlash(this.flash);
    useAsker(this);
    try {
      await fitController(offer, FOLDER, this.parts.doors);
    } catch (error) {
      if (error instanceof EnrolRefused) return error.why;
      if (error instanceof PowerCut) this.powerOff();
      // An answer to an earlier ask, under another code, does not open.
      else if (!(error instanceof NoAnswer || error instanceof FieldError)) throw error;
      return 'silent';
    }
    this.parts.watch.became(this);
    if (life === this.#life) this.#restart();
    return 'enrolled';
  }

  ask(clientId: string, ask: Uint8Array): Promise<Uint8Array> {
    this.parts.watch.asks(this, clientId);
    const life = this.#life;
    return new Promise((resolve, reject) => {
      let over = false;
      const end = (act: () => void): void => {
        if (over || life !== this.#life) return;
        over = true;
        useFlash(this.flash);
        act();
      };
      this.parts.net.newcomer(this.line, { clientId, ask: Buffer.from(ask), answered: (answer) => end(() => resolve(answer)) });
      this.parts.scheduler.after(ASK_MS, this.host, () => end(() => reject(new NoAnswer())));
    });
  }

  /** Another device of the same kind takes its place, with nothing in its flash. What the old one had not told is gone with it. */
  replace(): void {
    this.powerOff();
    this.parts.watch.replaced(this);
    this.flash = createFlash();
    this.powerOn('start');
  }

  powerOn(after: 'start' | 'power-lost' | 'restart'): void {
    if (this.powered) return;
    this.powered = true;
    this.#life += 1;
    useFlash(this.flash);
    this.bootAt = this.parts.scheduler.now;
    const file = this.#become();
    if (file === undefined) return;
    try {
      this.store = openEventStore(file, this.parts.random.hex(8));
      this.instance = this.store.image.instance;
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      this.powerOff();
      return;
    }
    this.parts.watch.power(this, true);
    this.feed({ t: 'boot', image: this.store.image, after });
    this.#loop(this.#life, ASK_TIME_MS, () => {
      if (wantsTime(this.controller)) this.feed({ t: 'ask-time', nonce: this.parts.random.hex(8) });
    });
    this.#loop(this.#life, PING_MS, () => this.#ping());
    this.#reconnect(1);
  }

  /** Everything not in the flash is gone, at once. */
  powerOff(): void {
    losePower(this.flash, this.parts.random);
    if (!this.powered) return;
    this.powered = false;
    this.#life += 1;
    this.up = false;
    if (this.store === undefined) return;
    this.store = undefined;
    this.parts.net.vanish(this.line);
    step(this.controller, { t: 'power-lost' }, { u: this.u, wall: 0 });
    this.parts.watch.power(this, false);
  }

  /** One input now. Its outputs are carried out one after the other until the power goes. */
  feed(input: Input): void {
    useFlash(this.flash);
    this.parts.watch.input(this, input);
    const life = this.#life;
    try {
      for (const output of step(this.controller, input, { u: this.u, wall: this.parts.wall() })) {
        if (this.on) operate(this.flash);
        this.#carryOut(output);
      }
      this.parts.watch.stepped(this);
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      this.powerOff();
    }
    if (life === this.#life) this.#schedule();
  }

  #core(): Controller {
    const { doors, queueMax } = this.parts;
    return createController({ doors, listKey: this.#keys.list, model: 'sim', fw: '1.0', heldMs: HELD_MS, openMs: OPEN_MS, queueMax });
  }

  #read(): FleetFile | undefined {
    try {
      return isFitted(FOLDER) ? fittedController(FOLDER) : undefined;
    } catch (error) {
      this.parts.watch.unreadable(this, error);
      return undefined;
    }
  }

  /** Reads who it is. The file of its events; undefined: nobody yet. */
  #become(): string | undefined {
    const fitted = this.#read();
    const secret = fitted?.devices[0]?.secretHex ?? '';
    if (secret !== this.secret) {
      const { world } = this.controller;
      this.secret = secret;
      this.#keys = deviceKeys(secret === '' ? NOBODY : Buffer.from(secret, 'hex'));
      this.controller = this.#core();
      Object.assign(this.controller.world, world);
      this.parts.watch.became(this);
    }
    return fitted && join(fitted.storeDir, `${this.id}.events`);
  }

  connected(): void {
    this.up = true;
    this.feed({ t: 'connected', nonce: this.parts.random.hex(8) });
  }

  disconnected(): void {
    const was = this.up;
    this.up = false;
    if (this.store === undefined) return;
    if (was) this.feed({ t: 'disconnected' });
    this.#reconnect(this.parts.random.whole(500, 5000));
  }

  received(tail: DownTail, payload: Buffer): void {
    if (!this.up) return;
    const message = this.#unseal(tail, payload);
    if (message === undefined) return;
    this.parts.watch.heard(this, message);
    this.feed({ t: 'message', message });
  }

  /** As firmware-sim/mqtt-link.ts: for another device, not of the gateway, or malformed: nothing. */
  #unseal(tail: DownTail, payload: Buffer): Down | undefined {
    const opened = open(this.#keys.down, deviceTopic(this.site, this.id, tail), payload);
    const body = opened !== undefined && tail === 'acl/want' ? headerOf(opened) : opened;
    if (body === undefined) return undefined;
    try {
      const message = { tail, body: decode(tail, body) } as Down;
      return message.tail === 'acl/want' && message.body.d !== this.id ? undefined : message;
    } catch {
      return undefined;
    }
  }

  #carryOut(output: Output): void {
    if (output.t === 'store') this.store?.write(output.change);
    else if (output.t === 'publish') this.#publish(output.tail, output.body);
    else if (output.t === 'restart') this.#later(RESTART_MS, () => this.#restart());
    this.parts.watch.output(this, output);
  }

  #publish<T extends UpTail>(tail: T, body: Message<T>): void {
    const topic = deviceTopic(this.site, this.id, tail);
    if (this.up) this.parts.net.publish(this.line, tail, seal(this.#keys.up, topic, encode(tail, body), this.#nonce()));
  }

  #nonce(): Uint8Array {
    const nonce = Buffer.alloc(12);
    this.parts.random.fill(nonce);
    return nonce;
  }

  #restart(): void {
    const { net } = this.parts;
    net.close(this.line);
    this.powerOff();
    this.powerOn('restart');
  }

  /** In this boot only. */
  #later(ms: number, act: () => void): void {
    const life = this.#life;
    this.parts.scheduler.after(ms, this.host, () => {
      if (life === this.#life && this.on) act();
    });
  }

  #loop(life: number, ms: number, act: () => void): void {
    this.#later(ms, () => {
      if (life !== this.#life) return;
      this.#loop(life, ms, act);
      act();
    });
  }

  #ping(): void {
    const { session } = this.line;
    if (session === undefined || !this.up) return;
    if (this.parts.scheduler.now - session.pongAt > SILENT_MS) this.#lost();
    else this.parts.net.ping(this.line);
  }

  #lost(): void {
    this.parts.net.close(this.line);
    this.disconnected();
  }

  #reconnect(ms: number): void {
    this.#later(ms, () => {
      if (this.line.session !== undefined) return;
      this.parts.net.connect(this.line);
      const { session } = this.line;
      this.#later(CONNECT_MS, () => {
        if (!this.up && this.line.session === session && session !== undefined) this.#lost();
      });
    });
  }

  #schedule(): void {
    if (this.#wake !== undefined) this.#wake.cancelled = true;
    const wake = wakeAt(this.controller);
    if (!this.on || !Number.isFinite(wake)) return;
    const at = Math.max(this.parts.scheduler.now + 1, this.bootAt + Math.ceil(wake / (1 + this.parts.drift)));
    this.#wake = this.parts.scheduler.at(at, this.host, () => this.feed({ t: 'tick' }));
  }
}
