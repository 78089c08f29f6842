/** The places an account may see now, computed from its assignments in force, or for a tenant from his tenancies. */
export interface Scope {
  readonly all: boolean;
  /** Whole buildings, by row number. */
  readonly buildings: ReadonlySet<number>;
  /** Single homes in buildings that are not wholly his: unit → building. */
  readonly units: ReadonlyMap<number, number>;
  /** When this changes by itself: the next start or end of an assignment, epoch ms; Infinity when never. */
  readonly until: number;
  /** An assignment is in force, also when no building lies in its place yet: a new district, a grid that was just cut. */
  readonly held?: boolean;
}

/** No place at all. */
export const NOWHERE: Scope = { all: false, buildings: new Set(), units: new Map(), until: Number.POSITIVE_INFINITY };
/** Everything this gateway has. */
export const EVERYWHERE: Scope = { ...NOWHERE, all: true };
