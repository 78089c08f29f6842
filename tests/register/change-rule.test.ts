import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dateAt, endOfDay, startOfDay } from '../../gateway/core/local-date.ts';
import { RuleError } from '../../gateway/core/rules/rule.ts';
import { SHIPPED_RULES } from '../../gateway/core/rules/shipped.ts';
import { changeRule, checkRuleChange, RuleStale, type RuleWish } from '../../gateway/register/change-rule.ts';
import { applyRoster, previewRoster } from '../../gateway/register/import-roster.ts';
import { PUBLIC_HOLIDAYS } from '../../gateway/register/public-holidays.ts';
import { migrateRegister } from '../../gateway/store/migrate.ts';
import { allRules, jurisdictions, ruleBookOf, rulesOf } from '../../gateway/store/rules.ts';
import { addBuilding, NOON, temporaryRegister, type TestBuilding, type TestRegister } from '../helpers/register.ts';

let held: TestRegister;
let building: TestBuilding;
beforeEach(async () => {
  held = await temporaryRegister();
  building = await addBuilding(held);
});
afterEach(() => held.close());

const HEADER = '姓名,证件类型,证件号码,手机号,房号,起租日期,退租日期,卡号,关系';
const person = (name: string, paper: string, from: string, room: string): string => `${name},居民身份证,${paper},,${room},${from},2027-02-28,,本人`;
const LANDLORD = { jurisdiction: 'CN-33', subject: 'registration.landlord', mode: '' };
const BY = { by: 7, now: NOON };
// NOON is 1 July 2026.
const wish: RuleWish = {
  ...LANDLORD,
  ...{ amount: 5, unit: 'calendarDay', actor: 'landlord', recipient: 'policeStation', exemptions: ['hotel'], article: '1', verified: 'text', effectiveTo: null },
  ...{ source: '省里的新规定', effectiveFrom: '2026-07-10', version: 1 },
};

/** Imports one person; when his registration is due, and by which rule. */
async function imported(row: string): Promise<[string, number | null]> {
  const bytes = Buffer.from([HEADER, row].join('\n'));
  const { id } = await previewRoster(held.register, { buildingId: building.buildingId, accountId: null, fileName: 'r.csv', bytes }, NOON);
  await applyRoster(held.register, id, { goodRowsOnly: false, attested: true, now: NOON });
  const found = await held.register.read.occupant.findFirstOrThrow({ orderBy: { id: 'desc' } });
  return [dateAt(Number(found.registrationDue)), found.registrationRuleId];
}
const placed = (jurisdiction: string, mode = 'scattered') => held.register.write((db) => db.building.update({ where: { id: building.buildingId }, data: { jurisdiction, mode } }));

describe('the rules of the register', () => {
  test('a new register has those this program comes with, and the places they are of', async () => {
    const rules = await allRules(held.register.read);
    expect(rules.map(({ version: _, setAt: __, id: ___, ...rule }) => rule)).toEqual(SHIPPED_RULES.map(({ id: _, ...rule }) => rule));
    expect((await jurisdictions(held.register.read)).map(({ code, parentCode }) => [code, parentCode])).toContainEqual(['CN-3301', 'CN-33']);
  });

  test('the next start adds what is missing and leaves alone what an office changed', async () => {
    await changeRule(held.register, wish, BY);
    const changed = await rulesOf(held.register.read, LANDLORD);
    await held.register.write((db) => db.jurisdictionRule.deleteMany({ where: { subject: 'tax.report' } }));
    migrateRegister(held.file);
    expect(await rulesOf(held.register.read, LANDLORD)).toEqual(changed);
    expect(await rulesOf(held.register.read, { jurisdiction: 'CN', subject: 'tax.report', mode: '' })).toMatchObject([{ law: 'L-29', version: 1, amount: 30 }]);
    expect(await held.register.read.jurisdictionRule.count()).toBe(SHIPPED_RULES.length + 1);
  });
});

describe('a change', () => {
  test('is a new row from its day on; the one before ends that day and stays', async () => {
    await changeRule(held.register, wish, BY);
    expect(
      (await rulesOf(held.register.read, LANDLORD)).map(({ version, amount, unit, effectiveFrom, effectiveTo, setAt, law }) => [
        version,
        amount,
        unit,
        effectiveFrom,
        effectiveTo,
        setAt,
        law,
      ]),
    ).toEqual([
      [1, 3, 'workingDay', null, '2026-07-10', null, 'L-30'],
      [2, 5, 'calendarDay', '2026-07-10', null, NOON, 'office'],
    ]);
  });

  test('a place without rules of its own gets one, and has the rest from its parent', async () => {
    await changeRule(held.register, { ...wish, jurisdiction: 'CN-330106', version: 0 }, BY);
    const book = await ruleBookOf(held.register.read, PUBLIC_HOLIDAYS);
    const at = (on: string): number | null | undefined => book.at({ subject: 'registration.landlord', jurisdiction: 'CN-330106', mode: '', on })?.rule.amount;
    expect([at('2026-07-09'), at('2026-07-10')]).toEqual([3, 5]);
    expect(await held.register.read.jurisdiction.findUnique({ where: { code: 'CN-330106' } })).toMatchObject({ parentCode: 'CN-3301' });
  });

  test('for a time: afterwards the parent’s rule counts', async () => {
    await changeRule(held.register, { ...wish, effectiveTo: '2026-08-01' }, BY);
    const book = await ruleBookOf(held.register.read, PUBLIC_HOLIDAYS);
    expect(book.at({ ...LANDLORD, subject: 'registration.landlord', mode: '', on: '2026-07-31' })?.rule.amount).toBe(5);
    expect(book.at({ ...LANDLORD, subject: 'registration.landlord', mode: '', on: '2026-08-01' })?.rule.law).toBe('L-08');
  });

  test('made twice for one day: the second counts, the first is kept and holds on no day', async () => {
    await changeRule(held.register, wish, BY);
    await changeRule(held.register, { ...wish, amount: 6, version: 2 }, BY);
    const book = await ruleBookOf(held.register.read, PUBLIC_HOLIDAYS);
    expect(book.at({ subject: 'registration.landlord', jurisdiction: 'CN-33', mode: '', on: '2026-07-10' })?.rule.amount).toBe(6);
    expect(await rulesOf(held.register.read, LANDLORD)).toHaveLength(3);
  });

  test.each<[string, Partial<RuleWish>]>([
    ['effectiveFrom', { effectiveFrom: '2026-06-30' }],
    ['effectiveFrom', { effectiveFrom: 'tomorrow' }],
    ['effectiveTo', { effectiveTo: '2026-07-09' }],
    ['effectiveTo', { jurisdiction: 'CN', subject: 'registration.person', effectiveTo: '2027-01-01' }],
    ['jurisdiction', { jurisdiction: 'ZJ', version: 0 }],
    ['subject', { subject: 'registration.dog', version: 0 }],
    ['unit', { unit: 'yuan' }],
    ['amount', { amount: 61 }],
    ['actor', { actor: 'none' }],
    ['source', { source: '  ' }],
  ])('with a wrong %s is refused by that name, and nothing is written: %j', async (field, change) => {
    const before = await held.register.read.jurisdictionRule.findMany();
    const bad = { ...wish, ...change };
    await expect(changeRule(held.register, bad, BY)).rejects.toThrow(expect.objectContaining({ name: 'RuleError', field }));
    await expect(checkRuleChange(held.register, bad, NOON)).rejects.toThrow(RuleError);
    expect(await held.register.read.jurisdictionRule.findMany()).toEqual(before);
  });

  test('today is early enough; before a change that is entered already it is not', async () => {
    await checkRuleChange(held.register, { ...wish, effectiveFrom: '2026-07-01' }, NOON);
    await changeRule(held.register, wish, BY);
    await expect(changeRule(held.register, { ...wish, effectiveFrom: '2026-07-09', version: 2 }, BY)).rejects.toThrow(expect.objectContaining({ field: 'effectiveFrom' }));
  });

  test('of a rule somebody changed meanwhile is refused', async () => {
    await changeRule(held.register, wish, BY);
    await expect(changeRule(held.register, wish, BY)).rejects.toThrow(RuleStale);
  });
});

describe('the registration of a new occupant', () => {
  const due = { CN: '2026-07-06', CLASSIC: '2026-07-03', 'CN-3301': '2026-07-06', 'CN-4403': '2026-07-08' };
  test.each(Object.entries(due))('in %s, moved in on Wednesday 1 July 2026: due %s, with the rule it came from', async (jurisdiction, end) => {
    await placed(jurisdiction);
    const [day, ruleId] = await imported(person('李雷', '890101199003070118', '2026-07-01', '0503'));
    const rule = (await allRules(held.register.read)).find(({ id }) => id === ruleId);
    expect([day, rule?.law]).toEqual([end, { CN: 'L-08', CLASSIC: 'L-01b', 'CN-3301': 'L-30', 'CN-4403': 'L-37' }[jurisdiction]]);
  });

  test('in a house run as a hotel it is due at once', async () => {
    await placed('CN-33', 'hotel');
    await imported(person('李雷', '890101199003070118', '2026-07-01', '0503'));
    expect(Number((await held.register.read.occupant.findFirstOrThrow()).registrationDue)).toBe(startOfDay('2026-07-01'));
  });

  test('a changed rule changes new deadlines only', async () => {
    await placed('CN-33');
    const first = await imported(person('李雷', '890101199003070118', '2026-07-09', '0503'));
    await changeRule(held.register, { ...wish, amount: 30 }, BY);
    const [old] = await held.register.read.occupant.findMany();
    expect([dateAt(Number(old?.registrationDue)), old?.registrationRuleId]).toEqual(first);
    expect(Number(old?.registrationDue)).toBe(endOfDay('2026-07-14'));
    const late = await imported(person('韩梅梅', '890101198808150225', '2026-07-09', '0502'));
    expect(late).toEqual(first);
    const next = await imported(person('赵敏', '890101199512120347', '2026-07-10', '0501'));
    expect([next[0], next[1] === first[1]]).toEqual(['2026-08-10', false]);
  });
});
