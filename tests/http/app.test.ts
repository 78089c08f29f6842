import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Browser, browser, signedIn, type World, world } from './fixture.ts';
import { walkedWorld, type WalkedRoute } from './matrix-walk.ts';

let here: World;
let routes: readonly WalkedRoute[];
let operator: Browser;
beforeAll(async () => {
  ({ here, routes } = await walkedWorld());
  operator = await signedIn(here, 'SA', []);
});
afterAll(() => here.close());

describe('the API document', () => {
  test('is OpenAPI 3.1 and lists every route with a summary and its answers', async () => {
    const { status, json } = await operator.ask('GET', 'openapi.json');
    expect(status).toBe(200);
    expect(json['openapi']).toBe('3.1.0');
    const found = Object.entries(Object(json['paths'])).flatMap(([url, methods]) =>
      Object.entries(Object(methods)).map(([method, about]) => ({ name: `${method.toUpperCase()} ${url}`, about: Object(about) })),
    );
    const api = routes.filter(({ method, url, hidden }) => method !== 'HEAD' && !hidden && url.startsWith('/api/'));
    expect(api.length).toBeGreaterThan(20);
    const names = ['GET /healthz', 'GET /metrics', ...api.map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`)];
    expect(found.map(({ name }) => name).sort()).toEqual(names.sort());
    for (const { name, about } of found) {
      expect(about.summary, name).toMatch(/\w+/);
      expect(Object.keys(about.responses).length, name).toBeGreaterThan(0);
    }
    expect(JSON.stringify(json)).toContain('"const":"SA"');
  });
});

describe('a route that declares nothing', () => {
  test('stops the app from being built', async () => {
    await expect(world({ extra: (api) => void api.get('/quiet', async () => 'hello') })).rejects.toThrow(/GET \/api\/v1\/quiet declares no data, action and scope/);
  });
});

describe('errors', () => {
  test('name the field and what was expected, in both languages, without a stack', async () => {
    const { status, json, text } = await operator.ask('POST', 'session', { login: 'li' });
    expect(status).toBe(400);
    expect(json).toEqual({
      code: 'BAD_INPUT',
      field: 'password',
      expected: '必填 / required',
      message: { zh: expect.stringMatching(/[一-龥]/), en: expect.stringMatching(/\w+/) },
      type: '/problems/BAD_INPUT',
      title: expect.stringMatching(/\w+/),
      status: 400,
    });
    expect(text).not.toMatch(/stack|node_modules|\.ts/);
  });

  test.each([
    ['GET', 'entries?limit=9999', undefined, 'limit'],
    ['GET', 'entries?before=soon', undefined, 'before'],
    ['GET', 'doors/first', undefined, 'id'],
    ['GET', 'doors/99999999999', undefined, 'id'],
    ['POST', 'session', { login: 5, password: 'x' }, 'login'],
    ['POST', 'setup', { token: 't', login: 'b', password: 'short', displayName: 'B' }, 'login'],
    ['POST', 'demo/enter', { role: 'GOD' }, 'role'],
    ['POST', 'demo/act', { act: 'dance' }, undefined],
  ] as const)('%s %s answers a problem, never a 5xx', async (...[method, url, body, field]) => {
    const answer = await operator.ask(method, url, body);
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ code: 'BAD_INPUT', ...(field === undefined ? {} : { field }) });
    expect(answer.json['expected']).toEqual(expect.any(String));
  });

  test('answer in the same form for a broken body, a wrong type, a body too large, an odd address and an unknown one', async () => {
    const raw = (headers: Record<string, string>, payload: string) =>
      here.app.inject({ method: 'POST', url: '/api/v1/session', headers: { host: 'localhost:8080', cookie: operator.cookie, 'x-csrf-token': operator.csrf, ...headers }, payload });
    const answers = await Promise.all([
      raw({ 'content-type': 'application/json' }, '{"login":'),
      raw({ 'content-type': 'application/xml' }, '<a/>'),
      raw({ 'content-type': 'application/json' }, JSON.stringify({ login: 'x'.repeat(70_000), password: 'y' })),
      here.app.inject({ url: '/api/v1/units/%zz' }),
      here.app.inject({ url: '/api/v1/nothing/here' }),
    ]);
    expect(answers.map((answer) => answer.statusCode)).toEqual([400, 415, 413, 400, 404]);
    for (const answer of answers) expect(answer.json()).toMatchObject({ code: expect.stringMatching(/^[A-Z_]+$/), message: { zh: expect.any(String), en: expect.any(String) } });
    expect(here.errors).toEqual([]);
  });

  test('answer what is no HTTP at all', async () => {
    const other = await world();
    await other.app.listen({ host: '127.0.0.1', port: 0 });
    const address = other.app.server.address();
    const socket = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1');
    socket.write('\x16\x03\x01 not http\r\n\r\n');
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    await other.close();
    expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*\{"code":"BAD_REQUEST"/);
  });
});

describe('the guard', () => {
  test('goes by the route that is matched, not by how the address is written', async () => {
    for (const url of ['/%61pi/v1/buildings', '/api/v1/%62uildings']) expect((await (await browser(here)).ask('GET', url)).status, url).toBe(401);
    const { status, json } = await operator.ask('POST', '/%61pi/v1/session', { login: 'a', password: 'b' }, { 'x-csrf-token': '' });
    expect([status, json['code']]).toEqual([403, 'CSRF']);
  });
});

describe('headers', () => {
  test('allow scripts of our own only, no framing, and the live connection to this host', async () => {
    const { headers } = await operator.ask('GET', '/');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("connect-src 'self' ws://localhost:8080");
    expect(policy).not.toContain('unsafe');
    expect(policy).not.toContain('upgrade-insecure-requests');
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  test('keep answers of the API out of caches', async () => {
    expect((await operator.ask('GET', 'session')).headers['cache-control']).toBe('no-store');
  });
});

describe('the console', () => {
  test.each(['/', '/login', '/setup?token=abc', '/building/1/unit/2'])('%s is the page', async (url) => {
    const answer = await operator.ask('GET', url);
    expect([answer.status, answer.headers['content-type'], answer.headers['cache-control']]).toEqual([200, expect.stringContaining('text/html'), 'no-cache']);
    expect(answer.text).toContain('<title>Doorbook</title>');
  });

  test('has files that are kept for ever when their name has a hash, and nothing above its folder', async () => {
    const script = await operator.ask('GET', '/assets/app-1a2b.js');
    expect([script.status, script.headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable']);
    expect((await operator.ask('GET', '/mark.svg')).headers['content-type']).toContain('image/svg+xml');
    for (const url of ['/assets/gone.js', '/..%2f..%2fpackage.json', '/assets/..%2f..%2fkeys.json', '/.env'])
      expect((await operator.ask('GET', url)).status, url).toBeGreaterThanOrEqual(400);
  });
});

describe('the local operator', () => {
  test('is whoever has the token of the run file, and nobody else', async () => {
    const nobody = await browser(here);
    expect((await nobody.ask('GET', 'buildings', undefined, { authorization: 'Bearer local-token-of-this-run' })).status).toBe(200);
    expect((await nobody.ask('GET', 'buildings', undefined, { authorization: 'Bearer local-token-of-another' })).status).toBe(401);
    expect((await nobody.ask('GET', 'buildings')).json).toMatchObject({ code: 'NOT_SIGNED_IN' });
  });

  test('needs no CSRF token: no other site can send its header', async () => {
    const answer = await here.app.inject({
      method: 'POST',
      url: '/api/v1/imports/1/apply',
      headers: { authorization: 'Bearer local-token-of-this-run' },
      payload: { goodRowsOnly: true, attested: true },
    });
    expect(answer.json()).toMatchObject({ code: 'NOT_FOUND' });
  });
});
