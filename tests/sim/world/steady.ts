import type { SimController } from './device.ts';
import type { Fault, FaultKind } from './fault.ts';

/** Since when parts of the world have been undisturbed, as spans up to now, ms. Bounds are counted from there. */
export interface Steady {
  /** The gateway is ready, is not frozen, and nothing was done to it. */
  readonly gateway: number;
  /** And its log takes entries. */
  readonly journal: number;
  /** And its thread that makes lists is well. */
  readonly lists: number;
  /** Its wall clock is right. */
  readonly wallRight: number;
}

type Part = 'gateway' | 'journal' | 'lists' | 'wall';
const PART: Partial<Readonly<Record<FaultKind, Part>>> = {
  'gateway-crash': 'gateway',
  'gateway-freeze': 'gateway',
  'gateway-clock': 'wall',
  'lists-crash': 'lists',
  'writer-crash': 'journal',
  'disk-full': 'journal',
  'disk-locked': 'journal',
  'disk-hangs': 'journal',
  'disk-failing': 'journal',
  'disk-slow': 'journal',
};

/** What of the gateway counts here. */
interface Seen {
  readonly readySince: number | undefined;
  readonly host: { readonly busyUntil: number } | undefined;
}

/** Keeps count of faults that act. `now`: ms of the world. */
export function createSteadiness(now: () => number, gateway: () => Seen) {
  const active = new Map<Part | string, number>();
  const last = new Map<Part | string, number>();
  /** After a fault of the log the writer may need this long to be itself again: growing pauses between its starts. */
  const recovery: Partial<Readonly<Record<Part, number>>> = { journal: 15_000, lists: 11_000 };

  const span = (part: Part | string): number => ((active.get(part) ?? 0) > 0 ? 0 : now() - (last.get(part) ?? 0));
  const after = (part: Part): number => Math.max(0, span(part) - (last.has(part) ? (recovery[part] ?? 0) : 0));
  function ready(): number {
    const { readySince, host } = gateway();
    return readySince === undefined || host === undefined || host.busyUntil > now() ? 0 : Math.min(now() - readySince, span('gateway'));
  }

  return {
    disturbed(fault: Fault, begins: boolean, devices: readonly SimController[]): void {
      // Lying in wait disturbs nothing: what comes of it is a fault of its own.
      if (fault.kind === 'at-a-card' || fault.kind === 'at-a-key') return;
      const hit: string[] = fault.serial === undefined ? fault.on.flatMap((place) => devices[place]?.id ?? []) : [`line ${fault.serial.line}`];
      const part = PART[fault.kind];
      if (part !== undefined) hit.push(part);
      for (const name of hit) {
        active.set(name, (active.get(name) ?? 0) + (begins ? 1 : -1));
        last.set(name, now());
      }
    },
    /** Something happened to a device: its power, its connection. */
    touched: (device: SimController): void => void last.set(device.id, now()),
    steady: {
      get gateway() {
        return ready();
      },
      get journal() {
        return Math.min(ready(), after('journal'));
      },
      get lists() {
        return Math.min(ready(), after('lists'));
      },
      get wallRight() {
        return span('wall');
      },
    } satisfies Steady,
    /** How long nothing was done to a serial line, by its place, or to its devices, ms. */
    line: (place: number): number => span(`line ${place}`),
    device: (device: SimController): number => (device.host.busyUntil > now() ? 0 : span(device.id)),
  };
}
