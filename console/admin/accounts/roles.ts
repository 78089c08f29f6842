import type { PlaceKind } from '../../../gateway/http/schemas/accounts.ts';
import type { Role } from '../../../gateway/http/schemas/session.ts';

/** Kinds of place a role may be given, the usual one first; as gateway/core/roles.ts says, which decides. */
export const PLACES: Readonly<Record<Role, readonly PlaceKind[]>> = {
  TEN: [],
  LL: ['building', 'unit'],
  BL: ['building'],
  GW: ['grid'],
  CL: ['org'],
  OF: ['org', 'grid'],
  DA: ['org'],
  SA: ['site'],
  AU: ['site'],
  PO: ['site'],
};

const OFFICE: ReadonlySet<Role> = new Set(['GW', 'CL', 'OF', 'DA', 'SA', 'AU', 'PO']);
/** Does somebody of this role work for an office? Then the number of the natural person is needed. */
export const isOffice = (role: Role): boolean => OFFICE.has(role);
/** Does what `mine` does for an account of this role wait for a second person? */
export const waitsForSecond = (mine: Role | undefined, role: Role): boolean => mine === 'SA' && isOffice(role);
/** Roles whose accounts somebody may make. */
export const makes = (mine: Role | undefined): readonly Role[] => (mine === 'DA' ? ['CL', 'GW', 'BL', 'LL', 'DA'] : ['LL', 'BL', 'GW', 'CL', 'OF', 'DA', 'SA', 'AU', 'PO', 'TEN']);
