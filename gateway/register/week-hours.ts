import type { DaySpan, WeekPlan } from '../core/schedule.ts';

/** Monday to Sunday, and what holds on a public holiday instead. */
const DAYS = 8;
const HOLIDAY = 7;
const DAY_MINUTES = 1440;
/** The header of a door's list has room for so many in a day. */
const MOST_SPANS = 8;
const SPAN = /^([01]\d|2[0-4]):([0-5]\d)\s*[–-]\s*([01]\d|2[0-4]):([0-5]\d)$/;

const minutes = (hour: string | undefined, minute: string | undefined): number => Number(hour) * 60 + Number(minute);
const two = (n: number): string => String(n).padStart(2, '0');
const clock = (minute: number): string => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;

/** One span as written, from and to in minutes of the day; `to` is smaller when it ends on the next day. RangeError for anything else. */
function readSpan(text: string, where: string): DaySpan {
  const found = SPAN.exec(text.trim());
  const [from, to] = [minutes(found?.[1], found?.[2]), minutes(found?.[3], found?.[4])];
  if (found === null || from >= DAY_MINUTES || to > DAY_MINUTES || from === to) throw new RangeError(where);
  return [from, to];
}

/** Spans in order, those that touch made one. */
function joined(spans: readonly DaySpan[]): DaySpan[] {
  const whole: DaySpan[] = [];
  for (const [from, to] of [...spans].sort(([a], [b]) => a - b)) {
    const last = whole.at(-1);
    if (last !== undefined && from <= last[1]) whole[whole.length - 1] = [last[0], Math.max(last[1], to)];
    else whole.push([from, to]);
  }
  return whole;
}

/**
 * A plan from eight days of spans such as `08:00–22:00`; `24:00` ends a day. One that ends at an earlier time than it
 * begins goes on into the next day: after Sunday that is Monday, after a holiday the holiday's own morning. RangeError,
 * its message the place that is wrong (`days`, `days[2][0]`), else.
 */
export function readWeek(days: readonly (readonly string[])[]): WeekPlan {
  if (days.length !== DAYS) throw new RangeError('days');
  const week: DaySpan[][] = days.map(() => []);
  for (const [day, spans] of days.entries()) {
    for (const [at, text] of spans.entries()) {
      const [from, to] = readSpan(text, `days[${day}][${at}]`);
      week[day]?.push([from, to > from ? to : DAY_MINUTES]);
      const next = day === HOLIDAY ? HOLIDAY : (day + 1) % HOLIDAY;
      if (to < from && to > 0) week[next]?.push([0, to]);
    }
  }
  const whole = week.map(joined);
  const full = whole.findIndex((spans) => spans.length > MOST_SPANS);
  if (full >= 0) throw new RangeError(`days[${full}]`);
  return whole;
}

/** The days of a plan as `readWeek` takes them. */
export const writeWeek = (plan: WeekPlan): string[][] => Array.from({ length: DAYS }, (_, day) => (plan[day] ?? []).map(([from, to]) => `${clock(from)}–${clock(to)}`));
