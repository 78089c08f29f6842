import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addTenant } from '../helpers/register.ts';
import { type Browser, signedIn, WHOLE_SESSION, type World, world } from './fixture.ts';
import { deskOf } from './rights-people.ts';

let here: World;
let landlord: Browser;
beforeEach(async () => {
  here = await world();
  landlord = await deskOf(here, 'LL');
  here.journal.entries.splice(0);
});
afterEach(() => here.close());

const floors = (): string => `buildings/${here.building.buildingId}/floors`;
const home = (room: string): string => `units/${here.building.units[room]}`;
const PLAN = { from: 6, to: 7, perFloor: 2 };
const match = (version: number) => ({ 'if-match': `"${version}"` });
const noted = () => here.journal.entries.map(({ event, person }) => `${event.kind} ${event.what} ${person.words}`);

describe('homes of a building', () => {
  test('a landlord sees the numbers first, then makes them, and they are on the page', async () => {
    const asked = await landlord.ask('GET', `${floors()}?from=5&to=6&perFloor=2&skip=4,13,14`);
    expect([asked.status, asked.json]).toEqual([
      200,
      {
        fresh: 2,
        there: 2,
        floors: [
          { floor: 5, rooms: ['0501', '0502'] },
          { floor: 6, rooms: ['0601', '0602'] },
        ],
      },
    ]);
    expect(noted()).toEqual([]);
    here.told.changed = 0;
    expect((await landlord.ask('POST', floors(), { ...PLAN, skip: [6], use: 'vacant' })).json).toEqual({ made: 2 });
    expect([noted(), here.told.changed]).toEqual([['register homes-made floors=6..7 each=2 made=2'], 1]);
    const page = await landlord.ask('GET', `buildings/${here.building.buildingId}`);
    expect(Object(page.json['floors'])[0]).toMatchObject({ floor: 7, units: [{ room: '0701', use: 'vacant', state: 'empty' }, { room: '0702' }] });
    const entry = await landlord.ask('POST', `buildings/${here.building.buildingId}/units`, { room: 'B102' });
    expect(entry.json).toMatchObject({ room: 'B102', floor: -1, use: 'let', version: 1, buildingId: here.building.buildingId });
  });

  test.each([
    ['POST', { ...PLAN, to: 0 }, 'BAD_INPUT', 'to'],
    ['POST', { ...PLAN, from: -10 }, 'BAD_INPUT', 'from'],
    ['POST', { ...PLAN, perFloor: 100 }, 'BAD_INPUT', 'perFloor'],
    ['POST', { ...PLAN, digits: 4 }, 'BAD_INPUT', 'digits'],
    ['POST', { from: 2, to: 5, perFloor: 3 }, 'UNIT_DUPLICATE', 'perFloor'],
  ] as const)('%s %j is refused: %s', async (method, body, code, field) => {
    expect((await landlord.ask(method, floors(), body)).json).toMatchObject({ code, field, expected: expect.stringMatching(/\S/) });
    expect(noted()).toEqual([]);
  });

  test('a number is put right and a use is changed, by the version that was on screen', async () => {
    const facts = await landlord.ask('GET', `${home('0503')}/facts`);
    expect([facts.json, facts.headers['etag']]).toMatchObject([{ room: '0503', use: 'let', version: 1 }, '"1"']);
    expect((await landlord.ask('PUT', `${home('0503')}/room`, { room: '0605' })).json).toMatchObject({ code: 'VERSION_NEEDED' });
    expect((await landlord.ask('PUT', `${home('0503')}/room`, { room: '605' }, match(1))).json).toMatchObject({ room: '0605', floor: 6, version: 2 });
    expect((await landlord.ask('PUT', `${home('0503')}/room`, { room: '0606' }, match(1))).json).toMatchObject({ code: 'STALE_VERSION' });
    expect((await landlord.ask('PUT', `${home('0503')}/room`, { room: '0502' }, match(2))).json).toMatchObject({ code: 'UNIT_DUPLICATE', field: 'room' });
    expect((await landlord.ask('PUT', `${home('0503')}/use`, { use: 'self' }, match(2))).json).toMatchObject({ use: 'self', version: 3 });
    expect(noted()).toEqual(['register home-renamed 0503 → 0605', 'register home-use 0605 let → self']);
    await addTenant(here.register, { unitId: here.building.units['0302'] ?? 0 });
    const refused = await landlord.ask('PUT', `${home('0302')}/use`, { use: 'vacant' }, match(1));
    expect([refused.status, refused.json]).toMatchObject([409, { code: 'TENANCY_RUNS', field: 'use' }]);
  });

  test('nothing changes while the log cannot be written', async () => {
    here.log.broken = true;
    expect((await landlord.ask('POST', floors(), PLAN)).status).toBe(503);
    expect((await landlord.ask('PUT', `${home('0503')}/use`, { use: 'self' }, match(1))).status).toBe(503);
    here.log.broken = false;
    here.errors.splice(0);
    expect((await landlord.ask('GET', `${home('0503')}/facts`)).json).toMatchObject({ use: 'let', version: 1 });
    expect(await here.register.register.read.rentalUnit.count({ where: { buildingId: here.building.buildingId } })).toBe(12);
  });
});

test('the operator makes homes too; an officer, another’s landlord and whoever has one home alone do not', async () => {
  const operator = await signedIn(here, 'SA', []);
  expect((await operator.ask('POST', floors(), PLAN)).json).toEqual({ made: 4 });
  const officer = await deskOf(here, 'OF');
  expect((await officer.ask('POST', floors(), PLAN)).json).toMatchObject({ code: 'NOT_ALLOWED' });
  expect((await landlord.ask('POST', `buildings/${here.other.buildingId}/floors`, PLAN)).json).toMatchObject({ code: 'SCOPE_DENIED' });
  const single = await signedIn(here, 'LL');
  const assignments = [{ place: 'unit', placeId: here.building.units['0503'] ?? 0, fromAt: 0, untilAt: null }] as const;
  const account = await here.site.deps.accounts.create({ login: 'single', passwordHash: 'unused', role: 'LL', displayName: 'single', assignments }, 0);
  single.cookie = `doorbook=${await here.site.sessions.open(account, WHOLE_SESSION, undefined)}`;
  await single.ask('GET', 'session');
  expect((await single.ask('POST', floors(), PLAN)).json).toMatchObject({ code: 'SCOPE_DENIED' });
  expect((await single.ask('GET', `${home('0502')}/facts`)).json).toMatchObject({ code: 'SCOPE_DENIED' });
  expect((await single.ask('PUT', `${home('0503')}/use`, { use: 'self' }, match(1))).json).toMatchObject({ use: 'self' });
});
