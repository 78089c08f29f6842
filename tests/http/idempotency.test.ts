import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Type } from 'typebox';
import type { App } from '../../gateway/http/app-type.ts';
import { GIVEN_UP_MS, KEPT_MS } from '../../gateway/http/idempotency.ts';
import { may } from '../../gateway/http/permissions.ts';
import { refusal } from '../../gateway/http/problem.ts';
import { PROBLEMS } from '../../gateway/http/problem-codes.ts';
import { type Browser, signedIn, type World, world } from './fixture.ts';

let here: World;
let operator: Browser;
let acts: object[] = [];
let wait: Promise<void> | undefined;
const Body = Type.Object({ text: Type.String(), answer: Type.Optional(Type.String()) });

function routes(api: App): void {
  const config = may('building', 'C', 'site', { only: ['SA'] });
  api.post('/acts', { config, schema: { summary: 'Act', body: Body } }, async ({ body }) => {
    await wait;
    acts.push(body);
    if (body.answer === 'UNAVAILABLE' || body.answer === 'TAKEN' || body.answer === 'INTERNAL') throw refusal(body.answer);
    return { text: body.text, times: acts.length };
  });
  api.post('/acts/secret', { config: { ...config, shownOnce: true }, schema: { summary: 'Act', body: Body } }, async ({ body }) => ({ secret: `of ${body.text}` }));
  api.post('/asks', { config: may('building', 'R', 'site'), schema: { summary: 'Ask', body: Body } }, async ({ body }) => ({ text: body.text }));
  api.post('/acts/large', { config, schema: { summary: 'Act' } }, async () => ({ text: 'x'.repeat(70_000) }));
}

beforeAll(async () => {
  here = await world({ extra: routes });
  operator = await signedIn(here, 'SA', []);
});
afterAll(() => here.close());

const send = (key: string, body: object, url = 'acts', by = operator) => by.ask('POST', url, body, { 'idempotency-key': key });

describe('a request with an Idempotency-Key', () => {
  test('sent twice is done once, and answered the same twice', async () => {
    acts = [];
    const key = randomUUID();
    const first = await send(key, { text: 'a' });
    const second = await send(key, { text: 'a' });
    expect(acts).toHaveLength(1);
    expect(second.text).toBe(first.text);
    expect([first.status, second.status]).toEqual([200, 200]);
    expect([first.headers['idempotent-replayed'], second.headers['idempotent-replayed']]).toEqual([undefined, 'true']);
    expect(second.headers['content-type']).toBe(first.headers['content-type']);
  });

  test('is done again without the header, and under another key or by another account', async () => {
    acts = [];
    const key = randomUUID();
    const other = await here.site.deps.accounts.create(
      { login: `sa-${key.slice(0, 8)}`, passwordHash: 'unused', role: 'SA', displayName: 'Other', assignments: [{ place: 'site', placeId: 0, fromAt: 0, untilAt: null }] },
      here.time.now,
    );
    const token = await here.site.sessions.open(other, { step: 'full', strongAt: null, agent: '', address: '' }, undefined);
    const second = await signedIn(here, 'SA', []);
    second.cookie = `doorbook=${token}`;
    await second.ask('GET', 'session');
    await operator.ask('POST', 'acts', { text: 'a' });
    await operator.ask('POST', 'acts', { text: 'a' });
    await send(key, { text: 'a' });
    await send(`"${randomUUID()}"`, { text: 'a' });
    await send(key, { text: 'a' }, 'acts', second);
    expect(acts).toHaveLength(5);
  });

  test('with other content or to another address is refused, and nothing is done', async () => {
    const key = randomUUID();
    await send(key, { text: 'a' });
    acts = [];
    for (const [body, url] of [
      [{ text: 'b' }, 'acts'],
      [{ text: 'a' }, 'acts?x=1'],
      [{ text: 'a' }, 'acts/secret'],
    ] as const) {
      const answer = await send(key, body, url);
      expect([answer.status, answer.json['code']]).toEqual([422, 'IDEMPOTENCY_MISMATCH']);
    }
    expect(acts).toEqual([]);
  });

  test('is answered by its refusal again, word for word', async () => {
    acts = [];
    const key = randomUUID();
    const first = await send(key, { text: 'a', answer: 'TAKEN' });
    const second = await send(key, { text: 'a', answer: 'TAKEN' });
    expect([first.status, second.status, second.text]).toEqual([409, 409, first.text]);
    expect(second.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(acts).toHaveLength(1);
  });

  test('is tried again after an answer that says nothing was done', async () => {
    acts = [];
    const key = randomUUID();
    expect((await send(key, { text: 'a', answer: 'UNAVAILABLE' })).status).toBe(503);
    expect((await send(key, { text: 'a', answer: 'UNAVAILABLE' })).status).toBe(503);
    expect(acts).toHaveLength(2);
  });

  test('that comes while the first is at work is told to wait', async () => {
    acts = [];
    let go = (): void => {};
    wait = new Promise((resolve) => {
      go = resolve;
    });
    const key = randomUUID();
    const first = send(key, { text: 'a' });
    await expect.poll(() => here.register.register.read.idempotentAnswer.count({ where: { key } })).toBe(1);
    const second = await send(key, { text: 'a' });
    expect([second.status, second.json['code'], second.headers['retry-after']]).toEqual([409, 'IDEMPOTENCY_RUNNING', '2']);
    go();
    wait = undefined;
    expect((await first).status).toBe(200);
    expect((await send(key, { text: 'a' })).headers['idempotent-replayed']).toBe('true');
    expect(acts).toHaveLength(1);
  });

  test('whose answer was lost with the process is never done a second time behind the sender', async () => {
    const key = randomUUID();
    await send(key, { text: 'lost' });
    await here.register.register.write((db) => db.idempotentAnswer.updateMany({ where: { key }, data: { status: 0, bodySealed: null } }));
    acts = [];
    const began = here.time.now;
    expect((await send(key, { text: 'lost' })).json['code']).toBe('IDEMPOTENCY_RUNNING');
    here.time.now = began + GIVEN_UP_MS;
    expect((await send(key, { text: 'lost' })).json['code']).toBe('OUTCOME_UNKNOWN');
    expect(acts).toEqual([]);
    here.time.now = began;
  });

  test('is forgotten after a day', async () => {
    acts = [];
    const key = randomUUID();
    const began = here.time.now;
    await send(key, { text: 'a' });
    here.time.now = began + KEPT_MS - 1;
    operator = await signedIn(here, 'SA', []);
    await send(key, { text: 'a' });
    expect(acts).toHaveLength(1);
    here.time.now = began + KEPT_MS + 1;
    await send(key, { text: 'other' });
    expect(acts).toHaveLength(2);
    here.time.now = began;
    operator = await signedIn(here, 'SA', []);
  });
});

describe('the answer that is kept', () => {
  test('is sealed, and the request is in it by a keyed hash only', async () => {
    const key = randomUUID();
    await send(key, { text: 'the garden of forking paths' });
    const row = await here.register.register.read.idempotentAnswer.findFirstOrThrow({ where: { key } });
    const bytes = Buffer.concat([row.bodySealed ?? Buffer.alloc(0), row.bodyHash, Buffer.from(row.route)]).toString('latin1');
    expect(bytes).not.toContain('garden');
    expect(row.bodySealed?.length).toBeGreaterThan(30);
  });

  test.each([
    ['a secret that is shown once', 'acts/secret', { text: 'x' }],
    ['more than 64 kB', 'acts/large', {}],
  ])('is none when it holds %s: the repeat is told that it was done', async (_what, url, body) => {
    const key = randomUUID();
    const first = await send(key, body, url);
    const second = await send(key, body, url);
    expect([first.status, second.status, second.json['code']]).toEqual([200, 409, 'DONE_ALREADY']);
    const row = await here.register.register.read.idempotentAnswer.findFirstOrThrow({ where: { key } });
    expect(row.bodySealed).toBeNull();
  });
});

describe('the header', () => {
  test.each([
    '',
    'x'.repeat(65),
    'a b',
    '钥匙'
      .split('')
      .map((sign) => encodeURIComponent(sign))
      .join(' '),
  ])('of another form is refused: %j', async (key) => {
    acts = [];
    expect((await send(key, { text: 'a' })).json).toMatchObject({ code: 'BAD_INPUT', field: 'idempotency-key' });
    expect(acts).toEqual([]);
  });

  test('means nothing where people sign in, and on what changes nothing', async () => {
    const key = randomUUID();
    for (let at = 0; at < 2; at++) {
      expect((await send(key, { login: 'nobody', password: 'wrong' }, 'session')).json['code']).toBe('WRONG_LOGIN');
      expect((await operator.ask('GET', 'buildings', undefined, { 'idempotency-key': key })).status).toBe(200);
      expect((await send(key, { text: String(at) }, 'asks')).json).toEqual({ text: String(at) });
    }
    expect(await here.register.register.read.idempotentAnswer.count({ where: { key } })).toBe(0);
  });
});

test('every code that answers a repeat has a sentence', () => {
  for (const code of ['IDEMPOTENCY_MISMATCH', 'IDEMPOTENCY_RUNNING', 'OUTCOME_UNKNOWN', 'DONE_ALREADY'] as const) expect(PROBLEMS[code][1]).toMatch(/[一-龥]/);
});
