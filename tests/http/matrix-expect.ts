import { ANYBODY, rightsOf } from '../../gateway/core/matrix.ts';
import type { ObjectKind } from '../../gateway/http/permissions.ts';
import type { Viewer } from '../../gateway/http/viewer.ts';
import type { World } from './fixture.ts';
import { type Actor, addressOf, type Cast, type KnownKind, sessionOf, type Stage, STAGES, type Things, verdict, type WalkedRoute } from './matrix-walk.ts';

/** Nothing of any kind has this row number. */
const NOTHING = 4_000_000_000;
const isKnown = (cast: Cast, of: string): of is KnownKind => Object.hasOwn(cast.things, of);
const isKind = (of: string): of is ObjectKind => !['list', 'self', 'site', 'open'].includes(of);

/** Row numbers to ask a route for, each with whether it is in the actor's scope. */
async function objectsOf(here: World, cast: Cast, of: ObjectKind, { actor, viewer }: { actor: Actor; viewer: Viewer }): Promise<(readonly [id: number, his: boolean])[]> {
  if (!isKnown(cast, of)) {
    // Whose these are is the business of other tests; that the guard asks is ours.
    const ask = here.site.objects[of];
    const some = [1, 2, viewer.accountId];
    const asked = await Promise.all(some.map(async (id) => [id, await ask(viewer, id)] as const));
    return [...asked, [NOTHING, false]];
  }
  const { mine, near, theirs }: Things = cast.things[of];
  const whole = ['SA', 'AU', 'PO'].includes(actor.role);
  const asked = [
    [mine, true],
    [near, !actor.single],
    [theirs, whole],
    [NOTHING, false],
  ] as const;
  return asked.flatMap(([id, his]) => (id === undefined ? [] : [[id, his] as const]));
}

/** What matrix, assignment and scope say before the object is looked at; undefined: it depends on the object. */
function beforeObject({ declared }: WalkedRoute, { role }: Actor, stage: Stage): string | undefined {
  const { data = 'console', action = 'R', of = 'site', roles = [], unassigned } = declared;
  if (roles === ANYBODY) return 'passed';
  // By the table itself, not by what `may` made of it.
  if (!rightsOf(data, role).some(({ letters }) => letters.has(action)) || !roles.includes(role)) return '403 NOT_ALLOWED';
  if (stage !== 'during' && unassigned !== true) return '403 NOT_ASSIGNED';
  if (of === 'site') return ['SA', 'AU', 'PO'].includes(role) ? 'passed' : '404 SCOPE_DENIED';
  return isKind(of) ? undefined : 'passed';
}

export interface Walk {
  readonly here: World;
  readonly routes: readonly WalkedRoute[];
  readonly cast: Cast;
  /** In the order of time. */
  readonly stages: readonly Stage[];
  /** Not everybody is asked for every route, but for each one who may, one who may not, and the landlord of a single home. */
  readonly few?: boolean;
}

/** Another pair for each route, so that every role comes about. */
function fewOf({ routes, cast }: Walk): (route: WalkedRoute, actor: Actor) => boolean {
  const chosen = new Map<WalkedRoute, Set<Actor>>();
  for (const [at, route] of routes.entries()) {
    const { roles = [] } = route.declared;
    const allowed = cast.actors.filter(({ role }) => roles === ANYBODY || roles.includes(role));
    const others = cast.actors.filter((actor) => !allowed.includes(actor));
    const picked = [allowed[at % Math.max(1, allowed.length)], others[at % Math.max(1, others.length)], allowed.find(({ name }) => name.endsWith('home'))];
    chosen.set(route, new Set(picked.filter((actor) => actor !== undefined)));
  }
  return (route, actor) => chosen.get(route)?.has(actor) === true;
}

/** Asks every route as everybody, for what is his and what is not. What came otherwise than matrix and scope say, in words. */
export async function walk(walking: Walk): Promise<{ readonly wrong: string[]; readonly asked: number }> {
  const { here, routes, cast, stages } = walking;
  const wanted = walking.few === true ? fewOf(walking) : () => true;
  const wrong: string[] = [];
  let asked = 0;
  async function ask(route: WalkedRoute, headers: Awaited<ReturnType<typeof sessionOf>>, about: { id: number; expected: string; who: string }): Promise<void> {
    const { token: _, ...sent } = headers;
    const got = await verdict(here, route, addressOf(route, about.id), sent);
    asked += 1;
    if (got !== about.expected) wrong.push(`${route.method} ${route.url} (${route.declared.of} ${about.id}) as ${about.who}: ${got}, expected ${about.expected}`);
  }
  for (const stage of stages) {
    here.time.now = STAGES[stage];
    for (const actor of cast.actors) {
      const session = await sessionOf(here, actor.account);
      const viewer = await here.site.sessions.resolve(session.token, false);
      if (viewer === undefined) throw new Error(`${actor.name}: no session`);
      const who = `${actor.name} ${stage}`;
      for (const route of routes.filter((each) => each.method !== 'HEAD' && wanted(each, actor))) {
        const first = beforeObject(route, actor, stage);
        const { of = 'site' } = route.declared;
        if (first !== undefined || !isKind(of)) await ask(route, session, { id: 1, expected: first ?? 'passed', who });
        else
          for (const [id, his] of await objectsOf(here, cast, of, { actor, viewer }))
            await ask(route, session, { id, expected: his ? 'passed' : viewer.scope.all ? '404 NOT_FOUND' : '404 SCOPE_DENIED', who });
      }
    }
  }
  return { wrong, asked };
}
