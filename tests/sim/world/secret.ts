const known = new WeakMap<Uint8Array, string>();

/** A secret as a device's settings hold it, 64 hex digits; each worked out once. */
export function secretHex(secret: Uint8Array): string {
  const made = known.get(secret) ?? Buffer.from(secret).toString('hex');
  known.set(secret, made);
  return made;
}
