import { type Declared, may } from './permissions.ts';

/**
 * Every import, export and job that the gateway does by itself: what data it touches, what it does with it, and whose
 * (design.md 9). A route that starts one has the entry as its `config`; `repeat` takes no name that is not here.
 */
export const JOBS = {
  /** Reads a roster and says what it would do. */
  'roster-look': may('exchange', 'C', 'list'),
  'roster-import': may('exchange', 'C', 'roster'),
  /** A whole district at once, by whoever runs the gateway. */
  'district-import': may('exchange', 'C', 'site', { only: ['SA'], strong: true }),
  /** Drops live feeds whose console does not answer or whose session is over. */
  'live-beat': may('ledger', 'R', 'site'),
  /** Ends live feeds whose assignment has ended. */
  'live-due': may('ledger', 'R', 'site'),
  /** Tells consoles of a new checkpoint of the log. */
  'log-checkpoint': may('logProof', 'R', 'site'),
  /** Copies the newest checkpoint to files and a witness. */
  'checkpoint-copies': may('logProof', 'R', 'site'),
  /** Has doors' lists made anew for whoever's booked time has come. */
  'begun-access': may('door', 'U', 'site'),
  /** Writes down what the doors of stopped cards acknowledged. */
  'card-stops': may('credential', 'D', 'site'),
  /** Raises the alarms of doors by the entries that come in, and of controllers that stay away. */
  'door-alarms': may('doorAlarm', 'R', 'list'),
  'session-sweep': may('session', 'D', 'site'),
  /** Makes search terms and number hashes of new and changed people. */
  'search-terms': may('key', 'X', 'site'),
  /** Takes up interrupted retention runs, and each night looks for what is due. */
  retention: may('retention', 'X', 'site'),
  /** Makes the nightly backup when its time has come. */
  backup: may('key', 'X', 'site'),
  /** Seals everything anew under a new key. */
  'key-rotation': may('key', 'X', 'site'),
} as const satisfies Readonly<Record<string, Declared>>;

/** A job that has said what it touches. */
export type JobName = keyof typeof JOBS;

/**
 * A job of the gateway itself, done again and again every `ms` until stopped. A turn that comes while the last one is
 * still at it is left out; an error goes to `onError`, and the next turn comes all the same.
 */
export function repeat(name: JobName, ms: number, run: () => Promise<void>, onError: (error: unknown, where: string) => void): { stop(): void } {
  if (!(name in JOBS)) throw new Error(`job ${String(name)} declares no data, action and scope`);
  let running = false;
  async function turn(): Promise<void> {
    if (running) return;
    running = true;
    await run().catch((error: unknown) => onError(error, name));
    running = false;
  }
  const timer = setInterval(() => void turn(), ms).unref();
  return { stop: () => clearInterval(timer) };
}
