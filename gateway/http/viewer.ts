import type { Role } from '../core/roles.ts';
import { EVERYWHERE, type Scope } from '../core/scope.ts';
import type { SessionRow } from '../store/accounts.ts';
import { refusal } from './problem.ts';

/** Who is asking, and which places he may see. */
export interface Viewer {
  /** 0: the local operator on the command line. */
  readonly accountId: number;
  readonly login: string;
  readonly displayName: string;
  readonly role: Role;
  readonly scope: Scope;
  /** The person in the register behind a tenant's account. */
  readonly personId: number | null;
  /** When a second factor was last given in this session, epoch ms; null: never. */
  readonly strongAt: number | null;
  /** factor: the password was right, the second factor is asked; enrol: one must be set up first. */
  readonly step: 'factor' | 'enrol' | 'full';
  /** Pairs data:action a personal access token is limited to; undefined: no token, the role's rights. */
  readonly pairs: ReadonlySet<string> | undefined;
}

export const LOCAL_OPERATOR: Viewer = {
  accountId: 0,
  login: 'local',
  displayName: 'local operator',
  role: 'SA',
  scope: EVERYWHERE,
  personId: null,
  strongAt: Number.POSITIVE_INFINITY,
  step: 'full',
  pairs: undefined,
};

/** Who a session is, with the places that are his now. */
export function viewerOf({ account, step, strongAt }: Pick<SessionRow, 'account' | 'step' | 'strongAt'>, scope: Scope): Viewer {
  const { id, login, displayName, role, personId } = account;
  return { accountId: id, login, displayName, role, personId, scope, step, strongAt, pairs: undefined };
}

/** Is any place his at this moment? */
export const assigned = ({ scope }: Viewer): boolean => scope.all || scope.held === true || scope.buildings.size > 0 || scope.units.size > 0;

/** How long a second factor counts for acts that ask for one. */
const STRONG_MS = 10 * 60_000;

/** Was a second factor given lately? `now`: epoch ms. */
export const isStrong = ({ strongAt }: Viewer, now: number): boolean => strongAt !== null && now - strongAt < STRONG_MS;

/** The whole building is his. */
export const inScope = ({ scope }: Viewer, buildingId: number): boolean => scope.all || scope.buildings.has(buildingId);

/** The building, or a home in it, is his: he may know its facts and shared doors. */
export const touches = (viewer: Viewer, buildingId: number): boolean => inScope(viewer, buildingId) || [...viewer.scope.units.values()].includes(buildingId);

/** Buildings that are his, or hold a home of his, unless his scope is everything. */
export const touched = ({ scope }: Viewer): number[] => [...new Set([...scope.buildings, ...scope.units.values()])];

/** The home is his, by itself or with its building. */
export const hasUnit = (viewer: Viewer, unit: { readonly id: number; readonly buildingId: number }): boolean => inScope(viewer, unit.buildingId) || viewer.scope.units.has(unit.id);

/** A door is his: any door of a building that is wholly his, else the shared ones and those of his homes. */
export const hasDoor = (viewer: Viewer, door: { readonly buildingId: number; readonly unitId: number | null }): boolean =>
  inScope(viewer, door.buildingId) || (door.unitId === null ? touches(viewer, door.buildingId) : viewer.scope.units.has(door.unitId));

/**
 * The row, when it exists and the viewer may see it. Otherwise one and the same 404 for both,
 * so that nobody learns from the answer what exists elsewhere.
 */
export function seen<R>(viewer: Viewer, found: R | undefined, may: (row: R) => boolean): R {
  if (found !== undefined && may(found)) return found;
  throw refusal(viewer.scope.all ? 'NOT_FOUND' : 'SCOPE_DENIED');
}
