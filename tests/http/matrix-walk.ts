import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance, RouteOptions } from 'fastify';
import type { Role } from '../../gateway/core/roles.ts';
import { ROLES } from '../../gateway/core/roles.ts';
import type { ObjectKind, Declared } from '../../gateway/http/permissions.ts';
import { csrfOf } from '../../gateway/http/sessions.ts';
import type { Rosters } from '../../gateway/http/deps.ts';
import type { AccountRow, NewAssignment } from '../../gateway/store/accounts.ts';
import { addTenant, NOON } from '../helpers/register.ts';
import { WHOLE_SESSION, type Wish, type World, world } from './fixture.ts';
import { sample } from './sample.ts';

/** A route as the built app has it. */
export interface WalkedRoute {
  readonly method: string;
  readonly url: string;
  readonly declared: Partial<Declared>;
  /** JSON schema of its parameters. */
  readonly params: { readonly properties?: Readonly<Record<string, { readonly type?: string }>> };
  /** A smallest valid body and query; undefined where it takes none. */
  readonly body: unknown;
  readonly query: unknown;
  /** Left out of the API document. */
  readonly hidden: boolean;
}

/** A request with this header ends where the guard let it pass, with this status. Nothing is done. */
const PASSED = 299;
const STOP = 'x-stop-after-guard';

/** A world, and every route that was registered for it, whichever slice did. */
export async function walkedWorld(wish: Wish = {}): Promise<{ readonly here: World; readonly routes: readonly WalkedRoute[] }> {
  const routes: WalkedRoute[] = [];
  function watch(message: unknown): void {
    const { fastify }: { fastify: FastifyInstance } = Object(message);
    fastify.addHook('onRoute', ({ method, url, config, schema }: RouteOptions) => {
      for (const each of [method].flat()) {
        const [body, query] = [schema?.body, schema?.querystring].map((part) => (part === undefined ? undefined : sample(Object(part))));
        routes.push({ method: each, url, declared: config ?? {}, params: Object(schema?.params), body, query, hidden: Object(schema).hide === true });
      }
    });
    fastify.addHook('preParsing', async (request, reply, payload) => {
      if (request.headers[STOP] === undefined) return payload;
      await reply.code(PASSED).send('');
      return payload;
    });
  }
  subscribe('fastify.initialization', watch);
  try {
    return { here: await world(wish), routes };
  } finally {
    unsubscribe('fastify.initialization', watch);
  }
}

/** When the walk's assignments and tenancies begin and end. */
const FROM = NOON;
const UNTIL = NOON + 3_600_000;
export const STAGES = { before: FROM - 1, during: FROM, after: UNTIL } as const;
export type Stage = keyof typeof STAGES;

/** Somebody of a role; `units`: only these homes of the building are his. */
export interface Actor {
  readonly name: string;
  readonly role: Role;
  readonly account: AccountRow;
  readonly single: boolean;
}

/** Row numbers of things: his, and not his. `near`: in the same building, and not his when only single homes are. */
export interface Things {
  readonly mine: number | undefined;
  readonly near: number | undefined;
  readonly theirs: number;
}

/** Kinds of which the walk knows what is whose; of the others it goes by the resolver. */
export type KnownKind = Extract<ObjectKind, 'building' | 'unit' | 'door' | 'person' | 'roster'>;

export interface Cast {
  readonly actors: readonly Actor[];
  readonly things: Readonly<Record<KnownKind, Things>>;
}

const span = { fromAt: FROM, untilAt: UNTIL };

/** An office over the building, and a grid with it in. */
async function offices({ register: { register }, building }: World): Promise<{ orgId: number; gridId: number }> {
  return register.write(async (db) => {
    const org = await db.orgUnit.create({ data: { depth: 1, kind: 'station', name: '样板派出所', covers: { create: { buildingId: building.buildingId, fromAt: 0 } } } });
    const grid = await db.grid.create({ data: { code: '890101001001001', communityCode: '890101001001', name: '一网格' } });
    await db.gridVersion.create({ data: { gridId: grid.id, n: 1, fromAt: 0, buildings: { create: { buildingId: building.buildingId } } } });
    return { orgId: org.id, gridId: grid.id };
  });
}

/** Ten roles and a landlord of one home, each with an assignment, or a tenancy, from FROM until UNTIL. */
export async function castOf(here: World): Promise<Cast> {
  const { building, other, register, site } = here;
  const home = building.units['0503'] ?? 0;
  const { personId } = await addTenant(register, { unitId: home, startAt: FROM, accessUntil: UNTIL, name: '何志远' });
  const near = await addTenant(register, { unitId: building.units['0302'] ?? 0, name: '罗刚' });
  const theirs = await addTenant(register, { unitId: other.units['0503'] ?? 0, name: '郑凯' });
  const { orgId, gridId } = await offices(here);
  const places: Readonly<Record<Role, readonly NewAssignment[]>> = {
    TEN: [],
    LL: [{ place: 'building', placeId: building.buildingId, ...span }],
    BL: [{ place: 'building', placeId: building.buildingId, ...span }],
    GW: [{ place: 'grid', placeId: gridId, ...span }],
    CL: [{ place: 'org', placeId: orgId, ...span }],
    OF: [{ place: 'org', placeId: orgId, ...span }],
    DA: [{ place: 'org', placeId: orgId, ...span }],
    SA: [{ place: 'site', placeId: 0, ...span }],
    AU: [{ place: 'site', placeId: 0, ...span }],
    PO: [{ place: 'site', placeId: 0, ...span }],
  };
  const single: NewAssignment[] = [{ place: 'unit', placeId: home, ...span }];
  async function actor(name: string, role: Role, assignments: readonly NewAssignment[]): Promise<Actor> {
    const account = await site.deps.accounts.create({ login: name, passwordHash: 'unused', role, displayName: name, assignments, personId: role === 'TEN' ? personId : null }, 0);
    return { name, role, account, single: role === 'TEN' || assignments === single };
  }
  const actors: Actor[] = [];
  for (const role of ROLES) actors.push(await actor(`walk-${role.toLowerCase()}`, role, places[role]));
  actors.push(await actor('walk-ll-home', 'LL', single));
  const things = {
    building: { mine: building.buildingId, near: undefined, theirs: other.buildingId },
    unit: { mine: home, near: building.units['0302'], theirs: other.units['0503'] ?? 0 },
    door: { mine: building.doors['D04'] ?? 0, near: building.doors['D03'], theirs: other.doors['D01'] ?? 0 },
    person: { mine: personId, near: near.personId, theirs: theirs.personId },
    roster: { mine: undefined, near: building.buildingId, theirs: other.buildingId },
  };
  return { actors, things };
}

/** Rosters by the row number of their building. */
export const ROSTERS: Rosters = {
  preview: () => Promise.reject(new Error('no roster expected')),
  find: async (id) => (id > 2 ? undefined : { buildingId: id, fileName: 'r.csv', state: 'previewed' }),
  apply: async () => undefined,
};

/** What somebody sends with every request. */
export type Credentials = Readonly<Record<string, string>>;

/** A session opened now, its second factor just given. */
export async function sessionOf(here: World, account: AccountRow): Promise<Credentials & { readonly token: string }> {
  const token = await here.site.sessions.open(account, { ...WHOLE_SESSION, strongAt: here.time.now }, undefined);
  return { token, ...credentials(token) };
}

export const credentials = (token: string): Credentials => ({ cookie: `doorbook=${token}`, 'x-csrf-token': csrfOf(token) });

/** The route's address for an object; other parameters get a value of their type. */
export function addressOf({ url, declared, params }: WalkedRoute, id: number): string {
  return url
    .replace(/:(\w+)/g, (_, name: string) => (name === declared.by || params.properties?.[name]?.type === 'integer' ? String(name === declared.by ? id : 1) : 'x'))
    .replace('*', 'x');
}

/** What the guard says: `passed`, or the code of its refusal. */
export async function verdict(here: World, route: WalkedRoute, url: string, headers: Credentials): Promise<string> {
  const response = await here.app.inject({ method: Object(route).method, url, headers: { host: 'localhost:8080', [STOP]: '1', ...headers } });
  return response.statusCode === PASSED ? 'passed' : `${response.statusCode} ${String(Object(JSON.parse(response.body || '{}')).code)}`;
}
