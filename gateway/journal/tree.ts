import { merkleRoot } from '../core/merkle.ts';
import type { NodeOf } from '../core/merkle-proof.ts';
import type { LogRow, ProofRows } from '../store/journal-proofs.ts';
import { sha256 } from './sha256.ts';

/** Levels of the tree that one tile spans: 256 hashes become one. */
export const TILE_LEVELS = 8;
const TILE = 2 ** TILE_LEVELS;

/**
 * Roots of the full subtrees of a log, from its leaf hashes and tiles. What was read is kept: for one question, or for
 * many about the same moment. Throws when the file lacks a hash.
 */
export function nodesOf(rows: ProofRows, log: LogRow): NodeOf {
  const tiles = new Map<string, readonly Uint8Array[]>();
  const known = new Map<string, Uint8Array>();
  function made(level: number, n: number): Uint8Array {
    const base = Math.floor(level / TILE_LEVELS);
    const count = 2 ** (level % TILE_LEVELS);
    const tile = Math.floor((n * count) / TILE);
    const name = `${base}/${tile}`;
    const hashes = tiles.get(name) ?? rows.hashes(log, base, tile * TILE, (tile + 1) * TILE);
    tiles.set(name, hashes);
    const from = n * count - tile * TILE;
    const wanted = hashes.slice(from, from + count);
    if (wanted.length < count) throw new Error(`journal: the tree of log ${log.no} lacks hashes at level ${base} from ${n * count} on`);
    return merkleRoot(wanted, sha256);
  }
  return (level, n) => {
    const name = `${level}/${n}`;
    const root = known.get(name) ?? made(level, n);
    known.set(name, root);
    return root;
  };
}
