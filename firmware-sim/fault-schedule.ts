import type { FaultName } from './faults.ts';
import { seeded } from './random.ts';

/** One thing done to a door: the words somebody would type after its act. */
export interface Step {
  /** Ms after the beginning. */
  readonly at: number;
  readonly words: readonly [act: string, ...rest: string[]];
}

type Draw = (from: number, to: number) => number;
/** What begins a fault, and what ends it; the door is named in between by whoever carries it out. */
interface Kind {
  readonly begin: (draw: Draw) => Step['words'];
  readonly end?: Step['words'];
}

const set = (name: FaultName, from: number, to: number): Kind => ({ begin: (draw) => ['fault', name, String(draw(from, to))], end: ['fault', name, '0'] });

/** Every kind of fault. A jump of the clock stays until the end. */
const KINDS: readonly Kind[] = [
  { begin: () => ['cut'], end: ['join'] },
  { begin: () => ['power', 'off'], end: ['power', 'on'] },
  set('delay', 50, 3000),
  set('drop', 5, 60),
  set('duplicate', 5, 60),
  set('reorder', 5, 60),
  set('disk', 20, 400),
  set('drift', -500, 500),
  { begin: (draw) => ['fault', 'jump', String(draw(-7200, 7200))] },
  { begin: () => ['fault', 'tear'] },
  { begin: () => ['fault', 'flash'] },
];

const APART_MS = [2000, 9000] as const;
const LASTS_MS = [2000, 15_000] as const;

/** Faults for a door, one after the other and some at once, the same for the same seed; at the end all is well again. Sorted by time. */
export function faultSchedule(seed: number, minutes: number): Step[] {
  const random = seeded(seed);
  const draw: Draw = (from, to) => from + Math.floor(random() * (to - from + 1));
  const end = minutes * 60_000;
  const busyUntil = new Map<Kind, number>();
  const steps: Step[] = [];
  for (let at = draw(...APART_MS); at < end; at += draw(...APART_MS)) {
    const free = KINDS.filter((kind) => (busyUntil.get(kind) ?? 0) < at);
    const kind = free[draw(0, free.length - 1)];
    if (kind === undefined) continue;
    const until = Math.min(end, at + draw(...LASTS_MS));
    steps.push({ at, words: kind.begin(draw) });
    if (kind.end === undefined) continue;
    busyUntil.set(kind, until);
    steps.push({ at: until, words: kind.end });
  }
  steps.sort((a, b) => a.at - b.at);
  return [...steps, ...HEALED.map((words) => ({ at: end, words }))];
}

/** Ends every fault there is. */
export const HEALED: readonly Step['words'][] = [['power', 'on'], ['join'], ['fault', 'none']];
