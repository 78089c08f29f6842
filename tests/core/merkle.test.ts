import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMPTY_FRONTIER, frontierRoot, merkleRoot, withLeaf } from '../../gateway/core/merkle.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const leafHash = (hex: string): Uint8Array => sha256(Buffer.concat([Buffer.of(0), Buffer.from(hex, 'hex')]));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

// The leaves and roots the certificate-transparency project publishes for RFC 6962 2.1, checked with python3 hashlib.
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(leafHash);
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('the Merkle tree of RFC 6962', () => {
  test.each(ROOTS.map((root, size) => [size, root] as const))('the root of the first %i published leaves is the published one', (size, root) => {
    expect(hex(merkleRoot(LEAVES.slice(0, size), sha256))).toBe(root);
    expect(
      hex(
        frontierRoot(
          LEAVES.slice(0, size).reduce((frontier, leaf) => withLeaf(frontier, leaf, sha256), EMPTY_FRONTIER),
          sha256,
        ),
      ),
    ).toBe(root);
  });

  test('appending leaf by leaf gives the root of the definition at every size', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 70, size: 'max' }), (leaves) => {
        const frontier = leaves.reduce((sofar, leaf) => withLeaf(sofar, leaf, sha256), EMPTY_FRONTIER);
        expect(hex(frontierRoot(frontier, sha256))).toBe(hex(merkleRoot(leaves, sha256)));
        expect(frontier.size).toBe(leaves.length);
      }),
      { numRuns: 60 },
    );
  });

  test('a frontier that lacks a root is not gone on with', () => {
    expect(() => withLeaf({ size: 1, roots: [] }, leafHash('00'), sha256)).toThrow(RangeError);
  });

  test('the frontier keeps one root for each bit of the size', () => {
    let frontier = EMPTY_FRONTIER;
    for (let size = 1; size <= 300; size += 1) {
      frontier = withLeaf(frontier, leafHash('00'), sha256);
      expect(frontier.roots).toHaveLength(size.toString(2).replaceAll('0', '').length);
    }
  });
});
