/** How somebody who lives in a home belongs to its tenant (domain.md 3.6). */
export const RELATIONS = ['spouse', 'child', 'parent', 'relative', 'friend', 'colleague', 'other'] as const;
/** One of them. */
export type Relation = (typeof RELATIONS)[number];

const FAMILY: ReadonlySet<string> = new Set(['spouse', 'child', 'parent', 'relative']);
/** Cities that limit a room to two people leave families out (L-45, L-46). */
const MOST_UNRELATED = 2;

/** Do so many people live together who are no family that a city may limit it? A warning: no rule of one place is a rule everywhere. `relations`: '' for a tenant. */
export const mayBeCrowded = (relations: readonly string[]): boolean => relations.filter((relation) => !FAMILY.has(relation)).length > MOST_UNRELATED;
