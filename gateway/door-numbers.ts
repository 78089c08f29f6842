import type { AlarmCounts } from './alarms.ts';
import { type Reason, REASONS } from './core/reasons.ts';
import type { DoorSide, Verdict } from './doors/link.ts';
import type { ThreadNumbers } from './machine/thread.ts';
import type { LinkNumbers } from './doors/link-numbers.ts';

/** Upper bounds of the latency classes, s; the last class has none. */
export const LATENCY_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 1, 2] as const;

/** What the door side has counted since the start; a plain object, for the message to the desk side. */
export interface TapCounts {
  /** Verdicts by reason; a reason that never came is not there. */
  readonly byReason: Readonly<Partial<Record<Reason, number>>>;
  /** Taps whose verdict took at most the bound of the same place, and one more for all the rest. Each tap is in one. */
  readonly latency: readonly number[];
  /** Sum of all latencies, s. */
  readonly seconds: number;
  /** Taps that ended in an error instead of a verdict. */
  readonly failed: number;
}

/** Counting around the unlock path. */
export interface TapMeter {
  /** The same door side, its taps counted and timed from arrival to the durable verdict. */
  readonly side: DoorSide;
  counts(): TapCounts;
}

/** Two counters and a sum for each tap, nothing made anew. `uptime`: monotonic ms. */
export function meterTaps(side: DoorSide, uptime: () => number): TapMeter {
  const reasons = new Map<Reason, number>(REASONS.map((reason) => [reason, 0]));
  const latency = new Array<number>(LATENCY_S.length + 1).fill(0);
  let seconds = 0;
  let failed = 0;

  function count({ reason }: Verdict, took: number): void {
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    let at = 0;
    while (took > (LATENCY_S[at] ?? Number.POSITIVE_INFINITY)) at += 1;
    latency[at] = (latency[at] ?? 0) + 1;
    seconds += took;
  }

  return {
    side: {
      ...side,
      async tap(tap) {
        const from = uptime();
        try {
          const verdict = await side.tap(tap);
          count(verdict, (uptime() - from) / 1000);
          return verdict;
        } catch (error) {
          failed += 1;
          throw error;
        }
      },
    },
    counts: () => ({ byReason: Object.fromEntries([...reasons].filter(([, n]) => n > 0)), latency: [...latency], seconds, failed }),
  };
}

/** All the door side counts, once a second, for `/metrics`. Times of day are epoch ms. */
export interface DoorNumbers {
  readonly taps: TapCounts;
  readonly link: LinkNumbers;
  readonly journal: { readonly last: number; readonly outstanding: number; readonly checkpoint: { readonly size: number; readonly at: number } | undefined };
  /** `lag`: changes of the register not taken yet. `lists`: access lists asked for and not made yet. */
  readonly index: { readonly loadMs: number; readonly lag: number; readonly lists: number };
  readonly alarms: AlarmCounts;
  /** How often each thread was started again. */
  readonly restarts: Readonly<Record<'journal' | 'desk' | 'lists', number>>;
  readonly thread: ThreadNumbers;
}
