import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROLES } from '../../gateway/core/roles.ts';
import { DEMO_LOGINS } from '../../gateway/http/demo-logins.ts';
import { accountPeopleOf } from '../../gateway/store/account-people.ts';
import { accountsOf } from '../../gateway/store/accounts.ts';
import { gridsOf } from '../../gateway/store/grids.ts';
import { orgsOf } from '../../gateway/store/orgs.ts';
import { scopesOf } from '../../gateway/store/scopes.ts';
import { loadDemo } from '../../prisma/demo/load.ts';
import { DAY, NOON, temporaryRegister, type TestRegister } from '../helpers/register.ts';

let made: TestRegister;
beforeAll(async () => {
  made = await temporaryRegister();
  await loadDemo(made.register, NOON, NOON - DAY / 2);
});
afterAll(() => made.close());

test('the demo has an account for each role, each of a natural person of its own, with the places of that role', async () => {
  const [accounts, scopes, people] = [accountsOf(made.register), scopesOf(made.register), accountPeopleOf(made.register)];
  const ids: number[] = [];
  for (const role of ROLES) {
    const account = await accounts.byLogin(DEMO_LOGINS[role]);
    if (account === undefined) throw new Error(`no account for ${role}`);
    expect(account).toMatchObject({ role, passwordHash: '', state: 'active' });
    const { all, buildings, units } = await scopes.of(account, NOON);
    const expected = role === 'TEN' ? [false, 0, 1] : ['SA', 'AU', 'PO'].includes(role) ? [true, 0, 0] : [false, 1, 0];
    expect([role, all, buildings.size, units.size]).toEqual([role, ...expected]);
    for (const other of ids) expect(await people.samePerson(account.id, other)).toBe(false);
    ids.push(account.id);
  }
  const tenant = await accounts.byLogin(DEMO_LOGINS.TEN);
  const [unitId] = tenant === undefined ? [] : (await scopes.of(tenant, NOON)).units.keys();
  expect(await made.register.read.rentalUnit.findUnique({ where: { id: unitId ?? 0 } })).toMatchObject({ room: '0501' });
});

test('its offices go four levels deep, and of its two grids one has the building', async () => {
  expect((await orgsOf(made.register).tree()).map(({ depth, kind }) => [depth, kind])).toEqual([
    [1, 'bureau'],
    [2, 'station'],
    [3, 'workPoint'],
    [4, 'group'],
  ]);
  expect((await gridsOf(made.register).list()).map(({ versions }) => versions[0]?.buildingIds.length)).toEqual([1, 0]);
});
