import { createHash, createHmac } from 'node:crypto';
import { FieldError } from '../fields.ts';
import type { Reading } from './reading.ts';

/** Widest credential a door takes, data bits (design.md 6.1: EM4100 has 40, a seven-byte card 56). */
export const MAX_READING_BITS = 64;
/** Bytes of a row: fingerprint 12 ‖ doors 1 ‖ end 8 ‖ schedule 1 ‖ flags 1 ‖ zero 1 ‖ PIN verifier 16, numbers big-endian. */
export const ROW_BYTES = 40;
/** Rows in one `acl/c` chunk: 12 kB, under the 16 KiB packet limit. */
export const ROWS_PER_CHUNK = 300;

/** What a row's flags say of the credential, as bits. */
export const ROW_FLAGS = {
  /** The door is held open twice as long, for people who need it. */
  slow: 1,
  /** A duty card: it opens in a lockdown, and ends it at that door. */
  duty: 2,
  /** A PIN belongs to it; the verifier is in the row. */
  pin: 4,
} as const;

/**
 * A row of an access list: fingerprint (24 hex digits), bits of the doors it opens (bit 0: door 1), end in epoch ms
 * (0: none), number of the schedule it keeps to (0: always), flags, PIN verifier (32 hex digits, zeros without one).
 */
export type ListRow = readonly [fingerprint: string, doors: number, until: number, schedule: number, flags: number, pin: string];

/** The verifier of a row without a PIN. */
export const NO_PIN = '0'.repeat(32);

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

/** Rows as they travel and are kept, ROW_BYTES each, in the order given. */
export function packRows(rows: readonly ListRow[]): Buffer {
  const bytes = Buffer.alloc(rows.length * ROW_BYTES);
  rows.forEach(([fingerprint, doors, until, schedule, flags, pin], index) => {
    const at = index * ROW_BYTES;
    bytes.write(fingerprint, at, 12, 'hex');
    bytes[at + 12] = doors;
    bytes.writeBigUInt64BE(BigInt(until), at + 13);
    bytes[at + 21] = schedule;
    bytes[at + 22] = flags;
    bytes.write(pin, at + 24, 16, 'hex');
  });
  return bytes;
}

/** Rows of packed bytes. Throws FieldError, under the name `field`, for bytes that are no whole rows, a row without a door or with an end beyond 2^53. */
export function unpackRows(packed: Uint8Array, field: string): ListRow[] {
  if (packed.length % ROW_BYTES !== 0) throw new FieldError(field, `rows of ${ROW_BYTES} bytes`);
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.length);
  return Array.from({ length: bytes.length / ROW_BYTES }, (_, index): ListRow => {
    const at = index * ROW_BYTES;
    const [doors, until] = [bytes.readUInt8(at + 12), Number(bytes.readBigUInt64BE(at + 13))];
    if (doors === 0 || !Number.isSafeInteger(until)) throw new FieldError(`${field}[${index}]`, 'the bits of a door, and an end below 2^53');
    return [bytes.toString('hex', at, at + 12), doors, until, bytes.readUInt8(at + 21), bytes.readUInt8(at + 22), bytes.toString('hex', at + 24, at + 40)];
  });
}

function compare(a: ListRow, b: ListRow): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  return a[1] - b[1] || a[2] - b[2] || a[3] - b[3] || a[4] - b[4] || (a[5] < b[5] ? -1 : a[5] > b[5] ? 1 : 0);
}

/** Order of rows in a list: that of their bytes. Sorts in place and returns the same array. */
export const sortRows = (rows: ListRow[]): ListRow[] => rows.sort(compare);

/** SHA-256, hex, over the packed rows of a list in their order. */
export const packedDigest = (packed: Uint8Array): string => createHash('sha256').update(packed).digest('hex');

/** SHA-256, hex, over the sorted rows. */
export const listDigest = (rows: readonly ListRow[]): string => packedDigest(packRows(rows));

/** What turns one list into another. */
export interface ListDelta {
  readonly gone: Buffer;
  readonly rows: Buffer;
}

/** In memory of their own: a slice of the shared pool would take the whole pool with it to another thread. */
function joined(rows: readonly Buffer[]): Buffer {
  const bytes = Buffer.alloc(rows.length * ROW_BYTES);
  rows.forEach((row, at) => {
    bytes.set(row, at * ROW_BYTES);
  });
  return bytes;
}

/** Rows that one packed, sorted list has and another has not, both ways. */
export function deltaOf(from: Uint8Array, to: Uint8Array): ListDelta {
  const [old, next] = [from, to].map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  const gone: Buffer[] = [];
  const rows: Buffer[] = [];
  let [a, b] = [0, 0];
  while (old !== undefined && next !== undefined && (a < old.length || b < next.length)) {
    const order = a >= old.length ? 1 : b >= next.length ? -1 : old.compare(next, b, b + ROW_BYTES, a, a + ROW_BYTES);
    if (order < 0) gone.push(old.subarray(a, a + ROW_BYTES));
    if (order > 0) rows.push(next.subarray(b, b + ROW_BYTES));
    if (order <= 0) a += ROW_BYTES;
    if (order >= 0) b += ROW_BYTES;
  }
  return { gone: joined(gone), rows: joined(rows) };
}
