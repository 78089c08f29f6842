import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ANYBODY } from '../../gateway/core/matrix.ts';
import { BuildingId, DoorId, PersonId, UnitId } from '../../gateway/core/ids.ts';
import { NO_PERSON } from '../../gateway/journal/entry.ts';
import { CANARIES, type Canary, documentOf, furnish, HEADER, type Houses, leaks, rowOf, type Watcher, watchersOf } from './canaries.ts';
import { stateOf, WHOLE_SESSION, type World } from './fixture.ts';
import { addressOf, type Credentials, credentials, walkedWorld, type WalkedRoute } from './matrix-walk.ts';

let here: World;
let routes: readonly WalkedRoute[];
let houses: Houses;
let watchers: readonly Watcher[];
beforeAll(async () => {
  ({ here, routes } = await walkedWorld({ rosters: 'real' }));
  houses = await furnish(here);
  watchers = await watchersOf(here, houses);
  for (const house of Object.values(houses)) for (const id of Object.values(house.doors)) here.states.push(stateOf(id));
});
afterAll(() => here.close());

/** Row numbers that exist somewhere: homes are the most. */
/** Thousands of requests, on a machine that may have other work. */
const LONG_MS = 240_000;
const IDS = Array.from({ length: 38 }, (_, n) => n + 1);

async function session({ account }: Watcher): Promise<Credentials> {
  return credentials(await here.site.sessions.open(account, { ...WHOLE_SESSION, strongAt: here.time.now }, undefined));
}

/** Every tenant comes, is refused once, and leaves. */
function live(round: number): void {
  for (const each of CANARIES) {
    const house = houses[each.house];
    const unitId = house.units[each.room] ?? 0;
    const own = Object.values(house.doors)[each.room === '0302' ? 2 : 0] ?? 0;
    const about = { buildingId: BuildingId(house.buildingId), doorId: DoorId(own), gatewayTime: here.time.now + round };
    const person = { ...NO_PERSON, personId: PersonId(each.personId), unitId: UnitId(unitId), fingerprint: each.card, words: each.name };
    here.journal.add({ ...about, kind: 'access', granted: true, reason: 'OK' }, person);
    here.journal.add({ ...about, kind: 'access', granted: false, reason: 'REVOKED' }, person);
    here.journal.add({ ...about, kind: 'door', what: 'exit' }, person);
  }
}

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly payload?: object | string;
}

/** What somebody asks goes with one session, until something he did ended it. */
async function ask(who: Watcher, sent: readonly Sent[]): Promise<string[]> {
  const found: string[] = [];
  let mine = await session(who);
  const send = ({ method, url, query = {}, payload }: Sent) =>
    here.app.inject({
      method: Object({ method }).method,
      url,
      query: { ...query },
      headers: { host: 'localhost:8080', ...mine, ...(payload === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(payload === undefined ? {} : { payload }),
    });
  for (const each of sent) {
    let response = await send(each);
    if (response.statusCode === 401) {
      mine = await session(who);
      response = await send(each);
    }
    const told = leaks(response.body + JSON.stringify(response.headers), who);
    found.push(...told.map((leak) => `${who.name} ${each.method} ${each.url} ${response.statusCode}: ${leak}`));
  }
  return found;
}

/** Numbers worth asking for: whom the guard turns away for his role, it turns away for any. */
function numbers({ url, declared: { roles, by = '' }, params }: WalkedRoute, { role }: Watcher): readonly number[] {
  const open = roles === ANYBODY || roles?.includes(role) === true;
  return open && url.includes(`:${by}`) && params.properties?.[by]?.type === 'integer' ? IDS : [1];
}
/** What is there for anybody is the same for everybody: one may look. */
const asks = ({ declared: { roles }, url }: WalkedRoute, who: Watcher): boolean => url.startsWith('/api/') && (roles !== ANYBODY || who === watchers[0]);
const FILTERS: readonly Record<string, string>[] = [{}, { limit: '200' }, ...[1, 2, 3].map((id) => ({ building: String(id), limit: '200' }))];

describe('names, documents, phones and cards of others’ tenants are in no byte that anybody can', () => {
  test(
    'fetch, from any route under any number',
    async () => {
      live(0);
      const found: string[] = [];
      let answered = 0;
      for (const who of watchers) {
        const wanted = routes
          .filter((route) => route.method === 'GET' && asks(route, who))
          .flatMap((route) =>
            numbers(route, who).flatMap((id) =>
              (route.query === undefined ? [{}] : FILTERS).map((query): Sent => ({ method: 'GET', url: addressOf(route, id), query: { ...Object(route.query), ...query } })),
            ),
          );
        answered += wanted.length;
        found.push(...(await ask(who, wanted)));
      }
      expect(answered).toBeGreaterThan(1_000);
      expect(found).toEqual([]);
    },
    LONG_MS,
  );

  test('stream, while everybody comes and goes', async () => {
    const found: string[] = [];
    for (const who of watchers.filter(({ role }) => ['LL', 'BL', 'OF', 'SA'].includes(role))) {
      const heard: string[] = [];
      const socket = await here.app.injectWS(
        '/api/v1/live?since=0',
        { headers: { host: 'localhost:8080', origin: 'http://localhost:8080', ...(await session(who)) } },
        { onInit: (made) => void made.on('message', (data) => void heard.push(String(data))) },
      );
      live(1);
      here.site.live.onDurable();
      here.site.live.onDoors();
      here.site.live.onRegister({ buildingId: houses.S.buildingId });
      await expect.poll(() => heard.length).toBeGreaterThan(1);
      here.site.live.onDurable();
      await new Promise((done) => setImmediate(done));
      found.push(...leaks(heard.join('\n'), who));
      if (who.role === 'LL') expect(heard.join('\n')).not.toMatch(/"granted":true|exit/);
      socket.terminate();
    }
    expect(found).toEqual([]);
  });
});

describe('a landlord of single homes', () => {
  test('is told nothing of the homes next to his: tiles, doors, lines, numbers', async () => {
    const [, two] = watchers;
    if (two === undefined) throw new Error('no second landlord');
    const get = async (url: string) => (await here.app.inject({ url: `/api/v1/${url}`, headers: { host: 'localhost:8080', ...(await session(two)) } })).json();
    const { S } = houses;
    const view = await get(`buildings/${S.buildingId}`);
    expect(view.floors.flatMap((floor: { units: { room: string }[] }) => floor.units.map(({ room }) => room)).sort()).toEqual(['0201', '0202']);
    expect([view.openedToday, view.totals, view.doorList.map(({ kind }: { kind: string }) => kind)]).toEqual([null, null, ['street', 'roof']]);
    const { lines } = await get('entries?limit=200');
    expect(lines.length).toBeGreaterThan(0);
    expect(new Set(lines.map(({ doorId }: { doorId: number }) => doorId))).toEqual(new Set([S.doors['D01']]));
  });
});

describe('an import', () => {
  /** The answer to a look at one row, without what differs from look to look. */
  async function look(who: Watcher, row: string): Promise<{ text: string; id: number }> {
    const response = await here.app.inject({
      method: 'POST',
      url: '/api/v1/imports',
      query: { building: String(houses.B.buildingId), name: 'r.csv' },
      headers: { host: 'localhost:8080', 'content-type': 'text/csv', ...(await session(who)) },
      payload: `${HEADER}\n${row}`,
    });
    expect(response.statusCode).toBe(200);
    return { text: response.body.replace(/"id":\d+/, ''), id: response.json().id };
  }
  const stranger: Canary = { house: 'B', room: '0301', name: '王鹂捌', document: documentOf('89010119780307033'), phone: '12000009999', card: '', personId: 0 };

  test('does not tell that a document stands with another landlord: it looks as one that stands nowhere', async () => {
    const three = watchers.find(({ name }) => name === 'landlord-three');
    const [elsewhere] = CANARIES;
    if (three === undefined || elsewhere === undefined) throw new Error('nobody');
    const unknown = await look(three, rowOf(stranger));
    expect(unknown.text).toContain('"newPeople":1');
    // With a wrong name, which elsewhere would clash, and with the right one, which would be found again.
    for (const name of [stranger.name, elsewhere.name]) {
      const known = await look(three, rowOf({ ...stranger, name, document: elsewhere.document, phone: elsewhere.phone }));
      expect(known.text).toBe(unknown.text);
    }
  });

  test('of such a person brings in nothing of what is known of him elsewhere', async () => {
    const three = watchers.find(({ name }) => name === 'landlord-three');
    const [elsewhere] = CANARIES;
    if (three === undefined || elsewhere === undefined) throw new Error('nobody');
    const { id } = await look(three, rowOf({ ...stranger, name: elsewhere.name, document: elsewhere.document }));
    const applied = await here.app.inject({
      method: 'POST',
      url: `/api/v1/imports/${id}/apply`,
      headers: { host: 'localhost:8080', ...(await session(three)) },
      payload: { goodRowsOnly: false, attested: false },
    });
    expect(applied.json()).toMatchObject({ people: 1, tenancies: 1 });
    const home = await here.app.inject({ url: `/api/v1/units/${houses.B.units['0301']}`, headers: { host: 'localhost:8080', ...(await session(three)) } });
    expect(home.json().tenancies).toMatchObject([{ people: [{ name: elsewhere.name, phoneMasked: '120****9999', registered: false }], credentials: [] }]);
    // He typed these words himself, and would rightly be shown them: what is asked below is about what others typed.
    const unitId = houses.B.units['0301'] ?? 0;
    await here.register.register.write(async (db) => {
      await db.occupant.deleteMany({ where: { tenancy: { unitId } } });
      await db.tenancy.deleteMany({ where: { unitId } });
    });
  });
});

describe('and in no byte that they', () => {
  // What is asked here changes the house: it is the last.
  test(
    'read in an error, or in the answer to any other request',
    async () => {
      const found: string[] = [];
      for (const who of watchers) {
        const wanted = routes
          .filter((route) => !['GET', 'HEAD'].includes(route.method) && asks(route, who))
          .flatMap((route) =>
            numbers(route, who)
              .filter((id) => [1, 2, 5, 20].includes(id))
              .flatMap((id) => [Object(route.body), { id: 'x', name: null }, '{'].map((payload): Sent => ({ method: route.method, url: addressOf(route, id), payload }))),
          );
        found.push(...(await ask(who, wanted)));
      }
      expect(found).toEqual([]);
    },
    LONG_MS,
  );
});
