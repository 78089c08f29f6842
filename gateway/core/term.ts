import { addDays, DAY_MS, dateAt, endOfDay, localDate, type LocalDate, startOfDay } from './local-date.ts';

/** A lease beyond this is void for the rest (Civil Code art. 705, L-17). Years. */
export const MOST_YEARS = 20;
/** Somebody moves in at most so many days after he is entered (domain.md 5.1-5). */
export const MOST_DAYS_AHEAD = 30;
const YEAR_MONTHS = 12;
/** A shorter term is counted in days: nobody lets by the month for three weeks. */
const MONTH_DAYS = 28;
const MEAN_MONTH_DAYS = 30.44;
const LAST_DAY = 31;

/** The same day `months` later, or the last day of that month when it has no such day. */
export function addMonths(date: LocalDate, months: number): LocalDate {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  const at = year * YEAR_MONTHS + month - 1 + months;
  for (let last = Math.min(day, LAST_DAY); last > 0; last -= 1) {
    const found = localDate(Math.floor(at / YEAR_MONTHS), (at % YEAR_MONTHS) + 1, last);
    if (found !== undefined) return found;
  }
  throw new RangeError(`no day ${months} months after ${date}`);
}

const dayCount = (from: LocalDate, until: LocalDate): number => Math.round((startOfDay(until) - startOfDay(from)) / DAY_MS);

/** From when to when a contract ran last, epoch ms; `end` null: not known. */
export interface LastTerm {
  readonly from: number;
  readonly end: number | null;
}

/** The last day of the `k`th term after the last one. People write a year as to the day before, or as to the same day: both stay as they are. */
function lastDayOf(from: LocalDate, last: LocalDate): (k: number) => LocalDate {
  const months = Math.max(1, Math.round(dayCount(from, last) / MEAN_MONTH_DAYS));
  if (addMonths(from, months) === addDays(last, 1)) return (k) => addDays(addMonths(from, months * (k + 1)), -1);
  if (addMonths(from, months) === last) return (k) => addMonths(from, months * (k + 1));
  if (dayCount(from, last) < MONTH_DAYS) return (k) => addDays(last, Math.max(1, dayCount(from, last)) * k);
  return (k) => addMonths(last, months * k);
}

/**
 * When a contract ends that is extended by one term as long as the last, or as many as bring it past `now`; by years of
 * its beginning when its end is not known. Keeps the time of day. Epoch ms.
 */
export function nextEnd({ from, end }: LastTerm, now: number): number {
  const first = dateAt(from);
  const byYears = (k: number): LocalDate => addDays(addMonths(first, YEAR_MONTHS * k), -1);
  const dayOf = end === null ? byYears : lastDayOf(first, dateAt(end));
  const time = end === null ? DAY_MS - 1 : end - startOfDay(dateAt(end));
  for (let k = 1; ; k += 1) {
    const next = startOfDay(dayOf(k)) + time;
    if (next > now) return next;
  }
}

/** The latest moment a contract made at `now` may end, epoch ms. */
export const latestEnd = (now: number): number => endOfDay(addMonths(dateAt(now), MOST_YEARS * YEAR_MONTHS));
