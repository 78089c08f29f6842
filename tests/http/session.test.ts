import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ABSOLUTE_MS, IDLE_MS } from '../../gateway/http/sessions.ts';
import { afterFailure } from '../../gateway/http/tries.ts';
import { type Browser, PASSWORD, WHOLE_SESSION, type Wish, type World, browser, signedIn, world } from './fixture.ts';

const open: World[] = [];
async function made(wish: Wish = {}): Promise<World> {
  const here = await world(wish);
  open.push(here);
  return here;
}
afterEach(async () => {
  for (const here of open.splice(0)) await here.close();
});

async function setUp(here: World): Promise<Browser> {
  const me = await browser(here);
  const token = await here.site.firstAccount.offer();
  expect((await me.ask('POST', 'setup', { token, login: 'Boss', password: PASSWORD, displayName: '王主任' })).status).toBe(200);
  return me;
}

describe('the first account', () => {
  test('is made with the one-time link, which then works no more, and no account is there before', async () => {
    const here = await made();
    const me = await browser(here);
    expect((await me.ask('GET', 'session')).json).toMatchObject({ account: null, setup: true, demo: false });
    const form = { login: 'boss', password: PASSWORD, displayName: 'Boss' };
    expect((await me.ask('POST', 'setup', { ...form, token: 'guess' })).json).toMatchObject({ code: 'SETUP_LINK_USED' });
    const token = await here.site.firstAccount.offer();
    expect(token).toMatch(/^[\w-]{43}$/);
    const both = await Promise.all([me.ask('POST', 'setup', { ...form, token }), me.ask('POST', 'setup', { ...form, login: 'other', token })]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect((await me.ask('GET', 'session')).json).toMatchObject({ account: { role: 'SA' }, setup: false });
    expect((await me.ask('POST', 'setup', { ...form, login: 'third', token })).json).toMatchObject({ code: 'SETUP_LINK_USED' });
    expect(await here.site.firstAccount.offer()).toBeUndefined();
    expect(await here.site.deps.accounts.countWithPassword()).toBe(1);
  });

  test('needs a password that is not one letter over and over; the link still works after', async () => {
    const here = await made();
    const me = await browser(here);
    const token = await here.site.firstAccount.offer();
    expect((await me.ask('POST', 'setup', { token, login: 'boss', password: 'a'.repeat(20), displayName: 'B' })).json).toMatchObject({ code: 'BAD_INPUT', field: 'password' });
    expect((await me.ask('POST', 'setup', { token, login: 'boss', password: PASSWORD, displayName: 'B' })).status).toBe(200);
  });
});

describe('signing in', () => {
  test('gives a new cookie that scripts and other sites do not get, and notes it in the log', async () => {
    const here = await made();
    await setUp(here);
    const me = await browser(here);
    const before = me.cookie;
    const answer = await me.ask('POST', 'session', { login: ' BOSS ', password: PASSWORD });
    expect(answer.json).toMatchObject({ account: { login: 'boss', role: 'SA', displayName: '王主任' } });
    expect(me.cookie).not.toBe(before);
    expect(String(answer.headers['set-cookie'])).toMatch(/^doorbook=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect((await me.ask('GET', 'session')).json).toMatchObject({ account: { login: 'boss', step: 'enrol' } });
    expect(here.journal.entries.map(({ event }) => event.what)).toEqual(['set-up', 'sign-in']);
    const old = await browser(here);
    old.cookie = before;
    expect((await old.ask('GET', 'buildings')).status).toBe(401);
  });

  test('over TLS binds the cookie to this host and to TLS', async () => {
    const here = await made({ config: { publicUrl: 'https://doors.example.cn' } });
    const me = await browser(here);
    expect(me.cookie).toMatch(/^__Host-doorbook=/);
    expect(String((await here.app.inject({ url: '/api/v1/session' })).headers['set-cookie'])).toContain('Secure');
  });

  test('answers the same for a wrong password and an unknown name', async () => {
    const here = await made();
    await setUp(here);
    const me = await browser(here);
    const wrong = await me.ask('POST', 'session', { login: 'boss', password: 'wrong' });
    const unknown = await me.ask('POST', 'session', { login: 'nobody', password: 'wrong' });
    expect([wrong.status, wrong.text]).toEqual([unknown.status, unknown.text]);
    expect(wrong.json).toMatchObject({ code: 'WRONG_LOGIN' });
  });

  test('backs off after ten wrong tries, alike for known and unknown names, and lets in again later', async () => {
    const here = await made();
    await setUp(here);
    const me = await browser(here);
    for (const login of ['boss', 'nobody']) {
      for (let n = 0; n < 10; n++) expect((await me.ask('POST', 'session', { login, password: 'wrong' })).status).toBe(401);
      const locked = await me.ask('POST', 'session', { login, password: PASSWORD });
      expect([locked.status, locked.json['code'], locked.headers['retry-after']]).toEqual([429, 'TOO_MANY_TRIES', '1']);
    }
    here.time.now += 1_001;
    expect((await me.ask('POST', 'session', { login: 'boss', password: PASSWORD })).status).toBe(200);
  });

  test('doubles the wait, up to a quarter of an hour', () => {
    const waits = [8, 9, 10, 12, 40].map((failures) => (afterFailure({ failures, lockedUntil: null }, 0).lockedUntil ?? 0) / 1000);
    expect(waits).toEqual([0, 1, 2, 8, 900]);
  });

  test('takes two at once and twenty waiting, and turns the rest away', async () => {
    const here = await made();
    const me = await browser(here);
    const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => me.ask('POST', 'session', { login: `who${n}`, password: 'x' })));
    const busy = answers.filter(({ status }) => status === 429);
    expect(busy.length).toBe(8);
    expect(busy[0]?.json).toMatchObject({ code: 'BUSY' });
  });
});

describe('a session', () => {
  test('ends after thirty minutes without a request, and is kept by requests', async () => {
    const here = await made();
    const me = await signedIn(here, 'LL');
    for (let n = 0; n < 3; n++) {
      here.time.now += IDLE_MS - 1;
      expect((await me.ask('GET', 'buildings')).status).toBe(200);
    }
    here.time.now += IDLE_MS;
    expect((await me.ask('GET', 'buildings')).json).toMatchObject({ code: 'NOT_SIGNED_IN' });
  });

  test('ends after twelve hours, whatever is done', async () => {
    const here = await made();
    const me = await signedIn(here, 'LL');
    const begun = here.time.now;
    for (; here.time.now < begun + ABSOLUTE_MS; here.time.now += IDLE_MS / 2) expect((await me.ask('GET', 'buildings')).status).toBe(200);
    expect((await me.ask('GET', 'buildings')).status).toBe(401);
  });

  test('ends on signing out and with the account, at once', async () => {
    const here = await made();
    const me = await signedIn(here, 'LL');
    const { cookie } = me;
    expect((await me.ask('DELETE', 'session')).json).toMatchObject({ account: null });
    me.cookie = cookie;
    expect((await me.ask('GET', 'buildings')).status).toBe(401);
    const officer = await signedIn(here, 'OF');
    const account = await here.site.deps.accounts.byLogin(`of-${here.building.buildingId}`);
    await here.site.deps.accounts.disable(account?.id ?? 0, here.time.now);
    expect((await officer.ask('GET', 'buildings')).status).toBe(401);
  });
});

describe('an unsafe request', () => {
  let here: World;
  beforeAll(async () => {
    here = await world();
  });
  afterAll(() => here.close());

  test.each([
    ['without the token', { 'x-csrf-token': '' }, 'CSRF'],
    ["with another session's token", { 'x-csrf-token': 'q'.repeat(43) }, 'CSRF'],
    ['from another origin', { origin: 'http://evil.example' }, 'CROSS_SITE'],
    ['from another port of this host', { origin: 'http://localhost:9999' }, 'CROSS_SITE'],
    ['from an origin that hides itself', { origin: 'null' }, 'CROSS_SITE'],
    ['that the browser says is cross-site', { 'sec-fetch-site': 'cross-site' }, 'CROSS_SITE'],
  ])('%s is refused', async (_, headers, code) => {
    const me = await signedIn(here, 'LL', [here.building.buildingId]);
    const url = `doors/${here.building.doors['D01']}/unlock`;
    expect((await me.ask('POST', url, undefined, headers)).json).toMatchObject({ code });
    expect(here.commands.splice(0)).toEqual([]);
    expect((await me.ask('POST', url, undefined, { origin: 'http://localhost:8080', 'sec-fetch-site': 'same-origin' })).json).toEqual({ result: 'done' });
    expect(here.commands.splice(0)).toHaveLength(1);
  });
});

describe('entering the demo', () => {
  const demo = { config: { demo: true } };

  test('is one click in each role, with accounts nobody can sign in to', async () => {
    const here = await made(demo);
    for (const [role, buildings] of [
      ['SA', 2],
      ['OF', 2],
      ['LL', 1],
    ] as const) {
      const me = await browser(here);
      expect((await me.ask('GET', 'session')).json).toMatchObject({ demo: true, setup: false });
      expect((await me.ask('POST', 'demo/enter', { role })).json).toMatchObject({ account: { role } });
      expect((await me.ask('GET', 'buildings')).text.match(/"code"/g)).toHaveLength(buildings);
      expect((await me.ask('POST', 'demo/enter', { role })).status).toBe(200);
    }
    const me = await browser(here);
    expect((await me.ask('POST', 'session', { login: 'demo-operator', password: '' })).status).toBe(400);
    expect((await me.ask('POST', 'session', { login: 'demo-operator', password: ' ' })).status).toBe(401);
  });

  test.each([
    ['another machine', demo, '192.168.1.20', 'localhost:8080'],
    ['a name that is not this computer (DNS rebinding)', demo, '127.0.0.1', 'evil.example:8080'],
    ['anywhere when it listens on the network', { config: { demo: true, host: '0.0.0.0' } }, '127.0.0.1', 'localhost:8080'],
    ['a real site', {}, '127.0.0.1', 'localhost:8080'],
  ])('is refused from %s', async (_, wish, peer, host) => {
    const here = await made(wish);
    const me = await browser(here, peer);
    expect((await me.ask('POST', 'demo/enter', { role: 'SA' }, { host })).json).toMatchObject({ code: 'DEMO_ONLY' });
    expect((await me.ask('GET', 'session', undefined, { host })).json).toMatchObject({ demo: false });
  });

  test('is worth nothing when the same data is opened as a real site', async () => {
    const here = await made();
    const { accounts } = here.site.deps;
    const account = await accounts.create({ login: 'demo-operator', passwordHash: '', role: 'SA', displayName: 'demo', assignments: [] }, here.time.now);
    const me = await browser(here);
    me.cookie = `doorbook=${await here.site.sessions.open(account, WHOLE_SESSION, undefined)}`;
    expect((await me.ask('GET', 'buildings')).status).toBe(401);
    expect((await me.ask('GET', 'session')).json).toMatchObject({ setup: true });
  });
});
