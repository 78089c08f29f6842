import { DAY_MS, dayEnd, dayStart } from '../../parts/time.ts';

/** Longest part of the log one purpose opens (domain.md 5.3). */
export const MOST_DAYS = 30;

/** How many days a range of days has, both ends included; 0 when it is not one. */
export const daysIn = (from: string, until: string): number => {
  const days = (dayEnd(until) - dayStart(from)) / DAY_MS;
  return Number.isFinite(days) && days > 0 ? days : 0;
};
