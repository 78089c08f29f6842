import { current, hostNow, hostOf } from '../engine/current.ts';
import type { Due } from '../engine/scheduler.ts';

/**
 * What stands in the product's code for the timers and clocks of Node: these names are imported in front of every
 * file of gateway/ when the simulation is linked (bundle.mjs), and so hide the global ones.
 */
class Timer {
  due: Due | undefined;
  unref(): this {
    return this;
  }
  ref(): this {
    return this;
  }
}

type Act = (...args: readonly unknown[]) => void;

/** As Node's, on the clock of the world. A timer dies with the thread that set it. */
export function setTimeout(act: Act, ms = 0, ...args: readonly unknown[]): Timer {
  const timer = new Timer();
  timer.due = current().scheduler.after(Math.max(1, ms), hostOf(), () => act(...args));
  return timer;
}

export function setImmediate(act: Act, ...args: readonly unknown[]): Timer {
  const timer = new Timer();
  timer.due = current().scheduler.after(0, hostOf(), () => act(...args));
  return timer;
}

/** As Node's: the next turn is due a period after this one began, and turns that were missed are not made up. */
export function setInterval(act: Act, ms: number, ...args: readonly unknown[]): Timer {
  const { scheduler } = current();
  const host = hostOf();
  const timer = new Timer();
  const turn = (): void => {
    timer.due = scheduler.at(scheduler.now + ms, host, turn);
    act(...args);
  };
  timer.due = scheduler.after(ms, host, turn);
  return timer;
}

function clear(timer: Timer | undefined): void {
  if (timer?.due !== undefined) timer.due.cancelled = true;
}
export const clearTimeout = clear;
export const clearInterval = clear;
export const clearImmediate = clear;

/** Running time of the machine. */
export const performance = { now: hostNow };

const RealDate = globalThis.Date;

/** The date of the machine that has the turn. */
class SimulatedDate extends RealDate {
  constructor(...given: readonly (number | string)[]) {
    super(...((given.length === 0 ? [SimulatedDate.now()] : given) as [number]));
  }
  static override now(): number {
    return hostOf().wall() + hostNow() - current().scheduler.now;
  }
}
export { SimulatedDate as Date };
