import { createHash, createHmac } from 'node:crypto';
import type { ListRow, Reading } from './messages.ts';

/** Widest credential a door takes, data bits (design.md 6.1: EM4100 has 40, a seven-byte card 56). */
export const MAX_READING_BITS = 64;
/** Rows in one `acl/c` chunk: about 9 KiB of JSON, under the 16 KiB packet limit. */
export const ROWS_PER_CHUNK = 200;

/**
 * The value of a reading as ceil(w / 8) big-endian bytes, or undefined when it cannot be one: width 0 or over
 * 64 bits, a number of hex digits other than two for each byte, or a bit set above the width.
 */
export function readingBytes(reading: Reading): Buffer | undefined {
  const { w, x } = reading;
  const bytes = Math.ceil(w / 8);
  if (w < 1 || w > MAX_READING_BITS || x.length !== bytes * 2) return undefined;
  const value = Buffer.from(x, 'hex');
  const spare = bytes * 8 - w;
  return value.length === bytes && (value[0] ?? 0) >> (8 - spare) === 0 ? value : undefined;
}

/** Canonical bytes of a credential: one width byte, then its value. Undefined as in `readingBytes`. */
export function canonicalReading(reading: Reading): Buffer | undefined {
  const value = readingBytes(reading);
  return value && Buffer.concat([Buffer.of(reading.w), value]);
}

/** Fingerprint in a device's access list: the first 12 bytes of HMAC-SHA-256(list key, canonical bytes), 24 hex digits. */
export const listFingerprint = (listKey: Uint8Array, canonical: Uint8Array): string => createHmac('sha256', listKey).update(canonical).digest('hex').slice(0, 24);

const compare = (a: ListRow, b: ListRow): number => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1] || a[2] - b[2]);

/** Order of rows in a list: fingerprint, then door bits, then end. Sorts in place and returns the same array. */
export const sortRows = (rows: ListRow[]): ListRow[] => rows.sort(compare);

/** SHA-256, hex, over the sorted rows, each as 12 bytes fingerprint ‖ 1 byte door bits ‖ 8 bytes end, big-endian. */
export function listDigest(rows: readonly ListRow[]): string {
  const hash = createHash('sha256');
  const bytes = Buffer.alloc(21);
  for (const [fingerprint, doors, until] of rows) {
    bytes.write(fingerprint, 0, 'hex');
    bytes.writeUInt8(doors, 12);
    bytes.writeBigUInt64BE(BigInt(until), 13);
    hash.update(bytes);
  }
  return hash.digest('hex');
}
