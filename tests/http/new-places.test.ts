import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Browser, signedIn, type World, world } from './fixture.ts';

let here: World;
let operator: Browser;
beforeAll(async () => {
  here = await world();
  operator = await signedIn(here, 'SA', []);
});
afterAll(() => here.close());

const BUILDING = { code: '890101001001B00077', name: '迎春路 77 号' };
const DOOR = { kind: 'street', name: '大门' };
const doorsOf = () => `buildings/${here.building.buildingId}/doors`;
const counts = async () => [await here.register.register.read.building.count(), await here.register.register.read.door.count()];

describe('adding a building', () => {
  test('answers with it, tells the doors and leaves an entry with the account and the code', async () => {
    here.told.changed = 0;
    here.journal.entries.splice(0);
    const { status, json } = await operator.ask('POST', 'buildings', BUILDING);
    expect([status, json]).toEqual([
      200,
      { building: { ...BUILDING, id: expect.any(Number), nameEn: '', address: '', mode: 'scattered', units: 0, doors: 0 }, site: '1001b00077', entry: 1 },
    ]);
    expect(here.told.changed).toBe(1);
    const { id } = Object(json['building']);
    expect(here.journal.entries).toMatchObject([{ event: { kind: 'register', what: 'building-added', buildingId: id, doorId: 0 }, person: { words: BUILDING.code } }]);
    expect(here.journal.entries[0]?.person.accountId).toBeGreaterThan(0);
    expect((await operator.ask('GET', `buildings/${id}`)).json).toMatchObject({ floors: [], doorList: [] });
    expect((await operator.ask('POST', 'buildings', BUILDING)).json).toMatchObject({ code: 'TAKEN', field: 'code', expected: expect.stringContaining(BUILDING.code) });
  });

  test.each([
    [{ name: 'x' }, 'code'],
    [{ ...BUILDING, code: 'B1' }, 'code'],
    [{ ...BUILDING, mode: 'castle' }, 'mode'],
    [{ ...BUILDING, readerBits: 26 }, 'readerBits'],
    [{ ...BUILDING, site: 'Not This' }, 'site'],
    [{ ...BUILDING, name: ' ' }, 'name'],
  ])('%j is refused by the name of the field', async (body, field) => {
    const before = await counts();
    const { status, json } = await operator.ask('POST', 'buildings', body);
    expect([status, json]).toMatchObject([400, { code: 'BAD_INPUT', field, expected: expect.stringMatching(/\S/) }]);
    expect(await counts()).toEqual(before);
  });
});

describe('fitting a door', () => {
  test('makes a door that waits for a controller, and keeps its secret to itself', async () => {
    here.told.changed = 0;
    here.journal.entries.splice(0);
    const { status, json, headers } = await operator.ask('POST', doorsOf(), DOOR);
    expect([status, json]).toMatchObject([
      200,
      { door: { code: '890101001001B00042D05', kind: 'street', live: { online: false } }, site: 'yc42', device: 'yc42-d05', topics: 'ac/1/yc42/d/yc42-d05/', entry: 1 },
    ]);
    expect([json['secret'], headers['cache-control'], here.told.changed]).toEqual([undefined, 'no-store', 1]);
    const { id } = Object(json['door']);
    expect(here.journal.entries).toMatchObject([{ event: { what: 'door-fitted', buildingId: here.building.buildingId, doorId: id }, person: { words: '890101001001B00042D05' } }]);
    const page = await operator.ask('GET', `doors/${id}`);
    expect(page.json).toMatchObject({ lines: [{ door: { zh: '大门' }, why: { en: expect.stringContaining('A door was added') } }] });
  });

  test.each([
    [{ ...DOOR, kind: 'window' }, 'kind'],
    [{ kind: 'unit', name: '0901', room: '0901' }, 'room'],
    [{ ...DOOR, room: '0201' }, 'room'],
  ])('%j is refused by the name of the field', async (body, field) => {
    expect((await operator.ask('POST', doorsOf(), body)).json).toMatchObject({ code: 'BAD_INPUT', field, expected: expect.stringMatching(/\S/) });
  });

  test('a log that is down does not undo it: entry 0 says so', async () => {
    here.log.broken = true;
    const { json } = await operator.ask('POST', doorsOf(), { kind: 'gate', name: '侧门' });
    here.log.broken = false;
    expect(json).toMatchObject({ entry: 0, device: expect.stringMatching(/^yc42-d\d\d$/) });
    expect(here.errors.splice(0)).toHaveLength(1);
  });
});

test('both are the operator’s alone', async () => {
  const before = await counts();
  for (const role of ['LL', 'OF'] as const) {
    const other = await signedIn(here, role);
    expect((await other.ask('POST', 'buildings', { ...BUILDING, code: '890101001001B00078' })).json).toMatchObject({ code: 'NOT_ALLOWED' });
    expect((await other.ask('POST', doorsOf(), DOOR)).json).toMatchObject({ code: 'NOT_ALLOWED' });
  }
  expect(await counts()).toEqual(before);
  expect((await operator.ask('POST', 'buildings/999/doors', DOOR)).json).toMatchObject({ code: 'NOT_FOUND' });
});
