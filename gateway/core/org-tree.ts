/** How many levels of offices there are: district, town, village, group (S12.05). */
export const MOST_LEVELS = 4;

/** An office as the tree needs it. `depth`: 1 for one without a parent. */
export interface OrgNode {
  readonly id: number;
  readonly parentId: number | null;
  readonly depth: number;
}

/** The offices with these row numbers and all below them. Ends also on a tree that is damaged by a cycle. */
export function below(nodes: readonly OrgNode[], tops: Iterable<number>): Set<number> {
  const children = new Map<number | null, number[]>();
  for (const { id, parentId } of nodes) children.set(parentId, [...(children.get(parentId) ?? []), id]);
  const found = new Set(tops);
  for (const id of found) for (const child of children.get(id) ?? []) found.add(child);
  return found;
}

/** Why an office cannot be put somewhere: it would be below itself, or the tree too deep. */
export type Misfit = 'cycle' | 'deep';

/**
 * Levels after an office goes under another one (null: to the top) with all below it: office → depth, for those that move.
 * `id` undefined: a new office, which has nothing below it and gets the row number 0 here.
 */
export function placed(nodes: readonly OrgNode[], id: number | undefined, parentId: number | null): ReadonlyMap<number, number> | Misfit {
  const parent = nodes.find((node) => node.id === parentId);
  const depth = (parent?.depth ?? 0) + 1;
  if (id === undefined) return depth > MOST_LEVELS ? 'deep' : new Map([[0, depth]]);
  const moving: ReadonlySet<number | null> = below(nodes, [id]);
  if (moving.has(parentId)) return 'cycle';
  const from = nodes.find((node) => node.id === id)?.depth ?? depth;
  const depths = new Map(nodes.filter((node) => moving.has(node.id)).map((node) => [node.id, node.depth - from + depth] as const));
  return [...depths.values()].some((each) => each > MOST_LEVELS) ? 'deep' : depths;
}
