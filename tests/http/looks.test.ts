import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addTenant, DAY, NOON } from '../helpers/register.ts';
import type { Browser } from './fixture.ts';
import { enter, findable, noted, openForPeople, type ReviewWorld, reviewWorld, tap } from './review-fixture.ts';

let here: ReviewWorld;
let many: number[];

beforeAll(async () => {
  here = await reviewWorld();
  const unitId = here.building.units['0402'] ?? 0;
  many = [];
  for (let n = 0; n < 102; n++) {
    const { personId } = await addTenant(here.register, { unitId, name: `吕${n}` });
    many.push(personId);
    tap(here, { personId, unitId, masked: '吕*' }, { ago: 1_000 * (n + 1) });
  }
  await findable(here);
});
afterAll(() => here.close());

const namesIn = (text: string): number => text.match(/吕\*/g)?.length ?? 0;
const page = (who: Browser, id: number, query: string) => who.ask('GET', `purposes/${id}/entries?${query}`);

describe('the look-ups of a day', () => {
  test('are a hundred: the page ends there, the 101st is refused, also as a reveal, a search and a home; other days and accounts are not touched', async () => {
    const officer = await enter(here, { login: 'of-1', role: 'OF' });
    const id = await openForPeople(here, officer);
    const first = await page(officer, id, 'limit=60');
    expect([namesIn(first.text), first.json['cut'], first.json['today']]).toEqual([60, false, { looks: 60, allowed: 100, left: 40 }]);
    const second = await page(officer, id, `limit=60&before=${first.json['next']}`);
    expect([namesIn(second.text), second.json['cut'], second.json['today']]).toEqual([40, true, { looks: 100, allowed: 100, left: 0 }]);
    expect(noted(here, 'entries-viewed')).toHaveLength(100);
    const spent = [
      await page(officer, id, `limit=60&before=${second.json['next']}`),
      await officer.ask('POST', `purposes/${id}/reveal`, { personId: many[101], fields: ['name'], reason: '核对身份证件' }),
      await officer.ask('POST', 'people/search', { q: '吕101', purpose: id }),
      await officer.ask('GET', `units/${here.building.units['0402']}`),
      await officer.ask('POST', `purposes/${id}/export`, { note: '移送案卷材料', door: here.building.doors['D01'], unit: here.building.units['0402'], from: NOON - 50_000 }),
    ];
    expect(spent.map(({ status, json }) => [status, json['code']])).toEqual(new Array(5).fill([429, 'LOOKS_SPENT']));
    expect(spent.map(({ text }) => namesIn(text))).toEqual([0, 0, 0, 0, 0]);
    expect(spent[0]?.json['message']).toEqual({ zh: expect.stringContaining('同事'), en: expect.stringContaining('second person') });
    // What he has just seen he may see again.
    expect(namesIn((await page(officer, id, 'limit=60')).text)).toBe(60);
    const other = await enter(here, { login: 'of-2', role: 'OF' });
    expect(namesIn((await page(other, await openForPeople(here, other), 'limit=60')).text)).toBe(60);
    here.time.now += DAY;
    const tomorrow = await enter(here, { login: 'of-1-tomorrow', role: 'OF' });
    await here.register.register.write((db) => db.dailyLooks.updateMany({ where: { accountId: officer.accountId }, data: { accountId: tomorrow.accountId } }));
    expect((await tomorrow.ask('GET', 'me/looks')).json['today']).toMatchObject({ looks: 0, left: 100 });
    here.time.now = NOON;
  });

  test('are released a hundred at a time by another person of the same area, never by himself under another account', async () => {
    const officer = await enter(here, { login: 'of-3', role: 'OF', holder: 'P-0001' });
    const id = await openForPeople(here, officer);
    await page(officer, id, 'limit=100');
    const next = (await page(officer, id, 'limit=100')).json['next'];
    expect((await page(officer, id, `before=${next}`)).json['code']).toBe('LOOKS_SPENT');
    const asked = await officer.ask('POST', 'me/looks/release', { reason: '全楼排查失火隐患' });
    const act = Number(asked.json['pendingAct']);
    expect(asked.status).toBe(201);
    const decide = (who: Browser, agree = true) => who.ask('POST', `look-ups/${act}/decide`, { agree });
    const himself = await enter(here, { login: 'of-3-again', role: 'OF', holder: 'P-0001' });
    const elsewhere = await enter(here, { login: 'of-far', role: 'OF', buildings: [here.other.buildingId] });
    const colleague = await enter(here, { login: 'of-4', role: 'OF', holder: 'P-0002' });
    expect((await decide(officer)).json['code']).toBe('SAME_PERSON');
    expect((await decide(himself)).json['code']).toBe('SAME_PERSON');
    expect((await decide(elsewhere)).json['code']).toBe('SCOPE_DENIED');
    for (const role of ['CL', 'LL', 'AU', 'SA'] as const) expect((await decide(await enter(here, { login: `rel-${role.toLowerCase()}`, role }))).status).toBe(403);
    expect((await page(officer, id, `before=${next}`)).json['code']).toBe('LOOKS_SPENT');
    const waiting = async (who: Browser): Promise<unknown> => JSON.parse((await who.ask('GET', 'look-ups/waiting')).text);
    expect(await waiting(elsewhere)).toEqual([]);
    expect(await waiting(officer)).toMatchObject([{ id: act, mayDecide: false }]);
    expect(await waiting(himself)).toMatchObject([{ id: act, mayDecide: false }]);
    expect(await waiting(colleague)).toMatchObject([{ id: act, kind: 'lookUps', mayDecide: true, reason: '全楼排查失火隐患', by: { role: 'OF' } }]);
    expect((await decide(colleague)).status).toBe(204);
    expect(await waiting(colleague)).toEqual([]);
    const more = await page(officer, id, `before=${next}`);
    expect([namesIn(more.text), more.json['today']]).toEqual([2, { looks: 102, allowed: 200, left: 98 }]);
    expect((await decide(colleague)).json['code']).toBe('ACT_OVER');
  });

  test('are told to whoever made them, month by month, by purpose, without naming anybody again', async () => {
    const officer = await enter(here, { login: 'of-5', role: 'OF' });
    const id = await openForPeople(here, officer);
    await page(officer, id, 'limit=3');
    await officer.ask('POST', `purposes/${id}/reveal`, { personId: many[0], fields: ['name'], reason: '核对身份证件' });
    await officer.ask('GET', `units/${here.building.units['0302']}`);
    const { json, text } = await officer.ask('GET', 'me/looks?month=2026-07');
    expect(json).toMatchObject({
      month: '2026-07',
      today: { looks: 5, left: 95 },
      days: [{ day: '2026-07-01', looks: 5, released: 0 }],
      byPurpose: [
        { kind: 'incident', looks: 4, reveals: 1, exports: 0 },
        { kind: null, looks: 1, reveals: 0 },
      ],
      next: null,
    });
    const lines: { code: string; person: unknown }[] = Object(json['lines']);
    expect(lines.map(({ code }) => code)).toEqual(['viewed', 'revealed', 'entries-viewed', 'entries-viewed', 'entries-viewed', 'log-queried', 'people-opened', 'purpose-opened']);
    expect(text).not.toMatch(/吕|李/);
    expect((await officer.ask('GET', 'me/looks?month=2026-06')).json).toMatchObject({ days: [], byPurpose: [], lines: [] });
    expect((await officer.ask('GET', 'me/looks?month=2026-13')).status).toBe(400);
    expect((await officer.ask('GET', 'me/looks')).json['month']).toBe('2026-07');
  });

  test('are not counted for a landlord who looks at his own homes', async () => {
    const landlord = await enter(here, { login: 'll-1', role: 'LL' });
    for (let n = 0; n < 2; n++) expect((await landlord.ask('GET', `units/${here.building.units['0402']}`)).status).toBe(200);
    expect(noted(here, 'viewed').filter(({ person }) => person.accountId === landlord.accountId)).toHaveLength(102);
  });
});

describe('searching for a person', () => {
  test('needs a purpose of an officer, and finds people of its building, masked and noted', async () => {
    const officer = await enter(here, { login: 'of-6', role: 'OF', buildings: [here.building.buildingId, here.other.buildingId] });
    expect((await officer.ask('POST', 'people/search', { q: '李' })).json['code']).toBe('PURPOSE_REQUIRED');
    const id = await openForPeople(here, officer);
    const li = here.lodgers['0302'];
    const { json, text } = await officer.ask('POST', 'people/search', { q: '李小明', purpose: id });
    expect(json['people']).toMatchObject([
      { id: li?.personId, name: '李*', documentMasked: '890101********0118', phoneMasked: '120****0001', homes: [{ room: '0302', current: true }] },
    ]);
    expect(text).not.toContain('小明');
    expect(noted(here, 'found').at(-1)).toMatchObject({ person: { personId: li?.personId, unitId: li?.unitId, accountId: officer.accountId } });
    expect(noted(here, 'people-searched').at(-1)?.person.words).toBe('name 3');
    expect((await officer.ask('POST', 'people/search', { q: '吴边', purpose: id })).json['people']).toEqual([]);
    await officer.ask('POST', 'people/search', { q: '890101199003070118', purpose: id, limit: 1 });
    expect(noted(here, 'people-searched').at(-1)?.person.words).toBe('number 18');
    const all = await officer.ask('POST', 'people/search', { q: '0001', purpose: id, limit: 4 });
    expect([Object(all.json['people']).length, all.json['more']]).toEqual([4, true]);
  });

  test('finds who works in the building too, noted like anybody, and lets him be looked at under the purpose; a clerk is not shown that he works', async () => {
    const [cleaner, elsewhere] = await here.register.register.write(async (db) => {
      const made: number[] = [];
      for (const [at, buildingId] of [here.building.buildingId, here.other.buildingId].entries()) {
        const { vault } = here.register.register;
        const { id } = await db.person.create({ data: { nameSealed: vault.seal('person.name', '田保洁'), documentType: '111', documentTail: `000${at}`, createdAt: NOON } });
        await db.accessGrant.create({ data: { personId: id, buildingId, purpose: 'cleaning', fromAt: NOON - DAY, untilAt: at === 0 ? NOON - 1 : NOON + DAY, createdAt: NOON } });
        made.push(id);
      }
      return made;
    });
    await findable(here);
    const officer = await enter(here, { login: 'of-7', role: 'OF', buildings: [here.building.buildingId] });
    const id = await openForPeople(here, officer);
    const { json } = await officer.ask('POST', 'people/search', { q: '田保洁', purpose: id });
    expect(json['people']).toMatchObject([{ id: cleaner, name: '田*', homes: [], works: [{ buildingId: here.building.buildingId, purpose: 'cleaning', current: false }] }]);
    expect(noted(here, 'found').at(-1)).toMatchObject({ event: { buildingId: here.building.buildingId }, person: { personId: cleaner, accountId: officer.accountId } });
    const reveal = (personId: number | undefined) => officer.ask('POST', `purposes/${id}/reveal`, { personId, fields: ['name'], reason: '核对身份证件' });
    expect((await reveal(cleaner)).json).toMatchObject({ name: '田保洁' });
    expect((await reveal(elsewhere)).json['code']).toBe('SCOPE_DENIED');
    const clerk = await enter(here, { login: 'cl-2', role: 'CL', buildings: [here.building.buildingId, here.other.buildingId] });
    expect((await clerk.ask('POST', 'people/search', { q: '田保洁' })).json['people']).toEqual([]);
  });

  test('a clerk needs none, in the own area; others may not search', async () => {
    const clerk = await enter(here, { login: 'cl-1', role: 'CL', buildings: [here.other.buildingId] });
    expect((await clerk.ask('POST', 'people/search', { q: '吴边' })).json['people']).toMatchObject([{ name: '吴*', homes: [{ room: '0201' }] }]);
    expect((await clerk.ask('POST', 'people/search', { q: '李小明' })).json['people']).toEqual([]);
    here.log.broken = true;
    expect((await clerk.ask('POST', 'people/search', { q: '吴边' })).text).not.toContain('吴');
    here.log.broken = false;
    for (const role of ['LL', 'GW', 'BL', 'DA', 'SA', 'AU', 'TEN'] as const) {
      const who = await enter(here, { login: `s-${role.toLowerCase()}`, role });
      expect([role, (await who.ask('POST', 'people/search', { q: '李小明' })).status]).toEqual([role, 403]);
    }
  });
});
