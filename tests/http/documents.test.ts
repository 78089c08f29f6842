import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROLES } from '../../gateway/core/roles.ts';
import { PROBLEMS } from '../../gateway/http/problem-codes.ts';
import { type World, world } from './fixture.ts';

let here: World;
interface Operation {
  readonly name: string;
  readonly about: Record<string, Record<string, unknown>>;
}
let operations: Operation[];
let document: Record<string, Record<string, unknown>>;

beforeAll(async () => {
  here = await world();
  document = (await here.app.inject({ url: '/api/v1/openapi.json' })).json();
  operations = Object.entries(document['paths'] ?? {}).flatMap(([url, methods]) =>
    Object.entries(Object(methods)).map(([method, about]) => ({ name: `${method.toUpperCase()} ${url}`, about: Object(about) })),
  );
});
afterAll(() => here.close());
const operation = (name: string): Operation['about'] => operations.find((each) => each.name === name)?.about ?? {};
const parameters = (name: string): string[] => Object.values(operation(name)['parameters'] ?? {}).map((each) => String(Object(each).name));

describe('the OpenAPI document', () => {
  test('says of every operation which data, action, scope and roles it has', () => {
    expect(operations.length).toBeGreaterThan(15);
    for (const { name, about } of operations) {
      const { data, action, scope, roles } = about['x-doorbook'] ?? {};
      expect(data, name).toMatch(/^[a-zA-Z]+$/);
      expect(action, name).toMatch(/^[CRUXD]$/);
      expect(scope, name).toMatch(/^[a-zA-Z]+$/);
      if (roles !== 'anybody') expect(ROLES, name).toEqual(expect.arrayContaining(Object(roles)));
    }
    expect(operation('GET /api/v1/units/{id}')['x-doorbook']).toMatchObject({ scope: 'unit' });
  });

  test('gives errors by their media type, and how to sign in', () => {
    for (const { name, about } of operations.filter((each) => each.about['responses']?.['4XX'] !== undefined))
      expect(Object.keys(Object(Object(about['responses']?.['4XX'])['content'])), name).toEqual(['application/problem+json']);
    expect(operations.filter((each) => each.about['responses']?.['4XX'] !== undefined).length).toBeGreaterThan(15);
    expect(Object.keys(Object(document['components']?.['securitySchemes']))).toEqual(['session', 'csrf', 'token']);
    expect(operation('GET /api/v1/buildings')['security']).toEqual([{ session: [], csrf: [] }, { token: [] }]);
    expect(operation('POST /api/v1/me/tokens')['security']).toEqual([{ session: [], csrf: [] }]);
    expect(operation('GET /healthz')['security']).toEqual([]);
  });

  test('names the headers of repeats and versions, with an example, where they count', () => {
    expect(parameters('POST /api/v1/buildings')).toContain('idempotency-key');
    expect(parameters('POST /api/v1/session')).not.toContain('idempotency-key');
    expect(parameters('GET /api/v1/units/{id}')).toContain('if-none-match');
    expect(JSON.stringify(operation('POST /api/v1/buildings')['parameters'])).toContain('8e03978e');
  });
});

describe('the page of the document', () => {
  test('and all it loads comes from here, with nothing inline', async () => {
    const page = await here.app.inject({ url: '/api/docs' });
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toMatch(/<style|style=|<script>|<script [^>]*>[^<]|https?:\/\/| on\w+=/);
    const links = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link ?? '');
    expect(links.length).toBeGreaterThanOrEqual(4);
    for (const url of links) {
      const { statusCode, headers } = await here.app.inject({ url });
      expect([url, statusCode]).toEqual([url, 200]);
      expect(String(headers['content-type']), url).toMatch(url.endsWith('.js') ? /^text\/javascript/ : url.endsWith('.css') ? /^text\/css/ : /^image\/svg/);
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });
});

describe('the page of a problem', () => {
  test.each(Object.keys(PROBLEMS))('%s is where its type says', async (code) => {
    const { statusCode, body } = await here.app.inject({ url: `/problems/${code}` });
    expect(statusCode).toBe(200);
    expect(body).toMatch(/[一-龥]/);
    expect(body).toContain(code);
  });

  test('that does not exist is a problem itself', async () => {
    const { statusCode, headers, body } = await here.app.inject({ url: '/problems/NO_SUCH' });
    expect(statusCode).toBe(404);
    expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(JSON.parse(body)).toMatchObject({ type: '/problems/NOT_FOUND', title: PROBLEMS.NOT_FOUND[2], status: 404, code: 'NOT_FOUND' });
  });
});
