import type { KeyObject } from 'node:crypto';
import { current } from '../engine/current.ts';
import { type Place, seal as sealReally, unseal as unsealReally } from '../../../gateway/journal/seal.ts';

/** As the real one; where seals are left off, the bytes themselves. */
export function seal(key: KeyObject, place: Place, opening: Uint8Array): Buffer {
  return current().sealed ? sealReally(key, place, opening) : Buffer.from(opening);
}

export function unseal(key: KeyObject, place: Place, sealed: Uint8Array): Buffer | undefined {
  return current().sealed ? unsealReally(key, place, sealed) : Buffer.from(sealed);
}
