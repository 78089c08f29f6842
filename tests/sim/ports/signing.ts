import { createHash } from 'node:crypto';
import { publicKeyOf as publicKeyReally, type Signer, signerOf as signerReally } from '../../../gateway/journal/signing.ts';
import { checkpointText, signedNote } from '../../../gateway/wire/checkpoint.ts';
import { current } from '../engine/current.ts';

const known = new Map<string, Buffer>();

/** As the real one, worked out once for the one key there is. */
export function publicKeyOf(seed: Uint8Array): Buffer {
  const name = Buffer.from(seed).toString('latin1');
  const made = known.get(name) ?? publicKeyReally(seed);
  known.set(name, made);
  return made;
}

/** As the real one; where seals are left off, a hash stands for the signature. */
export function signerOf(seed: Uint8Array, origin: string): Signer {
  if (current().sealed) return signerReally(seed, origin);
  return {
    publicKey: Buffer.alloc(32),
    sign(body) {
      const text = checkpointText(body);
      return signedNote(text, origin, createHash('sha256').update(seed).update(text).digest('base64'));
    },
  };
}
