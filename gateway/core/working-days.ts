import { addDays, type LocalDate } from './local-date.ts';

/** Which days are worked, as the State Council announces them year by year (domain.md 2.1: data, never code). */
export interface WorkCalendar {
  /** Public holidays, also those that fall on a weekend. */
  readonly holidays: ReadonlySet<LocalDate>;
  /** Saturdays and Sundays that are worked to make up for a holiday. */
  readonly makeUpDays: ReadonlySet<LocalDate>;
  /** Last year announced; after it only weekends are known. */
  readonly lastYear: number;
}

/** Day of the week, 0 Sunday: 1 January 1970 was a Thursday. */
const weekday = (date: LocalDate): number => new Date(`${date}T00:00:00Z`).getUTCDay();

/** Is it worked? Monday to Friday but for public holidays, and the weekend days that make up for one. */
export function isWorkingDay(date: LocalDate, { holidays, makeUpDays }: WorkCalendar): boolean {
  if (makeUpDays.has(date)) return true;
  const day = weekday(date);
  return day !== 0 && day !== 6 && !holidays.has(date);
}

/**
 * The day on which `count` working days have passed. The day it starts on is not counted (Civil Code art. 201); the
 * result is a working day. `count` 0 gives the first working day from the start on. Throws RangeError for a count
 * that is no whole number from 0 to 1,000.
 */
export function addWorkingDays(start: LocalDate, count: number, calendar: WorkCalendar): LocalDate {
  if (!Number.isInteger(count) || count < 0 || count > 1000) throw new RangeError(`working days: expected a whole number from 0 to 1000, got ${count}`);
  let date = start;
  for (let left = count; left > 0; ) {
    date = addDays(date, 1);
    if (isWorkingDay(date, calendar)) left -= 1;
  }
  while (!isWorkingDay(date, calendar)) date = addDays(date, 1);
  return date;
}
