import { createHash, randomBytes } from 'node:crypto';
import { type Kept, keyFile } from './key-file.ts';
import { StoreError } from './sqlite.ts';

/** A private key of Ed25519 as RFC 8032 5.1.5 keeps it: 32 bytes. */
type SeedKey = Kept & { readonly seed: Uint8Array };

const SEED_BYTES = 32;

/** A key of the site that signs, in `DATA/keys`, kept twice as the others are. */
export interface SeedFile {
  /** The key, made when there is none. For whoever owns the file. Throws StoreError, saying `lost`, when files are there and neither copy is good. */
  own(dir: string): Uint8Array;
  /** The key as it is now; writes nothing. Undefined when there is none, or neither copy is good. */
  find(dir: string): Uint8Array | undefined;
}

/** `lost`: what a person does when both copies are damaged. */
export function seedFile({ names, format, lost }: { readonly names: readonly [string, string]; readonly format: string; readonly lost: (dir: string) => string }): SeedFile {
  const checkOf = (seed: Uint8Array): string => createHash('sha256').update(format).update(seed).digest('hex');
  const file = keyFile<SeedKey>({
    names,
    encode: ({ generation, seed }) => `${JSON.stringify({ format, generation, seed: Buffer.from(seed).toString('hex'), check: checkOf(seed) }, undefined, 2)}\n`,
    decode(text) {
      try {
        const body: Record<string, unknown> = Object(JSON.parse(text));
        const seed = Buffer.from(String(body['seed']), 'hex');
        return body['format'] === format && seed.length === SEED_BYTES && body['check'] === checkOf(seed) ? { generation: Number(body['generation']), seed } : undefined;
      } catch {
        return undefined;
      }
    },
  });
  return {
    own(dir) {
      const { best, there } = file.settle(dir);
      if (best !== undefined) return best.seed;
      if (there) throw new StoreError(lost(dir));
      const seed = randomBytes(SEED_BYTES);
      file.write(dir, { generation: 1, seed });
      return seed;
    },
    find: (dir) => file.find(dir).best?.seed,
  };
}
