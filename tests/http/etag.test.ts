import { Type } from 'typebox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../gateway/http/app-type.ts';
import { needVersion, setVersion } from '../../gateway/http/etag.ts';
import { may } from '../../gateway/http/permissions.ts';
import { type Browser, signedIn, type World, world } from './fixture.ts';

let here: World;
let operator: Browser;
const row = { version: 1, text: 'first' };

function routes(api: App): void {
  api.get('/row', { config: may('outbox', 'R', 'site') }, async (_request, reply) => {
    setVersion(reply, row.version);
    return { text: row.text };
  });
  api.put('/row', { config: may('outbox', 'R', 'site'), schema: { body: Type.Object({ text: Type.String() }) } }, async (request, reply) => {
    needVersion(request, row.version);
    row.text = request.body.text;
    row.version += 1;
    setVersion(reply, row.version);
    return { text: row.text };
  });
}

beforeAll(async () => {
  here = await world({ extra: routes });
  operator = await signedIn(here, 'SA', []);
});
afterAll(() => here.close());

const put = (text: string, headers: Record<string, string>) =>
  here.app.inject({
    method: 'PUT',
    url: '/api/v1/row',
    headers: { host: 'localhost:8080', cookie: operator.cookie, 'x-csrf-token': operator.csrf, ...headers },
    payload: { text },
  });

describe('a change', () => {
  test('of two people who read the same version reaches one of them only', async () => {
    const { headers } = await operator.ask('GET', 'row');
    const tag = String(headers['etag']);
    expect(tag).toBe('"1"');
    const mine = await put('mine', { 'if-match': tag });
    const hers = await put('hers', { 'if-match': tag });
    expect([mine.statusCode, hers.statusCode, hers.json().code]).toEqual([200, 412, 'STALE_VERSION']);
    expect(row.text).toBe('mine');
    expect((await put('hers', { 'if-match': String(mine.headers['etag']) })).statusCode).toBe(200);
  });

  test.each([[undefined], ['*'], ['W/"2"'], ['2'], ['"20"']])('with If-Match %s changes nothing', async (tag) => {
    const before = { ...row };
    const answer = await put('blind', tag === undefined ? {} : { 'if-match': tag });
    expect([answer.statusCode, answer.json().code]).toEqual(tag === undefined ? [428, 'VERSION_NEEDED'] : [412, 'STALE_VERSION']);
    expect(row).toEqual(before);
  });
});

describe('reading again', () => {
  test('what has not changed gives 304 and no body', async () => {
    const { headers, text } = await operator.ask('GET', 'row');
    const tag = String(headers['etag']);
    expect(text).toContain('text');
    for (const field of [tag, `W/${tag}`, `"0", ${tag}`, '*']) {
      const again = await operator.ask('GET', 'row', undefined, { 'if-none-match': field });
      expect([again.status, again.text, again.headers['etag']], field).toEqual([304, '', tag]);
    }
    expect((await operator.ask('GET', 'row', undefined, { 'if-none-match': '"0"' })).status).toBe(200);
  });

  test('is still asked who is reading', async () => {
    const answer = await here.app.inject({ url: '/api/v1/row', headers: { 'if-none-match': '*' } });
    expect(answer.statusCode).toBe(401);
  });
});
