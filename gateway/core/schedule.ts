import type { LocalDate } from './local-date.ts';
import type { WorkCalendar } from './working-days.ts';

/** From a minute of the day to another, which is not included any more. 0 to 1440. */
export type DaySpan = readonly [from: number, to: number];
/** Spans of eight days: Monday to Sunday, and what holds on a public holiday instead. */
export type WeekPlan = readonly (readonly DaySpan[])[];
/** Days that are not what their name in the week says. */
export type DayCalendar = Pick<WorkCalendar, 'holidays' | 'makeUpDays'>;

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
/** 1 January 1970 was a Thursday, the fourth day of a week that begins with Monday. */
const EPOCH_WEEKDAY = 3;
const MONDAY = 0;
const HOLIDAY = 7;

/** Which of the eight days a date keeps to: a public holiday to its own, a weekend day that makes up for one to Monday's. */
function dayOf(date: LocalDate, weekday: number, { holidays, makeUpDays }: DayCalendar): number {
  if (makeUpDays.has(date)) return MONDAY;
  return holidays.has(date) ? HOLIDAY : weekday;
}

/** China keeps one zone, 8 hours ahead of UTC. Minutes. */
export const CHINA_MINUTES = 480;

/**
 * Is this moment within the plan? `at`: epoch ms from 1970 on; `zone`: minutes the plan's time is ahead of UTC. A
 * door of its own asks the same of the schedules in the header of its list.
 */
export function isWithin(plan: WeekPlan, at: number, calendar: DayCalendar, zone: number): boolean {
  const minutes = Math.floor(at / MINUTE_MS) + zone;
  const days = Math.floor(minutes / DAY_MINUTES);
  const date = new Date(days * DAY_MINUTES * MINUTE_MS).toISOString().slice(0, 10);
  const minute = minutes % DAY_MINUTES;
  return plan[dayOf(date, (days + EPOCH_WEEKDAY) % 7, calendar)]?.some(([from, to]) => minute >= from && minute < to) ?? false;
}
