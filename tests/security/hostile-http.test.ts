import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Browser, signedIn, type World, world } from '../http/fixture.ts';

/** Requests nobody sends by accident: depth, prototype keys, request smuggling, foreign hosts (ASVS 1.5.2, 4.2.1, 15.3.6, 15.3.7). */
let here: World;
let operator: Browser;
let port: number;
beforeAll(async () => {
  here = await world();
  operator = await signedIn(here, 'SA', []);
  await here.app.listen({ host: '127.0.0.1', port: 0 });
  const address = here.app.server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(() => here.close());

const post = async (payload: string, headers: Record<string, string> = {}, url = '/api/v1/buildings') =>
  here.app.inject({
    method: 'POST',
    url,
    headers: { host: 'localhost:8080', cookie: operator.cookie, 'x-csrf-token': operator.csrf, 'content-type': 'application/json', ...headers },
    payload,
  });

/** Sends bytes as they are, and returns all that comes back. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.setTimeout(2_000, () => socket.destroy());
  socket.write(bytes);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}
const statuses = (text: string): number[] => [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));

describe('a body', () => {
  const deep = (times: number, open: string, close: string): string => `${open.repeat(times)}1${close.repeat(times)}`;
  test.each([
    ['lists', deep(20_000, '[', ']')],
    ['objects', deep(9_000, '{"a":', '}')],
    ['lists inside a field nobody asked for', `{"name":"x","more":${deep(20_000, '[', ']')}}`],
  ])('of %s, thousands deep, is refused as bad input, also with a key', async (_what, payload) => {
    for (const headers of [{}, { 'idempotency-key': 'deep' }]) {
      const { statusCode, body } = await post(payload, headers);
      expect([statusCode, JSON.parse(body).code]).toEqual([400, 'BAD_INPUT']);
    }
    expect(here.errors).toEqual([]);
  });

  test('that is right but for a field of that depth is carried out or refused, and breaks nothing', async () => {
    for (const [at, headers] of [{}, { 'idempotency-key': 'deep too' }, { 'idempotency-key': 'deep-too' }].entries()) {
      const { statusCode } = await post(`{"code":"890101001001B0010${at}","name":"深","more":${deep(20_000, '[', ']')}}`, headers);
      expect([200, 400]).toContain(statusCode);
    }
    expect(here.errors).toEqual([]);
  });

  test.each(['{"__proto__":{"role":"SA"},"login":"a","password":"b"}', '{"constructor":{"prototype":{"role":"SA"}},"login":"a","password":"b"}'])(
    'with the key of a prototype is refused: %s',
    async (payload) => {
      const { statusCode } = await post(payload, {}, '/api/v1/session');
      expect(statusCode).toBe(400);
      expect(Object(Object.create({}))['role']).toBeUndefined();
    },
  );

  test.each(['application/json; charset=utf-7', 'application/json; charset=utf-16', 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'called %s is not read as anything else',
    async (type) => {
      const { statusCode } = await post('login=a&password=b', { 'content-type': type }, '/api/v1/session');
      expect([400, 415]).toContain(statusCode);
    },
  );

  test('that is not what its length says is never carried out twice or by halves', async () => {
    const head = `POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
    const inner = 'GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const attacks = [
      `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
      `${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\n{"a":${inner}`,
      `${head}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${inner}`,
      `${head}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${inner}`,
      `${head}Content-Length: +4\r\n\r\nabcd${inner}`,
      `${head}Content-Length: 0x4\r\n\r\nabcd${inner}`,
      `GET /api/v1/session HTTP/1.1\r\nHost: localhost\r\nX: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
      `GET /api/v1/session HTTP/1.1\nHost: localhost\n\n${inner}`,
    ];
    for (const attack of attacks) {
      const text = await raw(attack);
      expect(statuses(text), attack.slice(0, 160)).toEqual([400]);
      expect(text).not.toContain('"openapi"');
    }
  });
});

describe('a parameter given twice', () => {
  test('is refused instead of one of them being taken', async () => {
    for (const query of ['building=1&building=2', 'limit=1&limit=200', 'building[]=1', 'building[a]=1'])
      expect((await operator.ask('GET', `entries?${query}`)).status, query).toBe(query.includes('[') ? 200 : 400);
  });

  test('in a body wins no right: unknown fields go nowhere', async () => {
    const { json } = await operator.ask('POST', 'demo/enter', { role: 'LL', accountId: 1, pairs: ['account:U'] });
    expect(json['code']).toBe('DEMO_ONLY');
  });
});

describe('a foreign host', () => {
  test.each(['evil.example', 'evil.example"><script>', "a'; script-src *", '[::1', 'localhost:99999999', 'a b'])(
    '%j is never written into a page, a header or a link',
    async (host) => {
      for (const url of ['/', '/api/v1/session', '/api/docs', '/no/such']) {
        const { body, headers } = await here.app.inject({ url, headers: { host } });
        const said = body + JSON.stringify({ ...headers, 'content-security-policy': String(headers['content-security-policy']).replace(/ wss?:\/\/evil\.example;/, '') });
        expect(said).not.toContain('evil');
        expect(said).not.toContain('script-src *');
        expect(said).not.toContain('<script>');
      }
    },
  );

  test('does not make a request of another origin one of ours', async () => {
    const headers = { cookie: operator.cookie, 'x-csrf-token': operator.csrf, origin: 'http://evil.example', 'content-type': 'application/json' };
    expect((await here.app.inject({ method: 'POST', url: '/api/v1/buildings', headers: { ...headers, host: 'localhost:8080' }, payload: '{}' })).json().code).toBe('CROSS_SITE');
  });

  test('two at once, or none, is no request', async () => {
    expect(statuses(await raw('GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n'))).toEqual([400]);
    const text = await raw('GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n');
    expect(statuses(text)).toHaveLength(1);
    expect(text).not.toContain('Host: b');
  });
});

describe('methods', () => {
  test.each(['TRACE', 'CONNECT', 'PROPFIND', 'PATCH', 'PUT'])('%s of a page or a route that has it not does nothing', async (method) => {
    const text = await raw(`${method} /api/v1/session HTTP/1.1\r\nHost: localhost\r\nX-Canary: echo-me\r\nConnection: close\r\n\r\n`);
    expect(text).not.toContain('echo-me');
    expect(statuses(text).every((status) => status === 404 || status === 400 || status === 405)).toBe(true);
  });

  test('every answer has the headers of a browser’s own defences', async () => {
    for (const url of ['/', '/api/v1/session', '/api/docs', '/problems', '/no.such', '/healthz', '/api/v1/no/such']) {
      const { headers } = await here.app.inject({ url });
      expect(headers['x-content-type-options'], url).toBe('nosniff');
      expect(headers['referrer-policy'], url).toBe('no-referrer');
      expect(String(headers['content-security-policy']), url).toMatch(/object-src 'none';base-uri 'none';frame-ancestors 'none'/);
      expect(headers['cross-origin-opener-policy'], url).toBe('same-origin');
      expect(headers['access-control-allow-origin'], url).toBeUndefined();
      expect(headers['server'] ?? headers['x-powered-by'], url).toBeUndefined();
      expect(String(headers['content-type']), url).toMatch(/; charset=utf-8$/);
    }
  });
});
