import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NOON } from '../helpers/register.ts';
import type { Browser } from './fixture.ts';
import { enter, type Lodger, openForPeople, type ReviewWorld, reviewWorld, tap } from './review-fixture.ts';

let here: ReviewWorld;
let officer: Browser & { accountId: number };
let landlord: Browser;
let tenant: Browser;
let li: Lodger;

beforeAll(async () => {
  here = await reviewWorld();
  const found = here.lodgers['0302'];
  if (found === undefined) throw new Error('lodger');
  li = found;
});
beforeEach(async () => {
  here.journal.entries.splice(0);
  here.time.now += 5 * 60_000;
  officer = await enter(here, { login: 'of-1', role: 'OF', office: '迎春派出所' });
  landlord = await enter(here, { login: 'll-1', role: 'LL' });
  tenant = await enter(here, { login: 'ten-1', role: 'TEN', personId: li.personId });
});
afterAll(() => here.close());

interface Receipt {
  readonly index: number;
  readonly code: string;
  readonly role: string;
  readonly office: { zh: string } | null;
  readonly purpose: { zh: string } | null;
  readonly seen: { zh: string; en: string };
}
async function receipts(who: Browser = tenant, query = ''): Promise<Receipt[]> {
  const { status, json } = await who.ask('GET', `me/receipts${query}`);
  expect(status).toBe(200);
  return Object(json['receipts']);
}

describe('a tenant', () => {
  test('is told who looked: role and office, purpose and what was seen; never a name, a case number or a reason', async () => {
    expect(await receipts()).toEqual([]);
    tap(here, li);
    const id = await openForPeople(here, officer);
    await officer.ask('GET', `purposes/${id}/entries`);
    await officer
      .ask('POST', `purposes/${id}/reveal`, { personId: li.personId, fields: ['name', 'phone'], reason: '机密的调查理由' })
      .then(({ status }) => expect(status).toBe(200));
    await landlord.ask('GET', `units/${li.unitId}`);
    const { text } = await tenant.ask('GET', 'me/receipts');
    expect(await receipts()).toMatchObject([
      { code: 'viewed', role: 'LL', office: null, purpose: null },
      { code: 'revealed', role: 'OF', office: { zh: '迎春派出所' }, purpose: { zh: '处理突发事件' }, seen: { zh: '看了您完整的姓名、电话。', en: 'Saw in full: name, phone.' } },
      { code: 'entries-viewed', role: 'OF', roleWords: { zh: '社区民警' }, purpose: { en: 'An incident' } },
    ]);
    expect(text).not.toMatch(/机密|纠纷|of-1|ll-1/);
  });

  test('is not told of himself, nor of looks at others', async () => {
    await landlord.ask('GET', `units/${here.lodgers['0503']?.unitId}`);
    await tenant.ask('GET', `units/${li.unitId}`);
    expect(await receipts()).toEqual([]);
    expect(here.journal.entries.filter(({ event }) => event.what === 'viewed')).toHaveLength(1);
  });

  test('pages on without learning from the numbers how much else happened', async () => {
    for (let n = 0; n < 5; n++) {
      here.time.now += 5 * 60_000;
      await landlord.ask('GET', `units/${li.unitId}`);
      await landlord.ask('GET', `units/${here.lodgers['0503']?.unitId}`);
    }
    const seen: number[] = [];
    for (let before = ''; ; ) {
      const { json } = await tenant.ask('GET', `me/receipts?limit=2${before}`);
      const page: Receipt[] = Object(json['receipts']);
      seen.push(...page.map(({ index }) => index));
      if (json['next'] === null) break;
      before = `&before=${json['next']}`;
    }
    expect(seen).toHaveLength(5);
    expect(seen).toEqual([...seen].sort((a, b) => b - a));
    expect(Math.min(...seen)).toBeGreaterThan(NOON);
  });

  test('sees his own ways through the doors and nobody else’s', async () => {
    tap(here, li, { ago: 2_000 });
    tap(here, li, { ago: 1_000, granted: false, reason: 'LEASE_ENDED' });
    const other = here.lodgers['0503'];
    if (other) tap(here, other);
    const { json, text } = await tenant.ask('GET', 'me/entries');
    expect(json).toMatchObject({ lines: [{ granted: false, code: 'LEASE_ENDED', door: { zh: '大门' } }, { granted: true }], next: null });
    expect(text).not.toMatch(/李|周/);
  });

  test('nobody else has receipts or own entries', async () => {
    for (const who of [officer, landlord]) for (const url of ['me/receipts', 'me/entries']) expect((await who.ask('GET', url)).status).toBe(403);
    expect((await tenant.ask('GET', 'me/audits')).status).toBe(403);
  });
});

describe('a landlord', () => {
  test('is told that somebody looked at a home of his, once for a look, and not which tenant or why', async () => {
    const clerk = await enter(here, { login: 'cl-1', role: 'CL' });
    tap(here, li);
    await clerk.ask('GET', `units/${li.unitId}`);
    await landlord.ask('GET', `units/${li.unitId}`);
    const id = await openForPeople(here, officer);
    await officer.ask('GET', `purposes/${id}/entries`);
    const { json, text } = await landlord.ask('GET', 'me/audits');
    expect(json['lines']).toMatchObject([{ role: 'CL', unit: { room: '0302', building: '迎春路 42 号' }, seen: { zh: '看了这一户的登记。' } }]);
    expect(text).not.toMatch(/李|cl-1|派出所/);
    const far = await enter(here, { login: 'll-2', role: 'LL', buildings: [here.other.buildingId] });
    expect((await far.ask('GET', 'me/audits')).json['lines']).toEqual([]);
  });
});
