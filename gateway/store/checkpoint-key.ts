import { createHash, randomBytes } from 'node:crypto';
import { type Kept, keyFile } from './key-file.ts';
import { StoreError } from './sqlite.ts';

/** The site's checkpoint key. `seed`: the 32-byte private key of Ed25519 (RFC 8032 5.1.5). */
type CheckpointKey = Kept & { readonly seed: Uint8Array };

const FORMAT = 'doorbook-checkpoint-key/1';
const SEED_BYTES = 32;
const checkOf = (seed: Uint8Array): string => createHash('sha256').update(FORMAT).update(seed).digest('hex');

const file = keyFile<CheckpointKey>({
  names: ['checkpoint.json', 'checkpoint-mirror.json'],
  encode: ({ generation, seed }) => `${JSON.stringify({ format: FORMAT, generation, seed: Buffer.from(seed).toString('hex'), check: checkOf(seed) }, undefined, 2)}\n`,
  decode(text) {
    try {
      const body: Record<string, unknown> = Object(JSON.parse(text));
      const seed = Buffer.from(String(body['seed']), 'hex');
      return body['format'] === FORMAT && seed.length === SEED_BYTES && body['check'] === checkOf(seed) ? { generation: Number(body['generation']), seed } : undefined;
    } catch {
      return undefined;
    }
  },
});

/**
 * The key that signs checkpoints, from `DATA/keys`, made when there is none. For the journal writer, which owns the
 * file; kept twice as the others are. Throws StoreError when files are there and neither copy is good.
 */
export function ownCheckpointKey(dir: string): Uint8Array {
  const { best, there } = file.settle(dir);
  if (best !== undefined) return best.seed;
  if (there)
    throw new StoreError(
      `The checkpoint key in ${dir} is damaged in both copies. Restore checkpoint.json from a backup of this folder, or move both files away: then a new log begins that cites this one.`,
    );
  const seed = randomBytes(SEED_BYTES);
  file.write(dir, { generation: 1, seed });
  return seed;
}

/** The same key as it is now, for whoever does not own the file: writes nothing. Undefined when there is none, or neither copy is good. */
export const findCheckpointKey = (dir: string): Uint8Array | undefined => file.find(dir).best?.seed;
