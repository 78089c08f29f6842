import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMPTY_FRONTIER, frontierRoot, merkleRoot, withLeaf } from '../../gateway/core/merkle.ts';
import { consistencyProof, frontierOf, inclusionProof, isConsistent, type NodeOf, rangeRoot, rootOfInclusion } from '../../gateway/core/merkle-proof.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const hex = (bytes: Uint8Array | undefined): string => (bytes === undefined ? 'none' : Buffer.from(bytes).toString('hex'));
const leafHash = (text: string): Uint8Array => sha256(Buffer.concat([Buffer.of(0), Buffer.from(text, 'hex')]));
const LEAVES = Array.from({ length: 70 }, (_, n) => leafHash(n.toString(16).padStart(4, '0')));
/** Sizes of which each is tried with each: their pairs take half a second. */
const EVERY = 40;
function nodesOf(leaves: readonly Uint8Array[]): NodeOf {
  const known = new Map<string, Uint8Array>();
  return (level, n) => {
    const node = known.get(`${level} ${n}`) ?? merkleRoot(leaves.slice(n * 2 ** level, (n + 1) * 2 ** level), sha256);
    known.set(`${level} ${n}`, node);
    return node;
  };
}
const rootOf = (size: number, leaves = LEAVES): Uint8Array => merkleRoot(leaves.slice(0, size), sha256);
const NODES = nodesOf(LEAVES);

// The seven leaves of RFC 6962 2.1.3, whose proofs the standard spells out by the letters of its picture.
const D = LEAVES.slice(0, 7);
const pair = (a: Uint8Array, b: Uint8Array): Uint8Array => sha256(Buffer.concat([Buffer.of(1), a, b]));
const leaf = (n: number): Uint8Array => D[n] ?? new Uint8Array();
const [g, h, i, j] = [pair(leaf(0), leaf(1)), pair(leaf(2), leaf(3)), pair(leaf(4), leaf(5)), leaf(6)];
const [k, l] = [pair(g, h), pair(i, j)];

describe('proofs of the Merkle tree', () => {
  test.each([
    [0, 7, [leaf(1), h, l]],
    [3, 7, [leaf(2), g, l]],
    [4, 7, [leaf(5), j, k]],
    [6, 7, [i, k]],
  ] as const)('leaf %i in %i leaves is proven as RFC 6962 2.1.3 says', (index, size, proof) => {
    expect(inclusionProof(nodesOf(D), index, size, sha256).map(hex)).toEqual(proof.map(hex));
  });

  test.each([
    [3, 7, [leaf(2), leaf(3), g, l]],
    [4, 7, [l]],
    [6, 7, [i, j, k]],
  ] as const)('%i leaves as the beginning of %i are proven as RFC 6962 2.1.3 says', (from, to, proof) => {
    expect(consistencyProof(nodesOf(D), from, to, sha256).map(hex)).toEqual(proof.map(hex));
  });

  test('every leaf of every size up to 40 is proven, and for no other place or size', () => {
    for (let size = 1; size <= EVERY; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const proof = inclusionProof(NODES, index, size, sha256);
        const given = { index, size, leaf: LEAVES[index] ?? new Uint8Array(), proof };
        expect(hex(rootOfInclusion(given, sha256))).toBe(hex(rootOf(size)));
        if (size > 1) expect(hex(rootOfInclusion({ ...given, index: (index + 1) % size }, sha256))).not.toBe(hex(rootOf(size)));
        expect(hex(rootOfInclusion({ ...given, proof: [...proof, leafHash('ff')] }, sha256))).toBe('none');
        if (proof.length > 0) expect(hex(rootOfInclusion({ ...given, proof: proof.slice(1) }, sha256))).toBe('none');
      }
    }
  });

  test('every size is proven to begin every later one, and another history is not', () => {
    const others = LEAVES.map((each, n) => (n === 1 ? leafHash('ffff') : each));
    for (let to = 1; to <= EVERY; to += 1) {
      for (let from = 1; from <= to; from += 1) {
        const proof = consistencyProof(NODES, from, to, sha256);
        const given = { from, to, fromRoot: rootOf(from), toRoot: rootOf(to), proof };
        expect(isConsistent(given, sha256)).toBe(true);
        if (from === to) continue;
        expect(isConsistent({ ...given, proof: [...proof, leafHash('ff')] }, sha256)).toBe(false);
        expect(isConsistent({ ...given, proof: proof.slice(1) }, sha256)).toBe(false);
        if (from > 1) expect(isConsistent({ ...given, fromRoot: rootOf(from, others) }, sha256)).toBe(false);
        if (from > 1) expect(isConsistent({ ...given, toRoot: rootOf(to, others) }, sha256)).toBe(false);
      }
    }
  });

  test('one size with two roots is never consistent, and with one root only without steps', () => {
    expect(isConsistent({ from: 5, to: 5, fromRoot: rootOf(5), toRoot: rootOf(4), proof: [] }, sha256)).toBe(false);
    expect(isConsistent({ from: 5, to: 5, fromRoot: rootOf(5), toRoot: rootOf(5), proof: [] }, sha256)).toBe(true);
    expect(isConsistent({ from: 5, to: 5, fromRoot: rootOf(5), toRoot: rootOf(5), proof: [leafHash('00')] }, sha256)).toBe(false);
    expect(isConsistent({ from: 6, to: 5, fromRoot: rootOf(6), toRoot: rootOf(5), proof: [] }, sha256)).toBe(false);
    expect(isConsistent({ from: 0, to: 5, fromRoot: rootOf(0), toRoot: rootOf(5), proof: [] }, sha256)).toBe(false);
  });

  test('what leaves the size behind is refused by name', () => {
    expect(() => inclusionProof(NODES, 7, 7, sha256)).toThrow('index: expected 0 to 6, got 7');
    expect(() => inclusionProof(NODES, 0, 0, sha256)).toThrow(/^size: expected 1/);
    expect(() => consistencyProof(NODES, 8, 7, sha256)).toThrow('from: expected 1 to 7, got 8');
    expect(() => consistencyProof(NODES, 0, 7, sha256)).toThrow('from: expected 1 to 7, got 0');
    expect(rootOfInclusion({ index: -1, size: 7, leaf: leaf(0), proof: [] }, sha256)).toBeUndefined();
    expect(rootOfInclusion({ index: 7, size: 7, leaf: leaf(0), proof: [] }, sha256)).toBeUndefined();
    expect(rootOfInclusion({ index: 0.5, size: 7, leaf: leaf(0), proof: [] }, sha256)).toBeUndefined();
    expect(() => consistencyProof(NODES, 1, 0, sha256)).toThrow(/^to: expected 1/);
  });

  test('a place that is none leads nowhere, however many steps are given for it', () => {
    for (const [index, size] of [
      [7, 7],
      [8, 7],
      [-1, 7],
      [0.5, 7],
      [Number.NaN, 7],
      [0, 6.5],
      [0, Number.NaN],
      [0, 2 ** 53],
    ] as const)
      for (let steps = 0; steps <= 60; steps += 1)
        expect(rootOfInclusion({ index, size, leaf: leaf(0), proof: Array(steps).fill(leaf(1)) }, sha256), `${index} of ${size}, ${steps} steps`).toBeUndefined();
  });

  test('sizes that are none are never consistent, also where the hashes would fit', () => {
    const [one, two] = [rootOf(1), rootOf(2)];
    const either = pair(leaf(1), leaf(0));
    expect(isConsistent({ from: 1, to: 2, fromRoot: one, toRoot: two, proof: [leaf(1)] }, sha256)).toBe(true);
    expect(isConsistent({ from: 0, to: 1, fromRoot: one, toRoot: one, proof: [one] }, sha256)).toBe(false);
    expect(isConsistent({ from: 1.5, to: 2, fromRoot: one, toRoot: two, proof: [one, leaf(1)] }, sha256)).toBe(false);
    expect(isConsistent({ from: 1, to: 2.5, fromRoot: one, toRoot: two, proof: [leaf(1)] }, sha256)).toBe(false);
    expect(isConsistent({ from: 6, to: 5, fromRoot: either, toRoot: either, proof: [leaf(0), leaf(1)] }, sha256)).toBe(false);
  });

  test('a proof that ends before the newer tree does, or none at all, proves nothing', () => {
    expect(isConsistent({ from: 1, to: 4, fromRoot: rootOf(1), toRoot: rootOf(2), proof: [leaf(1)] }, sha256)).toBe(false);
    for (const [from, to] of [
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 7],
      [6, 7],
    ] as const)
      expect(isConsistent({ from, to, fromRoot: rootOf(from), toRoot: rootOf(from), proof: [] }, sha256), `${from} ${to}`).toBe(false);
  });

  test('a root with a byte too many or too few is another root', () => {
    const given = { from: 5, to: 5, fromRoot: rootOf(5), toRoot: rootOf(5), proof: [] };
    expect(isConsistent({ ...given, toRoot: Uint8Array.of(...rootOf(5), 0) }, sha256)).toBe(false);
    expect(isConsistent({ ...given, toRoot: rootOf(5).slice(0, 31) }, sha256)).toBe(false);
  });

  test('a frontier made from nodes goes on as the one that grew leaf by leaf, and tells of the subtrees it completes', () => {
    fc.assert(
      fc.property(fc.nat(69), (size) => {
        const grown = LEAVES.slice(0, size).reduce((frontier, each) => withLeaf(frontier, each, sha256), EMPTY_FRONTIER);
        const found = frontierOf(NODES, size);
        expect(found.roots.map(hex)).toEqual(grown.roots.map(hex));
        const made: string[] = [];
        const next = withLeaf(found, LEAVES[size] ?? new Uint8Array(), sha256, (level, root) => made.push(`${level} ${hex(root)}`));
        expect(hex(frontierRoot(next, sha256))).toBe(hex(rootOf(size + 1)));
        const complete = [1, 2, 3, 4, 5, 6].filter((level) => (size + 1) % 2 ** level === 0);
        expect(made).toEqual(complete.map((level) => `${level} ${hex(NODES(level, (size + 1) / 2 ** level - 1))}`));
      }),
    );
    expect(hex(rangeRoot(NODES, [64, 70], sha256))).toBe(hex(merkleRoot(LEAVES.slice(64, 70), sha256)));
  });
});
