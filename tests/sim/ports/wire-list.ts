import { listFingerprint as fingerprintReally } from '../../../gateway/wire/mqtt/list.ts';

const known = new WeakMap<Uint8Array, Map<string, string>>();

/** As the real one, each worked out once: the same cards go into hundreds of lists. */
export function listFingerprint(listKey: Uint8Array, canonical: Uint8Array): string {
  const prints = known.get(listKey) ?? new Map<string, string>();
  known.set(listKey, prints);
  const name = Buffer.from(canonical).toString('latin1');
  const made = prints.get(name) ?? fingerprintReally(listKey, canonical);
  prints.set(name, made);
  return made;
}
