import { vi } from 'vitest';
import { hear, newTalk, type Talk } from '../../../firmware-sim/osdp/peripheral.ts';
import { createPeripheral, holdCard, type Peripheral } from '../../../firmware-sim/osdp/peripheral-model.ts';
import { seeded } from '../../../firmware-sim/random.ts';
import type { PortEars, PortOpener } from '../../../gateway/serial/port.ts';
import { FrameReader } from '../../../gateway/wire/osdp/frame.ts';

const POLL = 0x60;
const DEVICE_MS = 2;
const TENTH_MS = 100;
const BITS = 10_000;
const EPOCH = 1_795_000_000_000;

/** A heap of things to come, and every clock of the process on it: nothing waits, and the same seed gives the same history. */
export interface LineWorld {
  readonly chance: () => number;
  readonly below: (most: number) => number;
  readonly bytes: (length: number) => Buffer;
  now(): number;
  wall(): number;
  later(ms: number, act: () => void): number;
  run(ms: number): Promise<void>;
}

export function createLineWorld(seed: number): LineWorld {
  const chance = seeded(seed);
  const below = (most: number): number => Math.floor(chance() * most);
  const turn = setImmediate;
  const todo = new Map<number, { readonly at: number; readonly act: () => void }>();
  let [now, n] = [1000, 0];
  const later = (ms: number, act: () => void): number => {
    n += 1;
    todo.set(n, { at: now + Math.max(0, ms), act });
    return n;
  };
  const every = (ms: number, act: () => void): number => {
    const id = later(ms, again);
    function again(): void {
      todo.set(id, { at: now + ms, act: again });
      act();
    }
    return id;
  };
  const stop = (id: unknown): void => void (typeof id === 'number' && todo.delete(id));
  vi.stubGlobal('setTimeout', (act: () => void, ms = 0) => later(Math.max(1, Math.round(ms)), act));
  vi.stubGlobal('setInterval', (act: () => void, ms: number) => every(ms, act));
  vi.stubGlobal('clearTimeout', stop);
  vi.stubGlobal('clearInterval', stop);
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const settled = (): Promise<void> => new Promise((resolve) => turn(resolve));
  return {
    chance,
    below,
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
    now: () => now,
    wall: () => EPOCH + Math.round(now),
    later,
    async run(ms) {
      const end = now + ms;
      for (await settled(); ; await settled()) {
        let next: { readonly id: number; readonly at: number; readonly act: () => void } | undefined;
        for (const [id, { at, act }] of todo) if (next === undefined || at < next.at) next = { id, at, act };
        if (next === undefined || next.at > end) break;
        todo.delete(next.id);
        now = Math.max(now, next.at);
        next.act();
      }
      now = end;
    },
  };
}

/** A device on the wire, and what it may have forgotten. */
export interface WiredDevice {
  readonly peripheral: Peripheral;
  talk: Talk;
  power: boolean;
  /** The card it told last, until the panel asks for something else. */
  handed: string | undefined;
}

/** The line between. `lostIn`, `bentIn`: one frame in so many, either way; 0: none. */
export interface SerialWire {
  readonly open: PortOpener;
  readonly devices: readonly WiredDevice[];
  lostIn: number;
  bentIn: number;
  /** A device has forgotten a card. */
  forgot: (card: string) => void;
  /** An output was switched on for so many tenths of a second. */
  drove: (tenths: number) => void;
  hold(device: WiredDevice | undefined, card: string): void;
  powerOff(device: WiredDevice | undefined, ms: number): void;
  pull(): void;
}

export function serialWire(world: LineWorld, baud: number, keys: readonly Buffer[]): SerialWire {
  const devices = keys.map((key, at): WiredDevice => {
    const peripheral = createPeripheral({ address: at + 1, key, mode: 'full', serial: 1000 + at, random: world.bytes });
    return { peripheral, talk: newTalk(), power: true, handed: undefined };
  });
  let panel: PortEars | undefined;
  const unlucky = (oneIn: number): boolean => oneIn > 0 && world.below(oneIn) === 0;
  /** When and as what a frame comes to the other end, if it does. */
  const carry = (frame: Uint8Array, there: (bytes: Buffer) => void): void => {
    const bytes = Buffer.from(frame);
    if (unlucky(wire.bentIn)) bytes[world.below(bytes.length)] = world.below(256);
    if (!unlucky(wire.lostIn)) world.later(DEVICE_MS + (bytes.length * BITS) / baud, () => there(bytes));
  };
  const heard = (device: WiredDevice, bytes: Buffer): void => {
    const { peripheral, talk } = device;
    const [before, driven] = [peripheral.reports[0], peripheral.driven[0] ?? 0];
    const [frame] = new FrameReader().push(bytes);
    const isNewPoll = frame?.t === 'frame' && frame.frame.code === POLL && frame.frame.address === peripheral.address && frame.frame.sequence !== talk.sequence;
    const replies = hear(peripheral, talk, bytes, world.now());
    if (talk.session === undefined) device.handed = undefined;
    else if (isNewPoll) {
      if (device.handed !== undefined) wire.forgot(device.handed);
      device.handed = before !== peripheral.reports[0] && before?.name === 'RAW' ? Buffer.from(before.body.data).toString('hex').toUpperCase() : undefined;
    }
    if ((peripheral.driven[0] ?? 0) > driven) wire.drove(Math.round(((peripheral.outputs[0] ?? 0) - world.now()) / TENTH_MS));
    // Whose power goes in the middle of an answer does not end it.
    for (const reply of replies) carry(reply, (back) => void (device.power && panel?.heard(back)));
  };
  const wire: SerialWire = {
    devices,
    lostIn: 0,
    bentIn: 0,
    forgot: () => undefined,
    drove: () => undefined,
    open: async (ears) => {
      panel = ears;
      const write = (bytes: Uint8Array): void => carry(bytes, (there) => devices.filter(({ power }) => power).forEach((device) => void heard(device, there)));
      const close = (): void => {
        if (panel === ears) panel = undefined;
      };
      return { write, close };
    },
    hold(device, card) {
      if (device?.power === true) holdCard(device.peripheral, 32, card);
    },
    powerOff(device, ms) {
      if (device === undefined) return;
      device.power = false;
      device.talk = newTalk();
      device.handed = undefined;
      device.peripheral.outputs.fill(0);
      device.peripheral.reports.length = 0;
      world.later(ms, () => (device.power = true));
    },
    pull() {
      const gone = panel?.gone;
      panel = undefined;
      gone?.('pulled out');
    },
  };
  return wire;
}
