import type { AccountRow } from '../../gateway/store/accounts.ts';
import type { Role } from '../../gateway/core/roles.ts';
import { CANARIES, furnish, type Houses, leaks, type Watcher, watchersOf } from '../http/canaries.ts';
import { stateOf, WHOLE_SESSION, type World, world } from '../http/fixture.ts';
import { credentials } from '../http/matrix-walk.ts';
import { type Operation, operationsOf } from './openapi.ts';

/** Somebody who asks: a watcher of the canaries, or nobody. */
export interface Asker {
  readonly name: string;
  readonly role: Role | undefined;
  /** What his browser sends; made anew when his session has ended. */
  credentials: Readonly<Record<string, string>>;
  readonly watcher: Watcher | undefined;
}

/** A gateway's HTTP side with three houses full of canaries, and everybody who may ask. */
export interface FuzzedWorld {
  readonly here: World;
  readonly operations: readonly Operation[];
  readonly askers: readonly [Asker, ...Asker[]];
  /** Signs an asker in again. */
  renew(asker: Asker, strong: boolean): Promise<void>;
  /** Undoes what askers did to each other's accounts: they are to go on asking. */
  heal(): Promise<void>;
  /** Words of tenants in a text whose place is not the asker's, also by what was granted meanwhile. */
  leaked(asker: Asker, text: string): Promise<string[]>;
  close(): Promise<void>;
}

const buildingOf = (houses: Houses, house: 'A' | 'B' | 'S'): number => houses[house].buildingId;

async function scopeOf(here: World, account: AccountRow): Promise<{ readonly all: boolean; readonly places: ReadonlySet<number> }> {
  const scope = await here.site.deps.scopes.of(account, here.time.now);
  return { all: scope.all, places: new Set([...scope.buildings, ...scope.units.values()]) };
}

/** Opens the world, with tenants in it, and signs everybody in. */
export async function openFuzzedWorld(): Promise<FuzzedWorld> {
  const here = await world({ rosters: 'real', sim: () => ({ ok: true }) });
  const houses = await furnish(here);
  const watchers = await watchersOf(here, houses);
  for (const house of Object.values(houses)) for (const id of Object.values(house.doors)) here.states.push(stateOf(id));
  const { register } = here.register;
  const accounts = await register.read.account.findMany();
  const assignments = await register.read.assignment.findMany();
  const nobody: Asker = { name: 'nobody', role: undefined, credentials: {}, watcher: undefined };
  const operator: Asker = { name: 'operator', role: 'SA', credentials: { authorization: `Bearer ${here.site.deps.localToken}` }, watcher: undefined };
  const stranger: Asker = { name: 'stranger', role: undefined, credentials: { cookie: `doorbook=${'x'.repeat(43)}` }, watcher: undefined };
  const askers: [Asker, ...Asker[]] = [nobody, operator, stranger, ...watchers.map((watcher): Asker => ({ name: watcher.name, role: watcher.role, credentials: {}, watcher }))];

  async function renew(asker: Asker, strong: boolean): Promise<void> {
    if (asker.watcher === undefined) return;
    const token = await here.site.sessions.open(asker.watcher.account, { ...WHOLE_SESSION, strongAt: strong ? here.time.now : null }, undefined);
    asker.credentials = credentials(token);
  }

  async function heal(): Promise<void> {
    await register.write((db) =>
      db.$transaction([
        db.account.updateMany({ where: { id: { in: accounts.map(({ id }) => id) } }, data: { disabledAt: null, lockedUntil: null, failures: 0, state: 'active' } }),
        db.assignment.updateMany({ where: { id: { in: assignments.map(({ id }) => id) } }, data: { untilAt: null } }),
      ]),
    );
    await here.site.rightsChanged();
  }

  async function leaked({ watcher, role }: Asker, text: string): Promise<string[]> {
    const found = leaks(text, { told: (canary) => (watcher?.told(canary) === 'all' ? 'all' : (watcher?.told(canary) ?? 'nothing') === 'nothing' ? 'nothing' : 'all') });
    if (found.length === 0 || role === 'SA') return watcher === undefined ? [] : found;
    if (watcher === undefined) return found;
    const { all, places } = await scopeOf(here, watcher.account);
    return all ? [] : found.filter((leak) => CANARIES.some(({ house, room }) => leak.startsWith(`${house}${room}`) && !places.has(buildingOf(houses, house))));
  }

  for (const asker of askers) await renew(asker, true);
  return { here, operations: operationsOf(Object(here.app).swagger()), askers, renew, heal, leaked, close: here.close };
}
