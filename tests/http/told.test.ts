import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Role } from '../../gateway/core/roles.ts';
import { addCard, addTenant, DAY, NOON } from '../helpers/register.ts';
import { assignmentsFor, type Browser, building, signedIn, stateOf, WHOLE_SESSION, type World, world } from './fixture.ts';

let here: World;
let tenant: Browser;
beforeAll(async () => {
  here = await world();
  const unitId = here.building.units['0503'] ?? 0;
  await addTenant(here.register, { unitId, name: '罗大刚', startAt: NOON - 400 * DAY, accessUntil: NOON - 40 * DAY });
  const { personId } = await addTenant(here.register, { unitId, name: '何志远', termEnd: NOON - DAY });
  await addTenant(here.register, { unitId, name: '郑小凯', registrationState: 'pending', registrationDue: NOON + DAY });
  await addCard(here.register, { personId, hex: '1A2B3C4D' });
  here.states.push(stateOf(here.building.doors['D01'] ?? 0, { contact: 'open', lock: 'unlocked', queued: 2 }));
  here.journal.add({ ...building(here), kind: 'access', granted: true, reason: 'OK', gatewayTime: NOON - 2 * 3_600_000 });
  here.journal.add({ ...building(here), kind: 'access', granted: true, reason: 'OK', gatewayTime: NOON });
  const account = await here.site.deps.accounts.create({ login: 'tenant', passwordHash: 'unused', role: 'TEN', displayName: 'tenant', personId, assignments: [] }, 0);
  tenant = await signedIn(here, 'LL');
  tenant.cookie = `doorbook=${await here.site.sessions.open(account, WHOLE_SESSION, undefined)}`;
});
afterAll(() => here.close());

const as = (role: Role): Promise<Browser> => (role === 'TEN' ? Promise.resolve(tenant) : signedIn(here, role, assignmentsFor(role, []).length > 0 ? [] : undefined));
async function buildingFor(role: Role): Promise<Record<string, unknown>> {
  const { json, status } = await (await as(role)).ask('GET', `buildings/${here.building.buildingId}`);
  expect([role, status]).toEqual([role, 200]);
  return json;
}
async function tileFor(role: Role): Promise<Record<string, unknown>> {
  const { floors } = Object(await buildingFor(role));
  return floors.flatMap(({ units }: { units: { room: string }[] }) => units).find(({ room }: { room: string }) => room === '0503');
}

describe('a home’s tile', () => {
  const all = { people: 2, registered: 2, keys: 1, contract: true, termEnd: NOON - DAY, state: 'holdover', registrationDue: NOON + DAY, sheet: true };
  const none = { people: null, registered: null, keys: null, contract: false, termEnd: null, state: 'untold', registrationDue: null, sheet: false };
  test.each([
    ['TEN', all],
    ['LL', all],
    ['CL', all],
    ['GW', all],
    // No contract without a case: what is left is the registration that is due.
    ['OF', { ...all, contract: false, termEnd: null, state: 'due' }],
    ['BL', { ...none, people: 2, state: 'fine' }],
    ['SA', { ...none, keys: 1 }],
    ['DA', none],
  ] as const)('tells %s what its rights on occupants, registrations, contracts and cards give', async (role, expected) => {
    expect(await tileFor(role)).toMatchObject(expected);
  });
});

describe('a building’s numbers', () => {
  test.each([
    ['OF', 2],
    ['SA', 2],
    ['LL', 1],
    ['GW', 1],
    ['CL', 1],
    ['DA', 1],
    ['BL', null],
    ['TEN', null],
  ] as const)('openings today for %s: exact, of full hours, or not told', async (role, opened) => {
    expect((await buildingFor(role))['openedToday']).toBe(opened);
  });

  test('of people go to a district only as a whole, and only of ten or more', async () => {
    expect((await buildingFor('DA'))['totals']).toBeNull();
    for (let n = 0; n < 7; n++) await addTenant(here.register, { unitId: here.building.units['0201'] ?? 0, checkedBy: n === 0 ? '' : 'landlord' });
    expect((await buildingFor('DA'))['totals']).toBeNull();
    await addTenant(here.register, { unitId: here.building.units['0202'] ?? 0 });
    expect((await buildingFor('DA'))['totals']).toEqual({ people: 10, registered: 9 });
    for (const role of ['LL', 'SA', 'BL', 'GW', 'CL', 'OF'] as const) expect((await buildingFor(role))['totals'], role).toBeNull();
  });
});

describe('a building’s doors', () => {
  const whole = { contact: 'open', lock: 'unlocked', queued: 2 };
  const masked = { contact: 'unknown', lock: 'unknown', queued: 0 };
  test.each([
    ['SA', whole],
    ['OF', whole],
    ['LL', masked],
    ['BL', masked],
  ] as const)('show %s their live state, the leaf and the bolt only to who sees every entry', async (role, live) => {
    expect(Object(await buildingFor(role))['doorList'][0]).toMatchObject({ name: '大门', live });
  });

  test.each(['TEN', 'GW', 'CL', 'DA'] as const)('are not %s’s to see', async (role) => {
    expect(Object(await buildingFor(role))['doorList']).toEqual([]);
    expect((await (await as(role)).ask('GET', `doors/${here.building.doors['D01']}`)).json['code']).toBe('NOT_ALLOWED');
  });

  test('are not an auditor’s: he reads what was done, not what is', async () => {
    const auditor = await as('AU');
    for (const url of ['buildings', `buildings/${here.building.buildingId}`, `doors/${here.building.doors['D01']}`, 'entries'])
      expect((await auditor.ask('GET', url)).json['code'], url).toBe('NOT_ALLOWED');
  });
});

describe('a home’s page', () => {
  const sheet = async (role: Role): Promise<{ tenancies: Record<string, unknown>[]; text: string }> => {
    const { json, text } = await (await as(role)).ask('GET', `units/${here.building.units['0503']}`);
    return { tenancies: Object(json)['tenancies'], text };
  };
  const people = (tenancies: Record<string, unknown>[]): string[] => tenancies.flatMap((tenancy) => Object(tenancy)['people'].map(({ name }: { name: string }) => name)).sort();

  test('names people in full to clerk and landlord, masked to officer and grid worker', async () => {
    for (const role of ['CL', 'LL'] as const) expect(people((await sheet(role)).tenancies), role).toEqual(['何志远', '罗大刚', '郑小凯']);
    for (const role of ['OF', 'GW'] as const) {
      const { tenancies, text } = await sheet(role);
      expect(people(tenancies), role).toEqual(['何*', '罗*', '郑*']);
      for (const name of ['志远', '大刚', '小凯']) expect(text).not.toContain(name);
    }
  });

  test('shows a tenant his own tenancy and cards, not who lived there before or lives there under another', async () => {
    const { tenancies, text } = await sheet('TEN');
    expect(people(tenancies)).toEqual(['何志远']);
    expect(tenancies).toMatchObject([{ contract: true, termEnd: NOON - DAY, credentials: [{ tail: '3C4D' }] }]);
    expect(text).not.toMatch(/罗|郑/);
  });

  test('tells an officer no contract, and a grid worker not which card it is', async () => {
    const officer = (await sheet('OF')).tenancies;
    expect(officer).toMatchObject([
      { contract: false, termEnd: null, accessUntil: null, endedBy: '', state: 'running' },
      { contract: false, termEnd: null },
      { contract: false, termEnd: null, accessUntil: null },
    ]);
    expect(JSON.stringify(officer)).toContain('"tail":"3C4D"');
    const worker = (await sheet('GW')).text;
    expect(worker).toContain('"status":"active"');
    expect(worker).not.toContain('3C4D');
  });
});
