import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ANYBODY, MATRIX, rightsOf } from '../../gateway/core/matrix.ts';
import { may } from '../../gateway/http/permissions.ts';
import type { World } from './fixture.ts';
import { addressOf, type Cast, castOf, credentials, ROSTERS, verdict, walkedWorld, type WalkedRoute } from './matrix-walk.ts';
import { walk } from './matrix-expect.ts';
import { world } from './fixture.ts';

let here: World;
let routes: readonly WalkedRoute[];
let cast: Cast;
beforeAll(async () => {
  ({ here, routes } = await walkedWorld({ rosters: ROSTERS }));
  cast = await castOf(here);
});
afterAll(() => here.close());

describe('every route of the built app', () => {
  test('declares data, action and scope, of a row of the matrix, and no role the matrix does not give', () => {
    expect(routes.length).toBeGreaterThan(30);
    for (const { method, url, declared } of routes) {
      const { data, action, of, roles } = declared;
      expect([data, action, of, roles], `${method} ${url}`).not.toContain(undefined);
      if (data === undefined || action === undefined || roles === undefined) continue;
      const given = MATRIX[data] === ANYBODY ? ANYBODY : roles;
      expect(roles, `${method} ${url}`).toBe(given);
      if (roles !== ANYBODY)
        for (const role of roles)
          expect(
            rightsOf(data, role).some(({ letters }) => letters.has(action)),
            `${method} ${url} ${role} ${data}:${action}`,
          ).toBe(true);
    }
  });

  test('that names an object takes nothing but a row number for it, so that its scope is always asked', () => {
    const named = routes.filter(({ declared: { of } }) => of !== undefined && !['list', 'self', 'site', 'open'].includes(of));
    expect(named.length).toBeGreaterThan(5);
    for (const { method, url, declared, params } of named) {
      const { by = '' } = declared;
      expect([url.includes(`:${by}`), params.properties?.[by]?.type], `${method} ${url} ${by}`).toEqual([true, 'integer']);
    }
  });

  test('turns away whoever is nobody, has a wrong cookie or a wrong token', async () => {
    const wrong: string[] = [];
    for (const route of routes) {
      const open = route.declared.roles === ANYBODY;
      const api = route.url.startsWith('/api/');
      const url = addressOf(route, 1);
      const unknown = credentials('A'.repeat(43));
      for (const [who, headers, expected] of [
        ['nobody', unknown, open ? 'passed' : '401 NOT_SIGNED_IN'],
        ['wrong token', { authorization: 'Bearer local-token-of-another' }, open && !api ? 'passed' : '401 NOT_SIGNED_IN'],
      ] as const) {
        if (route.method === 'HEAD') continue;
        const got = await verdict(here, route, url, headers);
        if (got !== expected) wrong.push(`${route.method} ${route.url} as ${who}: ${got}, expected ${expected}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('lets pass whom matrix and scope name, to his things and not to another’s; matrix.slow.test.ts asks everybody, at every time', async () => {
    const { wrong, asked } = await walk({ here, routes, cast, stages: ['during'], few: true });
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(200);
  }, 30_000);
});

describe('a route that declares nothing', () => {
  test('stops the app from being built; so does one that leaves out its scope', async () => {
    const { data, action, roles } = may('door', 'R', 'door');
    await expect(world({ extra: (api) => void api.get('/quiet', async () => 'hello') })).rejects.toThrow('GET /api/v1/quiet declares no data, action and scope');
    await expect(world({ extra: (api) => void api.get('/half', { config: { data, action, roles } }, async () => 'hello') })).rejects.toThrow('GET /api/v1/half declares no');
  });
});
