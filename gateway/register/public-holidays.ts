import days from 'chinese-days/dist/chinese-days.json' with { type: 'json' };
import type { WorkCalendar } from '../core/working-days.ts';

/**
 * The holidays the State Council announced, from the package chinese-days (dates alone, read as data: its functions go
 * by the machine's own time zone). A year's days are announced in the November before; updating the package brings them.
 */
export const PUBLIC_HOLIDAYS: WorkCalendar = {
  holidays: new Set(Object.keys(days.holidays)),
  makeUpDays: new Set(Object.keys(days.workdays)),
  lastYear: Math.max(...Object.keys(days.holidays).map((date) => Number(date.slice(0, 4)))),
};
