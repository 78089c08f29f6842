import type { Sentence } from './core/reasons.ts';
import { ALARM_WORDS, type AlarmKind } from './alarm-words.ts';

/** Something that is wrong with the gateway itself now, for whoever runs it. */
export interface GatewayAlarm {
  readonly what: AlarmKind;
  readonly message: Sentence;
  /** Epoch ms. */
  readonly since: number;
}

/** How often each kind was raised since the start. */
export type AlarmCounts = Readonly<Partial<Record<AlarmKind, number>>>;

/** What is wrong now. Kept in memory: after a restart each cause shows itself again. */
export interface Alarms {
  /** `detail` is for the line of the log alone and holds no personal data; the same line is written twice a minute at most. True when it was not raised before. */
  raise(what: AlarmKind, detail?: string): boolean;
  /** The cause is gone. */
  clear(what: AlarmKind): void;
  isRaised(what: AlarmKind): boolean;
  /** Oldest first. */
  current(): readonly GatewayAlarm[];
  counts(): AlarmCounts;
}

/** The part of pino that alarms use. */
export interface AlarmLog {
  error(about: object, line: string): void;
  warn(about: object, line: string): void;
}

/** The same words are not said again within this time. */
const REPEAT_MS = 30_000;

interface Raised {
  readonly since: number;
  readonly saidAt: number;
  readonly detail: string;
}

/** No alarms yet. `now`: epoch ms. */
export function createAlarms(now: () => number, log: AlarmLog): Alarms {
  const raised = new Map<AlarmKind, Raised>();
  const counts = new Map<AlarmKind, number>();
  return {
    raise(what, detail = '') {
      const [at, before] = [now(), raised.get(what)];
      const again = before !== undefined && before.detail === detail && Math.abs(at - before.saidAt) < REPEAT_MS;
      if (!again) log.error({ what, detail }, `alarm: ${what}: ${ALARM_WORDS[what].en}`);
      if (!again) raised.set(what, { since: before?.since ?? at, saidAt: at, detail });
      if (before === undefined) counts.set(what, (counts.get(what) ?? 0) + 1);
      return before === undefined;
    },
    clear(what) {
      if (raised.delete(what)) log.warn({ what }, `alarm: ${what} is over`);
    },
    isRaised: (what) => raised.has(what),
    current: () => [...raised].map(([what, { since }]) => ({ what, message: ALARM_WORDS[what], since })),
    counts: () => Object.fromEntries(counts),
  };
}
