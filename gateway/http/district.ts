import type { Role } from '../core/roles.ts';
import type { PlaceWish } from '../register/assign.ts';
import type { District } from '../store/orgs.ts';
import type { OfficeParts } from './offices.ts';
import { refusal } from './problem.ts';
import { hasUnit, inScope, type Viewer } from './viewer.ts';

/** What somebody administers: everything, or for a district administrator his district (domain.md 5.5). */
export interface Administered {
  readonly all: boolean;
  readonly district: District;
  /** Is an office his, and not the one he is assigned to himself? */
  below(orgId: number): boolean;
  has(orgId: number | null): boolean;
  /** Does a division, grid or building code lie in it? */
  covers(code: string): boolean;
}

export async function administered({ offices, deps }: OfficeParts, viewer: Viewer): Promise<Administered> {
  const { all } = viewer.scope;
  const district = await offices.orgs.district(viewer.accountId, deps.clock());
  const { tops, orgs, prefixes } = district;
  return {
    all,
    district,
    below: (orgId) => all || (orgs.has(orgId) && !tops.has(orgId)),
    has: (orgId) => all || (orgId !== null && orgs.has(orgId)),
    covers: (code) => all || prefixes.some((prefix) => code.startsWith(prefix)),
  };
}

/** Is a grid his: its community lies in his district, or its area belongs to one of his offices? */
export async function hasGrid(parts: OfficeParts, mine: Administered, gridId: number): Promise<boolean> {
  const grid = await parts.offices.grids.find(gridId);
  if (grid === undefined) return false;
  if (mine.covers(grid.communityCode)) return true;
  return grid.areaId !== null && mine.has((await parts.offices.orgs.area(grid.areaId))?.orgId ?? null);
}

/** May he give somebody this place? Only what is his own. */
export async function mayGive(parts: OfficeParts, viewer: Viewer, { place, placeId }: PlaceWish): Promise<boolean> {
  if (viewer.scope.all) return true;
  const mine = await administered(parts, viewer);
  if (place === 'org') return mine.has(placeId);
  if (place === 'grid') return hasGrid(parts, mine, placeId);
  if (place === 'area') return mine.has((await parts.offices.orgs.area(placeId))?.orgId ?? null);
  if (place === 'building') return inScope(viewer, placeId);
  if (place !== 'unit') return false;
  const unit = await parts.deps.homes.unitPlace(placeId);
  return unit !== undefined && hasUnit(viewer, unit);
}

/** Everybody who works for an office; their accounts are made by two persons (domain.md 5.6, 5.8). */
export const OFFICE_ROLES: ReadonlySet<Role> = new Set(['GW', 'CL', 'OF', 'DA', 'SA', 'AU', 'PO']);
const OF_DISTRICT: ReadonlySet<Role> = new Set(['LL', 'BL', 'GW', 'CL', 'DA']);
/** Roles whose accounts a district administrator does not even see. */
export const OVER_DISTRICTS = ['SA', 'AU', 'PO', 'TEN'] as const satisfies readonly Role[];

/** May the viewer administer accounts of this role? A district administrator neither the police nor the site's own offices. */
export const administers = (viewer: Viewer, role: Role): boolean => (viewer.scope.all ? viewer.role === 'SA' : viewer.role === 'DA' && OF_DISTRICT.has(role));

/** Refuses ROLE_NOT_YOURS where `administers` says no. */
export function needAdministers(viewer: Viewer, role: Role): void {
  if (!administers(viewer, role)) throw refusal('ROLE_NOT_YOURS', { field: 'role' });
}

/** Does this need a second person? Whatever an administrator of the whole site does for an office role. */
export const needsSecond = (viewer: Viewer, role: Role): boolean => viewer.role === 'SA' && OFFICE_ROLES.has(role);
