import { randomBytes } from 'node:crypto';
import { createPeripheral, isOn, lampOf, type Peripheral, type PeripheralOptions } from '../../../firmware-sim/osdp/peripheral-model.ts';
import { PlayedPeripheral } from '../../../firmware-sim/osdp/play.ts';
import { ControllerId, DoorId } from '../../../gateway/core/ids.ts';
import { type LineLink, openLineLink } from '../../../gateway/doors/serial/link.ts';
import type { LineDevice, LineRecord, SerialDoor } from '../../../gateway/doors/serial/registry.ts';
import type { DeviceNews } from '../../../gateway/doors/serial/status.ts';
import type { PortEars, PortOpener } from '../../../gateway/serial/port.ts';
import { type FakeSide, fakeSide } from '../harness.ts';

export const DOOR = DoorId(501);
export const READER_KEY = Buffer.from('8f3b02c1d49e57a6600e71b2c83d94fa', 'hex');
export const UNIT_KEY = Buffer.from('17c4e9025bd8a63f9e204c71ba86d35d', 'hex');
export const NO_HOURS = { holidays: new Set<string>(), makeUpDays: new Set<string>() };

export const serialDoor = (over: Partial<SerialDoor> = {}): SerialDoor => ({
  doorId: DOOR,
  openMs: 5000,
  number: 1,
  reader: { address: 1, number: 0 },
  relay: { address: 2, output: 0 },
  contact: { address: 2, input: 0, activeLow: false },
  exit: { address: 2, input: 1, activeLow: false },
  ...over,
});
const reader: LineDevice = { id: 11, address: 1, name: 'reader', key: READER_KEY, identity: '', clearUntil: 0 };
const unit: LineDevice = { id: 12, address: 2, name: 'unit', key: UNIT_KEY, identity: '', clearUntil: 0 };
export const lineRecord = (over: Partial<LineRecord> = {}): LineRecord => ({
  id: 1,
  controllerId: ControllerId(9),
  name: 'line-1',
  port: '/dev/made-up',
  baud: 115_200,
  floorMs: 2,
  adapterMs: 20,
  retired: false,
  devices: [reader, unit],
  doors: [serialDoor()],
  schedules: [],
  ...over,
});

/** A line in memory with the panel at one end and devices at the other. */
export interface LineRig {
  readonly link: LineLink;
  readonly side: FakeSide;
  readonly logged: string[];
  readonly news: { readonly row: number; readonly news: DeviceNews }[];
  /** Times the port was opened. */
  readonly opened: () => number;
  set(record: LineRecord): void;
  /** Puts a device on the line; its place in the list is its number. */
  add(options: Omit<PeripheralOptions, 'random'>): { readonly peripheral: Peripheral; readonly play: PlayedPeripheral };
  /** The adapter is pulled out, and can be opened again. */
  pull(why: string): void;
  /** Nothing gets through. */
  cut: boolean;
  skip: number;
  /** What the line is asked to carry from now on may not be opened: the sentence. */
  noPort: string;
}

export const isOpen = (peripheral: Peripheral, output = 0): boolean => isOn(peripheral, output, performance.now());
export const lamp = (peripheral: Peripheral): number => lampOf(peripheral, performance.now());

const rigs: { close(): Promise<void> }[] = [];
/** Closes every rig of a test. */
export async function closeRigs(): Promise<void> {
  for (const rig of rigs.splice(0)) await rig.close();
}

export async function openLineRig(record = lineRecord()): Promise<LineRig> {
  const side = fakeSide();
  const logged: string[] = [];
  const news: LineRig['news'] = [];
  const write = (fields: object, message: string): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const records = [record];
  let panel: PortEars | undefined;
  let times = 0;
  // A port hears at its own speed alone: at another it is noise, which is left out here.
  let speed = record.baud;
  const ears: { readonly heard: PortEars['heard']; readonly peripheral: Peripheral }[] = [];
  const plays: PlayedPeripheral[] = [];
  const openPort =
    (_: string, baud: number): PortOpener =>
    async (heard) => {
      if (rig.noPort !== '') throw new Error(rig.noPort);
      times += 1;
      panel = heard;
      speed = baud;
      return {
        write: (bytes) => void setImmediate(() => rig.cut || ears.filter((ear) => ear.peripheral.baud === baud).forEach((ear) => void ear.heard(bytes))),
        close: () => {
          panel = undefined;
        },
      };
    };
  const rig: Omit<LineRig, 'link'> = {
    side,
    logged,
    news,
    opened: () => times,
    set(next) {
      records.splice(0, 1, next);
      link.refresh();
    },
    add(options) {
      const peripheral = createPeripheral({ baud: record.baud, ...options, random: randomBytes });
      const play = new PlayedPeripheral(peripheral, () => undefined);
      plays.push(play);
      void play.start(
        async ({ heard }) => {
          ears.push({ heard, peripheral });
          // It answers where it was asked, also when that tells it to go elsewhere.
          const write = (bytes: Uint8Array): void => {
            const asked = speed;
            setImmediate(() => rig.cut || (speed === asked && panel?.heard(bytes)));
          };
          return { write, close: () => undefined };
        },
        () => undefined,
      );
      return { peripheral, play };
    },
    pull(why) {
      const gone = panel?.gone;
      panel = undefined;
      gone?.(why);
    },
    cut: false,
    skip: 0,
    noPort: '',
  };
  const link = openLineLink({
    registry: { all: () => records },
    side,
    log: { info: write, warn: write, error: write },
    calendar: NO_HOURS,
    openPort,
    now: () => Date.now() + rig.skip,
    uptime: () => performance.now() + rig.skip,
    random: randomBytes,
    covers: () => 42,
    commissioned: (row, each) => void news.push({ row, news: each }),
  });
  rigs.push({
    async close() {
      for (const play of plays) play.stop();
      await link.close();
    },
  });
  return Object.assign(rig, { link });
}

/** A rig with its reader and its door unit, both at work. */
export async function readyRig(record = lineRecord()): Promise<LineRig & Record<'reader' | 'unit', ReturnType<LineRig['add']>>> {
  const rig = await openLineRig(record);
  const parts = { reader: rig.add({ address: 1, key: READER_KEY, mode: 'full', serial: 1001 }), unit: rig.add({ address: 2, key: UNIT_KEY, mode: 'full', serial: 1002 }) };
  return Object.assign(rig, parts);
}
