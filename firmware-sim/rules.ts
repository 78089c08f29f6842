import { isWithin } from '../gateway/core/schedule.ts';
import type { DoorSettings } from '../gateway/wire/mqtt/list-header.ts';
import { NEVER, type Running, type Step } from './model.ts';

/** A lockdown lasts no longer than this in running time, ms, whatever is told of the time: it always ends by itself (design.md 6.1). */
const LOCKDOWN_MS = 2 * 3_600_000;
const NONE: DoorSettings = { o: 0, h: 0, u: 0, f: 0, p: 0, i: 0, a: 0, x: 0, k: 0 };

type Ruled = Pick<Step, 'config' | 'run'>;

/** How a door works, by the header of the list in force. */
export const settingsOf = ({ run }: Ruled, door: number): DoorSettings => run.list?.doors[door - 1] ?? NONE;

/** Authenticated time now, epoch ms, never before the floor; undefined when nobody told this boot. */
export const trustedTime = (run: Running): number | undefined => (run.clock === undefined ? undefined : Math.max(run.floor, run.clock.time + run.u - run.clock.at));

/**
 * The time as it was last told in this boot, epoch ms; undefined when nobody did. For what begins and ends with the hour:
 * a floor that a wrong clock once left ahead stands still, and would hold a door open, or end a lockdown, for as long.
 */
export const toldTime = (run: Running): number | undefined => (run.clock === undefined ? undefined : run.clock.time + run.u - run.clock.at);

/** Is it an hour of this schedule? Without the time, or the schedule, it is not. */
export function isHour(run: Running, number: number): boolean {
  const [time, schedule] = [toldTime(run), run.list?.sched.find(({ s }) => s === number)];
  if (time === undefined || schedule === undefined || run.list === undefined) return false;
  const { hol, work, tz } = run.list;
  return isWithin(schedule.w, time, { holidays: new Set(hol), makeUpDays: new Set(work) }, tz);
}

/** Is the door in a lockdown that no duty card ended? */
export function inLockdown(c: Ruled, door: number): boolean {
  const { run } = c;
  const { k } = settingsOf(c, door);
  if (k === 0 || run.released.get(door) === k) return false;
  const time = toldTime(run);
  if (time !== undefined && time >= k) return false;
  const since = run.list?.boot === run.boot ? run.list.u : 0;
  return run.u - since < LOCKDOWN_MS;
}

/** Is another door of its interlock open or unlocked? */
export function isInterlocked(c: Pick<Step, 'config' | 'world' | 'run'>, door: number): boolean {
  const { i } = settingsOf(c, door);
  return c.run.doors.some((lock, at) => (i & (1 << at)) !== 0 && at !== door - 1 && (c.world.contact[at] === 'open' || lock.hold || lock.releasedUntil > c.run.u));
}

/** The minute in which a schedule may begin or end next, in running time; Infinity when no door keeps to one. */
export function nextMinute(run: Running): number {
  const time = toldTime(run);
  if (time === undefined || run.list === undefined || !run.list.doors.some(({ u, k }) => u !== 0 || k !== 0)) return NEVER;
  return run.u + (60_000 - (time % 60_000));
}
