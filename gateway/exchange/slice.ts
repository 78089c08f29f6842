import { setImmediate } from 'node:timers/promises';

/** Milliseconds a long job may hold its thread before others get a turn. */
const SLICE_MS = 8;

/** Call it between steps of a long job: it returns at once, or gives the thread away when the slice is used up. */
export function createBreath(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < SLICE_MS) return;
    await setImmediate();
    since = performance.now();
  };
}
