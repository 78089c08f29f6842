import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addCard, addTenant, DAY, NOON } from '../helpers/register.ts';
import { type Browser, signedIn, stateOf, type World, world } from './fixture.ts';

let here: World;
let landlord: Browser;
let operator: Browser;
let officer: Browser;
let clerk: Browser;

beforeAll(async () => {
  here = await world();
  [landlord, operator, officer, clerk] = [await signedIn(here, 'LL'), await signedIn(here, 'SA', []), await signedIn(here, 'OF'), await signedIn(here, 'CL')];
  const unit = (room: string): number => here.building.units[room] ?? 0;
  const { personId } = await addTenant(here.register, { unitId: unit('0503'), name: '何志远' });
  await addCard(here.register, { personId, hex: '1A2B3C4D' });
  await addCard(here.register, { personId, hex: '1A2B3C4E', status: 'revoked' });
  await addTenant(here.register, { unitId: unit('0302'), termEnd: NOON - DAY });
  await addTenant(here.register, { unitId: unit('0201'), registrationState: 'pending', registrationDue: NOON - 1, checkedBy: '' });
  await addTenant(here.register, { unitId: unit('0202'), registrationState: 'pending', registrationDue: NOON + DAY });
  await addTenant(here.register, { unitId: unit('0203'), accessUntil: NOON - DAY, registrationState: 'pending', registrationDue: NOON - DAY });
  await addTenant(here.register, { unitId: unit('0401'), startAt: NOON + DAY });
  here.states.push(stateOf(here.building.doors['D01'] ?? 0, { contact: 'open', queued: 3 }));
});
afterAll(() => here.close());

const get = async (who: Browser, url: string): Promise<{ [field: string]: unknown }> => {
  const answer = await who.ask('GET', url);
  expect([url, answer.status, answer.text.slice(0, 80)]).toEqual([url, 200, expect.any(String)]);
  return answer.json;
};

describe('a building', () => {
  test('is a stack of floors, the highest on top, each home with its counts and what needs doing', async () => {
    const view = await get(landlord, `buildings/${here.building.buildingId}`);
    const floors: { floor: number; units: { room: string }[] }[] = Object(view['floors']);
    expect(floors.map(({ floor }) => floor)).toEqual([5, 4, 3, 2]);
    const tiles = new Map(floors.flatMap(({ units }) => units).map((tile) => [tile.room, tile]));
    expect([...tiles.keys()].slice(0, 3)).toEqual(['0501', '0502', '0503']);
    expect(tiles.get('0503')).toMatchObject({ state: 'fine', people: 1, registered: 1, keys: 1 });
    expect(tiles.get('0302')).toMatchObject({ state: 'holdover', people: 1 });
    expect(tiles.get('0201')).toMatchObject({ state: 'overdue', registered: 0, registrationDue: NOON - 1 });
    expect(tiles.get('0202')).toMatchObject({ state: 'due', registrationDue: NOON + DAY });
    expect(tiles.get('0203')).toMatchObject({ state: 'empty', people: 0, registrationDue: null });
    expect(tiles.get('0401')).toMatchObject({ state: 'empty', people: 0 });
  });

  test('has doors with their live state; one that was never heard of is offline', async () => {
    const doors = async (who: Browser) => Object((await get(who, `buildings/${here.building.buildingId}`))['doorList']);
    expect(await doors(operator)).toMatchObject([{ name: '大门', live: { online: true, contact: 'open', queued: 3 } }, { live: { online: false } }, {}, {}]);
    expect(await doors(landlord)).toMatchObject([{ live: { online: true, contact: 'unknown', queued: 0 } }, {}, {}, {}]);
  });

  test("is listed and shown to those in whose scope it is; another's answers like one that does not exist", async () => {
    for (const [who, count] of [
      [landlord, 1],
      [officer, 1],
      [operator, 2],
    ] as const)
      expect(Object.keys(await get(who, 'buildings'))).toHaveLength(count);
    const things = [`buildings/${here.other.buildingId}`, `units/${here.other.units['0201']}`, `doors/${here.other.doors['D01']}`, 'buildings/999', 'units/999', 'doors/999'];
    for (const who of [landlord, officer]) {
      for (const url of things) expect((await who.ask('GET', url)).json, url).toMatchObject({ code: 'SCOPE_DENIED' });
    }
    expect((await operator.ask('GET', 'buildings/999')).json).toMatchObject({ code: 'NOT_FOUND' });
    expect((await landlord.ask('POST', `doors/${here.other.doors['D01']}/unlock`)).status).toBe(404);
    expect(here.commands).toEqual([]);
  });
});

describe('a home', () => {
  const unitOf = (): number => here.building.units['0503'] ?? 0;

  test("shows a landlord his own occupants' names, and a clerk; an officer a masked one; nobody a document or phone", async () => {
    for (const [who, name] of [
      [landlord, '何志远'],
      [clerk, '何志远'],
      [officer, '何*'],
    ] as const) {
      const { text } = await who.ask('GET', `units/${unitOf()}`);
      expect(JSON.parse(text)).toMatchObject({
        unit: { room: '0503' },
        tenancies: [
          {
            state: 'running',
            people: [{ name, documentMasked: '890101********0118', phoneMasked: '120****0001', registered: true }],
            credentials: [{ tail: '3C4D', status: 'active' }, { status: 'revoked' }],
          },
        ],
        // A clerk has no right to doors.
        doors: who === clerk ? [] : [{ kind: 'street' }, { kind: 'roof' }, { kind: 'unit', name: '0503' }],
      });
      expect(text).not.toContain('890101199003070118');
      expect(text).not.toContain('12000000001');
      if (name === '何*') expect(text).not.toContain('志远');
    }
  });

  test('is not the system administrator’s to see, nor the building leader’s: neither has a right to its people', async () => {
    for (const who of [operator, await signedIn(here, 'BL'), await signedIn(here, 'AU', []), await signedIn(here, 'DA')])
      expect((await who.ask('GET', `units/${unitOf()}`)).json).toMatchObject({ code: 'NOT_ALLOWED' });
  });

  test('is noted in the log before it is shown: once in five minutes for each account', async () => {
    here.journal.entries.splice(0);
    here.time.now += 10 * 60_000;
    for (const who of [officer, officer, landlord]) await get(who, `units/${unitOf()}`);
    here.time.now += 5 * 60_000;
    await get(officer, `units/${unitOf()}`);
    expect(here.journal.entries.map(({ event, person }) => [event.what, event.buildingId, person.unitId])).toEqual(
      Array.from({ length: 3 }, () => ['viewed', here.building.buildingId, unitOf()]),
    );
  });

  test('is not shown when the look cannot be noted', async () => {
    here.log.broken = true;
    const { status, text } = await officer.ask('GET', `units/${here.building.units['0302']}`);
    here.log.broken = false;
    expect([status, text.includes('李')]).toEqual([503, false]);
  });
});

describe('opening a door', () => {
  const unlock = (who: Browser, door: string) => who.ask('POST', `doors/${here.building.doors[door]}/unlock`);

  test("is the landlord's at the shared doors of his building, never at a home; nobody else's on a real site", async () => {
    expect((await unlock(landlord, 'D01')).json).toEqual({ result: 'done' });
    expect(here.commands).toEqual([{ doorId: here.building.doors['D01'], command: { what: 'unlock', openMs: 5000 }, accountId: expect.any(Number) }]);
    expect(here.commands[0]?.accountId).toBeGreaterThan(0);
    for (const [who, door] of [
      [landlord, 'D03'],
      [operator, 'D01'],
      [officer, 'D01'],
    ] as const)
      expect((await unlock(who, door)).json).toMatchObject({ code: 'NOT_ALLOWED' });
    expect(here.commands).toHaveLength(1);
  });
});

describe('a door page', () => {
  test('has the door, its building and its latest lines', async () => {
    const door = here.building.doors['D01'];
    expect(await get(operator, `doors/${door}`)).toMatchObject({ door: { id: door, name: '大门' }, building: { nameEn: '42 Yingchun Road' }, lines: [] });
  });
});
