import { ANYBODY, type Data, type Letter, MATRIX, rightTo } from '../core/matrix.ts';
import { ROLES, type Role } from '../core/roles.ts';

/**
 * What a route's `:id` names, so that the guard can check the viewer's scope before the handler runs (`objects.ts`).
 * `list`: many rows, the handler gives out those in scope. `self`: the account's own things. `site`: the whole site.
 */
export type ObjectKind =
  | 'building'
  | 'unit'
  | 'door'
  | 'person'
  | 'account'
  | 'org'
  | 'grid'
  | 'roster'
  | 'purpose'
  | 'pendingAct'
  | 'dataRequest'
  | 'credential'
  | 'cardStop'
  | 'workGrant'
  | 'tenancy'
  | 'occupant'
  | 'moveOut'
  | 'doorAlarm'
  | 'serialLine'
  | 'lineDevice';
export type Of = ObjectKind | 'list' | 'self' | 'site' | 'open';

/** What a route declares about itself (design.md 9): data, action and scope, and from the matrix which roles. */
export interface Declared {
  readonly data: Data;
  readonly action: Letter;
  readonly of: Of;
  readonly roles: readonly Role[] | typeof ANYBODY;
  /** Name of the route's parameter that holds the object's row number. */
  readonly by: string;
  /** Asks for a second factor given within the last ten minutes: acts that reveal documents, and changes of rights. */
  readonly strong: boolean;
  /** May be done by an account that has no assignment in force: its own things. */
  readonly unassigned: boolean;
}

declare module 'fastify' {
  interface FastifyContextConfig extends Partial<Declared> {}
}

export interface Extra {
  /** Fewer roles than the matrix gives. */
  readonly only?: readonly Role[];
  /** It gives numbers about rows, never rows: roles with an aggregate right may, too. */
  readonly counts?: boolean;
  readonly strong?: boolean;
  readonly by?: string;
}

/** The declaration of a route: `config: may('door', 'R', 'door')`. Only rows of the matrix are accepted. */
export function may(data: Data, action: Letter, of: Of, { only = ROLES, counts = false, strong = false, by = 'id' }: Extra = {}): Declared {
  const open = MATRIX[data] === ANYBODY;
  const roles = open ? ANYBODY : only.filter((role) => rightTo(data, role, action, counts) !== undefined);
  return { data, action, of: open ? 'open' : of, roles, by, strong, unassigned: of === 'self' };
}

/** The declaration of what needs no account. */
export const open = (data: 'health' | 'document' | 'console' | 'signIn' | 'certificate', action: Letter = 'R'): Declared => may(data, action, 'open');

/** May somebody with this role, or nobody in particular (undefined), do this at all? Deny by default. */
export function authorise(role: Role | undefined, declared: Partial<Declared>): boolean {
  if (declared.roles === undefined) return false;
  if (declared.roles === ANYBODY) return true;
  return role !== undefined && declared.roles.includes(role);
}
