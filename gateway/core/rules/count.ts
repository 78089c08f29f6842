import { addDays, dateAt, endOfDay, type LocalDate, timeAt } from '../local-date.ts';
import { addWorkingDays, isWorkingDay, type WorkCalendar } from '../working-days.ts';
import { type JurisdictionRule, RuleError } from './rule.ts';

/** One step of how a date was found, for words of a console: a code and what to put into its sentence. */
export interface Step {
  readonly code: 'inherited' | 'open' | 'moment' | 'dayNotCounted' | 'monthEnd' | 'rolled' | 'calendarMissing';
  readonly values: Readonly<Record<string, string>>;
}

/** What time is counted by. */
export interface Counting {
  readonly calendar: WorkCalendar;
  /** Does a weekend move the last day, too? A public holiday always does (Civil Code art. 203). */
  readonly rollWeekend: boolean;
}

/** When something is due, and by which rule: a case keeps its id, so that a rule changed later leaves it alone. */
export interface Due {
  /** Epoch ms; the last millisecond of the last day, but for hours. */
  readonly dueAt: number;
  readonly ruleId: number;
  readonly explains: readonly Step[];
}

const HOUR_MS = 3_600_000;
const two = (value: number): string => String(value).padStart(2, '0');
/** First day of a month, counted from the year 0. */
const firstOf = (month: number): LocalDate => `${Math.floor(month / 12)}-${two((month % 12) + 1)}-01`;

/** The corresponding day so many months later; the month's last day where it has none such (Civil Code art. 202). */
function monthsAfter(start: LocalDate, months: number): LocalDate {
  const month = Number(start.slice(0, 4)) * 12 + Number(start.slice(5, 7)) - 1 + months;
  const [same, last] = [`${firstOf(month).slice(0, 8)}${start.slice(8)}`, addDays(firstOf(month + 1), -1)];
  return same < last ? same : last;
}

/** The day the period ends on, before holidays are looked at. The day it starts on is not counted (Civil Code art. 201). */
function lastDay(start: LocalDate, { unit }: JurisdictionRule, amount: number, calendar: WorkCalendar): LocalDate {
  switch (unit) {
    case 'calendarDay':
      return addDays(start, amount);
    case 'workingDay':
      return addWorkingDays(start, amount, calendar);
    case 'month':
      return monthsAfter(start, amount);
    case 'year':
      return monthsAfter(start, amount * 12);
    default:
      throw new RuleError('unit', 'hour | calendarDay | workingDay | month | year');
  }
}

/** The first day from this one on that ends a period (Civil Code art. 203). */
function rolled(last: LocalDate, { calendar, rollWeekend }: Counting): LocalDate {
  const rests = (date: LocalDate): boolean => (rollWeekend ? !isWorkingDay(date, calendar) : calendar.holidays.has(date));
  let date = last;
  while (rests(date)) date = addDays(date, 1);
  return date;
}

/**
 * When what the rule asks for is due, counted from `trigger` (epoch ms) in China's zone (Civil Code arts. 200–204):
 * hours from the moment; days, months and years without the day it starts on, to the end of the last day, which moves
 * when it is a holiday. A year whose holidays are not announced yet is counted without them, and `explains` says so.
 * Throws RuleError for a rule that has no period.
 */
export function dueFor(rule: JurisdictionRule, trigger: number, counting: Counting): Due {
  const { id: ruleId, amount, unit } = rule;
  if (amount === null) throw new RuleError('amount', 'a rule that gives a period');
  if (unit === 'hour') return { dueAt: trigger + amount * HOUR_MS, ruleId, explains: [{ code: 'moment', values: { at: timeAt(trigger) } }] };
  const start = dateAt(trigger);
  const last = lastDay(start, rule, amount, counting.calendar);
  const due = rolled(last, counting);
  const explains: Step[] = [{ code: 'dayNotCounted', values: { date: start } }];
  if ((unit === 'month' || unit === 'year') && last.slice(8) !== start.slice(8)) explains.push({ code: 'monthEnd', values: { date: last } });
  if (due !== last) explains.push({ code: 'rolled', values: { from: last, to: due } });
  if (Number(due.slice(0, 4)) > counting.calendar.lastYear) explains.push({ code: 'calendarMissing', values: { year: due.slice(0, 4) } });
  return { dueAt: endOfDay(due), ruleId, explains };
}
