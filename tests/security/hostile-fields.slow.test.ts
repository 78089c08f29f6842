import { existsSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Role } from '../../gateway/core/roles.ts';
import { type Browser, signedIn, type World, world } from '../http/fixture.ts';

/** Class "command injection" (security.md 3), and any other: each text field of each route is filled with what breaks careless programs. */
const CANARY = '/tmp/doorbook-canary';
const HOSTILE = [
  `$(touch ${CANARY})`,
  `'; touch ${CANARY}; echo '`,
  "' OR 1=1 --",
  '"; DROP TABLE "Person"; --',
  '<img src=x onerror=alert(1)>',
  '{{constructor.constructor("return process")()}}',
  '../../../../etc/passwd',
  'a\u0000b\u001b[2J\u202e',
  '\ud800',
  '=cmd|calc!A0',
  '％２７',
  '__proto__',
  'x'.repeat(5_000),
];
const ROLES: readonly Role[] = ['SA', 'DA', 'PO', 'OF', 'LL', 'CL'];

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly const?: unknown;
  readonly minimum?: number;
}

/** A value of the schema in which every text is the hostile one. */
function filled(schema: Schema, text: string): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.anyOf !== undefined) return filled(schema.anyOf[0] ?? {}, text);
  if (schema.type === 'object') return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, each]) => [name, filled(each, text)]));
  if (schema.type === 'array') return [filled(schema.items ?? {}, text)];
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 1;
  return schema.type === 'boolean' ? true : text;
}

let here: World;
const people = new Map<Role, Browser>();
const operations: { readonly method: 'GET' | 'POST'; readonly url: string; readonly body: Schema | undefined; readonly query: readonly string[] }[] = [];

beforeAll(async () => {
  rmSync(CANARY, { force: true });
  here = await world();
  for (const role of ROLES) people.set(role, await signedIn(here, role));
  const { paths } = (await here.app.inject({ url: '/api/v1/openapi.json' })).json();
  for (const [path, methods] of Object.entries(Object(paths)))
    for (const [method, about] of Object.entries(Object(methods))) {
      if (method !== 'get' && method !== 'post') continue;
      const { requestBody, parameters = [] } = Object(about);
      const query = Object.values(Object(parameters)).flatMap((each) => (Object(each).in === 'query' && Object(each).schema.type === 'string' ? [String(Object(each).name)] : []));
      operations.push({ method: method === 'get' ? 'GET' : 'POST', url: path, query, body: Object(Object(Object(requestBody).content)['application/json']).schema });
    }
});
afterAll(() => here.close());

/** The address with a row number, or the hostile text where a text is meant. */
const addressed = (url: string, text: string): string => url.replace('{id}', '1').replace(/\{\w+\}/g, encodeURIComponent(text.toWellFormed()).slice(0, 400));

describe('every text field of every route', () => {
  test.each(ROLES)('filled by %s with what breaks careless programs is taken as text or refused, and breaks nothing', { timeout: 120_000 }, async (role) => {
    const me = people.get(role);
    expect(operations.length).toBeGreaterThan(40);
    const wrong: string[] = [];
    for (const { method, url, body, query } of operations) {
      if (url.endsWith('/live') || url.endsWith('/session') || url.includes('/demo/')) continue;
      for (const text of HOSTILE) {
        const search = query.map((name) => `${name}=${encodeURIComponent(text.toWellFormed())}`).join('&');
        const answer = await me?.ask(method, `${addressed(url, text)}${search === '' ? '' : `?${search}`}`, body === undefined ? undefined : Object(filled(body, text)));
        const status = answer?.status ?? 0;
        if (status === 0 || (status >= 500 && status !== 503) || /\n\s+at |node_modules|SQLITE|Prisma/i.test(answer?.text ?? ''))
          wrong.push(`${method} ${url} ${JSON.stringify(text.slice(0, 40))} → ${status}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(here.errors.map(String)).toEqual([]);
    expect(existsSync(CANARY)).toBe(false);
  });
});
