import { type Frontier, frontierRoot, type HashOf, nodeHash } from './merkle.ts';

/**
 * Proofs over the Merkle tree of `merkle.ts`: RFC 9162 section 2.1.3 (a leaf is in the tree) and 2.1.4 (a tree is the
 * beginning of a later one). Making them asks for the roots of full subtrees; checking them needs nothing but hashes.
 */

/** Root of the full subtree of 2^level leaves that begins at leaf n × 2^level; level 0 is the leaf hash itself. */
export type NodeOf = (level: number, n: number) => Uint8Array;

/** Largest power of two below `count`, which is at least 2. */
function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

/** What must be kept of the first `size` leaves to go on appending. */
export function frontierOf(nodeOf: NodeOf, size: number): Frontier {
  const roots: Uint8Array[] = [];
  let from = 0;
  for (let level = 52; level >= 0; level -= 1) {
    const leaves = 2 ** level;
    if (size - from < leaves) continue;
    roots.push(nodeOf(level, from / leaves));
    from += leaves;
  }
  return { size, roots };
}

/** Root of the leaves from `from` on and before `to`. `from` must be a multiple of the largest power of two in `to - from`. */
export function rangeRoot(nodeOf: NodeOf, [from, to]: readonly [number, number], hash: HashOf): Uint8Array {
  const frontier = frontierOf((level, n) => nodeOf(level, n + from / 2 ** level), to - from);
  return frontierRoot(frontier, hash);
}

const checkedRange = (what: string, value: number, least: number, most: number): void => {
  if (!Number.isSafeInteger(value) || value < least || value > most) throw new RangeError(`${what}: expected ${least} to ${most}, got ${value}`);
};

/** Hashes that lead from a leaf to the root of the first `size` leaves, lowest first (PATH of RFC 9162 2.1.3.1). Throws RangeError. */
export function inclusionProof(nodeOf: NodeOf, index: number, size: number, hash: HashOf): Uint8Array[] {
  checkedRange('size', size, 1, Number.MAX_SAFE_INTEGER);
  checkedRange('index', index, 0, size - 1);
  const path: Uint8Array[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    const left = index < middle;
    path.push(rangeRoot(nodeOf, left ? [middle, to] : [from, middle], hash));
    [from, to] = left ? [from, middle] : [middle, to];
  }
  return path.reverse();
}

/** Hashes that show the tree of `from` leaves to be the beginning of that of `to` (PROOF of RFC 9162 2.1.4.1). Throws RangeError. */
export function consistencyProof(nodeOf: NodeOf, from: number, to: number, hash: HashOf): Uint8Array[] {
  checkedRange('to', to, 1, Number.MAX_SAFE_INTEGER);
  checkedRange('from', from, 1, to);
  const path: Uint8Array[] = [];
  let [low, high] = [0, to];
  // Whether the old tree is still the whole of what is left: then its root is known to whoever checks.
  while (high !== from) {
    const middle = low + splitOf(high - low);
    const left = from <= middle;
    path.push(rangeRoot(nodeOf, left ? [middle, high] : [low, middle], hash));
    [low, high] = left ? [low, middle] : [middle, high];
  }
  if (low > 0) path.push(rangeRoot(nodeOf, [low, high], hash));
  return path.reverse();
}

const half = (value: number): number => Math.floor(value / 2);

/** A leaf's place in a tree and the way to its root. */
export interface Inclusion {
  readonly index: number;
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** The root that a proof leads to, to be compared with a signed one; undefined when it has not the form of one (RFC 9162 2.1.3.2). */
export function rootOfInclusion({ index, size, leaf, proof }: Inclusion, hash: HashOf): Uint8Array | undefined {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return undefined;
  let [node, last] = [index, size - 1];
  let root = leaf;
  for (const step of proof) {
    if (last === 0) return undefined;
    if (node % 2 === 1 || node === last) {
      root = nodeHash(step, root, hash);
      // Not 0: it would be the last, which is seen above.
      while (node % 2 === 0) [node, last] = [half(node), half(last)];
    } else root = nodeHash(root, step, hash);
    [node, last] = [half(node), half(last)];
  }
  return last === 0 ? root : undefined;
}

/** Two trees of one log by size and root, and what is said to lead from one to the other. */
export interface Consistency {
  readonly from: number;
  readonly to: number;
  readonly fromRoot: Uint8Array;
  readonly toRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, at) => byte === b[at]);

/** Is the older tree really the beginning of the newer one? (RFC 9162 2.1.4.2) */
export function isConsistent({ from, to, fromRoot, toRoot, proof }: Consistency, hash: HashOf): boolean {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 1 || from > to) return false;
  if (from === to) return proof.length === 0 && same(fromRoot, toRoot);
  let [node, last] = [from - 1, to - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  // A power of two is a subtree of its own: its root is where the proof begins.
  const steps = node === 0 ? [fromRoot, ...proof] : proof;
  // With too few steps the way does not end at the last leaf.
  const [first = fromRoot, ...rest] = steps;
  let [older, newer] = [first, first];
  for (const step of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      older = nodeHash(step, older, hash);
      newer = nodeHash(step, newer, hash);
      while (node % 2 === 0) [node, last] = [half(node), half(last)];
    } else newer = nodeHash(newer, step, hash);
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && same(older, fromRoot) && same(newer, toRoot);
}
