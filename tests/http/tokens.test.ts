import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { zhTokens } from '../../console/parts/messages/zh-tokens.ts';
import { ROLES } from '../../gateway/core/roles.ts';
import { grantable } from '../../gateway/http/access-tokens.ts';
import { hashToken } from '../../gateway/http/sessions.ts';
import { type Answer, type Browser, signedIn, type World, world } from './fixture.ts';

let here: World;
let operator: Browser;
let landlord: Browser;
beforeAll(async () => {
  here = await world();
  operator = await signedIn(here, 'SA', []);
  landlord = await signedIn(here, 'LL');
});
afterAll(() => here.close());
beforeEach(async () => {
  await here.register.register.write((db) => db.accessToken.deleteMany({}));
});

const make = (by: Browser, scopes: string[], about: object = {}): Promise<Answer> => by.ask('POST', 'me/tokens', { name: 'report', scopes, days: 30, ...about });
const tokenOf = async (by: Browser, scopes: string[], about: object = {}): Promise<string> => String((await make(by, scopes, about)).json['token']);
async function use(token: string, url: string, method: 'GET' | 'POST' | 'DELETE' = 'GET', payload?: object): Promise<{ status: number; code: unknown; text: string }> {
  const answer = await here.app.inject({
    method,
    url: `/api/v1/${url}`,
    headers: { host: 'localhost:8080', authorization: `Bearer ${token}` },
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: answer.statusCode, code: answer.body.startsWith('{') ? answer.json().code : undefined, text: answer.body };
}

describe('a personal access token', () => {
  test('is shown once, and the register holds its SHA-256 only', async () => {
    const { status, json } = await make(operator, ['building:R']);
    expect(status).toBe(200);
    const token = String(json['token']);
    expect(token).toMatch(/^dbk_[A-Za-z0-9_-]{43}$/);
    const [row] = await here.register.register.read.accessToken.findMany();
    expect(Buffer.from(row?.tokenHash ?? [])).toEqual(hashToken(token));
    expect(JSON.stringify(row, (_key, value) => (typeof value === 'bigint' ? Number(value) : value))).not.toContain(token.slice(4));
    const list = await operator.ask('GET', 'me/tokens');
    expect(list.text).not.toContain(token.slice(4));
    expect(list.json['tokens']).toMatchObject([{ name: 'report', scopes: ['building:R'], lastUsedAt: null }]);
  });

  test('opens what it was given and its owner may see, and nothing else', async () => {
    const token = await tokenOf(landlord, ['building:R', 'tenancy:R']);
    expect((await use(token, `buildings/${here.building.buildingId}`)).status).toBe(200);
    expect(await use(token, `buildings/${here.other.buildingId}`)).toMatchObject({ status: 404, code: 'SCOPE_DENIED' });
    expect(await use(token, 'entries')).toMatchObject({ status: 403, code: 'NOT_ALLOWED' });
    expect(await use(token, `doors/${here.building.doors['D01'] ?? 0}/unlock`, 'POST', {})).toMatchObject({ status: 403, code: 'NOT_ALLOWED' });
  });

  test('never reaches its owner’s own sign-in, tokens or factors, nor anything that asks for a second factor', async () => {
    const { json } = await operator.ask('GET', 'me/tokens');
    const all = Object(json['grantable']);
    expect(all.filter((pair: string) => /^(session|secondFactor|password|accessToken|demo):/.test(pair))).toEqual([]);
    const token = await tokenOf(operator, all);
    for (const [method, url, body] of [
      ['GET', 'session'],
      ['POST', 'session', { login: 'x', password: 'y' }],
      ['DELETE', 'session'],
      ['GET', 'me/tokens'],
      ['POST', 'me/tokens', { name: 'n', scopes: ['building:R'], days: 1 }],
      ['DELETE', 'me/tokens/1'],
    ] as const)
      expect(await use(token, url, method, body), `${method} ${url}`).toMatchObject({ status: 403, code: 'NOT_ALLOWED' });
    expect((await use(token, 'buildings')).status).toBe(200);
  });

  test('carries no live feed, which is held by a session', async () => {
    const token = await tokenOf(operator, ['ledger:R']);
    expect((await use(token, 'entries')).status).toBe(200);
    const answer = await here.app.inject({
      url: '/api/v1/live',
      headers: { host: 'localhost:8080', authorization: `Bearer ${token}`, connection: 'upgrade', upgrade: 'websocket' },
    });
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'NOT_ALLOWED']);
  });

  test('is made after a fresh second factor only', async () => {
    const began = here.time.now;
    here.time.now = began + 11 * 60_000;
    expect((await make(operator, ['building:R'])).json['code']).toBe('SECOND_FACTOR');
    here.time.now = began;
    expect((await make(operator, ['building:R'])).status).toBe(200);
  });

  test.each([
    ['a right of another role', { scopes: ['personEntries:R'] }, 'scopes'],
    ['a right nobody gives to a token', { scopes: ['session:R'] }, 'scopes'],
    ['no right', { scopes: [] }, 'scopes'],
    ['a word that is no right', { scopes: ['everything'] }, 'scopes'],
    ['more than a year', { days: 367 }, 'days'],
    ['no name', { name: '' }, 'name'],
  ])('is refused with %s', async (_what, about, field) => {
    expect((await make(operator, ['building:R'], about)).json).toMatchObject({ code: 'BAD_INPUT', field });
  });

  test('is one of twenty at most', async () => {
    for (let at = 0; at < 20; at++) await make(operator, ['building:R']);
    expect((await make(operator, ['building:R'])).json['code']).toBe('LIMIT_REACHED');
  });
});

describe('a token ends', () => {
  test('at its day', async () => {
    const token = await tokenOf(operator, ['building:R'], { days: 1 });
    const began = here.time.now;
    here.time.now = began + 86_400_000 - 1;
    expect((await use(token, 'buildings')).status).toBe(200);
    here.time.now = began + 86_400_000;
    expect((await use(token, 'buildings')).status).toBe(401);
    here.time.now = began;
  });

  test('when its owner ends it, and nobody else can', async () => {
    const { json } = await make(operator, ['building:R']);
    expect((await landlord.ask('DELETE', `me/tokens/${json['id']}`)).status).toBe(404);
    expect((await use(String(json['token']), 'buildings')).status).toBe(200);
    expect((await operator.ask('DELETE', `me/tokens/${json['id']}`)).json['tokens']).toEqual([]);
    expect((await use(String(json['token']), 'buildings')).status).toBe(401);
  });

  test('with the account, and is worth nothing without an assignment', async () => {
    const { accounts } = here.site.deps;
    const owner = await signedIn(here, 'LL', [here.other.buildingId]);
    const token = await tokenOf(owner, ['building:R']);
    const id = (await accounts.byLogin(`ll-${here.other.buildingId}`))?.id ?? 0;
    expect((await use(token, 'buildings')).status).toBe(200);
    await here.register.register.write((db) => db.assignment.updateMany({ where: { accountId: id }, data: { untilAt: here.time.now } }));
    await here.site.rightsChanged();
    expect(await use(token, 'buildings')).toMatchObject({ status: 403, code: 'NOT_ASSIGNED' });
    await accounts.disable(id, here.time.now);
    await here.site.rightsChanged();
    expect(await use(token, 'buildings')).toMatchObject({ status: 401, code: 'NOT_SIGNED_IN' });
    await here.register.register.write((db) => db.account.update({ where: { id }, data: { disabledAt: null } }));
    expect(await use(token, 'buildings')).toMatchObject({ status: 401, code: 'NOT_SIGNED_IN' });
  });

  test('when its owner’s role no longer has the right', async () => {
    const owner = await signedIn(here, 'LL', [here.building.buildingId, here.other.buildingId]);
    const token = await tokenOf(owner, ['building:R', 'unitClass:R']);
    expect((await use(token, 'buildings')).status).toBe(200);
    await here.register.register.write((db) => db.account.updateMany({ where: { login: { startsWith: `ll-${here.building.buildingId}-` } }, data: { role: 'PO' } }));
    expect(await use(token, 'buildings')).toMatchObject({ status: 403, code: 'NOT_ALLOWED' });
  });
});

test('every kind of data a token may be given has its word', () => {
  const kinds = new Set(ROLES.flatMap(grantable).flatMap((pair) => [`tokens.data.${pair.split(':')[0]}`, `tokens.do.${pair.split(':')[1]}`]));
  expect([...kinds].filter((key) => !Object.hasOwn(zhTokens, key))).toEqual([]);
});

test('use is written down once a minute at most', async () => {
  const token = await tokenOf(operator, ['building:R']);
  const used = async (): Promise<number> => Number((await here.register.register.read.accessToken.findFirstOrThrow()).lastUsedAt);
  const began = here.time.now;
  await use(token, 'buildings');
  expect(await used()).toBe(began);
  here.time.now = began + 59_999;
  await use(token, 'buildings');
  expect(await used()).toBe(began);
  here.time.now = began + 60_000;
  await use(token, 'buildings');
  expect(await used()).toBe(began + 60_000);
  here.time.now = began;
});

test('making and ending one are entries of the journal, and happen only when they can be written', async () => {
  const before = here.journal.entries.length;
  const { json } = await make(operator, ['building:R']);
  await operator.ask('DELETE', `me/tokens/${json['id']}`);
  expect(here.journal.entries.slice(before).map(({ event }) => event.what)).toEqual(['token-made', 'token-ended']);
  here.log.broken = true;
  expect((await make(operator, ['building:R'])).json['code']).toBe('UNAVAILABLE');
  here.log.broken = false;
  expect(await here.register.register.read.accessToken.count({ where: { revokedAt: null } })).toBe(0);
});
