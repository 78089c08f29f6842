import { type Cause, NEVER, type Step } from './model.ts';
import { stateChanged } from './report.ts';

/** Releases the lock; a second release while open extends, never shortens. */
export function release(c: Step, door: number, openMs: number, cause: Cause): void {
  const lock = c.run.doors[door - 1];
  if (lock === undefined) return;
  lock.releasedUntil = Math.max(lock.releasedUntil, c.run.u + openMs);
  c.out.push({ t: 'pulse', door, until: c.world.fire || lock.hold ? NEVER : lock.releasedUntil, cause });
  stateChanged(c.run);
}

/** Locks now, unless the fire input holds the door. */
export function relock(c: Step, door: number): void {
  const lock = c.run.doors[door - 1];
  if (lock === undefined) return;
  lock.releasedUntil = 0;
  if (!c.world.fire && !lock.hold) c.out.push({ t: 'relock', door });
  stateChanged(c.run);
}
