import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { closeOffice } from '../../gateway/register/close-office.ts';
import { type Orgs, orgsOf } from '../../gateway/store/orgs.ts';
import { addAccount, addCover, addDivisions, addOffice, always, silent } from '../helpers/offices.ts';
import { NOON, temporaryRegister, type TestRegister } from '../helpers/register.ts';

let made: TestRegister;
let orgs: Orgs;
beforeEach(async () => {
  made = await temporaryRegister();
  orgs = orgsOf(made.register);
  await addDivisions(made);
});
afterEach(() => made.close());

describe('offices', () => {
  test('are a tree with what each looks after; areas have codes of their own', async () => {
    const bureau = await addOffice(made, '局');
    const station = await addOffice(made, '所', bureau);
    await addCover(made, station, { divisionCode: '890101001000', untilAt: NOON });
    expect(await orgs.tree()).toMatchObject([
      { id: bureau, parentId: null, depth: 1, covers: [], closedAt: null },
      { id: station, parentId: bureau, depth: 2, covers: [{ divisionCode: '890101001000', buildingId: null, fromAt: 0, untilAt: NOON }] },
    ]);
    expect(await orgs.addArea({ code: 'E', orgId: station, name: '东', nameEn: '' })).toBe(1);
    expect(await orgs.addArea({ code: 'E', orgId: bureau, name: '西', nameEn: '' })).toBeUndefined();
    expect(await orgs.changeArea(1, 2, { name: '东一' })).toBe(false);
    expect(await orgs.changeArea(1, 1, { name: '东一' })).toBe(true);
    expect(await orgs.areas()).toMatchObject([{ name: '东一', version: 2 }]);
  });

  test('a district is the offices below one’s own, with what they look after at that moment', async () => {
    const bureau = await addOffice(made, '局');
    const station = await addOffice(made, '所', bureau);
    const point = await addOffice(made, '点', station);
    await addOffice(made, '别处');
    await addCover(made, station, { divisionCode: '890101001000', untilAt: NOON });
    await addCover(made, point, { divisionCode: '890101101201' });
    const { id } = await addAccount(made, { role: 'DA', login: 'da', assignments: [{ ...always('org', station), untilAt: NOON + 5 }] }, NOON);
    expect(await orgs.district(id, NOON - 1)).toMatchObject({ tops: new Set([station]), orgs: new Set([station, point]), prefixes: ['890101001', '890101101201'] });
    expect((await orgs.district(id, NOON)).prefixes).toEqual(['890101101201']);
    expect((await orgs.district(id, NOON + 5)).orgs.size).toBe(0);
    await closeOffice(made.register, { id: point, version: 2 }, NOON, silent);
    expect(await orgs.district(id, NOON)).toMatchObject({ orgs: new Set([station]), prefixes: [] });
  });
});
