import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Accounts, accountsOf } from '../../gateway/store/accounts.ts';
import { addBuilding, NOON, temporaryRegister, type TestRegister } from '../helpers/register.ts';

const HOUR = 3_600_000;
let made: TestRegister;
let accounts: Accounts;
beforeEach(async () => {
  made = await temporaryRegister();
  accounts = accountsOf(made.register);
});
afterEach(() => made.close());

const landlord = (login = 'wang') =>
  accounts.create({ login, passwordHash: '$argon2id$x', role: 'LL', displayName: '王房东', assignments: [{ place: 'building', placeId: 1, fromAt: 0, untilAt: null }] }, NOON);

describe('accounts', () => {
  test('what was created is found by its login, times as numbers', async () => {
    const created = await landlord();
    expect(await accounts.byLogin('wang')).toEqual(created);
    expect(created).toMatchObject({ role: 'LL', failures: 0, lockedUntil: null, disabledAt: null, displayName: '王房东' });
    expect(await accounts.byLogin('nobody')).toBeUndefined();
  });

  test('a login is taken once', async () => {
    await landlord();
    await expect(landlord()).rejects.toThrow(/Unique constraint/);
  });

  test('a site is set up once somebody can sign in with a password', async () => {
    expect(await accounts.countWithPassword()).toBe(0);
    await accounts.create({ login: 'demo', passwordHash: '', role: 'SA', displayName: 'Demo', assignments: [] }, NOON);
    expect(await accounts.countWithPassword()).toBe(0);
    const { id } = await landlord();
    expect(await accounts.countWithPassword()).toBe(1);
    await accounts.disable(id, NOON);
    expect(await accounts.countWithPassword()).toBe(0);
  });

  test('failures and the lock are kept', async () => {
    const { id } = await landlord();
    await accounts.setFailures(id, 11, NOON + 2000);
    expect(await accounts.byLogin('wang')).toMatchObject({ failures: 11, lockedUntil: NOON + 2000 });
    await accounts.setFailures(id, 0, null);
    expect(await accounts.byLogin('wang')).toMatchObject({ failures: 0, lockedUntil: null });
  });

  test('a role this version does not know is not let in as another', async () => {
    const { id } = await landlord();
    await made.register.write((db) => db.account.update({ where: { id }, data: { role: 'ROOT' } }));
    await expect(accounts.byLogin('wang')).rejects.toThrow('Account.role: expected one of TEN, LL, BL, GW, CL, OF, DA, SA, AU, PO, found "ROOT"');
  });
});

let name = 0;
const opening = (tokenHash: Uint8Array, accountId: number) =>
  ({ tokenHash, accountId, publicId: String(name++), step: 'full', strongAt: null, agent: 'test', address: '127.0.0.1' }) as const;

describe('sessions', () => {
  const token = randomBytes(32);

  test('a session is found with its account, touched, and ended twice without harm', async () => {
    const { id } = await landlord();
    await accounts.openSession(opening(token, id), NOON);
    expect(await accounts.session(token)).toMatchObject({ account: { login: 'wang' }, step: 'full', strongAt: null, createdAt: NOON, lastSeenAt: NOON });
    await accounts.touchSession(token, NOON + HOUR);
    expect(await accounts.session(token)).toMatchObject({ createdAt: NOON, lastSeenAt: NOON + HOUR });
    await accounts.closeSession(token);
    await accounts.closeSession(token);
    await accounts.touchSession(token, NOON);
    expect(await accounts.session(token)).toBeUndefined();
  });

  test('disabling an account ends all its sessions and nobody else’s', async () => {
    const [a, b] = [await landlord('a'), await landlord('b')];
    const [first, second, other] = [randomBytes(32), randomBytes(32), randomBytes(32)];
    await accounts.openSession(opening(first, a.id), NOON);
    await accounts.openSession(opening(second, a.id), NOON);
    await accounts.openSession(opening(other, b.id), NOON);
    await accounts.disable(a.id, NOON);
    expect([await accounts.session(first), await accounts.session(second)]).toEqual([undefined, undefined]);
    expect(await accounts.session(other)).toBeDefined();
    await accounts.closeSessionsOf(b.id);
    expect(await accounts.session(other)).toBeUndefined();
  });

  test('sweeping removes what is idle or old and keeps the rest', async () => {
    const { id } = await landlord();
    const [idle, old, live] = [randomBytes(32), randomBytes(32), randomBytes(32)];
    await accounts.openSession(opening(idle, id), NOON);
    await accounts.openSession(opening(old, id), NOON - 12 * HOUR);
    await accounts.touchSession(old, NOON + HOUR);
    await accounts.openSession(opening(live, id), NOON + HOUR);
    await accounts.sweepSessions({ idleSince: NOON + HOUR / 2, begunSince: NOON - HOUR });
    expect([await accounts.session(idle), await accounts.session(old), (await accounts.session(live))?.createdAt]).toEqual([undefined, undefined, NOON + HOUR]);
  });
});

test('names, documents and phones are nowhere in the files of the database', async () => {
  const { addTenant } = await import('../helpers/register.ts');
  const building = await addBuilding(made);
  await addTenant(made, { unitId: building.units['0201'] ?? 0, name: '赵钱孙李' });
  for (const suffix of ['', '-wal']) {
    const bytes = readFileSync(made.file + suffix);
    for (const secret of ['赵钱孙李', '890101199003070118', '12000000001']) expect(bytes.includes(secret), `${secret} in ${suffix}`).toBe(false);
  }
});
