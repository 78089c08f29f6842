import type { WeekPlan } from '../core/schedule.ts';

const isMinute = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 1440;
const isSpan = (value: unknown): value is readonly [number, number] =>
  Array.isArray(value) && value.length === 2 && isMinute(value[0]) && isMinute(value[1]) && value[0] < value[1];
const isDay = (value: unknown): value is readonly (readonly [number, number])[] => Array.isArray(value) && value.every(isSpan);

/** The hours of a schedule as the register keeps them, eight lists of [from, to] in JSON. What cannot be read is good for no hour. */
export function planOf(week: string): WeekPlan {
  try {
    const days: unknown = JSON.parse(week);
    return Array.isArray(days) && days.length === 8 && days.every(isDay) ? days : [];
  } catch {
    return [];
  }
}
