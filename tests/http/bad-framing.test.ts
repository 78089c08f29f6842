import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answersIn, exchange } from '../fuzz/http-raw.ts';
import { type World, world } from './fixture.ts';

let here: World;
let port = 0;
beforeAll(async () => {
  here = await world();
  await here.app.listen({ host: '127.0.0.1', port: 0 });
  port = Object(here.app.server.address()).port;
});
afterAll(() => here.close());

/** What a server answers to a head of these lines. */
async function answerTo(...lines: readonly string[]): Promise<{ status: number; code: unknown; field: unknown }> {
  const bytes = Buffer.from(`${lines.join('\r\n')}\r\nconnection: close\r\n\r\n`);
  const [got] = answersIn(await exchange(port, bytes, bytes.length));
  const { code, field } = Object(JSON.parse(got?.body || '{}'));
  expect(got?.headers['content-type']).toMatch(/^application\/(problem\+)?json/);
  return { status: got?.status ?? 0, code, field };
}

describe('what Node or a library would answer in its own form (found by the HTTP fuzzer)', () => {
  test('a request without a host is a problem that names it', async () => {
    expect(await answerTo('GET /healthz HTTP/1.1')).toEqual({ status: 400, code: 'BAD_REQUEST', field: 'host' });
  });

  test('an expectation nobody knows is passed over', async () => {
    expect(await answerTo('GET /healthz HTTP/1.1', 'host: localhost', 'expect: tea')).toMatchObject({ status: 200 });
  });

  test.each([
    ['to another protocol', ['GET /healthz HTTP/1.1', 'upgrade: h2c']],
    ['with a POST', ['POST /api/v1/session HTTP/1.1', 'upgrade: websocket', 'sec-websocket-version: 13', `sec-websocket-key: ${'a'.repeat(22)}==`]],
    ['with a key that is none', ['GET /api/v1/live HTTP/1.1', 'upgrade: websocket', 'sec-websocket-version: 13', 'sec-websocket-key: x']],
    ['of another version', ['GET /api/v1/live HTTP/1.1', 'upgrade: websocket', 'sec-websocket-version: 7', `sec-websocket-key: ${'a'.repeat(22)}==`]],
  ])('an upgrade %s is a problem that names it', async (_what, lines) => {
    const bytes = Buffer.from(`${lines.join('\r\n')}\r\nhost: localhost\r\nconnection: upgrade\r\n\r\n`);
    const [got] = answersIn(await exchange(port, bytes, bytes.length));
    expect(got).toMatchObject({ status: 400 });
    expect(JSON.parse(got?.body ?? '')).toMatchObject({ code: 'BAD_REQUEST', field: 'upgrade' });
  });

  test('an upgrade to an address that is none is answered, and its connection is ended: nobody is left holding it', async () => {
    const lines = ['POST /api/v1/units/%ff HTTP/1.1', 'host: localhost', 'connection: upgrade', 'upgrade: websocket', 'sec-websocket-version: 13', 'sec-websocket-key: x'];
    const bytes = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
    const [got] = answersIn(await exchange(port, bytes, bytes.length));
    expect(got?.status).toBe(400);
    const open = (): Promise<number> => new Promise((resolve) => here.app.server.getConnections((_error, count) => resolve(count)));
    await expect.poll(open).toBe(0);
  });
});
