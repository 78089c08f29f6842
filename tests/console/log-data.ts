import { createHash } from 'node:crypto';
import { consistencyProof, rangeRoot } from '../../gateway/core/merkle-proof.ts';
import type { CheckpointPage, CheckpointView, LogNow } from '../../gateway/http/schemas/log-proof.ts';
import { signerOf, verifierKey } from '../../gateway/journal/signing.ts';

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const SEED = Buffer.alloc(32, 9);
const ORIGIN = `doorbook/log/${'5a'.repeat(16)}`;
const signer = signerOf(SEED, ORIGIN);

/** A log of entries that say nothing, signed with a key of its own. `other`: from which entry on it is another log than the first. */
export function paperLog(now: number, other = Number.POSITIVE_INFINITY): { readonly at: (size: number) => CheckpointView; readonly proof: (from: number, to: number) => string[] } {
  const known = new Map<string, Uint8Array>();
  function nodeOf(level: number, n: number): Uint8Array {
    const name = `${level} ${n}`;
    const made =
      known.get(name) ??
      (level === 0 ? sha256(Buffer.from(`${n >= other ? 'other' : 'leaf'} ${n}`)) : sha256(Buffer.concat([Buffer.of(1), nodeOf(level - 1, 2 * n), nodeOf(level - 1, 2 * n + 1)])));
    known.set(name, made);
    return made;
  }
  return {
    at(size) {
      const root = base64(rangeRoot(nodeOf, [0, size], sha256));
      const note = signer.sign({ origin: ORIGIN, size, root, cites: undefined });
      return { origin: ORIGIN, size, root, at: now - 8_000, index: size - 1, note, key: verifierKey(ORIGIN, signer.publicKey) };
    },
    proof: (from, to) => consistencyProof(nodeOf, from, to, sha256).map(base64),
  };
}

/** What the gateway says when it has this checkpoint. */
export const logNow = (checkpoint: CheckpointView | null, daily = false): LogNow => ({ checkpoint, earlier: [], daily });

/** The desk of the log: recent checkpoints, what controllers hold, two logs one after the other. */
export function copies(now: number): CheckpointPage {
  const log = paperLog(now);
  const sizes = [4712, 4648, 4584, 4520];
  return {
    checkpoints: sizes.map((size, n) => ({ ...log.at(size), at: now - 8_000 - n * 600_000 })),
    logs: [
      { origin: `doorbook/log/${'1b'.repeat(16)}`, first: 0, size: 90_210, cites: null, key: '' },
      { origin: ORIGIN, first: 90_210, size: 4720, cites: `doorbook/log/${'1b'.repeat(16)} 90210 x`, key: '' },
    ],
    held: [
      { doorId: 1, door: { zh: '大门', en: 'Street door' }, size: 4712, at: now - 6_000, agrees: true },
      { doorId: 2, door: { zh: '天台', en: 'Roof' }, size: 4650, at: now - 3_600_000, agrees: false },
    ],
    next: 'WzQ1MjBd',
  };
}
