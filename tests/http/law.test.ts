import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endOfDay } from '../../gateway/core/local-date.ts';
import type { LawHistory, LawPage } from '../../gateway/http/schemas/law.ts';
import { PUBLIC_HOLIDAYS } from '../../gateway/register/public-holidays.ts';
import { always } from '../helpers/offices.ts';
import { atDesk, audited, type Desk, type Offices, offices } from './desks.ts';

let here: Offices;
let other: Desk;
let tenant: Desk;
beforeAll(async () => {
  here = await offices();
  other = await atDesk(here, { role: 'DA', login: 'district-2', holder: 'D002', orgId: here.bureau, assignments: [always('org', here.bureau)] });
  tenant = await atDesk(here, { role: 'LL', login: 'landlord-law', assignments: [always('building', here.building.buildingId)] });
});
afterAll(() => here.close());

const wish = {
  ...{ jurisdiction: 'CN-3301', subject: 'registration.landlord', mode: '', amount: 5, unit: 'calendarDay', actor: 'landlord', recipient: 'policeStation' },
  ...{ exemptions: [], source: '市里的新规定', article: '9', verified: 'text', effectiveFrom: '2026-08-01', effectiveTo: null, version: 0, reason: '新规定八月起施行' },
};
const due = async (desk: Desk, query: string) => (await desk.ask('GET', `rules/due?${query}`)).json;

describe('rules of jurisdictions', () => {
  test('whoever works here reads them: what holds, whose it is, its source and mark', async () => {
    const { status, json } = await tenant.ask('GET', 'rules?jurisdiction=CN-3301');
    const page: LawPage = Object(json);
    expect(status).toBe(200);
    expect(json).toMatchObject({ on: '2026-07-01', holidaysTo: PUBLIC_HOLIDAYS.lastYear, mayChange: false });
    expect(page.chain.map((place) => `${place.code} ${place.en}`)).toEqual(['CN-3301 Hangzhou', 'CN-33 Zhejiang', 'CN China']);
    const of = (subject: string) => page.rules.find((row) => row.subject === subject);
    expect(of('registration.landlord')).toMatchObject({
      explains: [{ code: 'inherited', values: { from: 'CN-33' } }],
      rule: { law: 'L-30', amount: 3, unit: { code: 'workingDay', en: 'working days' }, verified: { code: 'text' }, actor: { en: 'the landlord' } },
    });
    expect(of('registration.person')).toMatchObject({ explains: [], rule: { law: 'L-36' } });
    expect(of('registration.headTenant')).toBeUndefined();
    expect((await tenant.ask('GET', 'jurisdictions')).json.places).toContainEqual({ code: 'CN-4403', zh: '深圳', en: 'Shenzhen' });
  });

  test('what is due: the day, the rule, and how it was counted', async () => {
    expect(await due(tenant, 'jurisdiction=CN-33&subject=registration.landlord&on=2026-03-06')).toMatchObject({
      due: { dueAt: endOfDay('2026-03-11'), rule: { law: 'L-30' }, explains: [{ code: 'dayNotCounted', values: { date: '2026-03-06' } }] },
    });
    expect(await due(tenant, 'jurisdiction=CN&subject=room.leastArea&on=2026-03-06')).toEqual({ due: null });
    const moment = Date.UTC(2026, 2, 3, 14, 40);
    expect(await due(tenant, `jurisdiction=CN-44&subject=registration.foreigner&at=${moment}`)).toMatchObject({ due: { dueAt: moment + 86_400_000 } });
  });

  test.each([
    ['jurisdiction', 'jurisdiction=ZJ&subject=tax.report'],
    ['subject', 'jurisdiction=CN&subject=tax.evasion'],
    ['on', 'jurisdiction=CN&subject=tax.report&on=2026-02-30'],
  ])('a question with a wrong %s is told so', async (field, query) => expect(await due(tenant, query)).toMatchObject({ code: 'BAD_INPUT', field }));
});

describe('changing a rule', () => {
  test('nobody but a district administrator may', async () => {
    for (const desk of [tenant, here.first, here.privacy]) expect((await desk.ask('POST', 'rules', wish)).status).toBe(403);
  });
  test.each([
    ['effectiveFrom', { effectiveFrom: '2026-06-30' }],
    ['unit', { unit: 'yuan' }],
    ['amount', { amount: 61 }],
    ['jurisdiction', { jurisdiction: 'CN-3' }],
    ['reason', { reason: '改' }],
  ])('a bad one names %s, and waits for nobody', async (field, change) => {
    expect((await here.district.ask('POST', 'rules', { ...wish, ...change })).json).toMatchObject({ code: 'BAD_INPUT', field });
  });

  test('waits for another one, is written down, holds from its day on, and the old one is kept', async () => {
    const before = audited(here).length;
    const asked = await here.district.ask('POST', 'rules', wish);
    expect(asked.status).toBe(202);
    const question = 'jurisdiction=CN-3301&subject=registration.landlord&on=';
    expect(await due(tenant, `${question}2026-08-03`)).toMatchObject({ due: { rule: { law: 'L-30' } } });
    expect((await here.district.ask('POST', `pending-acts/${asked.json.act}/approve`, {})).json).toMatchObject({ code: 'SAME_PERSON' });
    const waiting = await other.ask('GET', 'pending-acts');
    expect(JSON.stringify(waiting.json)).toContain('from 2026-08-01');
    expect((await other.ask('POST', `pending-acts/${asked.json.act}/approve`, {})).status).toBe(200);
    expect(audited(here).slice(before)).toEqual(['act-asked', 'act-approved']);
    expect(await due(tenant, `${question}2026-07-31`)).toMatchObject({ due: { rule: { law: 'L-30' } } });
    expect(await due(tenant, `${question}2026-08-03`)).toMatchObject({ due: { dueAt: endOfDay('2026-08-10'), rule: { law: 'office', source: { zh: '市里的新规定' } } } });
    const later: LawPage = Object((await here.district.ask('GET', 'rules?jurisdiction=CN-3301')).json);
    expect(later.mayChange).toBe(true);
    expect(later.rules.find((row) => row.subject === wish.subject)).toMatchObject({
      version: 1,
      rule: { law: 'L-30' },
      next: [{ effectiveFrom: '2026-08-01', amount: 5 }],
    });
    expect((await here.district.ask('POST', 'rules', wish)).json).toMatchObject({ code: 'STALE_VERSION' });
    const history: LawHistory = Object((await tenant.ask('GET', 'rules/history?jurisdiction=CN-3301&subject=registration.landlord')).json);
    expect(history.rules.map((rule) => rule.amount)).toEqual([5]);
  });
});
