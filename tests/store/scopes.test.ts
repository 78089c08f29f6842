import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recutGrid } from '../../gateway/register/cut-grid.ts';
import { type Scopes, scopesOf } from '../../gateway/store/scopes.ts';
import type { NewAssignment } from '../../gateway/store/accounts.ts';
import type { Role } from '../../gateway/core/roles.ts';
import { addAccount, addCover, addDivisions, addGrid, addOffice, always, COMMUNITY, silent } from '../helpers/offices.ts';
import { addBuilding, addTenant, DAY, NOON, temporaryRegister, type TestBuilding, type TestRegister } from '../helpers/register.ts';

let made: TestRegister;
let scopes: Scopes;
let here: TestBuilding;
let there: TestBuilding;
beforeEach(async () => {
  made = await temporaryRegister();
  scopes = scopesOf(made.register);
  await addDivisions(made);
  here = await addBuilding(made);
  there = await addBuilding(made, '890101101201B00001', 'village');
});
afterEach(() => made.close());

let serial = 0;
const account = (role: Role, ...assignments: NewAssignment[]) => addAccount(made, { role, login: `who${serial++}`, assignments }, NOON);
const buildings = async (who: Parameters<Scopes['of']>[0], now = NOON): Promise<number[]> => [...(await scopes.of(who, now)).buildings].sort((a, b) => a - b);

describe('scope', () => {
  test('by division: everything whose code begins with its digits, at each level', async () => {
    const levels = [
      ['890000000000', [here, there]],
      ['890101000000', [here, there]],
      ['890101001000', [here]],
      [COMMUNITY, [here]],
      ['890101001002', []],
      ['890101101201', [there]],
    ] as const;
    for (const [divisionCode, expected] of levels) {
      const org = await addOffice(made, divisionCode);
      await addCover(made, org, { divisionCode });
      expect(await buildings(await account('OF', always('org', org)))).toEqual(expected.map(({ buildingId }) => buildingId));
    }
  });

  test('by single buildings of any place, from offices below too, within the cover’s dates', async () => {
    const bureau = await addOffice(made, '局');
    const station = await addOffice(made, '所', bureau);
    await addCover(made, station, { buildingId: there.buildingId, fromAt: NOON + 10, untilAt: NOON + 20 });
    await addCover(made, bureau, { buildingId: here.buildingId });
    const [above, below] = [await account('DA', always('org', bureau)), await account('CL', always('org', station))];
    expect(await buildings(above)).toEqual([here.buildingId]);
    expect(await scopes.of(below, NOON)).toMatchObject({ buildings: new Set(), held: true, until: NOON + 10 });
    expect(await buildings(above, NOON + 10)).toEqual([here.buildingId, there.buildingId]);
    expect(await buildings(below, NOON + 19)).toEqual([there.buildingId]);
    expect(await buildings(below, NOON + 20)).toEqual([]);
  });

  test('a closed office gives nothing, nor does what hangs below it', async () => {
    const bureau = await addOffice(made, '局');
    const station = await addOffice(made, '所', bureau);
    await addCover(made, station, { buildingId: here.buildingId });
    const [above, below] = [await account('DA', always('org', bureau)), await account('OF', always('org', station))];
    expect([await buildings(above), await buildings(below)]).toEqual([[here.buildingId], [here.buildingId]]);
    await made.register.write((db) => db.orgUnit.update({ where: { id: station }, data: { closedAt: NOON } }));
    expect([await buildings(above), await buildings(below)]).toEqual([[], []]);
  });

  test('before, during and after an assignment, and when it changes next', async () => {
    const who = await account('LL', { place: 'building', placeId: here.buildingId, fromAt: NOON, untilAt: NOON + DAY });
    expect(await scopes.of(who, NOON - 1)).toMatchObject({ buildings: new Set(), held: false, until: NOON });
    expect(await scopes.of(who, NOON)).toMatchObject({ buildings: new Set([here.buildingId]), held: true, until: NOON + DAY });
    expect(await scopes.of(who, NOON + DAY - 1)).toMatchObject({ buildings: new Set([here.buildingId]) });
    expect(await scopes.of(who, NOON + DAY)).toMatchObject({ buildings: new Set(), held: false, until: Number.POSITIVE_INFINITY });
  });

  test('of a grid follows its versions, of an area its grids', async () => {
    const org = await addOffice(made, '所');
    const { id: areaId } = await made.register.write((db) => db.area.create({ data: { code: 'E', orgId: org, name: '东' } }));
    const grid = await addGrid(made, `${COMMUNITY}001`, [here.buildingId], NOON);
    await made.register.write((db) => db.grid.update({ where: { id: grid }, data: { areaId } }));
    const [worker, areaWide] = [await account('GW', always('grid', grid)), await account('GW', always('area', areaId))];
    await recutGrid(made.register, { id: grid, version: 1, buildingIds: [], fromAt: NOON + 10, now: NOON }, silent);
    for (const who of [worker, areaWide]) {
      expect(await buildings(who, NOON - 1)).toEqual([]);
      expect(await scopes.of(who, NOON)).toMatchObject({ buildings: new Set([here.buildingId]), until: NOON + 10 });
      expect(await buildings(who, NOON + 10)).toEqual([]);
    }
  });

  test('of single homes is those homes; a building that is whole takes them in', async () => {
    const unit = here.units['0501'] ?? 0;
    expect((await scopes.of(await account('LL', always('unit', unit)), NOON)).units).toEqual(new Map([[unit, here.buildingId]]));
    expect((await scopes.of(await account('LL', always('unit', unit), always('building', here.buildingId)), NOON)).units.size).toBe(0);
  });

  test('of a tenant is where he lives while his access lasts; an assignment gives him nothing', async () => {
    const unitId = here.units['0503'] ?? 0;
    const { personId } = await addTenant(made, { unitId, accessUntil: NOON + 5 });
    const tenant = { id: (await account('TEN', always('site', 0))).id, role: 'TEN', personId } as const;
    expect(await scopes.of(tenant, NOON)).toMatchObject({ all: false, units: new Map([[unitId, here.buildingId]]), until: NOON + 5 });
    expect((await scopes.of(tenant, NOON + 5)).units.size).toBe(0);
  });
});
