import { describe, expect, test } from 'vitest';
import { dateAt, endOfDay, startOfDay } from '../../gateway/core/local-date.ts';
import { chainOf, createRuleBook, inForce } from '../../gateway/core/rules/resolve.ts';
import type { JurisdictionRule, Mode, Subject } from '../../gateway/core/rules/rule.ts';
import { readLine, SHIPPED_RULES } from '../../gateway/core/rules/shipped.ts';
import { PUBLIC_HOLIDAYS } from '../../gateway/register/public-holidays.ts';

const book = createRuleBook(SHIPPED_RULES, PUBLIC_HOLIDAYS);
const noon = (date: string): number => startOfDay(date) + 12 * 3_600_000;
const due = (jurisdiction: string, date: string, mode: Mode = '', subject: Subject = 'registration.landlord') => book.due({ subject, jurisdiction, mode }, noon(date));
const lawAt = (jurisdiction: string, subject: Subject, on = '2026-03-03', mode: Mode = ''): string | undefined => book.at({ subject, jurisdiction, mode, on })?.rule.law;

test('from a county up to all of China; CLASSIC has China behind it', () => {
  expect(chainOf('CN-330106')).toEqual(['CN-330106', 'CN-3301', 'CN-33', 'CN']);
  expect(chainOf('CN-33')).toEqual(['CN-33', 'CN']);
  expect(chainOf('CLASSIC')).toEqual(['CLASSIC', 'CN']);
  expect(chainOf('CN')).toEqual(['CN']);
});

describe('the registration of who moved in', () => {
  // Friday 6 March 2026; Thursday 12 February, before the Spring Festival (15 to 23 off, 14 and 28 worked); 29 January.
  test.each([
    ['CN', '2026-03-06', '2026-03-09', 'L-08'],
    ['CN', '2026-02-12', '2026-02-24', 'L-08'],
    ['CN-44', '2026-03-06', '2026-03-09', 'L-08'],
    ['CN-4401', '2026-03-06', '2026-03-09', 'L-44'],
    ['CN-5101', '2026-03-06', '2026-03-09', 'L-08'],
    ['CLASSIC', '2026-03-06', '2026-03-09', 'L-01b'],
    ['CLASSIC', '2026-02-12', '2026-02-14', 'L-01b'],
    ['CLASSIC', '2024-02-27', '2024-02-29', 'L-01b'],
    ['CN-33', '2026-03-06', '2026-03-11', 'L-30'],
    ['CN-33', '2026-02-12', '2026-02-24', 'L-30'],
    ['CN-3301', '2026-02-12', '2026-02-24', 'L-30'],
    ['CN-3301', '2026-02-13', '2026-02-25', 'L-30'],
    ['CN-4403', '2026-03-06', '2026-03-13', 'L-37'],
    ['CN-4403', '2026-02-12', '2026-02-24', 'L-37'],
    ['CN-4403', '2026-01-29', '2026-02-05', 'L-37'],
    ['CN-5201', '2026-03-06', '2026-03-09', 'L-50'],
    ['CN-4101', '2026-03-03', '2026-03-06', 'L-08'],
  ])('in %s, moved in on %s: due %s by %s', (jurisdiction, start, end, law) => {
    const found = due(jurisdiction, start);
    expect([dateAt(found?.dueAt ?? 0), found?.rule.law, found?.dueAt]).toEqual([end, law, endOfDay(end)]);
    expect(found?.ruleId).toBe(found?.rule.id);
  });

  test('the landlord’s own period is open in China: the declaration counts, and both are said', () => {
    const found = due('CN-44', '2026-03-03');
    expect(found?.explains).toEqual([
      { code: 'open', values: { law: 'L-11', subject: 'registration.person' } },
      { code: 'inherited', values: { from: 'CN' } },
      { code: 'dayNotCounted', values: { date: '2026-03-03' } },
    ]);
  });
  test('before Order 812 there was no such duty in China, and no such deadline', () => expect(due('CN', '2025-09-14')).toBeUndefined());
  test('a house run as a hotel registers at once, also in a province with a slower rule; a compound of the classic rules in 3 working days', () => {
    expect(due('CN-33', '2026-03-06', 'hotel')?.dueAt).toBe(noon('2026-03-06'));
    expect(dateAt(due('CLASSIC', '2026-03-06', 'compound')?.dueAt ?? 0)).toBe('2026-03-11');
    expect(due('CLASSIC', '2026-03-06', 'scattered')?.rule.law).toBe('L-01b');
    expect(due('CN-33', '2026-03-06', 'compound')?.rule.law).toBe('L-30');
  });
});

describe('which rule holds', () => {
  test('the nearest, else the parent’s, and it is said whose', () => {
    expect(book.at({ subject: 'registration.person', jurisdiction: 'CN-3301', mode: '', on: '2026-03-03' })).toMatchObject({ rule: { law: 'L-36' }, explains: [] });
    expect(book.at({ subject: 'registration.moveOut', jurisdiction: 'CN-3301', mode: '', on: '2026-03-03' })).toMatchObject({
      rule: { law: 'L-30' },
      explains: [{ code: 'inherited', values: { from: 'CN-33' } }],
    });
    expect(lawAt('CLASSIC', 'tax.report')).toBe('L-29');
    expect(lawAt('CN', 'registration.moveOut')).toBeUndefined();
  });
  test('what is open with nothing beside it is told as it is, and has no date', () => {
    expect(book.at({ subject: 'room.leastArea', jurisdiction: 'CN', mode: '', on: '2026-03-03' })).toMatchObject({ rule: { law: 'L-13', amount: null } });
    expect(book.due({ subject: 'room.leastArea', jurisdiction: 'CN', mode: '' }, noon('2026-03-03'))).toBeUndefined();
    const bare = createRuleBook([readLine(['CN', 'registration.landlord', 'L-11', 'open calendarDay', 'landlord', 'none'], 5)], PUBLIC_HOLIDAYS);
    expect(bare.at({ subject: 'registration.landlord', jurisdiction: 'CN-33', mode: '', on: '2026-03-03' })).toMatchObject({
      rule: { id: 5 },
      explains: [{ code: 'inherited', values: { from: 'CN' } }],
    });
    expect(bare.due({ subject: 'registration.landlord', jurisdiction: 'CN', mode: '' }, noon('2026-03-03'))).toBeUndefined();
  });
  test('a number that starts nothing has no date', () => expect(book.due({ subject: 'permit.residence', jurisdiction: 'CN', mode: '' }, noon('2026-03-03'))).toBeUndefined());
  test('the law of that day', () => {
    expect(lawAt('CN', 'penalty.landlordNoRecord', '2025-12-31')).toBe('L-21');
    expect(lawAt('CN', 'penalty.landlordNoRecord', '2026-01-01')).toBe('L-21b');
    expect(lawAt('CN', 'permit.issue', '2015-12-31')).toBeUndefined();
    expect(lawAt('CN', 'permit.issue', '2016-01-01')).toBe('L-03');
  });
  test('from its first day on, to the day before its end', () => {
    const held = { effectiveFrom: '2026-01-02', effectiveTo: '2026-01-05' };
    expect(['2026-01-01', '2026-01-02', '2026-01-04', '2026-01-05'].map((on) => inForce(held, on))).toEqual([false, true, true, false]);
    expect(inForce({ effectiveFrom: null, effectiveTo: null }, '1900-01-01')).toBe(true);
  });
});

describe('a changed rule changes new deadlines only', () => {
  const old: JurisdictionRule = { ...readLine(['CN-33', 'registration.landlord', 'L-30', '3 workingDay', 'landlord', 'policeStation'], 1), effectiveTo: '2026-06-01' };
  const now: JurisdictionRule = { ...old, id: 2, amount: 10, unit: 'calendarDay', effectiveFrom: '2026-06-01', effectiveTo: null };
  const changed = createRuleBook([old, now], PUBLIC_HOLIDAYS);
  test('the day before counts by the old one, with its id, and the day itself by the new one', () => {
    const at = (date: string) => changed.due({ subject: 'registration.landlord', jurisdiction: 'CN-3301', mode: '' }, noon(date));
    expect([at('2026-05-31')?.ruleId, dateAt(at('2026-05-31')?.dueAt ?? 0)]).toEqual([1, '2026-06-03']);
    expect([at('2026-06-01')?.ruleId, dateAt(at('2026-06-01')?.dueAt ?? 0)]).toEqual([2, '2026-06-11']);
  });
  test('weekends move a last day where the jurisdiction says so, on that day', () => {
    const rule = readLine(['CN', 'registration.person', 'L-08', '3 calendarDay', 'host', 'policeStation'], 3);
    const no = { ...readLine(['CN', 'counting.rollWeekend', '203', '0 yesNo', 'none', 'none'], 4), effectiveFrom: '2026-07-01' };
    const yes = { ...readLine(['CN-33', 'counting.rollWeekend', '203', '1 yesNo', 'none', 'none'], 5) };
    const at = (jurisdiction: string, date: string): string =>
      dateAt(createRuleBook([rule, no, yes], PUBLIC_HOLIDAYS).due({ subject: 'registration.person', jurisdiction, mode: '' }, noon(date))?.dueAt ?? 0);
    expect(at('CN', '2026-07-01')).toBe('2026-07-04');
    expect(at('CN-3301', '2026-07-01')).toBe('2026-07-06');
  });
});
