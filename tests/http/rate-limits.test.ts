import { afterEach, describe, expect, test } from 'vitest';
import { may } from '../../gateway/http/permissions.ts';
import { RATE_LIMITS } from '../../gateway/http/rate-limits.ts';
import { type Browser, browser, signedIn, type Wish, type World, world } from './fixture.ts';

let here: World;
afterEach(() => here.close());
const LIMITS = { signIn: 3, api: 8, export: 2 };
const start = async (wish: Wish = {}): Promise<void> => {
  here = await world({ rateLimits: LIMITS, ...wish, extra: (api) => void api.post('/exports', { config: { ...may('outbox', 'R', 'site'), rate: 'export' } }, async () => ({})) });
};
const statuses = async (times: number, ask: () => Promise<{ status: number }>): Promise<number[]> => {
  const seen: number[] = [];
  for (let at = 0; at < times; at++) seen.push((await ask()).status);
  return seen;
};
/** A guess at a sign-in; malformed on purpose, so that no password hash is computed. */
const guess =
  (by: Browser, headers: Record<string, string> = {}) =>
  () =>
    by.ask('POST', 'session', { login: 'li' }, headers);

describe('too much in a minute', () => {
  test('from one address is refused where people sign in, with when to come back', async () => {
    await start();
    const me = await browser(here, '10.1.2.3');
    expect(await statuses(4, guess(me))).toEqual([400, 400, 400, 429]);
    const refused = await guess(me)();
    expect(refused.json).toMatchObject({ code: 'RATE_LIMITED', status: 429 });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect([refused.headers['ratelimit-limit'], refused.headers['ratelimit-remaining']]).toEqual(['3', '0']);
    const other = await browser(here, '10.1.2.4');
    expect((await guess(other)()).status).toBe(400);
  });

  test('counts by account where somebody is signed in, whatever his address', async () => {
    await start();
    const landlord = await signedIn(here, 'LL');
    const operator = await signedIn(here, 'SA', []);
    expect(await statuses(8, () => landlord.ask('GET', 'buildings'))).toContain(429);
    expect((await operator.ask('GET', 'buildings')).status).toBe(200);
  });

  test('counts by address who is not signed in, also with a wrong token', async () => {
    await start();
    const ask = () =>
      here.app
        .inject({ url: '/api/v1/buildings', remoteAddress: '10.9.9.9', headers: { authorization: `Bearer dbk_${'a'.repeat(43)}` } })
        .then(({ statusCode }) => ({ status: statusCode }));
    expect(await statuses(9, ask)).toEqual([401, 401, 401, 401, 401, 401, 401, 401, 429]);
  });

  test('counts exports for themselves', async () => {
    await start();
    const operator = await signedIn(here, 'SA', []);
    expect(await statuses(3, () => operator.ask('POST', 'exports', {}))).toEqual([200, 200, 429]);
    expect((await operator.ask('GET', 'buildings')).status).toBe(200);
  });

  test('an IPv6 subscriber is one address, however many he uses', async () => {
    await start();
    const seen: number[] = [];
    for (let at = 0; at < 5; at++) seen.push((await guess(await browser(here, `2001:db8:1:2::${at}`))()).status);
    expect(seen).toEqual([400, 400, 400, 429, 429]);
  });
});

describe('not counted', () => {
  test('are the local operator, pages and health', async () => {
    await start();
    const local = () =>
      here.app.inject({ url: '/api/v1/buildings', headers: { authorization: 'Bearer local-token-of-this-run' } }).then(({ statusCode }) => ({ status: statusCode }));
    expect(new Set(await statuses(20, local))).toEqual(new Set([200]));
    for (const url of ['/', '/healthz', '/mark.svg'])
      expect(new Set(await statuses(20, () => here.app.inject({ url }).then(({ statusCode }) => ({ status: statusCode })))), url).toEqual(new Set([200]));
  });
});

describe('the address behind a proxy', () => {
  const proxied = { config: { publicUrl: 'https://doors.example' } };
  const from = (forwarded: string) => ({ 'x-forwarded-for': forwarded });

  test('is what the proxy on this computer wrote last, not what the client wrote before it', async () => {
    await start(proxied);
    const me = await browser(here);
    for (let at = 0; at < 3; at++) await guess(me, from(`9.9.9.${at}, 10.0.0.1`))();
    expect((await guess(me, from('9.9.9.9, 10.0.0.1'))()).status).toBe(429);
    expect((await guess(me, from('10.0.0.1, 10.0.0.2'))()).status).not.toBe(429);
  });

  test('is the real peer when there is no such proxy, or the request came past it', async () => {
    await start();
    const me = await browser(here);
    for (let at = 0; at < 3; at++) await guess(me, from(`10.0.0.${at}`))();
    expect((await guess(me, from('10.0.0.9'))()).status).toBe(429);
    await here.close();
    await start(proxied);
    const direct = await browser(here, '10.7.7.7');
    for (let at = 0; at < 3; at++) await guess(direct, from(`10.0.0.${at}`))();
    expect((await guess(direct, from('10.0.0.9'))()).status).toBe(429);
  });
});

test('the usual limits are those the documents name', async () => {
  await start();
  expect(RATE_LIMITS).toEqual({ signIn: 10, api: 600, export: 6 });
});
