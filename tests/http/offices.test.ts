import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NOON } from '../helpers/register.ts';
import { addOffice, always, COMMUNITY, VILLAGE } from '../helpers/offices.ts';
import { atDesk, audited, type Desk, match, type Offices, offices } from './desks.ts';

let here: Offices;
beforeAll(async () => {
  here = await offices();
});
afterAll(() => here.close());
beforeEach(() => {
  here.time.now += 1000;
});

const patch = async (desk: Desk, url: string, body: object, version: unknown) => {
  const headers = { host: 'localhost:8080', cookie: desk.cookie, 'x-csrf-token': desk.csrf, ...match(version) };
  return (await here.app.inject({ method: 'PATCH', url: `/api/v1/${url}`, payload: body, headers })).json();
};
const close = async (desk: Desk, url: string) => {
  const { version } = Object(await found(desk, url));
  return (await desk.ask('POST', `${url}/close`, {}, match(version))).json;
};
const found = async (desk: Desk, url: string): Promise<unknown> => {
  const [list = '', id] = url.split('/');
  return rows(desk, list).then((all) => all.find((row) => String(row.id) === id));
};
async function rows(desk: Desk, list: string): Promise<{ id: number; name: string; version: number; code?: string }[]> {
  return Object(JSON.parse((await desk.ask('GET', list)).text));
}
const names = async (desk: Desk, list: string): Promise<string[]> => (await rows(desk, list)).map(({ name }) => name);
const officer = (login: string, orgId: number) => atDesk(here, { role: 'OF', login, assignments: [always('org', orgId)] });
const buildings = async (desk: Desk): Promise<number[]> => {
  const answer = await desk.ask('GET', 'buildings');
  return answer.status === 200 ? Object(JSON.parse(answer.text)).map(({ id }: { id: number }) => id) : [];
};

describe('divisions', () => {
  test('level and kind are read from the code; odd ranges are a warning, not a refusal', async () => {
    const add = (code: string) => here.first.ask('POST', 'divisions', { code, name: '新社区' });
    expect((await add('890101001003')).json).toMatchObject({ level: 'community', kind: 'residents', parentCode: '890101001000', warnings: [] });
    expect((await add('890101001777')).json).toMatchObject({ level: 'community', kind: '', warnings: [{ en: expect.stringContaining('usual ranges') }] });
    expect((await add('890101001003')).json).toMatchObject({ code: 'TAKEN', field: 'code' });
    expect((await add('000101001003')).json).toMatchObject({ code: 'BAD_INPUT', field: 'code' });
    expect(audited(here)).toContain('division-added');
  });

  test('one that is abolished says until when it held and what replaced it', async () => {
    const [division] = (await rows(here.first, 'divisions')).filter(({ code }) => code === '890101001003');
    const url = 'divisions/890101001003';
    expect(await patch(here.first, url, { validUntil: NOON + 9e6, replacedBy: '890101001999' }, division?.version)).toMatchObject({ code: 'NOT_FOUND', field: 'replacedBy' });
    expect(await patch(here.first, url, { validUntil: NOON + 9e6, replacedBy: COMMUNITY }, division?.version)).toMatchObject({ replacedBy: COMMUNITY, version: 2 });
    expect(await patch(here.first, url, { name: '旧名' }, division?.version)).toMatchObject({ code: 'STALE_VERSION' });
  });

  test('a district has those of its own codes', async () => {
    expect((await here.district.ask('POST', 'divisions', { code: '890201001001', name: '外区' })).json).toMatchObject({ code: 'SCOPE_DENIED' });
    expect((await rows(here.district, 'divisions')).every(({ code }) => code?.startsWith('890101'))).toBe(true);
  });
});

describe('the organisation tree', () => {
  test('has four levels, no circles, and moves as a whole', async () => {
    const open = (name: string, parentId: number | null) => here.first.ask('POST', 'offices', { name, kind: 'group', parentId });
    const chain: number[] = [];
    for (const name of ['一', '二', '三', '四']) chain.push(Number((await open(name, chain.at(-1) ?? null)).json['id']));
    expect((await open('五', chain[3] ?? 0)).json).toMatchObject({ code: 'ORG_TOO_DEEP', field: 'parentId' });
    expect(await patch(here.first, `offices/${chain[0]}`, { parentId: chain[2] }, 1)).toMatchObject({ code: 'ORG_CYCLE' });
    expect(await patch(here.first, `offices/${chain[0]}`, { parentId: here.bureau }, 1)).toMatchObject({ code: 'ORG_TOO_DEEP' });
    expect(await patch(here.first, `offices/${chain[1]}`, { parentId: null }, 1)).toMatchObject({ depth: 1, version: 2 });
    expect(await found(here.first, `offices/${chain[3]}`)).toMatchObject({ depth: 3 });
    expect(await patch(here.first, `offices/${chain[0]}`, { parentId: here.bureau, name: '改名' }, 1)).toMatchObject({ depth: 2, name: '改名' });
  });

  test('an office on which something open hangs is not closed; a closed one gives nobody access', async () => {
    const station = await addOffice(here.register, '要关的所', here.bureau);
    const point = await addOffice(here.register, '警务室', station);
    await here.first.ask('POST', `offices/${station}/covers`, { buildingId: here.other.buildingId });
    expect(await close(here.first, `offices/${station}`)).toMatchObject({ code: 'STILL_IN_USE' });
    const desk = await officer('closing', point);
    expect(await close(here.first, `offices/${point}`)).toMatchObject({ code: 'STILL_IN_USE' });
    const inside = await officer('of-station', station);
    expect(await buildings(inside)).toEqual([here.other.buildingId]);
    for (const { account } of [desk, inside]) {
      const [{ id }] = Object((await here.first.ask('GET', `accounts/${account.id}`)).json['assignments']);
      await here.first.ask('POST', `accounts/${account.id}/assignments/${String(id)}/end`, {});
    }
    expect(await close(here.first, `offices/${point}`)).toMatchObject({ closedAt: here.time.now });
    expect(await close(here.first, `offices/${station}`)).toMatchObject({ covers: [{ untilAt: here.time.now }] });
    expect(await close(here.first, `offices/${station}`)).toMatchObject({ code: 'IS_CLOSED' });
    const { version } = Object(await found(here.first, `offices/${station}`));
    expect(await patch(here.first, `offices/${station}`, { name: '再开' }, version)).toMatchObject({ code: 'IS_CLOSED' });
  });

  test('a cover gives its people a building at once, and takes it at once', async () => {
    const station = await addOffice(here.register, '看楼的所', here.bureau);
    const desk = await officer('watching', station);
    expect(await buildings(desk)).toEqual([]);
    const given = await here.first.ask('POST', `offices/${station}/covers`, { divisionCode: COMMUNITY });
    expect(await buildings(desk)).toEqual([here.building.buildingId, here.other.buildingId]);
    expect((await here.first.ask('POST', `offices/${station}/covers`, { divisionCode: COMMUNITY })).json).toMatchObject({ code: 'TAKEN' });
    expect((await here.first.ask('POST', `offices/${station}/covers`, {})).json).toMatchObject({ code: 'BAD_INPUT' });
    const [{ id, name }] = Object(given.json['covers']);
    expect(name).toMatchObject({ zh: '示范社区' });
    expect((await here.first.ask('POST', `offices/${station}/covers/${String(id)}/end`, {})).status).toBe(200);
    expect(await buildings(desk)).toEqual([]);
  });
});

describe('a district', () => {
  test('has its own tree, changes what is below its own office, and widens nothing', async () => {
    const outside = await addOffice(here.register, '外区局');
    expect(await names(here.district, 'offices')).toEqual(expect.arrayContaining(['样板区局', '一号街道派出所']));
    expect(await names(here.district, 'offices')).not.toContain('外区局');
    expect((await here.district.ask('POST', 'offices', { name: '新所', kind: 'station', parentId: here.bureau })).status).toBe(200);
    for (const parentId of [null, outside])
      expect((await here.district.ask('POST', 'offices', { name: '新局', kind: 'bureau', parentId })).json).toMatchObject({ code: 'SCOPE_DENIED' });
    expect((await here.district.ask('POST', `offices/${here.bureau}/covers`, { divisionCode: COMMUNITY })).json).toMatchObject({ code: 'NOT_ALLOWED' });
    expect((await here.district.ask('POST', `offices/${here.station}/covers`, { divisionCode: '890000000000' })).json).toMatchObject({ code: 'SCOPE_DENIED' });
    expect((await here.district.ask('POST', `offices/${here.station}/covers`, { divisionCode: VILLAGE })).status).toBe(200);
    expect(await patch(here.district, `offices/${here.bureau}`, { name: '我的局' }, 1)).toMatchObject({ code: 'NOT_ALLOWED' });
    expect(await patch(here.district, `offices/${outside}`, { name: '我的局' }, 1)).toMatchObject({ code: 'SCOPE_DENIED' });
    expect(await patch(here.district, `offices/${here.station}`, { parentId: null }, 2)).toMatchObject({ code: 'SCOPE_DENIED' });
  });
});

describe('areas and grids', () => {
  let area = 0;
  test('an area belongs to an office, with a code of its own', async () => {
    const wish = { code: 'E', name: '东片', orgId: here.station };
    area = Number((await here.district.ask('POST', 'areas', wish)).json['id']);
    expect(area).toBeGreaterThan(0);
    expect((await here.first.ask('POST', 'areas', wish)).json).toMatchObject({ code: 'TAKEN' });
    expect(await patch(here.first, `areas/${area}`, { name: '东一片' }, 1)).toMatchObject({ name: '东一片', version: 2 });
    expect(await names(here.district, 'areas')).toEqual(['东一片']);
  });

  test('a grid lies in one community, shares no building, and is cut anew without touching the past', async () => {
    const open = (code: string, buildingIds: number[], more = {}) => here.first.ask('POST', 'grids', { code, name: `网格 ${code.slice(-3)}`, buildingIds, areaId: area, ...more });
    const made = await open(`${COMMUNITY}001`, [here.building.buildingId]);
    const id = Number(made.json['id']);
    expect(made.json).toMatchObject({ communityCode: COMMUNITY, versions: [{ n: 1, buildingIds: [here.building.buildingId], untilAt: null }], officer: null, worker: null });
    expect((await open(`${VILLAGE}001`, [here.building.buildingId])).json).toMatchObject({ code: 'GRID_SPANS' });
    expect((await open(`${COMMUNITY}002`, [here.building.buildingId])).json).toMatchObject({ code: 'GRID_OVERLAP', expected: expect.stringContaining('网格 001') });
    expect((await open('890101001000001', [])).json).toMatchObject({ code: 'BAD_INPUT', field: 'code' });
    expect((await open('890101001888001', [])).json).toMatchObject({ code: 'NOT_FOUND', field: 'code' });
    const worker = await atDesk(here, { role: 'GW', login: 'worker', assignments: [always('grid', id)] });
    expect(await buildings(worker)).toEqual([here.building.buildingId]);
    const from = here.time.now + 500;
    const cut = (fromAt: number, version: number) => here.first.ask('POST', `grids/${id}/cut`, { fromAt, buildingIds: [here.other.buildingId] }, match(version));
    expect((await cut(here.time.now - 1, 1)).json).toMatchObject({ code: 'GRID_PAST' });
    expect((await cut(from, 1)).json).toMatchObject({
      versions: [
        { n: 2, fromAt: from, buildingIds: [here.other.buildingId] },
        { n: 1, untilAt: from, buildingIds: [here.building.buildingId] },
      ],
      worker: { displayName: 'worker' },
    });
    expect((await cut(from + 5, 1)).json).toMatchObject({ code: 'STALE_VERSION' });
    expect(await buildings(worker)).toEqual([here.building.buildingId]);
    here.time.now = from;
    expect(await buildings(worker)).toEqual([here.other.buildingId]);
    expect((await open(`${COMMUNITY}003`, [here.building.buildingId])).status).toBe(200);
  });

  test('is not closed while somebody is on a post, and an area not while a grid is open', async () => {
    const [grid] = await rows(here.first, 'grids');
    const url = `grids/${grid?.id}`;
    expect(await close(here.first, url)).toMatchObject({ code: 'STILL_IN_USE' });
    expect(await close(here.first, `areas/${area}`)).toMatchObject({ code: 'STILL_IN_USE' });
    const { worker } = Object(await found(here.first, url));
    await here.first.ask('POST', `accounts/${worker.accountId}/assignments/${worker.assignmentId}/end`, {});
    expect(await close(here.first, url)).toMatchObject({ closedAt: here.time.now, versions: [{ untilAt: here.time.now }, {}] });
  });

  test('a district has the grids of its communities and puts only its own buildings into them', async () => {
    expect((await names(here.district, 'grids')).length).toBeGreaterThan(0);
    const narrow = await addOffice(here.register, '小区局');
    await here.first.ask('POST', `offices/${narrow}/covers`, { divisionCode: VILLAGE });
    const small = await atDesk(here, { role: 'DA', login: 'small', assignments: [always('org', narrow)] });
    expect(await names(small, 'grids')).toEqual([]);
    expect((await small.ask('POST', 'grids', { code: `${COMMUNITY}009`, name: '别人的', buildingIds: [] })).json).toMatchObject({ code: 'SCOPE_DENIED', field: 'code' });
    const [grid] = await rows(here.first, 'grids');
    expect(await patch(small, `grids/${grid?.id}`, { name: '我的' }, grid?.version)).toMatchObject({ code: 'SCOPE_DENIED' });
  });
});

describe('a building as it is managed', () => {
  test('shows mode, leader and grid; the mode is changed by who has seen it as it is', async () => {
    await atDesk(here, { role: 'BL', login: 'leader', assignments: [always('building', here.building.buildingId)] });
    const url = `managed-buildings/${here.building.buildingId}`;
    expect(await found(here.district, url)).toMatchObject({ mode: 'scattered', version: 1, leader: { displayName: 'leader' } });
    expect(await patch(here.district, url, { mode: 'hotel' }, 1)).toMatchObject({ mode: 'hotel', version: 2 });
    expect(await patch(here.district, url, { mode: 'compound' }, 1)).toMatchObject({ code: 'STALE_VERSION' });
    expect(await patch(here.district, url, { mode: 'castle' }, 2)).toMatchObject({ code: 'BAD_INPUT', field: 'mode' });
    expect((await here.first.ask('GET', `buildings/${here.building.buildingId}`)).json).toMatchObject({ mode: 'hotel' });
    expect(audited(here).filter((what) => what === 'building-mode')).toHaveLength(1);
  });
});

test('the auditor reads it all and changes nothing; a landlord reads nothing of it', async () => {
  const auditor = await atDesk(here, { role: 'AU', login: 'auditor', assignments: [always('site', 0)] });
  const landlord = await atDesk(here, { role: 'LL', login: 'landlord', assignments: [always('building', here.building.buildingId)] });
  for (const list of ['divisions', 'offices', 'areas', 'grids', 'managed-buildings']) {
    expect((await auditor.ask('GET', list)).status).toBe(200);
    expect((await landlord.ask('GET', list)).status).toBe(403);
  }
  for (const [list, body] of [
    ['offices', { name: '新', kind: 'group', parentId: null }],
    ['areas', { code: 'X', name: '新', orgId: here.station }],
    ['grids', { code: `${COMMUNITY}008`, name: '新', buildingIds: [] }],
    ['divisions', { code: '890101001009', name: '新' }],
  ] as const)
    expect((await auditor.ask('POST', list, body)).status).toBe(403);
});
