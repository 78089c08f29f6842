import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { homesOf } from '../../gateway/store/homes.ts';
import { placesOf } from '../../gateway/store/places.ts';
import { addBuilding, addCard, addTenant, BUILDING_CODE, DAY, NOON, temporaryRegister, type TestBuilding, type TestRegister } from '../helpers/register.ts';

let made: TestRegister;
let building: TestBuilding;
const unit = (room: string): number => building.units[room] ?? 0;
beforeEach(async () => {
  made = await temporaryRegister();
  building = await addBuilding(made);
});
afterEach(() => made.close());

describe('places', () => {
  test('a building is found by number and by code, with how many homes and doors it has', async () => {
    const places = placesOf(made.register);
    const row = { id: building.buildingId, code: BUILDING_CODE, name: '迎春路 42 号', nameEn: '42 Yingchun Road', mode: 'scattered', holdoverDays: null, units: 12, doors: 4 };
    expect(await places.building(building.buildingId)).toMatchObject(row);
    expect(await places.buildingByCode(BUILDING_CODE)).toMatchObject(row);
    expect(await places.buildings()).toMatchObject([row]);
    expect([await places.building(99), await places.buildingByCode('x')]).toEqual([undefined, undefined]);
  });

  test('doors come by code, of one building or of all, and tell whether a controller is fitted', async () => {
    const other = await addBuilding(made, '890101001001B00043', 'yc43');
    await made.register.write((db) => db.door.update({ where: { id: building.doors['D02'] ?? 0 }, data: { controllerId: null } }));
    const doors = await placesOf(made.register).doors(building.buildingId);
    expect(doors.map(({ code, kind, unitId, fitted }) => [code.slice(-3), kind, unitId, fitted])).toEqual([
      ['D01', 'street', null, true],
      ['D02', 'roof', null, false],
      ['D03', 'unit', unit('0302'), true],
      ['D04', 'unit', unit('0503'), true],
    ]);
    expect((await placesOf(made.register).doors()).map((door) => door.buildingId)).toEqual([...Array(4).fill(building.buildingId), ...Array(4).fill(other.buildingId)]);
  });
});

describe('homes', () => {
  test('units come from the lowest floor up, with who lives there as numbers and no name', async () => {
    const { personId, tenancyId } = await addTenant(made, { unitId: unit('0302'), name: '赵钱孙李', registrationState: 'pending', registrationDue: NOON });
    await addCard(made, { personId, hex: '1A2B3C4D' });
    await addCard(made, { personId, hex: '0A0B0C0D', status: 'revoked' });
    const units = await homesOf(made.register).units(building.buildingId);
    expect(units.map((row) => row.room).slice(0, 4)).toEqual(['0201', '0202', '0203', '0301']);
    const start = NOON - 30 * DAY;
    expect(units.find((row) => row.room === '0302')?.tenancies).toEqual([
      {
        id: tenancyId,
        kind: 'rent',
        startAt: start,
        termEnd: start + 365 * DAY,
        accessUntil: null,
        endedBy: '',
        occupants: [{ personId, role: 'tenant', fromAt: start, untilAt: null, registrationState: 'pending', registrationDue: NOON, registered: true, keys: 1 }],
      },
    ]);
    expect(JSON.stringify(units)).not.toContain('赵');
  });

  test('a unit’s sheet has its people unsealed and their cards; nobody else’s', async () => {
    const { personId } = await addTenant(made, { unitId: unit('0302'), name: '李小明' });
    const other = await addTenant(made, { unitId: unit('0503'), name: '王五' });
    await addCard(made, { personId, hex: '1A2B3C4D' });
    await addCard(made, { personId: other.personId, hex: '0A0B0C0D' });
    await addCard(made, { personId: null, hex: '5C5D5E5F' });
    const sheet = await homesOf(made.register).unitSheet(unit('0302'));
    expect(sheet?.people).toEqual([{ id: personId, name: '李小明', documentType: '111', document: '890101199003070118', phone: '+8612000000001' }]);
    expect(sheet?.credentials).toMatchObject([{ tail: '3C4D', status: 'active', personId }]);
  });

  test('what is not recorded is empty, and a person of two tenancies comes once', async () => {
    const { personId, tenancyId } = await addTenant(made, { unitId: unit('0302'), startAt: NOON - 100 * DAY, accessUntil: NOON - 50 * DAY });
    await made.register.write(async (db) => {
      await db.person.update({ where: { id: personId }, data: { documentType: '', documentSealed: null, phoneSealed: null } });
      const later = await db.tenancy.create({ data: { unitId: unit('0302'), startAt: NOON, createdAt: NOON } });
      await db.occupant.create({ data: { tenancyId: later.id, personId, fromAt: NOON } });
    });
    const sheet = await homesOf(made.register).unitSheet(unit('0302'));
    expect(sheet?.people).toEqual([{ id: personId, name: '李小明', documentType: '', document: '', phone: '' }]);
    expect(sheet?.unit.tenancies.map((tenancy) => tenancy.id)).toEqual([tenancyId + 1, tenancyId]);
  });

  test('a unit that is not there', async () => {
    expect(await homesOf(made.register).unitSheet(99)).toBeUndefined();
  });
});
