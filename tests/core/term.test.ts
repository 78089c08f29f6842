import { describe, expect, test } from 'vitest';
import { mayBeCrowded, RELATIONS } from '../../gateway/core/household.ts';
import { dateAt, endOfDay, startOfDay } from '../../gateway/core/local-date.ts';
import { isDecisionHour, nextDecisionHour, objectionUntil, TAKE_BACK_MS } from '../../gateway/core/move-out.ts';
import { addMonths, latestEnd, MOST_DAYS_AHEAD, MOST_YEARS, nextEnd } from '../../gateway/core/term.ts';

const HOUR = 3_600_000;
const at = (date: string, hour: number, ms = 0): number => startOfDay(date) + hour * HOUR + ms;

describe('the length of a contract', () => {
  test('months go by the calendar, and end with the month that has no such day', () => {
    expect([addMonths('2026-01-31', 1), addMonths('2024-01-31', 1), addMonths('2026-12-15', 1), addMonths('2026-03-31', -1), addMonths('2026-01-01', -1)]).toEqual([
      '2026-02-28',
      '2024-02-29',
      '2027-01-15',
      '2026-02-28',
      '2025-12-01',
    ]);
  });

  test.each([
    ['a year to the day before', '2025-03-01', '2026-02-28', '2027-02-28'],
    ['a year to the same day', '2025-03-01', '2026-03-01', '2027-03-01'],
    ['a year that began on 29 February', '2024-02-29', '2025-02-28', '2026-02-28'],
    ['half a year from the end of a month', '2025-08-31', '2026-02-27', '2026-08-30'],
    ['a month', '2026-01-31', '2026-02-27', '2026-03-30'],
    ['a month to the last day of the next', '2026-01-31', '2026-02-28', '2026-03-31'],
    ['four weeks', '2026-03-01', '2026-03-29', '2026-04-29'],
    ['nearly three months', '2026-01-10', '2026-04-05', '2026-07-05'],
    ['two weeks', '2026-06-01', '2026-06-15', '2026-06-29'],
    ['a day', '2026-06-01', '2026-06-01', '2026-06-02'],
  ])('%s goes on as long again', (_, from, last, next) => {
    const term = { from: startOfDay(from), end: endOfDay(last) };
    expect([dateAt(nextEnd(term, endOfDay(last))), dateAt(nextEnd(term, endOfDay(last) - 40 * 24 * HOUR))]).toEqual([next, next]);
  });

  test.each([
    ['2026-06-01', '2026-06-08', '2026-06-16', '2026-06-22'],
    ['2026-03-01', '2026-03-29', '2026-05-10', '2026-05-29'],
    ['2023-03-01', '2024-02-29', '2025-03-01', '2026-02-28'],
  ])('from %s to %s goes on by two terms when one more has passed on %s', (from, last, today, next) => {
    expect(dateAt(nextEnd({ from: startOfDay(from), end: endOfDay(last) }, at(today, 12)))).toBe(next);
  });

  test('an end that is this very moment is no later end', () => {
    expect(dateAt(nextEnd({ from: startOfDay('2025-03-01'), end: endOfDay('2026-02-28') }, endOfDay('2027-02-28')))).toBe('2028-02-29');
  });

  test('one that passed long ago is extended past today, one without an end by years of its beginning, and the time of day stays', () => {
    const long = nextEnd({ from: startOfDay('2020-03-01'), end: endOfDay('2021-02-28') }, at('2026-07-01', 12));
    expect([dateAt(long), long]).toEqual(['2027-02-28', endOfDay('2027-02-28')]);
    expect(nextEnd({ from: startOfDay('2024-09-15'), end: null }, at('2026-07-01', 12))).toBe(endOfDay('2026-09-14'));
    expect(nextEnd({ from: startOfDay('2026-06-20'), end: at('2026-06-27', 12) }, at('2026-06-26', 12))).toBe(at('2026-07-04', 12));
  });

  test('twenty years are the most, and thirty days ahead', () => {
    expect([dateAt(latestEnd(at('2026-07-01', 12))), MOST_YEARS, MOST_DAYS_AHEAD]).toEqual(['2046-07-01', 20, 30]);
  });
});

describe('the end of a tenancy', () => {
  test('decisions take effect from 08:00 to 20:00', () => {
    expect([at('2026-07-01', 8, -1), at('2026-07-01', 8), at('2026-07-01', 20, -1), at('2026-07-01', 20)].map(isDecisionHour)).toEqual([false, true, true, false]);
    expect([nextDecisionHour(at('2026-07-01', 3)), nextDecisionHour(at('2026-07-01', 9)), nextDecisionHour(at('2026-07-01', 21))]).toEqual([
      at('2026-07-01', 8),
      at('2026-07-01', 9),
      at('2026-07-02', 8),
    ]);
  });

  test('an objection may come until a week after it was said and took effect; taking back is for ten seconds', () => {
    expect(objectionUntil(at('2026-07-01', 12), at('2026-07-01', 12))).toBe(endOfDay('2026-07-08'));
    expect(objectionUntil(at('2026-07-01', 12), endOfDay('2026-07-31'))).toBe(endOfDay('2026-08-07'));
    expect(TAKE_BACK_MS).toBe(10_000);
  });
});

test('more than two who are no family may be too many; a family never', () => {
  expect([mayBeCrowded(['', 'friend']), mayBeCrowded(['', 'friend', 'colleague']), mayBeCrowded(['', 'spouse', 'child', 'parent', 'relative', 'child'])]).toEqual([
    false,
    true,
    false,
  ]);
  expect(RELATIONS).toHaveLength(7);
});
