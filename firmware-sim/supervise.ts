import { recordDoorEvent } from './events.ts';
import { openMsOf } from './local.ts';
import { release, relock } from './lock.ts';
import type { DoorWord } from '../gateway/wire/mqtt/door-words.ts';
import { type Contact, type DoorRun, type Input, NEVER, type Step } from './model.ts';
import { isReleased, stateChanged } from './report.ts';
import { openedByRequest } from './requests.ts';
import { settingsOf } from './rules.ts';

/** Exit button: the lock first, the record after, so that a failing store keeps nobody in. */
export function exitPressed(c: Step, door: number): void {
  release(c, door, openMsOf(c, door), { by: 'exit' });
  recordDoorEvent(c, door, 'exit');
}

/** Fire input: all doors are released while it is on. */
export function fireInput(c: Step, on: boolean): void {
  const doors = c.run.doors.map((_, at) => at + 1);
  if (on) {
    for (const door of doors) c.out.push({ t: 'pulse', door, until: NEVER, cause: { by: 'fire' } });
    for (const door of doors) recordDoorEvent(c, door, 'fire');
  } else {
    for (const door of doors) if (!isReleased(c, door)) relock(c, door);
    for (const door of doors) recordDoorEvent(c, door, 'fire-end');
  }
  stateChanged(c.run);
}

/** How long a door may stand open, ms: as the list says, else the device's own setting. */
export const heldMsOf = (c: Pick<Step, 'config' | 'run'>, door: number): number => settingsOf(c, door).h || c.config.heldMs;

function doorOpened(c: Step, door: number, lock: DoorRun): void {
  lock.heldAt = c.run.u + heldMsOf(c, door);
  lock.abnormal = false;
  if (!isReleased(c, door)) {
    lock.abnormal = true;
    c.out.push({ t: 'lamp', door, show: 'alarm', answer: undefined });
    recordDoorEvent(c, door, 'forced');
  } else if (!openedByRequest(c, door)) recordDoorEvent(c, door, 'opened');
}

/** The contact changed. A closing is worth a line only after a forced or held opening. */
export function contactChanged(c: Step, door: number, contact: Contact): void {
  const lock = c.run.doors[door - 1];
  if (lock === undefined) return;
  stateChanged(c.run);
  if (contact !== 'unknown' && lock.faulty) recordDoorEvent(c, door, 'contact-back');
  if (contact === 'unknown') recordDoorEvent(c, door, 'contact-fault');
  lock.faulty = contact === 'unknown';
  if (contact === 'open') {
    doorOpened(c, door, lock);
    return;
  }
  lock.heldAt = NEVER;
  if (contact === 'closed' && lock.abnormal) {
    lock.abnormal = false;
    recordDoorEvent(c, door, 'closed');
  }
}

/** Open times that ran out, doors open too long. */
export function superviseDoors(c: Step): void {
  c.run.doors.forEach((lock, at) => {
    if (lock.releasedUntil !== 0 && lock.releasedUntil <= c.run.u) relock(c, at + 1);
    if (lock.heldAt > c.run.u) return;
    lock.heldAt = NEVER;
    if (c.world.fire || lock.hold) return;
    lock.abnormal = true;
    recordDoorEvent(c, at + 1, 'held');
  });
}

/** Something about the device as a whole, or one reader: `on` is the word of trouble, `off` of its end. */
function told(c: Step, door: number, trouble: boolean, [on, off]: readonly [DoorWord, DoorWord]): void {
  recordDoorEvent(c, door, trouble ? on : off);
  stateChanged(c.run);
}

/** The case, the supply, the battery, a reader: told once when it goes wrong and once when it is right again. */
export function deviceSensed(c: Step, input: Extract<Input, { t: 'tamper' | 'mains' | 'battery' | 'reader' }>): void {
  if (input.t === 'tamper') told(c, 1, input.on, ['tamper', 'tamper-end']);
  else if (input.t === 'mains') told(c, 1, !input.on, ['power-lost', 'power-back']);
  else if (input.t === 'battery') told(c, 1, input.low, ['battery-low', 'battery-back']);
  else told(c, input.door, !input.ok, ['reader-lost', 'reader-back']);
}
