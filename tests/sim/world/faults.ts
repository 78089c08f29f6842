import { stream, type Random } from '../engine/random.ts';
import { doomListThread } from '../ports/list-worker.ts';
import type { Fault, FaultKind } from './fault.ts';
import { SERIAL_KINDS } from './serial/faults.ts';
import type { World } from './shape.ts';

/** How often a kind comes in a run where a seed has it, how long it lasts (ms), and what it does. */
interface Kind {
  readonly often: number;
  readonly ms: readonly [number, number];
  /** Controllers hit at once, as a share of all; 0: none. */
  readonly share: number;
  readonly draw?: (random: Random) => readonly [a: number, b: number];
  begin(world: World, fault: Fault): void;
  end?(world: World, fault: Fault): void;
}

const lines = (world: World, { on }: Fault) => on.flatMap((place) => world.devices[place]?.line ?? []);
const devices = (world: World, { on }: Fault) => on.flatMap((place) => world.devices[place] ?? []);
const moods = (world: World, fault: Fault, set: object): void => {
  for (const line of lines(world, fault)) Object.assign(line.mood, set);
};

const DAY_MS = 86_400_000;
/** ±1 s to ±10 years. */
const jump = (random: Random): readonly [number, number] => [random.spread(1000, 3650 * DAY_MS) * (random.chance(0.5) ? 1 : -1), 0];

/** Something of the world that is off while the fault lasts. */
const off = (name: 'deskUp' | 'hints'): Pick<Kind, 'begin' | 'end'> => ({
  begin: (world) => void Object.assign(world, { [name]: false }),
  end: (world) => void Object.assign(world, { [name]: true }),
});

/** Everything that can go wrong. A new kind is one entry here. */
const KINDS = {
  lossy: {
    often: 4,
    ms: [20_000, 1_200_000],
    share: 0.5,
    draw: (random) => [random.next() * 0.3, random.next() * 0.5],
    begin: (world, fault) => moods(world, fault, { loss: fault.a, copy: fault.b }),
    end: (world, fault) => moods(world, fault, { loss: 0, copy: 0 }),
  },
  replays: {
    often: 3,
    ms: [60_000, 1_800_000],
    share: 0.6,
    draw: (random) => [random.next() * 0.5, 0],
    begin: (world, fault) => moods(world, fault, { replay: fault.a }),
    end: (world, fault) => moods(world, fault, { replay: 0 }),
  },
  slow: {
    often: 3,
    ms: [10_000, 600_000],
    share: 0.5,
    draw: (random) => [random.next() * 0.6, random.spread(5, 120_000)],
    begin: (world, fault) => moods(world, fault, { slow: fault.a, delayMs: fault.b, reorder: true }),
    end: (world, fault) => moods(world, fault, { slow: 0, delayMs: 0, reorder: false }),
  },
  'cut-up': { often: 3, ms: [1000, 300_000], share: 0.3, begin: (w, f) => moods(w, f, { cutUp: true }), end: (w, f) => moods(w, f, { cutUp: false }) },
  'cut-down': { often: 3, ms: [1000, 300_000], share: 0.3, begin: (w, f) => moods(w, f, { cutDown: true }), end: (w, f) => moods(w, f, { cutDown: false }) },
  cut: {
    often: 3,
    ms: [1000, 900_000],
    share: 0.4,
    begin: (w, f) => moods(w, f, { cutUp: true, cutDown: true }),
    end: (w, f) => moods(w, f, { cutUp: false, cutDown: false }),
  },
  /** Swizzle-clog (FoundationDB): some lines stop one after the other and go on in another order. */
  swizzle: {
    often: 2,
    ms: [5000, 120_000],
    share: 0.6,
    draw: (random) => [random.whole(0, 1_000_000), 0],
    begin(world, fault) {
      const random = stream(fault.a, 'swizzle');
      for (const line of lines(world, fault)) {
        const [from, to] = [random.whole(0, fault.ms / 2), random.whole(fault.ms / 2, fault.ms)];
        world.later(from, () => Object.assign(line.mood, { clogged: true }));
        world.later(to, () => {
          line.mood.clogged = false;
          world.net.release(line);
        });
      }
    },
    end(world, fault) {
      for (const line of lines(world, fault)) {
        line.mood.clogged = false;
        world.net.release(line);
      }
    },
  },
  /** a: operation of the flash, or step, at which the power goes; b: how long it stays away at most, ms. */
  'power-cut': {
    often: 8,
    ms: [1000, 2000],
    share: 0.2,
    draw: (random) => [random.whole(1, 12), random.spread(500, 300_000)],
    begin(world, fault) {
      for (const device of devices(world, fault)) if (device.on) device.flash.cutIn = fault.a;
    },
    end(world, fault) {
      for (const device of devices(world, fault)) {
        device.powerOff();
        world.later(fault.b, () => device.powerOn('power-lost'));
      }
    },
  },
  'freeze-door': {
    often: 3,
    ms: [1000, 300_000],
    share: 0.2,
    begin(world, fault) {
      for (const { host } of devices(world, fault)) host.busyUntil = Math.max(host.busyUntil, world.now() + fault.ms);
    },
  },
  'door-clock': {
    often: 3,
    ms: [1000, 1000],
    share: 0.3,
    draw: jump,
    begin(world, fault) {
      for (const place of fault.on) world.setDoorClock(place, fault.a);
    },
  },
  'gateway-crash': { often: 3, ms: [500, 60_000], share: 0, begin: (world) => world.gateway.crash(), end: (world) => world.gateway.start() },
  'gateway-freeze': { often: 2, ms: [1000, 300_000], share: 0, begin: (world, { ms }) => world.gateway.freeze(ms) },
  'writer-crash': { often: 4, ms: [1, 1], share: 0, begin: (world) => world.gateway.endThread('/journal/writer.js') },
  /** a: 0 at once, 1 with the next list it is to make. */
  'lists-crash': {
    often: 5,
    ms: [1, 1],
    share: 0,
    draw: (random) => [random.whole(0, 1), 0],
    begin: (world, { a }) => (a === 1 ? doomListThread() : world.gateway.endThread('/list-worker.js')),
  },
  'desk-killed': {
    often: 3,
    ms: [5000, 600_000],
    share: 0,
    ...off('deskUp'),
  },
  'hints-lost': {
    often: 2,
    ms: [5000, 1_200_000],
    share: 0,
    ...off('hints'),
  },
  'gateway-clock': {
    often: 2,
    ms: [1000, 600_000],
    share: 0,
    draw: jump,
    begin: (world, fault) => world.setGatewayClock(fault.a),
    end: (world) => world.setGatewayClock(0),
  },
  'disk-full': {
    often: 3,
    ms: [2000, 120_000],
    share: 0,
    begin(world) {
      world.disk.full = true;
    },
    end(world) {
      world.disk.full = false;
    },
  },
  'disk-locked': {
    often: 3,
    ms: [1000, 60_000],
    share: 0,
    begin(world, { ms }) {
      world.disk.lockedUntil = world.now() + ms;
    },
  },
  'disk-hangs': {
    often: 2,
    ms: [1000, 30_000],
    share: 0,
    begin(world, { ms }) {
      world.disk.hangsUntil = world.now() + ms;
    },
  },
  'disk-failing': {
    often: 3,
    ms: [5000, 300_000],
    share: 0,
    draw: (random) => [random.next() * 0.3, 0],
    begin(world, { a }) {
      world.disk.failing = a;
    },
    end(world) {
      world.disk.failing = 0;
    },
  },
  'disk-slow': {
    often: 2,
    ms: [10_000, 600_000],
    share: 0,
    draw: (random) => [random.whole(20, 800), 0],
    begin(world, { a }) {
      world.disk.slow = a;
    },
    end(world) {
      world.disk.slow = 4;
    },
  },
} as const satisfies Record<string, Kind>;

type Acts = Pick<Kind, 'begin' | 'end'>;
const kinds: ReadonlyMap<string, Acts> = new Map<string, Acts>([...Object.entries(KINDS), ...Object.entries(SERIAL_KINDS)]);
/** A real file fails in its own ways: tests/crash. */
const NOT_ON_FILES = /^disk-(full|locked|failing)$/;

/** Faults that are likelier in the last seconds: what they break must be mended by healing alone. */
const LAST: readonly FaultKind[] = ['cut-down', 'cut-up', 'lossy', 'lists-crash', 'writer-crash', 'power-cut', 'gateway-crash'];
const LAST_MS = 9000;
const LAST_CHANCE = 0.25;

/** One fault of a kind at a moment, before the end of the span. */
function planned(random: Random, kind: keyof typeof KINDS, at: number, { spanMs, count }: { readonly spanMs: number; readonly count: number }): Fault {
  const { ms, share, draw }: Kind = KINDS[kind];
  const [shortest, longest] = ms;
  const [a, b] = draw?.(random) ?? [0, 0];
  const on = Array.from({ length: count }, (_, place) => place).filter(() => random.chance(share));
  if (share > 0 && on.length === 0) on.push(random.whole(0, count - 1));
  return { kind, at, ms: Math.min(random.spread(shortest, longest), Math.max(1, spanMs - at - 1)), on, a, b };
}

/** All faults of a seed, in order. Each seed has about half of the kinds (swarm testing), so that none hides behind another; one in 25 has none. */
export function planFaults(seed: number, spanMs: number, count: number, onFile: boolean): Fault[] {
  const random = stream(seed, 'faults');
  const faults: Fault[] = [];
  const quiet = random.chance(0.04);
  for (const kind of Object.keys(KINDS) as (keyof typeof KINDS)[]) {
    const { often }: Kind = KINDS[kind];
    const has = random.chance(0.45) && !quiet && !(onFile && NOT_ON_FILES.test(kind));
    const own = stream(random.whole(0, 2 ** 31), kind);
    if (has) for (let at = own.wait(spanMs / often); at < spanMs; at += own.wait(spanMs / often)) faults.push(planned(own, kind, at, { spanMs, count }));
    if (!quiet && LAST.includes(kind) && own.chance(LAST_CHANCE)) faults.push(planned(own, kind, spanMs - own.whole(1600, LAST_MS), { spanMs, count }));
  }
  return faults.sort(earlier);
}

/** Order of faults in a plan. */
export const earlier = (one: Fault, other: Fault): number => one.at - other.at || (one.kind < other.kind ? -1 : 1);

/** A fault for a person who replays. */
export function faultText({ kind, at, ms, on, a, b, serial }: Fault): string {
  const more = [
    on.length > 0 ? `controllers ${on.map((place) => place + 1).join(',')}` : '',
    serial === undefined ? '' : `line ${serial.line + 1} device ${serial.device + 1}`,
    a !== 0 ? `a=${a}` : '',
    b !== 0 ? `b=${b}` : '',
  ].filter(Boolean);
  return [`${(at / 1000).toFixed(1)} s`, kind, `${(ms / 1000).toFixed(1)} s`, ...more].join('  ');
}

/** Something goes wrong now. Its end is another's: see `over`. */
function begins(world: World, fault: Fault): void {
  world.disturbed(fault, true);
  kinds.get(fault.kind)?.begin(world, fault);
}

function over(world: World, fault: Fault): void {
  kinds.get(fault.kind)?.end?.(world, fault);
  world.disturbed(fault, false);
}

/** A fault that nobody planned, from now on for its time. */
export function happens(world: World, fault: Fault): void {
  begins(world, fault);
  world.later(fault.ms, () => over(world, fault));
}

/** Has the faults happen at their times. */
export function schedule(world: World, faults: readonly Fault[]): void {
  for (const fault of faults) {
    world.later(fault.at, () => begins(world, fault));
    world.later(fault.at + fault.ms, () => over(world, fault));
  }
}
