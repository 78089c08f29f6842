import type { Random } from './random.ts';
import type { Host, Scheduler } from './scheduler.ts';

/** What ports (tests/sim/ports) reach from inside the product's code: the world that runs now. */
export interface Surroundings {
  readonly scheduler: Scheduler;
  /** Random bytes of the product's own: keys, nonces, ids. */
  readonly bytes: Random;
  /** Seals are real; otherwise contents travel and lie open. */
  readonly sealed: boolean;
  /** The log is a real SQLite file in this directory. */
  readonly dir: string | undefined;
}

let world: Surroundings | undefined;

/** Makes this world the one that runs. */
export function enter(surroundings: Surroundings | undefined): void {
  world = surroundings;
}

/** The world that runs. Throws when there is none. */
export function current(): Surroundings {
  if (world === undefined) throw new Error('simulation: no world is running');
  return world;
}

/** The moment for whoever has the turn: later than the clock when it has just been kept busy. */
export function hostNow(): number {
  const { scheduler } = current();
  return Math.max(scheduler.now, scheduler.host.busyUntil);
}

/** The host that has the turn. */
export const hostOf = (): Host => current().scheduler.host;
