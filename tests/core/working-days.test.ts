import { describe, expect, test } from 'vitest';
import { addWorkingDays, isWorkingDay, type WorkCalendar } from '../../gateway/core/working-days.ts';
import { PUBLIC_HOLIDAYS } from '../../gateway/register/public-holidays.ts';

const NONE: WorkCalendar = { holidays: new Set(), makeUpDays: new Set(), lastYear: 2026 };

describe('working days', () => {
  test('the worked examples of domain.md 2.1: the start day is not counted', () => {
    expect(addWorkingDays('2026-03-06', 3, NONE)).toBe('2026-03-11');
    expect(addWorkingDays('2026-03-03', 2, NONE)).toBe('2026-03-05');
    expect(addWorkingDays('2026-03-05', 0, NONE)).toBe('2026-03-05');
    expect(addWorkingDays('2026-03-07', 0, NONE)).toBe('2026-03-09');
  });

  // 2026: 1-7 October off; Sunday 20 September and Saturday 10 October worked; 25-27 September off for Mid-autumn.
  test('around National Day 2026', () => {
    expect(addWorkingDays('2026-09-30', 1, PUBLIC_HOLIDAYS)).toBe('2026-10-08');
    expect(addWorkingDays('2026-09-30', 3, PUBLIC_HOLIDAYS)).toBe('2026-10-10');
    expect(addWorkingDays('2026-09-30', 4, PUBLIC_HOLIDAYS)).toBe('2026-10-12');
    // From Friday 18: Sunday 20, Monday 21 to Thursday 24, Monday 28 to Wednesday 30, then 8, 9, 10, 12, 13, 14, 15 October.
    expect(addWorkingDays('2026-09-18', 15, PUBLIC_HOLIDAYS)).toBe('2026-10-15');
  });

  // 15-23 February off; Saturdays 14 and 28 February worked.
  test('around Spring Festival 2026', () => {
    expect(addWorkingDays('2026-02-13', 1, PUBLIC_HOLIDAYS)).toBe('2026-02-14');
    expect(addWorkingDays('2026-02-13', 2, PUBLIC_HOLIDAYS)).toBe('2026-02-24');
    expect(addWorkingDays('2026-02-13', 6, PUBLIC_HOLIDAYS)).toBe('2026-02-28');
    // Saturday 14, Tuesday 24 to Saturday 28 (five days), Monday 2 to Friday 6 March (five), Monday 9 to Thursday 12 March (four).
    expect(addWorkingDays('2026-02-13', 15, PUBLIC_HOLIDAYS)).toBe('2026-03-12');
  });

  test('a make-up Saturday is worked, the holiday Monday is not, a common Saturday is not', () => {
    expect(isWorkingDay('2026-10-10', PUBLIC_HOLIDAYS)).toBe(true);
    expect(isWorkingDay('2026-10-05', PUBLIC_HOLIDAYS)).toBe(false);
    expect(isWorkingDay('2026-10-17', PUBLIC_HOLIDAYS)).toBe(false);
  });

  test('in a year that is not announced yet only weekends are known', () => {
    expect(PUBLIC_HOLIDAYS.lastYear).toBeGreaterThanOrEqual(2026);
    expect(addWorkingDays('2040-01-02', 5, PUBLIC_HOLIDAYS)).toBe('2040-01-09');
  });

  test('a count that is none is refused', () => {
    expect(addWorkingDays('2026-03-06', 1000, NONE)).toBe('2030-01-04');
    for (const count of [-1, 1.5, 1001, Number.NaN]) expect(() => addWorkingDays('2026-03-06', count, NONE)).toThrow(RangeError);
  });
});
