/** A calendar day, `yyyy-mm-dd`, in the register's zone. Two of them compare as text. */
export type LocalDate = string;

/** China keeps one zone the whole year (Asia/Shanghai, +08:00; no summer time since 1991). Milliseconds. */
const ZONE_MS = 8 * 3_600_000;
/** One day, milliseconds. */
export const DAY_MS = 86_400_000;

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

/** The day of these numbers, or undefined when the Gregorian calendar has none such. Years 1 to 9999. */
export function localDate(year: number, month: number, day: number): LocalDate | undefined {
  if (year < 1 || year > 9999) return undefined;
  const at = new Date(0);
  // What is not whole, or no number, does not come back as it was put in.
  at.setUTCFullYear(year, month - 1, day);
  if (at.getUTCFullYear() !== year || at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day) return undefined;
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

/** Epoch ms of 00:00 +08:00 on this day. */
export const startOfDay = (date: LocalDate): number => Date.parse(`${date}T00:00:00Z`) - ZONE_MS;

/** Epoch ms of the last millisecond of this day, so that showing it as a date names the same day. */
export const endOfDay = (date: LocalDate): number => startOfDay(date) + DAY_MS - 1;

/** The day at this moment (epoch ms) in the register's zone. */
export const dateAt = (epochMs: number): LocalDate => new Date(epochMs + ZONE_MS).toISOString().slice(0, 10);

/** Date and time of day at this moment (epoch ms) in the register's zone, to the second: `2026-07-01 20:00:00`. */
export const timeAt = (epochMs: number): string => new Date(epochMs + ZONE_MS).toISOString().slice(0, -5).replace('T', ' ');

/** The day `days` after this one; negative: before. */
export const addDays = (date: LocalDate, days: number): LocalDate => dateAt(startOfDay(date) + days * DAY_MS);

/** Years completed on `today`. A birthday on 29 February counts on 1 March of other years. */
export function completedYears(birth: LocalDate, today: LocalDate): number {
  const years = Number(today.slice(0, 4)) - Number(birth.slice(0, 4));
  return today.slice(5) < birth.slice(5) ? years - 1 : years;
}
