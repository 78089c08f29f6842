/**
 * Merkle tree hashing of RFC 6962 section 2.1 (the same tree as RFC 9162). The hash is passed in, so the tree is
 * pure; leaves come in as their hashes, SHA-256(00 ‖ leaf).
 */

/** A hash over bytes, SHA-256 in this program. */
export type HashOf = (bytes: Uint8Array) => Uint8Array;

/**
 * What must be kept to go on appending: the roots of the full subtrees, largest first, one for each bit set in
 * `size`. 64 hashes at most, however long the log.
 */
export interface Frontier {
  readonly size: number;
  readonly roots: readonly Uint8Array[];
}

/** The tree without leaves. */
export const EMPTY_FRONTIER: Frontier = { size: 0, roots: [] };

/** Hash of an inner node: H(01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array, hash: HashOf): Uint8Array {
  const bytes = new Uint8Array(1 + left.length + right.length);
  bytes[0] = 1;
  bytes.set(left, 1);
  bytes.set(right, 1 + left.length);
  return hash(bytes);
}

/**
 * The frontier with one more leaf. Two subtrees of one size become one, as a carry in binary addition. `made` is told
 * of each of them, with its level (the subtree has 2^level leaves), lowest first.
 */
export function withLeaf(frontier: Frontier, leaf: Uint8Array, hash: HashOf, made?: (level: number, root: Uint8Array) => void): Frontier {
  const roots = [...frontier.roots];
  let node = leaf;
  let level = 0;
  for (let rest = frontier.size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
    const left = roots.pop();
    if (left === undefined) throw new RangeError(`frontier of size ${frontier.size} lacks a root`);
    node = nodeHash(left, node, hash);
    level += 1;
    made?.(level, node);
  }
  roots.push(node);
  return { size: frontier.size + 1, roots };
}

/** Root hash of the tree so far; of no leaves, the hash of nothing. */
export function frontierRoot(frontier: Frontier, hash: HashOf): Uint8Array {
  const last = frontier.roots.at(-1);
  if (last === undefined) return hash(new Uint8Array(0));
  return frontier.roots.slice(0, -1).reduceRight((right, left) => nodeHash(left, right, hash), last);
}

/** Root hash over leaf hashes, by the definition: split at the largest power of two below the count. */
export function merkleRoot(leaves: readonly Uint8Array[], hash: HashOf): Uint8Array {
  const [only] = leaves;
  if (only === undefined) return hash(new Uint8Array(0));
  if (leaves.length === 1) return only;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(merkleRoot(leaves.slice(0, split), hash), merkleRoot(leaves.slice(split), hash), hash);
}
