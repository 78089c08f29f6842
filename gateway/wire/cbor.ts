/**
 * Canonical CBOR, the part the log needs: RFC 8949 with the core deterministic rules of section 4.2.1.
 * Whole numbers within ±2^53, text, bytes, arrays, maps keyed by whole numbers, booleans and null. Decoding is
 * strict: any other item, a longer form than needed, keys out of order or doubled, and bad UTF-8 are refused,
 * so one value has one encoding and a hash over the bytes is a hash over the value.
 */
export type CborValue = number | string | boolean | null | Uint8Array | readonly CborValue[] | ReadonlyMap<number, CborValue>;

/** The bytes are not canonical CBOR of the kinds above; says what and where. */
export class CborError extends Error {
  override readonly name = 'CborError';
}

const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, simple: 7 } as const;
const FALSE = 0xf4,
  TRUE = 0xf5,
  NULL = 0xf6;
const DEEPEST = 8;
const TWO_32 = 2 ** 32;

/** One buffer for all encoding in a thread: encoding is synchronous and the result is copied out. */
let scratch = Buffer.allocUnsafe(4096);
let used = 0;

function room(bytes: number): void {
  if (used + bytes <= scratch.length) return;
  const larger = Buffer.allocUnsafe(Math.max(scratch.length * 2, used + bytes));
  scratch.copy(larger, 0, 0, used);
  scratch = larger;
}

/** Byte by byte: several times faster than the checked write functions of Buffer, and this is the hot path. */
function u32(value: number): void {
  scratch[used] = value >>> 24;
  scratch[used + 1] = value >>> 16;
  scratch[used + 2] = value >>> 8;
  scratch[used + 3] = value;
  used += 4;
}

function byte(value: number): void {
  scratch[used] = value;
  used += 1;
}

function head(major: number, value: number): void {
  room(9);
  const top = major << 5;
  if (value < 24) return byte(top | value);
  if (value < 0x100) {
    byte(top | 24);
    byte(value);
  } else if (value < 0x10000) {
    byte(top | 25);
    byte(value >>> 8);
    byte(value);
  } else if (value < TWO_32) {
    byte(top | 26);
    u32(value);
  } else {
    byte(top | 27);
    u32(Math.floor(value / TWO_32));
    u32(value % TWO_32);
  }
}

function putNumber(value: number): void {
  if (!Number.isSafeInteger(value)) throw new CborError(`only whole numbers within ±2^53 are encoded, got ${value}`);
  if (value >= 0) head(MAJOR.unsigned, value);
  else head(MAJOR.negative, -1 - value);
}

function putText(value: string): void {
  const bytes = Buffer.byteLength(value, 'utf8');
  head(MAJOR.text, bytes);
  room(bytes);
  used += scratch.write(value, used, 'utf8');
}

function putBytes(value: Uint8Array): void {
  head(MAJOR.bytes, value.length);
  room(value.length);
  scratch.set(value, used);
  used += value.length;
}

/** Bytewise order of encoded keys: 0, 1, 2 … and then −1, −2 … */
const comesBefore = (a: number, b: number): boolean => (a >= 0 && b >= 0 ? a < b : b < 0 && (a >= 0 || a > b));

function isOrdered(keys: Iterable<number>): boolean {
  let previous: number | undefined;
  for (const key of keys) {
    if (previous !== undefined && !comesBefore(previous, key)) return false;
    previous = key;
  }
  return true;
}

function putMap(map: ReadonlyMap<number, CborValue>): void {
  head(MAJOR.map, map.size);
  const entries = isOrdered(map.keys()) ? map : [...map].sort(([a], [b]) => (comesBefore(a, b) ? -1 : 1));
  for (const [key, value] of entries) {
    putNumber(key);
    put(value);
  }
}

function putSimple(value: number): void {
  room(1);
  byte(value);
}

const isArray = (value: CborValue): value is readonly CborValue[] => Array.isArray(value);

function put(value: CborValue): void {
  if (typeof value === 'number') putNumber(value);
  else if (typeof value === 'string') putText(value);
  else if (typeof value === 'boolean') putSimple(value ? TRUE : FALSE);
  else if (value === null) putSimple(NULL);
  else if (value instanceof Uint8Array) putBytes(value);
  else if (isArray(value)) {
    head(MAJOR.array, value.length);
    for (const item of value) put(item);
  } else putMap(value);
}

/** The one encoding of a value. Throws CborError for a number that is not whole or beyond ±2^53. */
export function encodeCbor(value: CborValue): Buffer {
  used = 0;
  put(value);
  return Buffer.from(scratch.subarray(0, used));
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

function take(cursor: Cursor, length: number): Buffer {
  if (length > cursor.bytes.length - cursor.at) throw new CborError(`item at byte ${cursor.at} runs past the end`);
  cursor.at += length;
  return cursor.bytes.subarray(cursor.at - length, cursor.at);
}

/** The big-endian number in the next bytes, one by one: a slice for each number would cost more than all the rest. */
function unsigned(cursor: Cursor, width: number): number {
  const { bytes, at } = cursor;
  if (width > bytes.length - at) throw new CborError(`item at byte ${at} runs past the end`);
  let value = 0;
  for (let place = at; place < at + width; place += 1) value = value * 256 + (bytes[place] ?? 0);
  cursor.at = at + width;
  return value;
}

/** Smallest number that needs a head of each longer form. */
const LEAST = [24, 0x100, 0x10000, TWO_32];

/** The number in an item's head; `info` is the low five bits of its first byte (RFC 8949 3). */
function argument(cursor: Cursor, info: number): number {
  if (info < 24) return info;
  if (info > 27) throw new CborError(`indefinite or reserved length before byte ${cursor.at}`);
  const value = unsigned(cursor, 1 << (info - 24));
  if (value < (LEAST[info - 24] ?? 0)) throw new CborError(`number before byte ${cursor.at} is not in its shortest form`);
  if (!Number.isSafeInteger(value)) throw new CborError(`number before byte ${cursor.at} is beyond 2^53`);
  return value;
}

/** Stable words are short and plain; asking the decoder for each takes longer than reading the whole map. */
const SHORT = 32;

function text(bytes: Buffer): string {
  if (bytes.length <= SHORT && bytes.every((each) => each < 0x80)) return bytes.toString('latin1');
  try {
    return utf8.decode(bytes);
  } catch {
    throw new CborError('text is not UTF-8');
  }
}

function map(cursor: Cursor, size: number, depth: number): Map<number, CborValue> {
  const entries = new Map<number, CborValue>();
  let previous: number | undefined;
  for (let left = size; left > 0; left -= 1) {
    const key = item(cursor, depth);
    if (typeof key !== 'number') throw new CborError(`map key before byte ${cursor.at} is not a whole number`);
    if (previous !== undefined && !comesBefore(previous, key)) throw new CborError(`map keys out of order before byte ${cursor.at}`);
    previous = key;
    entries.set(key, item(cursor, depth));
  }
  return entries;
}

function array(cursor: Cursor, length: number, depth: number): CborValue[] {
  const items: CborValue[] = [];
  for (let left = length; left > 0; left -= 1) items.push(item(cursor, depth));
  return items;
}

function simple(first: number): boolean | null {
  if (first === FALSE) return false;
  if (first === TRUE) return true;
  if (first === NULL) return null;
  throw new CborError(`item of a kind the log does not use: 0x${first.toString(16)}`);
}

function item(cursor: Cursor, depth: number): CborValue {
  if (depth > DEEPEST) throw new CborError(`nested deeper than ${DEEPEST}`);
  const first = unsigned(cursor, 1);
  const major = first >> 5;
  if (major === MAJOR.simple) return simple(first);
  if (major === 6) throw new CborError('tags are not used in the log');
  const value = argument(cursor, first & 31);
  if (major === MAJOR.unsigned) return value;
  if (major === MAJOR.negative) {
    if (value === Number.MAX_SAFE_INTEGER) throw new CborError('number is beyond −2^53');
    return -1 - value;
  }
  if (major === MAJOR.bytes) return Buffer.from(take(cursor, value));
  if (major === MAJOR.text) return text(take(cursor, value));
  return major === MAJOR.array ? array(cursor, value, depth + 1) : map(cursor, value, depth + 1);
}

/** Reads the first item and says how many bytes it took. Throws CborError. */
export function decodeCborPrefix(bytes: Uint8Array): { readonly value: CborValue; readonly used: number } {
  const cursor: Cursor = { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), at: 0 };
  return { value: item(cursor, 0), used: cursor.at };
}

/** Reads exactly one item. Throws CborError, also for bytes left over. */
export function decodeCbor(bytes: Uint8Array): CborValue {
  const { value, used: length } = decodeCborPrefix(bytes);
  if (length !== bytes.length) throw new CborError(`${bytes.length - length} bytes after the value`);
  return value;
}
