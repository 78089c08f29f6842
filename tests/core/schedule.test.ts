import { describe, expect, test } from 'vitest';
import { type DaySpan, isWithin } from '../../gateway/core/schedule.ts';

const at = (text: string): number => Date.parse(`${text}+08:00`);
const calendar = { holidays: new Set(['2026-10-01', '2026-10-10']), makeUpDays: new Set(['2026-10-10', '2026-10-11']) };
/** Each day of the week an hour of its own, from 01:00 on Monday to 07:00 on Sunday; holidays from 08:00. */
const plan = Array.from({ length: 8 }, (_, day): DaySpan[] => [[60 * (day + 1), 60 * (day + 2)]]);
const within = (text: string): boolean => isWithin(plan, at(text), calendar, 480);

describe('a schedule', () => {
  test.each([
    ['2026-11-23', '01'],
    ['2026-11-24', '02'],
    ['2026-11-25', '03'],
    ['2026-11-26', '04'],
    ['2026-11-27', '05'],
    ['2026-11-28', '06'],
    ['2026-11-29', '07'],
    ['2026-10-01', '08'],
    ['2026-10-10', '01'],
    ['2026-10-11', '01'],
    ['1970-01-02', '05'],
  ])('%s keeps to the hour of its day, from the first minute to before the last', (date, hour) => {
    const hours = Array.from({ length: 24 }, (_, h) => String(h).padStart(2, '0')).filter((h) => within(`${date}T${h}:30:00`));
    expect(hours).toEqual([hour]);
    expect(within(`${date}T${hour}:00:00.000`)).toBe(true);
    expect(within(`${date}T${hour}:59:59.999`)).toBe(true);
  });

  test('goes by the time of its zone', () => {
    expect(isWithin(plan, Date.parse('2026-11-23T01:30:00Z'), calendar, 0)).toBe(true);
    expect(isWithin(plan, Date.parse('2026-11-23T01:30:00Z'), calendar, 60)).toBe(false);
    expect(isWithin(plan, Date.parse('2026-11-23T00:30:00Z'), calendar, 60)).toBe(true);
  });

  test('may have several spans in a day, and none', () => {
    const two: DaySpan[] = [
      [0, 1],
      [1439, 1440],
    ];
    const often = Array.from({ length: 8 }, () => two);
    expect(['00:00', '00:01', '12:00', '23:58', '23:59'].map((time) => isWithin(often, at(`2026-11-23T${time}:00`), calendar, 480))).toEqual([true, false, false, false, true]);
    expect(isWithin([], at('2026-11-23T12:00:00'), calendar, 480)).toBe(false);
  });
});
