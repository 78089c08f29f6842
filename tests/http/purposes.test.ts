import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY, NOON } from '../helpers/register.ts';
import type { Browser } from './fixture.ts';
import { enter, noted, type ReviewWorld, reviewWorld } from './review-fixture.ts';

let here: ReviewWorld;
let officer: Browser & { accountId: number };
let colleague: Browser;

beforeAll(async () => {
  here = await reviewWorld();
  officer = await enter(here, { login: 'of-1', role: 'OF' });
  colleague = await enter(here, { login: 'of-2', role: 'OF' });
});
afterAll(() => here.close());

const code = async (who: Browser, body: object): Promise<unknown> => {
  const { status, json } = await who.ask('POST', 'purposes', body);
  return status === 201 ? 201 : json['code'];
};

describe('a purpose', () => {
  test('is asked for, with a reason, a place of his own and at most thirty days', async () => {
    const { purpose: _, ...without } = here.wish;
    expect(await code(officer, without)).toBe('PURPOSE_REQUIRED');
    expect(await code(officer, { ...here.wish, reason: '看看' })).toBe('BAD_INPUT');
    expect(await code(officer, { ...here.wish, reason: '      ' })).toBe('BAD_INPUT');
    expect(await code(officer, { ...here.wish, buildingId: undefined })).toBe('BAD_INPUT');
    expect(await code(officer, { ...here.wish, purpose: 'request' })).toBe('BAD_INPUT');
    expect(await code(officer, { ...here.wish, buildingId: here.other.buildingId })).toBe('OUT_OF_JURISDICTION');
    expect(await code(officer, { ...here.wish, buildingId: 999 })).toBe('OUT_OF_JURISDICTION');
    expect(await code(officer, { ...here.wish, from: NOON - 30 * DAY - 1 })).toBe('RANGE_TOO_LONG');
    expect(await code(officer, { ...here.wish, until: here.wish.from })).toBe('BAD_INPUT');
    expect(await code(officer, { ...here.wish, until: NOON + DAY })).toBe('BAD_INPUT');
    expect(noted(here, 'purpose-opened')).toEqual([]);
    expect(await code(officer, { ...here.wish, from: NOON - 30 * DAY })).toBe(201);
  });

  test('is an entry of the journal with its kind, case number and reason, cited by what follows', async () => {
    const { json } = await officer.ask('POST', 'purposes', { ...here.wish, purpose: 'case', caseNumber: 'A2026-0712', reason: '入室盗窃案走访'.repeat(20) });
    const entry = noted(here, 'purpose-opened').at(-1);
    expect(entry).toMatchObject({ index: json['entryIndex'], person: { accountId: officer.accountId, personId: 0 }, event: { buildingId: here.building.buildingId } });
    expect(entry?.person.words).toMatch(/^case\|A2026-0712\|入室盗窃案走访/);
    expect(entry?.person.words).toHaveLength(120);
    await officer.ask('POST', `purposes/${json['id']}/close`);
    expect(noted(here, 'purpose-closed').at(-1)?.event.ref).toBe(entry?.index);
  });

  test('is not opened when the journal cannot take it', async () => {
    here.log.broken = true;
    expect(await code(officer, here.wish)).toBe('UNAVAILABLE');
    here.log.broken = false;
    const { json } = await officer.ask('GET', 'purposes');
    expect(Object.values(json)).toHaveLength(2);
  });

  test("is nobody else's: a colleague, the administrator, a landlord find none", async () => {
    const { json } = await officer.ask('POST', 'purposes', here.wish);
    const url = `purposes/${json['id']}`;
    for (const [method, path, body] of [
      ['GET', url, undefined],
      ['GET', `${url}/units`, undefined],
      ['GET', `${url}/entries`, undefined],
      ['POST', `${url}/people`, { reason: '需要看到是谁' }],
      ['PUT', `${url}/case-number`, { caseNumber: 'A1-23' }],
      ['POST', `${url}/close`, undefined],
    ] as const) {
      expect([path, (await colleague.ask(method, path, body)).json['code']]).toEqual([path, 'SCOPE_DENIED']);
    }
    for (const role of ['LL', 'SA', 'AU', 'TEN', 'GW', 'BL', 'CL', 'DA'] as const) {
      const other = await enter(here, { login: `not-${role.toLowerCase()}`, role });
      expect([role, (await other.ask('GET', url)).status]).toEqual([role, 403]);
      expect([role, (await other.ask('POST', 'purposes', here.wish)).status]).toEqual([role, 403]);
    }
    expect(Object.values((await colleague.ask('GET', 'purposes')).json)).toEqual([]);
  });

  test('lasts eight hours or until it is closed, and not beyond the assignment', async () => {
    const first = (await officer.ask('POST', 'purposes', here.wish)).json;
    await officer.ask('POST', `purposes/${first['id']}/close`);
    expect((await officer.ask('GET', `purposes/${first['id']}/units`)).json['code']).toBe('PURPOSE_OVER');
    const second = (await officer.ask('POST', 'purposes', here.wish)).json;
    expect((await officer.ask('GET', `purposes/${second['id']}/units`)).status).toBe(200);
    const { register } = here.register;
    await register.write((db) => db.assignment.updateMany({ where: { accountId: officer.accountId }, data: { placeId: here.other.buildingId } }));
    await here.site.rightsChanged();
    expect((await officer.ask('GET', `purposes/${second['id']}/units`)).json['code']).toBe('SCOPE_DENIED');
    await register.write((db) => db.assignment.updateMany({ where: { accountId: officer.accountId }, data: { placeId: here.building.buildingId } }));
    await here.site.rightsChanged();
    here.time.now += 8 * 3_600_000;
    const again = await enter(here, { login: 'of-3', role: 'OF' });
    await register.write((db) => db.purpose.updateMany({ where: { id: Number(second['id']) }, data: { accountId: again.accountId } }));
    expect((await again.ask('GET', `purposes/${second['id']}/units`)).json['code']).toBe('PURPOSE_OVER');
    here.time.now = NOON;
  });
});

describe('a case number', () => {
  test('may follow within a day; then its absence is told to the supervisor and stops the next case', async () => {
    const late = await enter(here, { login: 'of-late', role: 'OF' });
    const wish = { ...here.wish, purpose: 'case' };
    const { json } = await late.ask('POST', 'purposes', wish);
    expect(json).toMatchObject({ caseDueAt: NOON + DAY, caseOverdue: false });
    expect(await code(late, wish)).toBe(201);
    here.time.now = NOON + DAY;
    const [supervisor, elsewhere, privacy] = [
      await enter(here, { login: 'da-1', role: 'DA' }),
      await enter(here, { login: 'da-2', role: 'DA', buildings: [here.other.buildingId] }),
      await enter(here, { login: 'po-1', role: 'PO' }),
    ];
    const again = await enter(here, { login: 'of-late-2', role: 'OF' });
    await here.register.register.write((db) => db.purpose.updateMany({ where: { caseNumber: '', purpose: 'case' }, data: { accountId: again.accountId } }));
    for (const who of [supervisor, privacy]) {
      const { text } = await who.ask('GET', 'purposes/overdue');
      expect(JSON.parse(text)).toMatchObject([{ id: json['id'], account: { id: again.accountId, role: 'OF' }, caseDueAt: NOON + DAY }, {}]);
      expect(text).not.toContain('纠纷');
    }
    expect((await elsewhere.ask('GET', 'purposes/overdue')).text).toBe('[]');
    expect((await again.ask('GET', 'purposes/overdue')).status).toBe(403);
    expect(await code(again, wish)).toBe('CASE_NUMBER_OVERDUE');
    expect(await code(again, { ...here.wish, purpose: 'incident' })).toBe(201);
    for (const { id } of JSON.parse((await supervisor.ask('GET', 'purposes/overdue')).text)) {
      expect((await again.ask('PUT', `purposes/${id}/case-number`, { caseNumber: 'A2026-1' })).json).toMatchObject({ caseNumber: 'A2026-1', caseDueAt: null, caseOverdue: false });
    }
    expect((await supervisor.ask('GET', 'purposes/overdue')).text).toBe('[]');
    expect(await code(again, wish)).toBe(201);
    expect((await again.ask('PUT', `purposes/${json['id']}/case-number`, { caseNumber: 'B2026-2' })).json['code']).toBe('TAKEN');
    here.time.now = NOON;
  });
});
