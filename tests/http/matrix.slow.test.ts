import { afterEach, describe, expect, test } from 'vitest';
import { ANYBODY } from '../../gateway/core/matrix.ts';
import { WHOLE_SESSION, type World } from './fixture.ts';
import { walk } from './matrix-expect.ts';
import { addressOf, type Cast, castOf, credentials, ROSTERS, STAGES, verdict, walkedWorld, type WalkedRoute } from './matrix-walk.ts';

let here: World;
let routes: readonly WalkedRoute[];
let cast: Cast;
async function made(): Promise<void> {
  ({ here, routes } = await walkedWorld({ rosters: ROSTERS }));
  cast = await castOf(here);
}
afterEach(() => here.close());

/** Thousands of requests, on a machine that may have other work. */
const LONG_MS = 240_000;

const asked = (): readonly WalkedRoute[] => routes.filter(({ method }) => method !== 'HEAD');

describe('the matrix', () => {
  test(
    'holds before, during and after the assignment, or a tenant’s tenancy',
    async () => {
      await made();
      const { wrong, asked: count } = await walk({ here, routes, cast, stages: ['before', 'during', 'after'] });
      expect(wrong).toEqual([]);
      expect(count).toBeGreaterThan(1_500);
    },
    LONG_MS,
  );

  test(
    'lets nobody do anything with the password alone, but give or set up the second factor',
    async () => {
      await made();
      here.time.now = STAGES.during;
      const wrong: string[] = [];
      for (const { account, name } of cast.actors) {
        for (const step of ['factor', 'enrol'] as const) {
          const token = await here.site.sessions.open(account, { ...WHOLE_SESSION, step, strongAt: null }, undefined);
          for (const route of asked().filter(({ declared: { roles } }) => roles !== ANYBODY && roles?.includes(account.role) === true)) {
            const got = await verdict(here, route, addressOf(route, 1), credentials(token));
            if (route.declared.data !== 'secondFactor' && got !== '403 SECOND_FACTOR') wrong.push(`${route.method} ${route.url} as ${name} at ${step}: ${got}`);
          }
        }
      }
      expect(wrong).toEqual([]);
    },
    LONG_MS,
  );

  test('asks for a fresh second factor where a route says so', async () => {
    await made();
    here.time.now = STAGES.during;
    const strong = asked().filter(({ declared }) => declared.strong === true);
    expect(strong.length).toBeGreaterThan(0);
    for (const route of strong) {
      for (const { account } of cast.actors.filter(({ role }) => route.declared.roles !== ANYBODY && route.declared.roles?.includes(role) === true)) {
        for (const strongAt of [null, here.time.now - 10 * 60_000]) {
          const token = await here.site.sessions.open(account, { ...WHOLE_SESSION, strongAt }, undefined);
          expect(await verdict(here, route, addressOf(route, 1), credentials(token)), `${route.method} ${route.url}`).toBe('403 SECOND_FACTOR');
        }
      }
    }
  });

  test(
    'no route breaks, whoever asks it for whatever it may name, with a smallest valid body, an empty one and none',
    async () => {
      await made();
      here.time.now = STAGES.during;
      const broken: string[] = [];
      for (const { account, name } of cast.actors) {
        for (const route of asked()) {
          for (const payload of route.method === 'GET' ? [undefined] : [undefined, {}, Object(route.body)]) {
            // A handler may end the session: each request has its own.
            const token = await here.site.sessions.open(account, { ...WHOLE_SESSION, strongAt: here.time.now }, undefined);
            const response = await here.app.inject({
              method: Object(route).method,
              url: addressOf(route, 1),
              query: Object(route.query ?? {}),
              headers: { host: 'localhost:8080', ...credentials(token) },
              ...(payload === undefined ? {} : { payload }),
            });
            // 503: what a route needs beside the register (the simulator) is not there.
            if (response.statusCode >= 500 && response.statusCode !== 503) broken.push(`${route.method} ${route.url} as ${name}: ${response.statusCode} ${response.body}`);
          }
        }
      }
      expect([broken, here.errors]).toEqual([[], []]);
    },
    LONG_MS,
  );
});
