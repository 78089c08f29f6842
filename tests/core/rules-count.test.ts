import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, dateAt, endOfDay, localDate, startOfDay } from '../../gateway/core/local-date.ts';
import { type Counting, type Due, dueFor } from '../../gateway/core/rules/count.ts';
import { type JurisdictionRule, RuleError, type Unit } from '../../gateway/core/rules/rule.ts';
import { readLine } from '../../gateway/core/rules/shipped.ts';
import { PUBLIC_HOLIDAYS } from '../../gateway/register/public-holidays.ts';

const HOUR = 3_600_000;
const ROLL: Counting = { calendar: PUBLIC_HOLIDAYS, rollWeekend: true };
const KEEP: Counting = { calendar: PUBLIC_HOLIDAYS, rollWeekend: false };

/** A rule of this period; for the counting alone. */
const rule = (amount: number | null, unit: Unit): JurisdictionRule => ({ ...readLine(['CN', 'lease.subletSilence', 'L-18', '6 month', 'owner', 'none'], 77), amount, unit });
/** Noon of a day in China. */
const noon = (date: string): number => startOfDay(date) + 12 * HOUR;
const due = (date: string, amount: number, unit: Unit, counting = ROLL): string => dateAt(dueFor(rule(amount, unit), noon(date), counting).dueAt);
const codes = (found: Due): string[] => found.explains.map(({ code, values }) => [code, ...Object.values(values)].join(' '));

describe('the worked examples of domain.md 2.1', () => {
  test('two days from Tuesday 3 March 2026: Thursday the 5th, to its end', () => {
    expect(dueFor(rule(2, 'calendarDay'), noon('2026-03-03'), ROLL)).toEqual({
      dueAt: endOfDay('2026-03-05'),
      ruleId: 77,
      explains: [{ code: 'dayNotCounted', values: { date: '2026-03-03' } }],
    });
  });
  test('three working days from Friday 6 March: Wednesday the 11th', () => expect(due('2026-03-06', 3, 'workingDay')).toBe('2026-03-11'));
  test('two days from Thursday 5 March end on a Saturday: Monday the 9th, or that Saturday where weekends do not move it', () => {
    expect(codes(dueFor(rule(2, 'calendarDay'), noon('2026-03-05'), ROLL))).toEqual(['dayNotCounted 2026-03-05', 'rolled 2026-03-07 2026-03-09']);
    expect(due('2026-03-05', 2, 'calendarDay')).toBe('2026-03-09');
    expect(due('2026-03-05', 2, 'calendarDay', KEEP)).toBe('2026-03-07');
  });
  test('one month from 31 January: 28 February, a make-up working Saturday in 2026, so it stays', () => {
    expect(codes(dueFor(rule(1, 'month'), noon('2026-01-31'), ROLL))).toEqual(['dayNotCounted 2026-01-31', 'monthEnd 2026-02-28']);
    expect(due('2026-01-31', 1, 'month')).toBe('2026-02-28');
  });
  test('and in a calendar without that make-up day: Monday 2 March', () => {
    const plain = { calendar: { holidays: new Set<string>(), makeUpDays: new Set<string>(), lastYear: 2026 }, rollWeekend: true };
    expect(due('2026-01-31', 1, 'month', plain)).toBe('2026-03-02');
  });
  test('24 hours from 22:40: the next day at 22:40, whatever day it is', () => {
    const at = startOfDay('2026-03-03') + 22 * HOUR + 40 * 60_000;
    expect(dueFor(rule(24, 'hour'), at, ROLL)).toEqual({ dueAt: at + 24 * HOUR, ruleId: 77, explains: [{ code: 'moment', values: { at: '2026-03-03 22:40:00' } }] });
    expect(dueFor(rule(24, 'hour'), startOfDay('2026-02-16'), ROLL).dueAt).toBe(startOfDay('2026-02-17'));
  });
});

describe('holidays, month ends and years', () => {
  // 15 to 23 February 2026 are off; Saturdays 14 and 28 February are worked.
  test.each([
    ['2026-02-12', 2, 'calendarDay', '2026-02-14'],
    ['2026-02-13', 2, 'calendarDay', '2026-02-24'],
    ['2026-02-13', 3, 'workingDay', '2026-02-25'],
    ['2026-02-13', 1, 'workingDay', '2026-02-14'],
    ['2026-02-26', 2, 'calendarDay', '2026-02-28'],
    ['2026-09-28', 3, 'calendarDay', '2026-10-08'],
    ['2026-10-07', 7, 'workingDay', '2026-10-15'],
    ['2025-11-30', 3, 'month', '2026-02-28'],
    ['2024-01-31', 1, 'month', '2024-02-29'],
    ['2023-12-31', 2, 'month', '2024-02-29'],
    ['2024-02-29', 1, 'year', '2025-02-28'],
    ['2020-02-29', 4, 'year', '2024-02-29'],
    ['2025-12-15', 1, 'month', '2026-01-15'],
    ['2025-03-15', 9, 'month', '2025-12-15'],
    ['2026-03-31', 0, 'month', '2026-03-31'],
    ['2026-03-04', 0, 'calendarDay', '2026-03-04'],
    ['2026-03-07', 0, 'calendarDay', '2026-03-09'],
  ] as const)('%s and %i %s: %s', (start, amount, unit, end) => expect(due(start, amount, unit)).toBe(end));

  test('a public holiday moves the last day also where weekends do not', () => {
    expect(due('2026-02-13', 3, 'calendarDay', KEEP)).toBe('2026-02-24');
    expect(due('2026-05-02', 3, 'calendarDay', KEEP)).toBe('2026-05-06');
  });
  test('the day counts where it is in China, not in UTC', () => {
    const lateInLondon = Date.UTC(2026, 2, 2, 16, 30);
    expect(dueFor(rule(2, 'calendarDay'), lateInLondon, ROLL).dueAt).toBe(endOfDay('2026-03-05'));
  });
  test('a month that has the day says nothing of month ends; days say nothing of them either', () => {
    expect(codes(dueFor(rule(1, 'month'), noon('2026-03-10'), ROLL))).toEqual(['dayNotCounted 2026-03-10']);
    expect(codes(dueFor(rule(1, 'year'), noon('2024-02-29'), ROLL))).toEqual(['dayNotCounted 2024-02-29', 'monthEnd 2025-02-28']);
    expect(codes(dueFor(rule(1, 'workingDay'), noon('2026-03-10'), ROLL))).toEqual(['dayNotCounted 2026-03-10']);
  });
  test('a year whose holidays are not entered is named', () => {
    const next = `${PUBLIC_HOLIDAYS.lastYear + 1}`;
    expect(codes(dueFor(rule(1, 'year'), noon(`${PUBLIC_HOLIDAYS.lastYear}-03-03`), ROLL)).at(-1)).toBe(`calendarMissing ${next}`);
    expect(codes(dueFor(rule(1, 'calendarDay'), noon(`${PUBLIC_HOLIDAYS.lastYear}-12-28`), ROLL)).join()).not.toContain('calendarMissing');
  });
  test('a rule without a period gives no date, and says which field', () => {
    expect(() => dueFor(rule(null, 'calendarDay'), noon('2026-03-03'), ROLL)).toThrow(expect.objectContaining({ field: 'amount' }));
    expect(() => dueFor(rule(3, 'yuan'), noon('2026-03-03'), ROLL)).toThrow(RuleError);
    expect(() => dueFor(rule(3, 'yuan'), noon('2026-03-03'), ROLL)).toThrow(expect.objectContaining({ field: 'unit' }));
  });
});

/** Day by day, as a person does it with a wall calendar. */
function byHand(start: string, amount: number, unit: Unit, { calendar, rollWeekend }: Counting): string {
  const weekend = (date: string): boolean => [0, 6].includes(new Date(`${date}T12:00:00Z`).getUTCDay());
  const off = (date: string): boolean => calendar.holidays.has(date) || (weekend(date) && !calendar.makeUpDays.has(date));
  let date = start;
  if (unit === 'calendarDay') for (let n = 0; n < amount; n += 1) date = addDays(date, 1);
  if (unit === 'workingDay') {
    for (let n = 0; n < amount; ) {
      date = addDays(date, 1);
      if (!off(date)) n += 1;
    }
    while (off(date)) date = addDays(date, 1);
  }
  if (unit === 'month') {
    const [year = 0, month = 0, day = 0] = start.split('-').map(Number);
    const goal = year * 12 + month - 1 + amount;
    const candidates = [day, 30, 29, 28].filter((each) => each <= day).map((each) => localDate(Math.floor(goal / 12), (goal % 12) + 1, each));
    date = candidates.find((each) => each !== undefined) ?? '';
  }
  while (rollWeekend ? off(date) : calendar.holidays.has(date)) date = addDays(date, 1);
  return date;
}

test('property: as counted day by day on a wall calendar', () => {
  const days = fc.integer({ min: 0, max: 5000 }).map((after) => addDays('2014-01-01', after));
  fc.assert(
    fc.property(days, fc.constantFrom<Unit>('calendarDay', 'workingDay', 'month'), fc.integer({ min: 0, max: 40 }), fc.boolean(), (start, unit, amount, rollWeekend) => {
      const counting = { calendar: PUBLIC_HOLIDAYS, rollWeekend };
      expect(due(start, amount, unit, counting)).toBe(byHand(start, amount, unit, counting));
    }),
    { numRuns: 500 },
  );
});
