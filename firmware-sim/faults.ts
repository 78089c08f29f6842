import { statSync, truncateSync } from 'node:fs';
import { FieldError, type Reader, whole } from '../gateway/wire/fields.ts';
import type { EventStore } from './event-store.ts';
import type { LinkOptions, MqttLink } from './mqtt-link.ts';
import type { StoreChange } from './store-image.ts';

/** Faults that can be put into a running device, by name, and what number each takes; undefined: none. */
export const FAULTS = {
  /** Every message takes this long, each way, ms. */
  delay: whole(0, 60_000),
  /** Of 100 messages so many are lost, come twice, or come late; each way. */
  drop: whole(0, 100),
  duplicate: whole(0, 100),
  reorder: whole(0, 100),
  /** Every write to the store takes this long, ms. */
  disk: whole(0, 10_000),
  /** The clock on its board is set by so many seconds. */
  jump: whole(-3_153_600_000, 3_153_600_000),
  /** Its clocks run so many millionths fast. */
  drift: whole(-100_000, 100_000),
  /** The power goes in the middle of the next write, and comes back a second later. */
  tear: undefined,
  /** The store is lost: it begins with an empty one, as another instance. */
  flash: undefined,
  /** All is well again. */
  none: undefined,
} as const satisfies Readonly<Record<string, Reader<number> | undefined>>;

/** Name of a fault. */
export type FaultName = keyof typeof FAULTS;
/** A fault and its number, checked. */
export interface Fault {
  readonly name: FaultName;
  readonly value: number;
}

/** True for the name of a fault. */
export const isFault = (name: string): name is FaultName => Object.hasOwn(FAULTS, name);

/** Checks a fault. Throws FieldError naming what was expected. */
export function readFault(name: FaultName, value: number | undefined): Fault {
  const reader = FAULTS[name];
  if (reader !== undefined) return { name, value: reader(value, name) };
  if (value !== undefined) throw new FieldError(name, 'no number after it');
  return { name, value: 0 };
}

/** The power went in the middle of a write. */
export class PowerLost extends Error {
  override readonly name = 'PowerLost';
}

/** How far behind the others a reordered message, and the second of a doubled one, may come, ms. */
const BEHIND_MS = 500;
const SOUND = { delay: 0, drop: 0, duplicate: 0, reorder: 0, disk: 0, jump: 0, drift: 0 } as const;
const MILLION = 1_000_000;
const SECOND_MS = 1000;

/** The faults a device has at the moment: on its line, its disk, its clocks. Chance comes from `random`, so that a seed brings the same again. */
export class DeviceFaults {
  #random: () => number;
  #now: Record<keyof typeof SOUND, number> = { ...SOUND };
  #tear = false;
  #clock = { real: 0, shown: 0 };

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Chance from here on. */
  reseed(random: () => number): void {
    this.#random = random;
  }

  /** Puts a fault in, or sets it anew. `flash` is for the device itself. */
  set({ name, value }: Fault, real: number): void {
    this.#clock = { real, shown: this.uptime(real) };
    if (name === 'none') {
      this.#now = { ...SOUND };
      this.#tear = false;
    } else if (name === 'tear') this.#tear = true;
    else if (name === 'jump') this.#now.jump += value;
    else if (name !== 'flash') this.#now[name] = value;
  }

  /** What the device's counter shows when `real` ms of running time have passed; never goes back. */
  uptime(real: number): number {
    const { real: since, shown } = this.#clock;
    return Math.floor(shown + (real - since) * (1 + this.#now.drift / MILLION));
  }

  /** The counter begins anew with the power. */
  powerOn(): void {
    this.#clock = { real: 0, shown: 0 };
  }

  /** What the clock on its board shows, epoch ms. */
  wall(now: number, real: number): number {
    return Math.max(0, now + this.#now.jump * SECOND_MS + this.uptime(real) - Math.floor(real));
  }

  /** How long a write takes, ms. */
  get diskMs(): number {
    return this.#now.disk;
  }

  /** One write. Throws PowerLost when the power goes in its middle: then any part of it is in the file, and the store is closed. */
  write(store: EventStore, path: string, change: StoreChange): void {
    if (!this.#tear) return store.write(change);
    this.#tear = false;
    const { size: before } = statSync(path);
    store.write(change);
    store.close();
    const { size: after } = statSync(path);
    // A file that was written anew is put in place whole or not at all.
    if (after > before) truncateSync(path, before + Math.floor(this.#random() * (after - before)));
    throw new PowerLost();
  }

  /** Carries one message over the line, or two, or none; `go` may be called later. */
  carry(go: () => void): void {
    const { delay, drop, duplicate, reorder } = this.#now;
    const happens = (percent: number): boolean => percent > 0 && this.#random() * 100 < percent;
    if (happens(drop)) return;
    const behind = happens(reorder) ? this.#random() * BEHIND_MS : 0;
    const copies = happens(duplicate) ? [behind, behind + this.#random() * BEHIND_MS] : [behind];
    for (const late of copies) {
      if (delay + late === 0) go();
      else setTimeout(go, delay + late);
    }
  }
}

/** Makes a link. */
export type StartLink = (options: LinkOptions) => MqttLink;

/** A link whose messages go over a line with these faults. What is late for its connection is lost with it. */
export const withFaults =
  (start: StartLink, faults: DeviceFaults): StartLink =>
  (options) => {
    let connection = 0;
    const carry = (go: () => void): void => {
      const mine = connection;
      faults.carry(() => {
        if (mine === connection) go();
      });
    };
    const link = start({
      ...options,
      connected() {
        connection += 1;
        options.connected();
      },
      disconnected() {
        connection += 1;
        options.disconnected();
      },
      received: (message) => carry(() => options.received(message)),
    });
    return {
      publish: (tail, body) => carry(() => link.publish(tail, body)),
      stop() {
        link.stop();
        connection += 1;
      },
    };
  };
