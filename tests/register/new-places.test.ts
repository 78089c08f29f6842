import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileBuilding, type NewBuilding } from '../../gateway/register/file-building.ts';
import { fitDoor, type NewDoor } from '../../gateway/register/fit-door.ts';
import { addBuilding, BUILDING_CODE, temporaryRegister, type TestRegister } from '../helpers/register.ts';

let held: TestRegister;
beforeEach(async () => {
  held = await temporaryRegister();
});
afterEach(() => held.close());

const CODE = '890101001001B00077';
const WISH: NewBuilding = { code: CODE, name: '迎春路 77 号', nameEn: '', address: '', mode: 'scattered', readerBits: 32, readerOrder: 'msb' };
const file = (over: Partial<NewBuilding> = {}) => fileBuilding(held.register, { ...WISH, ...over });
const addDoor = (buildingId: number, over: Partial<NewDoor> = {}) => fitDoor(held.register, { buildingId, kind: 'street', name: '大门', nameEn: '', ...over });

describe('filing a building', () => {
  test('makes it and a site of its own, named after the end of the code', async () => {
    const made = await file({ code: ' 890101001001b00077 ', nameEn: '77 Yingchun Road', mode: 'hotel', readerBits: 56, readerOrder: 'lsb' });
    expect(made).toEqual({ id: expect.any(Number), code: CODE, site: '1001b00077' });
    expect(await held.register.read.building.findMany({ include: { site: true } })).toMatchObject([
      { id: made.id, code: CODE, nameEn: '77 Yingchun Road', mode: 'hotel', readerBits: 56, readerOrder: 'lsb', site: { code: '1001b00077', name: '迎春路 77 号' } },
    ]);
  });

  test.each<[Partial<NewBuilding>, string]>([
    [{ code: '890101001001B0042' }, 'code'],
    [{ site: 'Yc77' }, 'site'],
    [{ site: '-yc77' }, 'site'],
    [{ site: 'a'.repeat(21) }, 'site'],
    [{ name: '  ' }, 'name'],
    [{ name: '楼'.repeat(65) }, 'name'],
    [{ nameEn: '77\u202e' }, 'nameEn'],
    [{ address: 'x'.repeat(201) }, 'address'],
  ])('refuses %j, names the field, and leaves nothing behind', async (over, field) => {
    await expect(file(over)).rejects.toMatchObject({ name: 'PlaceRefused', why: 'wrong', field, expected: expect.stringMatching(/\p{Script=Han}.* \/ /u) });
    expect([await held.register.read.site.count(), await held.register.read.building.count()]).toEqual([0, 0]);
  });

  test('refuses a code that is there, and a site id that is used: two communities may end alike', async () => {
    await file();
    await expect(file({ site: 'other' })).rejects.toMatchObject({ why: 'taken', field: 'code' });
    await expect(file({ code: '890102001001B00077' })).rejects.toMatchObject({ why: 'taken', field: 'site' });
    expect(await file({ code: '890102001001B00077', site: 'a'.repeat(20) })).toMatchObject({ site: 'a'.repeat(20) });
    expect(await held.register.read.site.count()).toBe(2);
  });

  test('of two at once with one code, one is filed', async () => {
    const both = await Promise.allSettled([file(), file({ site: 'other' })]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('fitting a door', () => {
  test('numbers it and makes its controller, with a secret that nobody is told', async () => {
    const { id: buildingId } = await file({ site: 'a'.repeat(20) });
    const first = await addDoor(buildingId);
    expect(first).toEqual({
      id: expect.any(Number),
      code: `${CODE}D01`,
      site: 'a'.repeat(20),
      device: `${'a'.repeat(20)}-d01`,
      topics: `ac/1/${'a'.repeat(20)}/d/${'a'.repeat(20)}-d01/`,
    });
    const { secretSealed, doors } = await held.register.read.doorController.findUniqueOrThrow({ where: { deviceId: first.device }, include: { doors: true } });
    expect(held.register.vault.openBytes('controller.secret', secretSealed)).toHaveLength(32);
    expect(doors).toMatchObject([{ id: first.id, buildingId, kind: 'street', number: 1, unitId: null }]);
    const second = await addDoor(buildingId, { kind: 'roof', name: '天台' });
    expect(second.code).toBe(`${CODE}D02`);
  });

  test('a home’s door belongs to the home, however its number is written', async () => {
    const { buildingId, units } = await addBuilding(held);
    const { id, code } = await addDoor(buildingId, { kind: 'unit', room: '201', name: '0201' });
    expect(code).toBe(`${BUILDING_CODE}D05`);
    expect(await held.register.read.door.findUnique({ where: { id } })).toMatchObject({ kind: 'unit', unitId: units['0201'] });
  });

  test.each<[Partial<NewDoor>, string, string]>([
    [{ kind: 'unit', room: '0901' }, 'missing', 'room'],
    [{ kind: 'unit', room: 'attic' }, 'wrong', 'room'],
    [{ kind: 'unit' }, 'wrong', 'room'],
    [{ kind: 'gate', room: '0201' }, 'wrong', 'room'],
    [{ name: '\u0007' }, 'wrong', 'name'],
    [{ buildingId: 999 }, 'missing', 'id'],
  ])('refuses %j and leaves no controller behind', async (over, why, field) => {
    const { buildingId } = await addBuilding(held);
    await expect(addDoor(buildingId, over)).rejects.toMatchObject({ name: 'PlaceRefused', why, field });
    expect([await held.register.read.doorController.count(), await held.register.read.door.count()]).toEqual([4, 4]);
  });

  test('the hundredth is refused: the code has two digits', async () => {
    const { id: buildingId } = await file();
    await held.register.write((db) => db.door.create({ data: { code: `${CODE}D99`, buildingId, kind: 'gate', name: '侧门' } }));
    await expect(addDoor(buildingId)).rejects.toMatchObject({ why: 'taken', field: 'id' });
  });
});
