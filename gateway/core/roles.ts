/** Role codes of domain.md 5.8: tenant, landlord or agent, building leader, grid worker, clerk, officer, district admin, system admin, auditor, privacy officer. */
export const ROLES = ['TEN', 'LL', 'BL', 'GW', 'CL', 'OF', 'DA', 'SA', 'AU', 'PO'] as const;
/** One of `ROLES`. */
export type Role = (typeof ROLES)[number];

/** Roles that sign in with a second factor always (domain.md 5.6, ASVS 6.3.3). */
export const STRONG_ROLES: ReadonlySet<Role> = new Set(['OF', 'DA', 'SA', 'AU', 'PO']);

/** Kinds of place an assignment gives: the whole site, an office, an area, a grid, a building, a unit. */
export const PLACE_KINDS = ['site', 'org', 'area', 'grid', 'building', 'unit'] as const;
/** One of `PLACE_KINDS`. */
export type PlaceKind = (typeof PLACE_KINDS)[number];

/** Which kinds of place a role may be assigned to; a tenant has none, his tenancies are his scope. */
export const PLACES_OF: Readonly<Record<Role, readonly PlaceKind[]>> = {
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
