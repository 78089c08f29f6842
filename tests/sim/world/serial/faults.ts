import { type Random, stream } from '../../engine/random.ts';
import type { Fault, FaultKind } from '../fault.ts';
import type { World } from '../shape.ts';
import { calmLine, type SimLine, type SimPeripheral } from './wire.ts';

/** A kind of fault of a line: as those of world/faults.ts, at one line or device. */
export interface SerialKind {
  readonly often: number;
  readonly ms: readonly [number, number];
  readonly draw?: (random: Random) => readonly [a: number, b: number];
  begin(world: World, fault: Fault): void;
  end?(world: World, fault: Fault): void;
}

/** Where a fault of a line is. */
function at(world: World, { serial }: Fault): { readonly line: SimLine; readonly device: SimPeripheral } | undefined {
  const line = serial === undefined ? undefined : world.lines[serial.line];
  const device = line?.devices[(serial?.device ?? 0) % line.devices.length];
  return line === undefined || device === undefined ? undefined : { line, device };
}
/** So many commands more are answered BUSY. */
function busy(world: World, fault: Fault, commands: number): void {
  const found = at(world, fault);
  if (found !== undefined) found.device.peripheral.faults.busy = commands;
}
const moods = (world: World, fault: Fault, set: Partial<SimLine['mood']>): void => void Object.assign(at(world, fault)?.line.mood ?? {}, set);

/** What is made to go wrong in the middle of an exchange, and for how long at most, ms. */
const CAUGHT = [
  ['gateway-crash', 20_000],
  ['line-pulled', 5000],
  ['device-off', 3000],
  ['line-cut', 10_000],
  ['writer-crash', 1],
  ['disk-full', 20_000],
  ['disk-hangs', 8000],
] as const satisfies readonly (readonly [FaultKind, number])[];
const FRAMES_MOST = 9;

/** Catches the line at its next moment of a kind. `a`: what goes wrong then; `b`: so many frames later. */
const caught = (moment: 'card' | 'key'): Omit<SerialKind, 'often'> => ({
  ms: [60_000, 400_000],
  draw: (random) => [random.whole(0, CAUGHT.length - 1), random.whole(0, FRAMES_MOST)],
  begin(world, fault) {
    const [kind, most] = CAUGHT[fault.a] ?? CAUGHT[0];
    const stop = at(world, fault)?.line.trap(moment, fault.b, () => {
      const { now } = world;
      const random = stream(now(), kind);
      const device = random.whole(0, 3);
      world.happens({ ...fault, kind, at: now(), ms: random.spread(1, most), serial: { line: fault.serial?.line ?? 0, device }, a: 0, b: 0 });
    });
    if (stop !== undefined) world.later(fault.ms, stop);
  },
});

/** Everything that can go wrong on serial lines. */
export const SERIAL_KINDS = {
  'line-noise': {
    often: 3,
    ms: [10_000, 400_000],
    draw: (random) => [random.whole(3, 60), random.whole(3, 60)],
    begin: (world, fault) => moods(world, fault, { lostIn: fault.a, bentIn: fault.b }),
    end: (world, fault) => moods(world, fault, { lostIn: 0, bentIn: 0 }),
  },
  /** Up to beyond the 200 ms in which a device has to answer. */
  'line-late': {
    often: 2,
    ms: [10_000, 200_000],
    draw: (random) => [random.whole(20, 400), 0],
    begin: (world, fault) => moods(world, fault, { lateMs: fault.a }),
    end: (world, fault) => moods(world, fault, { lateMs: 0 }),
  },
  'line-cut': { often: 3, ms: [200, 120_000], begin: (w, f) => moods(w, f, { cut: true }), end: (w, f) => moods(w, f, { cut: false }) },
  'line-pulled': { often: 3, ms: [100, 60_000], begin: (w, f) => at(w, f)?.line.pull(), end: (w, f) => moods(w, f, { out: false }) },
  'device-off': {
    often: 5,
    ms: [30, 60_000],
    begin: (world, fault) => at(world, fault)?.device.powerOff(),
    end(world, fault) {
      const found = at(world, fault);
      if (found !== undefined) found.device.power = true;
    },
  },
  'device-busy': {
    often: 3,
    ms: [300, 20_000],
    draw: (random) => [random.whole(1, 30), 0],
    begin: (world, fault) => busy(world, fault, fault.a),
    end: (world, fault) => busy(world, fault, 0),
  },
  'at-a-card': { often: 10, ...caught('card') },
  'at-a-key': { often: 6, ...caught('key') },
} as const satisfies Record<string, SerialKind>;

/** Faults that are likelier in the last seconds. */
const LAST = ['line-cut', 'line-pulled', 'device-off', 'line-noise'] as const;
const LAST_MS = 9000;
const LAST_CHANCE = 0.25;

/** The faults of a world's lines; none where there are none. Each has about two thirds of the kinds. */
export function planSerialFaults(seed: number, spanMs: number, { lines, onFile }: { readonly lines: readonly SimLine[]; readonly onFile: boolean }): Fault[] {
  if (lines.length === 0) return [];
  const random = stream(seed, 'serial faults');
  const faults: Fault[] = [];
  for (const kind of Object.keys(SERIAL_KINDS) as (keyof typeof SERIAL_KINDS)[]) {
    const { often, ms, draw }: SerialKind = SERIAL_KINDS[kind];
    const own = stream(random.whole(0, 2 ** 31), kind);
    const has = random.chance(0.65);
    const planned = (from: number): void => {
      const line = own.whole(0, lines.length - 1);
      const device = own.whole(0, (lines[line]?.devices.length ?? 1) - 1);
      const [drawn, b] = draw?.(own) ?? [0, 0];
      // A real file is not full because somebody says so.
      const a = onFile && kind.startsWith('at-a') && CAUGHT[drawn]?.[0] === 'disk-full' ? 0 : drawn;
      faults.push({ kind, at: from, ms: Math.min(own.spread(...ms), Math.max(1, spanMs - from - 1)), on: [], a, b, serial: { line, device } });
    };
    if (has) for (let from = own.wait(spanMs / often); from < spanMs; from += own.wait(spanMs / often)) planned(from);
    if (LAST.some((name) => name === kind) && own.chance(LAST_CHANCE)) planned(spanMs - own.whole(1600, LAST_MS));
  }
  return faults;
}

/** All is well on every line. */
export function healLines({ lines }: Pick<World, 'lines'>): void {
  for (const line of lines) {
    Object.assign(line.mood, calmLine());
    line.forgetTraps();
    for (const device of line.devices) {
      device.power = true;
      device.peripheral.faults.busy = 0;
    }
  }
}
