import type { Action, DeviceRecord, Line, LineInput, LineOutput, Order } from '../../../gateway/wire/osdp/acu-model.ts';
import { createLine } from '../../../gateway/wire/osdp/acu-model.ts';
import { lineWakeAt, stepLine } from '../../../gateway/wire/osdp/acu.ts';
import { hear, newTalk, type Talk } from '../../../firmware-sim/osdp/peripheral.ts';
import { createPeripheral, type Peripheral, type PeripheralMode } from '../../../firmware-sim/osdp/peripheral-model.ts';
import { seeded } from '../../../firmware-sim/random.ts';

export const KEY = Buffer.from('8f13a2c45b907e6d214fb8c30a55d9e7', 'hex');
export const NEW_KEY = Buffer.from('c1770fe2843b95ad6e20f1583c9d04ba', 'hex');

/** What may happen to bytes on their way. `lostIn`, `bentIn`: one frame in so many; 0: none. */
export interface Trouble {
  lostIn: number;
  bentIn: number;
  /** Most a frame is late, ms; and how long a device thinks besides. */
  delayMs: number;
  slowMs: number;
  /** The panel's adapter hears what it sends. */
  echo: boolean;
  /** Changes a reply on its way; undefined: it does not come. */
  middle: ((bytes: Buffer, from: number) => Buffer | undefined) | undefined;
}

export interface TestDevice {
  readonly peripheral: Peripheral;
  talk: Talk;
  /** Without power: hears nothing. */
  dead: boolean;
}

/** A line, its panel and its devices, on a clock of their own: nothing waits. */
export interface Medium {
  now: number;
  readonly line: Line;
  readonly devices: readonly TestDevice[];
  readonly trouble: Trouble;
  /** Everything the panel told, but what it sent, with its moment. */
  readonly told: (LineOutput & { readonly at: number })[];
  /** Frames the panel sent, without the mark. */
  readonly sent: { readonly at: number; readonly bytes: Buffer }[];
  do(input: LineInput): void;
  /** Runs on until it is true, or so many ms are over. Whether it came. */
  until(what: () => boolean, ms: number): boolean;
  run(ms: number): void;
  of<T extends LineOutput['t']>(kind: T): (Extract<LineOutput, { t: T }> & { readonly at: number })[];
  order(address: number, order: Order, until?: number): number;
}

export interface MediumOptions {
  readonly records: readonly DeviceRecord[];
  readonly devices: readonly {
    readonly address: number;
    readonly key?: Uint8Array | undefined;
    readonly mode: PeripheralMode;
    readonly serial?: number;
    readonly outputs?: number;
    readonly buffer?: number;
  }[];
  readonly baud?: number;
  readonly seed?: number;
  /** The caller says `taken` itself. */
  readonly slow?: boolean;
  readonly floorMs?: number;
  readonly renewMs?: number;
}

const DEVICE_MS = 2;
const PIECE_MAX = 24;

export function medium({ records, devices, baud = 9600, seed = 1, slow = false, floorMs = 10, renewMs }: MediumOptions): Medium {
  const chance = seeded(seed);
  const random = {
    below: (most: number): number => Math.floor(chance() * most),
    bytes: (length: number): Buffer => Buffer.from(Array.from({ length }, () => random.below(256))),
  };
  const waiting: { at: number; n: number; act: () => void }[] = [];
  let [tag, n] = [0, 0];
  let onWay = { bytes: Buffer.alloc(0), until: 0 };
  const later = (at: number, act: () => void): void => {
    n += 1;
    waiting.push({ at, n, act });
  };
  const unlucky = (oneIn: number): boolean => oneIn > 0 && random.below(oneIn) === 0;
  const wireMs = (bytes: Uint8Array): number => (bytes.length * 10_000) / baud;
  const bent = (bytes: Buffer): Buffer => {
    if (!unlucky(self.trouble.bentIn)) return bytes;
    const copy = Buffer.from(bytes);
    copy[random.below(copy.length)] = random.below(256);
    return copy;
  };
  const self: Medium = {
    now: 1000,
    line: createLine({ baud, floorMs, adapterMs: 5, renewMs, random: (length) => random.bytes(length) }, records),
    devices: devices.map(({ serial = 1, ...device }) => ({
      peripheral: createPeripheral({ ...device, serial, random: (length) => random.bytes(length) }),
      talk: newTalk(),
      dead: false,
    })),
    trouble: { lostIn: 0, bentIn: 0, delayMs: 0, slowMs: 0, echo: false, middle: undefined },
    told: [],
    sent: [],
    do(input) {
      for (const output of stepLine(self.line, input, self.now)) {
        if (output.t === 'send') carry(Buffer.from(output.bytes));
        else self.told.push({ ...output, at: self.now });
        if (output.t === 'report' && !slow) later(self.now, () => self.do({ t: 'taken', address: output.address }));
      }
    },
    until(what, ms) {
      const end = self.now + ms;
      while (!what()) {
        const next = waiting.reduce<(typeof waiting)[number] | undefined>(
          (first, each) => (first === undefined || each.at < first.at || (each.at === first.at && each.n < first.n) ? each : first),
          undefined,
        );
        const wake = Math.max(self.now, lineWakeAt(self.line));
        const at = Math.min(next?.at ?? Number.POSITIVE_INFINITY, wake);
        if (at > end) {
          self.now = end;
          return what();
        }
        self.now = at;
        if (next !== undefined && next.at <= wake) {
          waiting.splice(waiting.indexOf(next), 1);
          next.act();
        } else {
          self.do({ t: 'tick' });
          if (lineWakeAt(self.line) <= self.now) throw new Error('still due after its tick');
        }
      }
      return true;
    },
    run: (ms) => void self.until(() => false, ms),
    of: (kind) => self.told.filter((output): output is Extract<typeof output, { t: typeof kind }> => output.t === kind),
    order(address, order, until = self.now + 60_000) {
      tag += 1;
      const action: Action = { tag, order, until };
      self.do({ t: 'act', address, action });
      return tag;
    },
  };
  const carry = (bytes: Buffer): void => {
    self.sent.push({ at: self.now, bytes: bytes.subarray(1) });
    if (self.trouble.echo) later(self.now + wireMs(bytes), () => self.do({ t: 'bytes', bytes }));
    if (unlucky(self.trouble.lostIn)) return;
    const there = bent(bytes);
    later(self.now + wireMs(bytes), () => {
      for (const device of self.devices) {
        if (device.dead) continue;
        for (const reply of hear(device.peripheral, device.talk, there, self.now)) back(reply, device.peripheral.address);
      }
    });
  };
  const back = (bytes: Buffer, from: number): void => {
    const through = self.trouble.middle === undefined ? bytes : self.trouble.middle(bytes, from);
    if (through === undefined || unlucky(self.trouble.lostIn)) return;
    const here = Buffer.from(bent(through));
    const at = self.now + DEVICE_MS + self.trouble.slowMs + (self.trouble.delayMs > 0 ? random.below(self.trouble.delayMs) : 0);
    // Two that drive the line at once: what comes of both is neither.
    if (at < onWay.until) {
      for (const [n, byte] of here.entries()) onWay.bytes[n] = (onWay.bytes[n] ?? 0) & byte;
      return;
    }
    onWay = { bytes: here, until: at + wireMs(here) };
    // In pieces, as a port gives them: not one long enough to be a silence.
    for (let from = 0; from < here.length; ) {
      const [begin, end] = [from, Math.min(here.length, from + 1 + random.below(PIECE_MAX))];
      later(at + wireMs(here.subarray(0, end)), () => self.do({ t: 'bytes', bytes: here.subarray(begin, end) }));
      from = end;
    }
  };
  self.do({ t: 'port', up: true });
  return self;
}

/** One enrolled device on a line, its panel with the key. */
export const pair = (options: Partial<MediumOptions> = {}): Medium =>
  medium({ records: [{ address: 1, key: KEY }], devices: [{ address: 1, key: KEY, mode: 'full' }], ...options });

/** Loses its power, and is back after so long. */
export function reboot(m: Medium, device: TestDevice | undefined, ms: number): void {
  if (device === undefined) throw new Error('no such device');
  device.dead = true;
  device.peripheral.outputs.fill(0);
  m.run(ms);
  device.talk = newTalk();
  device.dead = false;
}
