import { afterAll, beforeAll, expect, test } from 'vitest';
import { browser, signedIn, type World, world } from './fixture.ts';

let here: World;
beforeAll(async () => {
  here = await world();
});
afterAll(() => here.close());

test('whoever asks for what is not his stands in the log, by number, code and route, once a minute', async () => {
  const landlord = await signedIn(here, 'LL');
  const id = (await here.site.deps.accounts.byLogin(`ll-${here.building.buildingId}`))?.id ?? 0;
  for (let at = 0; at < 3; at++) await landlord.ask('GET', `buildings/${here.other.buildingId}`);
  const line = `refused: account ${id} SCOPE_DENIED GET /api/v1/buildings/:id`;
  expect(here.notices).toEqual([line]);
  here.time.now += 60_000;
  await landlord.ask('GET', `buildings/${here.other.buildingId}`);
  expect(here.notices).toEqual([line, line]);
});

test('so does a request that another site started', async () => {
  here.notices.length = 0;
  const me = await browser(here);
  await me.ask('POST', 'session', { login: 'a', password: 'b' }, { origin: 'http://evil.example' });
  expect(here.notices).toEqual(['refused: nobody signed in CROSS_SITE POST /api/v1/session']);
});

test('and what was refused for any other reason does not', async () => {
  here.notices.length = 0;
  const landlord = await signedIn(here, 'LL');
  await landlord.ask('GET', 'units/99999');
  await landlord.ask('GET', 'entries?limit=9999');
  expect(here.notices.filter((line) => !line.includes('SCOPE_DENIED'))).toEqual([]);
});
