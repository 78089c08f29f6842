import { recordDoorEvent } from './events.ts';
import { listInForce } from './local.ts';
import { relock } from './lock.ts';
import { type DoorRun, NEVER, type Step } from './model.ts';
import { stateChanged } from './report.ts';
import { inLockdown, isHour, settingsOf } from './rules.ts';

/** Somebody was let in: the first of a span lets the door stand open; a duty card ends a lockdown. */
export function cameIn(c: Step, door: number, duty: boolean): void {
  const lock = c.run.doors[door - 1];
  if (lock === undefined) return;
  const { u, f, k } = settingsOf(c, door);
  if (duty) {
    c.run.released.set(door, k);
    c.out.push({ t: 'store', change: { released: [{ door, k }] } });
    lock.lockdown = false;
    recordDoorEvent(c, door, 'duty-release');
  }
  if (u === 0 || f === 0 || lock.firstCard || !isHour(c.run, u)) return;
  lock.firstCard = true;
  recordDoorEvent(c, door, 'first-in');
}

function superviseLockdown(c: Step, door: number, lock: DoorRun): void {
  const now = inLockdown(c, door);
  if (lock.lockdown === now) return;
  const first = lock.lockdown === undefined;
  lock.lockdown = now;
  stateChanged(c.run);
  if (!first || now) recordDoorEvent(c, door, now ? 'lockdown' : 'lockdown-end');
}

/** Stands open in the hours of its schedule, by a list that counts, and in no lockdown. */
function superviseHold(c: Step, door: number, lock: DoorRun): void {
  const { u, f } = settingsOf(c, door);
  const hour = u !== 0 && isHour(c.run, u);
  if (!hour) {
    lock.firstCard = false;
    lock.holdOff = false;
  }
  const hold = hour && listInForce(c.run) && (f === 0 || lock.firstCard) && !lock.holdOff && lock.lockdown !== true;
  if (hold === lock.hold) return;
  lock.hold = hold;
  if (hold) c.out.push({ t: 'pulse', door, until: NEVER, cause: { by: 'schedule' } });
  else if (lock.releasedUntil <= c.run.u) relock(c, door);
  stateChanged(c.run);
  recordDoorEvent(c, door, hold ? 'hold' : 'hold-end');
}

/** Lockdowns and open hours that begin or end. */
export function superviseModes(c: Step): void {
  c.run.doors.forEach((lock, at) => {
    superviseLockdown(c, at + 1, lock);
    superviseHold(c, at + 1, lock);
  });
}
