import { once } from 'node:events';
import { WebSocket } from 'ws';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { NOON } from '../helpers/register.ts';
import { addGrid, always } from '../helpers/offices.ts';
import { again, atDesk, audited, type Desk, match, type Offices, offices } from './desks.ts';
import { world } from './fixture.ts';

let here: Offices;
let grid: number;
beforeAll(async () => {
  here = await offices();
  grid = await addGrid(here.register, '890101001001001', [here.building.buildingId], NOON);
});
afterAll(() => here.close());
afterEach(() => {
  here.time.now = NOON;
  here.log.broken = false;
});

let serial = 0;
const wish = (role: string, more: object = {}) => ({ role, displayName: `新人${serial++}`, holder: `H${1000 + serial}`, reason: '岗位调整', assignments: [], ...more });
const at = (place: string, placeId: number, more: object = {}) => ({ place, placeId, ...more });
const make = (desk: Desk, body: object) => desk.ask('POST', 'accounts', body);
const approve = (desk: Desk, act: unknown) => desk.ask('POST', `pending-acts/${String(act)}/approve`, {});
const view = async (id: unknown) => (await here.first.ask('GET', `accounts/${String(id)}`)).json;

describe('making an account', () => {
  test.each(['LL', 'BL'])('%s is made by one', async (role) => {
    const made = await make(here.first, wish(role, { assignments: [at('building', here.other.buildingId, { untilAt: NOON + 1000 })] }));
    expect([made.status, made.json]).toEqual([200, { id: expect.any(Number) }]);
    expect(await view(made.json['id'])).toMatchObject({ account: { role, state: 'invited', login: '', assignments: 1 }, hasHolder: true });
    expect(audited(here).at(-1)).toBe('account-created');
  });

  test.each([
    ['GW', () => at('grid', grid)],
    ['CL', () => at('org', here.station)],
    ['OF', () => at('org', here.station)],
    ['DA', () => at('org', here.bureau)],
    ['AU', () => at('site', 0)],
    ['PO', () => at('site', 0)],
    ['SA', () => at('site', 0)],
  ])('%s waits for a second person when the administrator makes it', async (role, place) => {
    const body = wish(role, { assignments: [place()] });
    const asked = await make(here.first, body);
    expect([asked.status, asked.json]).toEqual([202, { act: expect.any(Number) }]);
    const by = () => here.register.register.read.account.count({ where: { role, createdAt: NOON, state: 'invited' } });
    expect(await by()).toBe(0);
    const wrong = await approve(here.privacy, asked.json['act']);
    expect(wrong.json['code']).toBe(role === 'SA' ? 'NOT_ALLOWED' : undefined);
    if (role === 'SA') expect((await approve(here.second, asked.json['act'])).status).toBe(200);
    expect(await by()).toBe(1);
  });

  test('a district makes those of its district alone, never the police nor the offices of the whole site', async () => {
    const worker = await make(here.district, wish('CL', { assignments: [at('org', here.station)] }));
    expect(worker.status).toBe(200);
    expect(await view(worker.json['id'])).toMatchObject({ account: { org: { id: here.bureau } } });
    for (const role of ['OF', 'SA', 'AU', 'PO', 'TEN']) expect((await make(here.district, wish(role))).json).toMatchObject({ code: 'ROLE_NOT_YOURS' });
    const elsewhere = await here.site.deps.register.write((db) => db.orgUnit.create({ data: { depth: 1, kind: 'bureau', name: '别处' } }));
    expect((await make(here.district, wish('CL', { orgId: elsewhere.id }))).json).toMatchObject({ code: 'SCOPE_DENIED', field: 'orgId' });
    expect((await make(here.district, wish('CL', { assignments: [at('org', elsewhere.id)] }))).json).toMatchObject({ code: 'SCOPE_DENIED', field: 'placeId' });
  });

  test('nobody gives rights to himself, under no account, and agrees to none of his own', async () => {
    expect((await make(here.first, wish('OF', { holder: 'a-001' }))).json).toMatchObject({ code: 'SELF_GRANT' });
    expect((await here.first.ask('POST', `accounts/${here.first.account.id}/assignments`, at('site', 0))).json).toMatchObject({ code: 'SELF_GRANT' });
    const other = await atDesk(here, { role: 'LL', login: 'first-as-landlord', holder: 'A001' });
    expect((await here.first.ask('POST', `accounts/${other.account.id}/assignments`, at('building', here.building.buildingId))).json).toMatchObject({ code: 'SELF_GRANT' });
    const asked = await make(here.first, wish('OF', { holder: 'P001' }));
    expect((await approve(here.privacy, asked.json['act'])).json).toMatchObject({ code: 'SELF_GRANT' });
    expect((await approve(here.second, asked.json['act'])).status).toBe(200);
  });

  test('an office role needs the number of the natural person; a landlord who is an officer holds two accounts', async () => {
    for (const holder of [undefined, '- - - -']) expect((await make(here.first, wish('OF', { holder }))).json).toMatchObject({ code: 'BAD_INPUT', field: 'holder' });
    const asked = await make(here.first, wish('OF', { holder: 'X-0077', assignments: [at('org', here.station)] }));
    await approve(here.second, asked.json['act']);
    const landlord = await make(here.first, wish('LL', { holder: 'x0077', assignments: [at('building', here.building.buildingId)] }));
    expect(await view(landlord.json['id'])).toMatchObject({ account: { role: 'LL' }, others: [{ role: 'OF' }] });
    expect(
      (await here.register.register.read.account.findMany()).some(({ holderHash }) =>
        Buffer.from(holderHash ?? [])
          .toString()
          .includes('X0077'),
      ),
    ).toBe(false);
  });

  test.each([
    ['a place the role cannot have', 'LL', () => [at('org', here.station)], 'BAD_INPUT'],
    ['a home that is not there', 'LL', () => [at('unit', 99_999)], 'NOT_FOUND'],
    ['the same place twice', 'LL', () => [at('building', here.building.buildingId), at('building', here.building.buildingId)], 'TAKEN'],
    ['an end before the begin', 'LL', () => [at('building', here.building.buildingId, { fromAt: NOON + 5, untilAt: NOON + 5 })], 'BAD_INPUT'],
    ['the whole site for an officer', 'OF', () => [at('site', 0)], 'BAD_INPUT'],
  ])('%s is refused before anybody is asked', async (_, role, places, code) => {
    const before = audited(here).length;
    expect((await make(here.first, wish(role, { assignments: places() }))).json).toMatchObject({ code });
    expect(audited(here)).toHaveLength(before);
  });

  test('a login is taken once, and none begins like one nobody chose', async () => {
    expect((await make(here.first, wish('LL', { login: ' FIRST ' }))).json).toMatchObject({ code: 'TAKEN', field: 'login' });
    expect((await make(here.first, wish('LL', { login: '?abcdef' }))).json).toMatchObject({ code: 'BAD_INPUT', field: 'login' });
  });

  test('nothing is made when the log cannot be written', async () => {
    const count = () => here.register.register.read.account.count();
    const before = await count();
    here.log.broken = true;
    expect((await make(here.first, wish('LL'))).status).toBe(503);
    expect(await count()).toBe(before);
  });
});

describe('posts that one person holds', () => {
  test("a grid's officer, its grid worker and a building's leader: a second one at the same time is refused, one after the other is not", async () => {
    const of = async (role: string, place: object) => {
      const asked = await make(here.first, wish(role, { assignments: [place] }));
      return asked.status === 202 ? approve(here.second, asked.json['act']) : asked;
    };
    const id = await addGrid(here.register, '890101001001002', [], NOON);
    const leader = at('building', here.other.buildingId, { fromAt: NOON + 5000 });
    expect((await of('OF', at('grid', id, { untilAt: NOON + 1000 }))).status).toBe(200);
    expect((await of('OF', at('grid', id, { fromAt: NOON + 999 }))).json).toMatchObject({ code: 'POST_TAKEN' });
    expect((await of('OF', at('grid', id, { fromAt: NOON + 1000 }))).status).toBe(200);
    expect((await of('GW', at('grid', id))).status).toBe(200);
    expect((await of('GW', at('grid', id))).json).toMatchObject({ code: 'POST_TAKEN' });
    expect((await of('BL', leader)).status).toBe(200);
    expect((await of('BL', leader)).json).toMatchObject({ code: 'POST_TAKEN' });
    expect((await of('LL', at('building', here.other.buildingId))).status).toBe(200);
  });

  test('two who were asked for at once: the second is told when he is to be agreed to', async () => {
    const id = await addGrid(here.register, '890101001001003', [], NOON);
    const [one, two] = [await make(here.first, wish('GW', { assignments: [at('grid', id)] })), await make(here.first, wish('GW', { assignments: [at('grid', id)] }))];
    expect((await approve(here.privacy, one.json['act'])).status).toBe(200);
    expect((await approve(here.privacy, two.json['act'])).json).toMatchObject({ code: 'POST_TAKEN' });
  });
});

describe('an assignment', () => {
  test('that was ended ends access at once, for requests and for an open live feed', async () => {
    const desk = await atDesk(here, { role: 'LL', login: 'ending', assignments: [always('building', here.building.buildingId)] });
    const { port } = Object(await here.app.listen({ port: 0, host: '127.0.0.1' }).then(() => here.app.server.address()));
    const address = `127.0.0.1:${String(port)}`;
    const socket = new WebSocket(`ws://${address}/api/v1/live`, { headers: { cookie: desk.cookie, origin: `http://${address}` } });
    await once(socket, 'open');
    const closed = once(socket, 'close');
    expect((await desk.ask('GET', `buildings/${here.building.buildingId}`)).status).toBe(200);
    const { assignments } = await view(desk.account.id);
    const [{ id }] = Object(assignments);
    expect((await here.first.ask('POST', `accounts/${desk.account.id}/assignments/${String(id)}/end`, {})).json).toMatchObject({
      assignments: [{ state: 'ended' }],
      account: { assignments: 0 },
    });
    const ended = performance.now();
    await closed;
    expect(performance.now() - ended).toBeLessThan(1000);
    expect((await desk.ask('GET', `buildings/${here.building.buildingId}`)).json).toMatchObject({ code: 'NOT_ASSIGNED' });
    expect(audited(here).at(-1)).toBe('assignment-ended');
    expect((await here.first.ask('POST', `accounts/${desk.account.id}/assignments/${String(id)}/end`, {})).json).toMatchObject({ code: 'IS_CLOSED' });
  });

  test('that runs out by itself ends access and the live feed at that moment', async () => {
    const until = { place: 'building', placeId: here.building.buildingId, fromAt: 0, untilAt: NOON + 60_000 } as const;
    const desk = await atDesk(here, { role: 'BL', login: 'running-out', assignments: [until] });
    const { port } = Object(here.app.server.address());
    const address = `127.0.0.1:${String(port)}`;
    const socket = new WebSocket(`ws://${address}/api/v1/live`, { headers: { cookie: desk.cookie, origin: `http://${address}` } });
    await once(socket, 'open');
    const closed = once(socket, 'close');
    here.time.now = NOON + 59_999;
    await here.site.live.due(here.time.now);
    expect((await desk.ask('GET', 'buildings')).status).toBe(200);
    here.time.now = NOON + 60_000;
    await here.site.live.due(here.time.now);
    await closed;
    expect((await desk.ask('GET', 'buildings')).json).toMatchObject({ code: 'NOT_ASSIGNED' });
  });

  test('that was given later begins when it is given, and may end at a moment that was said', async () => {
    const landlord = await atDesk(here, { role: 'LL', login: 'later' });
    const url = `accounts/${landlord.account.id}/assignments`;
    expect((await here.first.ask('POST', url, at('building', here.other.buildingId, { fromAt: NOON + 1000 }))).status).toBe(200);
    expect((await landlord.ask('GET', 'buildings')).json).toMatchObject({ code: 'NOT_ASSIGNED' });
    here.time.now = NOON + 1000;
    expect((await landlord.ask('GET', 'buildings')).status).toBe(200);
    const [{ id }] = Object((await view(landlord.account.id))['assignments']);
    expect((await here.first.ask('POST', `${url}/${String(id)}/end`, { untilAt: NOON })).json).toMatchObject({ code: 'BAD_INPUT' });
    expect((await here.first.ask('POST', `${url}/${String(id)}/end`, { untilAt: NOON + 5000 })).status).toBe(200);
    here.time.now = NOON + 4999;
    expect((await landlord.ask('GET', 'buildings')).status).toBe(200);
    here.time.now = NOON + 5000;
    expect((await landlord.ask('GET', 'buildings')).status).toBe(403);
  });

  test('of another account is not ended through this one', async () => {
    const [{ id }] = Object((await view(here.privacy.account.id))['assignments']);
    expect((await here.first.ask('POST', `accounts/${here.district.account.id}/assignments/${String(id)}/end`, {})).status).toBe(404);
  });
});

describe('an account', () => {
  test('that is disabled is out at once; for an office role it comes back by two persons', async () => {
    const clerk = await atDesk(here, { role: 'CL', login: 'clerk', orgId: here.station, assignments: [always('org', here.station)] });
    expect((await clerk.ask('GET', 'buildings')).status).toBe(200);
    expect((await here.first.ask('POST', `accounts/${clerk.account.id}/disable`, {})).json).toMatchObject({ account: { state: 'disabled' }, sessions: 0 });
    expect((await clerk.ask('GET', 'buildings')).status).toBe(401);
    const asked = await here.first.ask('POST', `accounts/${clerk.account.id}/enable`, { reason: '误停，请恢复' });
    expect(asked.status).toBe(202);
    expect(await view(clerk.account.id)).toMatchObject({ account: { state: 'disabled' } });
    expect((await approve(here.privacy, asked.json['act'])).status).toBe(200);
    expect(await view(clerk.account.id)).toMatchObject({ account: { state: 'active' } });
    expect((await clerk.ask('GET', 'buildings')).status).toBe(401);
    expect(audited(here).slice(-4)).toEqual(['account-disabled', 'act-asked', 'act-approved', 'account-enabled']);
  });

  test('the last administrator is not disabled and keeps his place', async () => {
    const only = await world();
    const [one, two] = [
      await atDesk(only, { role: 'SA', login: 'one', assignments: [always('site', 0)] }),
      await atDesk(only, { role: 'SA', login: 'two', assignments: [always('site', 0)] }),
    ];
    const [{ id }] = Object((await two.ask('GET', `accounts/${one.account.id}`)).json['assignments']);
    expect((await one.ask('POST', `accounts/${two.account.id}/disable`, {})).status).toBe(200);
    expect((await one.ask('POST', `accounts/${one.account.id}/disable`, {})).json).toMatchObject({ code: 'LAST_ADMIN' });
    expect((await one.ask('POST', `accounts/${one.account.id}/assignments/${String(id)}/end`, {})).json).toMatchObject({ code: 'LAST_ADMIN' });
    await only.close();
  });

  test('is changed by who has seen it as it is, never in its role, and its number is set once', async () => {
    const made = await make(here.first, wish('LL', { holder: undefined }));
    const url = `accounts/${String(made.json['id'])}`;
    const patch = async (body: object, version: unknown) =>
      (
        await here.app.inject({
          method: 'PATCH',
          url: `/api/v1/${url}`,
          payload: body,
          headers: { host: 'localhost:8080', cookie: here.first.cookie, 'x-csrf-token': here.first.csrf, ...match(version) },
        })
      ).json();
    const seen = await here.first.ask('GET', url);
    expect(seen.headers['etag']).toBe('"1"');
    expect(await patch({ displayName: '改名' }, 1)).toMatchObject({ account: { displayName: '改名' }, version: 2 });
    expect(await patch({ displayName: '再改' }, 1)).toMatchObject({ code: 'STALE_VERSION' });
    expect(await patch({ holder: 'N-001' }, 2)).toMatchObject({ hasHolder: true });
    expect(await patch({ holder: 'N-002' }, 3)).toMatchObject({ code: 'TAKEN', field: 'holder' });
    expect(await patch({ role: 'SA', displayName: '三改' }, 3)).toMatchObject({ account: { role: 'LL' } });
  });

  test('a district sees and changes accounts of its offices, not the police ones, and none of elsewhere', async () => {
    const officer = await atDesk(here, { role: 'OF', login: 'officer', orgId: here.station, assignments: [always('org', here.station)] });
    const stranger = await atDesk(here, { role: 'CL', login: 'stranger' });
    expect((await here.district.ask('GET', `accounts/${officer.account.id}`)).json).toMatchObject({ account: { login: 'officer' }, mayChange: false });
    expect((await here.district.ask('POST', `accounts/${officer.account.id}/disable`, {})).json).toMatchObject({ code: 'ROLE_NOT_YOURS' });
    for (const { account } of [stranger, here.first, here.privacy]) expect((await here.district.ask('GET', `accounts/${account.id}`)).json).toMatchObject({ code: 'SCOPE_DENIED' });
    const page = await here.district.ask('GET', 'accounts?limit=200');
    const roles = new Set(Object(page.json['accounts']).map(({ role }: { role: string }) => role));
    expect([...roles].filter((role) => ['SA', 'AU', 'PO'].includes(String(role)))).toEqual([]);
    expect(page.text).toContain('officer');
    expect(page.text).not.toContain('stranger');
  });

  test('is listed page by page, by role, state and office', async () => {
    const all: { id: number }[] = Object((await here.first.ask('GET', 'accounts?limit=200')).json['accounts']);
    const found: number[] = [];
    for (let after = '', turns = 0; turns < 50; turns++) {
      const page = await here.first.ask('GET', `accounts?limit=3${after === '' ? '' : `&after=${after}`}`);
      found.push(...Object(page.json['accounts']).map(({ id }: { id: number }) => id));
      if (page.json['next'] === null) break;
      after = String(page.json['next']);
    }
    expect(found).toEqual(all.map(({ id }) => id));
    expect((await here.first.ask('GET', 'accounts?role=PO&state=active')).json).toMatchObject({ accounts: [{ displayName: 'privacy' }] });
    expect((await here.first.ask('GET', `accounts?org=${here.bureau}&role=DA&state=active`)).json).toMatchObject({
      accounts: [{ displayName: 'district', org: { name: { zh: '样板区局' } } }],
    });
  });

  test('the auditor reads and changes nothing', async () => {
    const auditor = await atDesk(here, { role: 'AU', login: 'looks', assignments: [always('site', 0)] });
    expect((await auditor.ask('GET', `accounts/${here.first.account.id}`)).json).toMatchObject({ mayChange: false });
    expect((await auditor.ask('POST', `accounts/${here.district.account.id}/disable`, {})).status).toBe(403);
    expect((await make(auditor, wish('LL'))).status).toBe(403);
  });
});

describe('a link to take up an account', () => {
  test('is given once more while it is not used, is in the outbox as long, and then nowhere', async () => {
    const made = await make(here.first, wish('LL', { assignments: [at('building', here.building.buildingId)] }));
    const url = `accounts/${String(made.json['id'])}`;
    const link = async () => new URL(String((await here.first.ask('POST', `${url}/invite`, {})).json['link']), 'http://x');
    const [old, fresh] = [await link(), await link()];
    expect([fresh.pathname.slice(0, 8), old.href === fresh.href]).toEqual(['/invite/', false]);
    const outbox = async () => (await here.first.ask('GET', 'outbox')).text;
    expect(await outbox()).toContain(fresh.pathname);
    expect(await outbox()).not.toContain(old.pathname);
    const token = fresh.pathname.slice(8);
    const taken = await (await again(here, here.privacy.account)).ask('POST', `invitations/${token}`, { login: 'taker', password: 'the seventh lamp is out again' });
    expect(taken.status).toBe(200);
    expect(await outbox()).not.toContain(token);
    const kept = await here.register.register.read.outboxMessage.findMany();
    expect(kept.some(({ bodySealed }) => here.register.register.vault.open('outbox.body', bodySealed).includes(token))).toBe(false);
    expect((await here.first.ask('POST', `${url}/invite`, {})).json).toMatchObject({ code: 'IS_CLOSED' });
  });

  test('resetting an officer needs two; a landlord one', async () => {
    const officer = await atDesk(here, { role: 'OF', login: 'forgetful', assignments: [always('org', here.station)] });
    const asked = await here.first.ask('POST', `accounts/${officer.account.id}/reset`, { reason: '手机丢了' });
    expect([asked.status, asked.json['link']]).toEqual([202, undefined]);
    expect((await approve(here.privacy, asked.json['act'])).text).not.toContain('token');
    const [latest] = Object((await here.first.ask('GET', 'outbox')).json['messages']);
    expect(latest).toMatchObject({ kind: 'reset', accountId: officer.account.id, link: expect.stringContaining('/invite/') });
    const landlord = await atDesk(here, { role: 'LL', login: 'forgets' });
    expect((await here.first.ask('POST', `accounts/${landlord.account.id}/reset`, {})).json).toMatchObject({ link: expect.stringContaining('/invite/') });
  });

  test('the outbox is for the administrator alone', async () => {
    for (const desk of [here.district, here.privacy]) expect((await desk.ask('GET', 'outbox')).status).toBe(403);
  });
});

describe("a landlord's agent", () => {
  test('is invited for his own buildings or homes, and for nothing else', async () => {
    const unit = here.building.units['0501'] ?? 0;
    const landlord = await atDesk(here, { role: 'LL', login: 'owner', assignments: [always('unit', unit)] });
    const invite = (assignments: object[]) => landlord.ask('POST', 'agents', { displayName: '代理', assignments });
    const made = await invite([at('unit', unit)]);
    expect(made.json).toMatchObject({ invitation: { link: expect.stringContaining('/invite/') } });
    expect(await view(made.json['id'])).toMatchObject({ account: { role: 'LL', state: 'invited' }, assignments: [{ place: 'unit', placeId: unit }] });
    expect((await invite([at('unit', here.building.units['0502'] ?? 0)])).json).toMatchObject({ code: 'SCOPE_DENIED' });
    expect((await invite([at('building', here.building.buildingId)])).json).toMatchObject({ code: 'SCOPE_DENIED' });
    expect((await invite([at('org', here.station)])).json).toMatchObject({ code: 'BAD_INPUT' });
    for (const url of ['accounts', `accounts/${String(made.json['id'])}`]) expect((await landlord.ask('GET', url)).status).toBe(403);
    expect((await make(landlord, wish('LL'))).status).toBe(403);
  });
});
