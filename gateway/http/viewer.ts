import type { SessionRow } from '../store/accounts.ts';
import { refusal } from './problem.ts';
import type { Role } from './schemas/session.ts';

/** Who is asking, and which buildings he may see. */
export interface Viewer {
  /** 0: the local operator on the command line. */
  readonly accountId: number;
  readonly login: string;
  readonly displayName: string;
  readonly role: Role;
  readonly scope: 'all' | ReadonlySet<number>;
}

export const LOCAL_OPERATOR: Viewer = { accountId: 0, login: 'local', displayName: 'local operator', role: 'SA', scope: 'all' };

export function viewerOf({ account }: Pick<SessionRow, 'account'>): Viewer {
  const { id, login, displayName, role, buildingIds } = account;
  return { accountId: id, login, displayName, role, scope: role === 'SA' ? 'all' : new Set(buildingIds) };
}

export const inScope = (viewer: Viewer, buildingId: number): boolean => viewer.scope === 'all' || viewer.scope.has(buildingId);

/**
 * The row, when it exists and lies in the viewer's buildings. Otherwise one and the same 404 for both,
 * so that nobody learns from the answer what exists elsewhere.
 */
export function seen<R>(viewer: Viewer, found: R | undefined, buildingOf: (row: R) => number): R {
  if (found !== undefined && inScope(viewer, buildingOf(found))) return found;
  throw refusal(viewer.scope === 'all' ? 'NOT_FOUND' : 'SCOPE_DENIED');
}
