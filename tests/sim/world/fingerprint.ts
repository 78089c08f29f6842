import { createHash } from 'node:crypto';

const known = new Map<string, Uint8Array<ArrayBuffer>>();

/** What the index knows a card by; in place of the vault's keyed hash. */
export function fingerprintOf({ bits, hex }: { readonly bits: number; readonly hex: string }): Uint8Array<ArrayBuffer> {
  const name = `${bits} ${hex.toUpperCase()}`;
  const made = known.get(name) ?? new Uint8Array(createHash('sha256').update(name).digest().subarray(0, 12));
  if (known.size > 100_000) known.clear();
  known.set(name, made);
  return made;
}
