import { addDays, DAY_MS, dateAt, endOfDay, startOfDay } from './local-date.ts';

/** How long whoever stated something may take it back whatever came of it, ms (design.md 2). */
export const TAKE_BACK_MS = 10_000;
/** So many days after a move-out took effect one tap still brings access back; after that the counter decides. */
const OBJECTION_DAYS = 7;
/** A decision takes effect within these hours of the day (design.md 2): nobody is locked out by night. */
const DAY_BEGINS_H = 8;
const DAY_ENDS_H = 20;
const HOUR_MS = 3_600_000;

/** Until when somebody who was said to have moved out may object, epoch ms. */
export const objectionUntil = (statedAt: number, until: number): number => endOfDay(addDays(dateAt(Math.max(statedAt, until)), OBJECTION_DAYS));

/** May a decision take effect at this moment (epoch ms)? From 08:00 to 20:00. */
export function isDecisionHour(at: number): boolean {
  const hour = (at - startOfDay(dateAt(at))) / HOUR_MS;
  return hour >= DAY_BEGINS_H && hour < DAY_ENDS_H;
}

/** The next moment from `at` on at which a decision may take effect, epoch ms. */
export function nextDecisionHour(at: number): number {
  if (isDecisionHour(at)) return at;
  const morning = startOfDay(dateAt(at)) + DAY_BEGINS_H * HOUR_MS;
  return morning >= at ? morning : morning + DAY_MS;
}
