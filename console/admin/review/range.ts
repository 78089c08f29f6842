const DAY_MS = 86_400_000;
const OFFSET_MS = 8 * 3_600_000; // China has one zone and no summer time
/** Longest part of the log one purpose opens (domain.md 5.3). */
export const MOST_DAYS = 30;

/** yyyy-mm-dd of a moment (epoch ms), as people in China write it: what a date field holds. */
export const dayOf = (ms: number): string => new Date(ms + OFFSET_MS).toISOString().slice(0, 10);

/** First moment of a day, epoch ms; NaN when the field is empty. */
export const dayStart = (day: string): number => Date.parse(`${day}T00:00:00+08:00`);

/** The first moment after a day, epoch ms. */
export const dayEnd = (day: string): number => dayStart(day) + DAY_MS;

/** How many days a range of days has, both ends included; 0 when it is not one. */
export const daysIn = (from: string, until: string): number => {
  const days = (dayEnd(until) - dayStart(from)) / DAY_MS;
  return Number.isFinite(days) && days > 0 ? days : 0;
};
