import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { renameUnit, setUse } from '../../gateway/register/change-unit.ts';
import { addUnit, makeFloors, plannedHomes } from '../../gateway/register/make-units.ts';
import { addBuilding, addTenant, BUILDING_CODE, DAY, NOON, temporaryRegister, type TestBuilding, type TestRegister } from '../helpers/register.ts';

let held: TestRegister;
let building: TestBuilding;
let notes: string[];
beforeEach(async () => {
  held = await temporaryRegister();
  building = await addBuilding(held);
  notes = [];
});
afterEach(() => held.close());

const note = (words: string): Promise<unknown> => Promise.resolve(notes.push(words));
const noLog = (): Promise<unknown> => Promise.reject(new Error('the log is full'));
const PLAN = { from: 5, to: 6, perFloor: 4, digits: 2, skip: [] } as const;
const floors = (about: Partial<Parameters<typeof makeFloors>[1]> = {}, how = note) =>
  makeFloors(held.register, { buildingId: building.buildingId, plan: PLAN, use: 'let', ...about }, how);
const unit = (room: string) => held.register.read.rentalUnit.findFirst({ where: { room, buildingId: building.buildingId } });
const count = () => held.register.read.rentalUnit.count();
const seen = (room: string, version = 1) => ({ id: building.units[room] ?? 0, version });

describe('making homes', () => {
  test('makes the floors of a plan around those that are there, and says how many', async () => {
    const planned = await plannedHomes(held.register, building.buildingId, PLAN);
    expect(planned.filter(({ there }) => there).map(({ room }) => room)).toEqual(['0501', '0502', '0503']);
    expect(await floors({ use: 'vacant' })).toBe(5);
    expect(notes).toEqual(['floors=5..6 each=4 made=5']);
    expect(await unit('0604')).toMatchObject({ code: `${BUILDING_CODE}-0604`, floor: 6, use: 'vacant', version: 1 });
    expect(await unit('0503')).toMatchObject({ id: building.units['0503'], use: 'let' });
  });

  test('nothing is made without its note, and nothing twice', async () => {
    await expect(floors({}, noLog)).rejects.toThrow('the log is full');
    expect(await count()).toBe(12);
    await floors();
    await expect(floors()).rejects.toMatchObject({ code: 'UNIT_DUPLICATE', detail: { field: 'perFloor', expected: expect.stringContaining('0501') } });
    expect(notes).toHaveLength(1);
  });

  test('a plan that cannot be, and a building that is not there, are refused', async () => {
    await expect(floors({ plan: { ...PLAN, to: 0 } })).rejects.toMatchObject({ code: 'BAD_INPUT', detail: { field: 'to' } });
    await expect(floors({ buildingId: 999 })).rejects.toMatchObject({ code: 'NOT_FOUND', detail: { field: 'id' } });
    await expect(plannedHomes(held.register, 999, PLAN)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(notes).toEqual([]);
  });

  test('one home is added under the number people say', async () => {
    const add = (room: string) => addUnit(held.register, { buildingId: building.buildingId, room, use: 'self' }, note);
    const id = await add(' 地下１-01 室');
    expect(await unit('B101')).toMatchObject({ id, floor: -1, code: `${BUILDING_CODE}-B101`, use: 'self' });
    await expect(add('b101')).rejects.toMatchObject({ code: 'UNIT_DUPLICATE', detail: { field: 'room', expected: expect.stringContaining('B101') } });
    await expect(add('1-203')).rejects.toMatchObject({ code: 'BAD_INPUT', detail: { field: 'room', expected: expect.stringContaining('0503') } });
    expect(notes).toEqual(['B101']);
  });
});

describe('the number of a home', () => {
  test('is put right; its tenancies stay, and the code follows', async () => {
    await addTenant(held, { unitId: building.units['0503'] ?? 0 });
    await renameUnit(held.register, seen('0503'), '605', note);
    expect(await held.register.read.rentalUnit.findUnique({ where: { id: building.units['0503'] ?? 0 }, include: { tenancies: true } })).toMatchObject({
      room: '0605',
      floor: 6,
      code: `${BUILDING_CODE}-0605`,
      version: 2,
      tenancies: [{}],
    });
    expect(notes).toEqual(['0503 → 0605']);
  });

  test('is no other home’s, has a form, and is of the version on screen', async () => {
    await expect(renameUnit(held.register, seen('0503'), '0502', note)).rejects.toMatchObject({ code: 'UNIT_DUPLICATE', detail: { field: 'room' } });
    await expect(renameUnit(held.register, seen('0503'), 'attic', note)).rejects.toMatchObject({ code: 'BAD_INPUT', detail: { field: 'room' } });
    await expect(renameUnit(held.register, seen('0503', 2), '0605', note)).rejects.toMatchObject({ code: 'STALE_VERSION' });
    await expect(renameUnit(held.register, { id: 999, version: 1 }, '0605', note)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(renameUnit(held.register, seen('0503'), '0605', noLog)).rejects.toThrow('the log is full');
    await renameUnit(held.register, seen('0503'), '503', note);
    expect([await unit('0503'), notes]).toMatchObject([{ version: 1 }, []]);
  });
});

describe('what a home is for', () => {
  const change = (use: 'let' | 'self' | 'lent' | 'vacant', version = 1) => setUse(held.register, seen('0503', version), use, { now: NOON, note });

  test('is said, and noted', async () => {
    await change('self');
    await change('vacant', 2);
    await change('vacant', 3);
    expect([await unit('0503'), notes]).toMatchObject([{ use: 'vacant', version: 3 }, ['0503 let → self', '0503 self → vacant']]);
    await expect(change('let', 2)).rejects.toMatchObject({ code: 'STALE_VERSION' });
  });

  test.each([
    ['runs', {}],
    ['is to come', { startAt: NOON + DAY }],
    ['holds over', { termEnd: NOON - DAY }],
    ['is booked to end later', { accessUntil: NOON + 1 }],
  ])('is neither own nor empty while a tenancy %s', async (_, stay) => {
    await addTenant(held, { unitId: building.units['0503'] ?? 0, ...stay });
    for (const use of ['self', 'vacant'] as const) await expect(change(use)).rejects.toMatchObject({ code: 'TENANCY_RUNS', detail: { field: 'use' } });
    await change('lent');
    expect(notes).toEqual(['0503 let → lent']);
  });

  test('is free again when the tenancy is really over', async () => {
    await addTenant(held, { unitId: building.units['0503'] ?? 0, accessUntil: NOON });
    await change('vacant');
    expect(await unit('0503')).toMatchObject({ use: 'vacant' });
  });
});
