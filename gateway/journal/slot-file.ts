import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * The key-slot file: a header and records of one size, only ever appended.
 *
 *   header  "DOORBOOK-SLOTS/1"
 *   record  ver u8 · type u8 · 0 u16 · id u32 · serial u32 · nonce[12] · wrapped key[32] · tag[16] · crc32 u32   (big-endian, 76 bytes)
 *
 * The key is wrapped with AES-256-GCM under the journal's root key, the first 12 bytes as associated data.
 * `serial` counts keys from 1 and is never used again: an entry names its person by it, so that once the key
 * is destroyed nothing says who that was. The CRC tells a torn or rotten record from a whole one without any key. Two files hold the same records in the
 * same order, so each repairs the other record by record.
 */
export const SLOT_HEADER = Buffer.from('DOORBOOK-SLOTS/1');
/** Bytes of one record. */
export const SLOT_BYTES = 76;
/** What a key is for. `lost` marks a place where both copies are damaged. */
export const SLOT = { lost: 0, day: 1, person: 2, month: 3, log: 4 } as const;
export type SlotType = (typeof SLOT)[keyof typeof SLOT];

/** Names a key: day number, person number, month number, or 0 for the log's own. */
export interface SlotName {
  readonly type: SlotType;
  readonly id: number;
}

/**
 * Largest serial there can be. A record is known to be ours only when its key is opened, and a forged one must not
 * make room in memory for four thousand million; a district uses up some two million in a year.
 */
export const MOST_SERIALS = 2 ** 27;

const SLOT_VERSION = 1;
const NONCE_AT = 12,
  KEY_AT = 24,
  TAG_AT = 56,
  CRC_AT = 72;

function sealRecord(record: Buffer): Buffer {
  record.writeUInt32BE(crc32(record.subarray(0, CRC_AT)), CRC_AT);
  return record;
}

/** A record of this head (version to serial) and key. */
function wrapped(head: Uint8Array, key: Uint8Array, root: Uint8Array): Buffer {
  const record = Buffer.alloc(SLOT_BYTES);
  record.set(head);
  const nonce = randomBytes(KEY_AT - NONCE_AT);
  const cipher = createCipheriv('aes-256-gcm', root, nonce);
  cipher.setAAD(record.subarray(0, NONCE_AT));
  record.set(nonce, NONCE_AT);
  record.set(cipher.update(key), KEY_AT);
  cipher.final();
  record.set(cipher.getAuthTag(), TAG_AT);
  return sealRecord(record);
}

/** A new random key under this name, wrapped, as a record. Throws RangeError when the id does not fit 32 bits, or the serial is beyond MOST_SERIALS. */
export function newRecord(name: SlotName, serial: number, root: Uint8Array): Buffer {
  if (serial > MOST_SERIALS) throw new RangeError(`key slots: expected a serial up to ${MOST_SERIALS}, got ${serial}`);
  const head = Buffer.alloc(NONCE_AT);
  head.writeUInt8(SLOT_VERSION, 0);
  head.writeUInt8(name.type, 1);
  head.writeUInt32BE(name.id, 4);
  head.writeUInt32BE(serial, 8);
  return wrapped(head, randomBytes(TAG_AT - KEY_AT), root);
}

/** The key in a record, or undefined when this root key did not wrap it. */
export function openRecord(record: Buffer, root: Uint8Array): Buffer | undefined {
  const cipher = createDecipheriv('aes-256-gcm', root, record.subarray(NONCE_AT, KEY_AT));
  cipher.setAAD(record.subarray(0, NONCE_AT));
  cipher.setAuthTag(record.subarray(TAG_AT, CRC_AT));
  const key = cipher.update(record.subarray(KEY_AT, TAG_AT));
  try {
    cipher.final();
    return key;
  } catch {
    return undefined;
  }
}

const isWhole = (file: Buffer, at: number): boolean =>
  at + SLOT_BYTES <= file.length && file[at] === SLOT_VERSION && crc32(file.subarray(at, at + CRC_AT)) === file.readUInt32BE(at + CRC_AT);

const isSlotType = (value: number | undefined): value is SlotType => value === 1 || value === 2 || value === 3 || value === 4;

/** The name in the record at this place, or undefined for a lost record or a type of a newer version. */
export function nameAt(image: Buffer, at: number): SlotName | undefined {
  const type = image[at + 1];
  return isSlotType(type) ? { type, id: image.readUInt32BE(at + 4) } : undefined;
}

/** The serial of the record at this place. */
export const serialAt = (image: Buffer, at: number): number => image.readUInt32BE(at + 8);

/** How many bytes from `from` on are whole records. */
export function wholeLength(file: Buffer, from: number): number {
  let at = from;
  while (isWhole(file, at)) at += SLOT_BYTES;
  return at - from;
}

const hasHeader = (file: Buffer): boolean => file.subarray(0, SLOT_HEADER.length).equals(SLOT_HEADER);

function lostRecord(): Buffer {
  const record = Buffer.alloc(SLOT_BYTES);
  record.writeUInt8(SLOT_VERSION, 0);
  return sealRecord(record);
}

/** What two mirrored files say together, and how many records neither has whole. */
export interface Merged {
  readonly image: Buffer;
  readonly lost: number;
}

/**
 * Joins the mirrors: each record from whichever file has it whole. A torn tail is dropped: its key was never
 * used, because a record is flushed in both files before the entry that needs it. Damage before the tail in
 * both files at once becomes a `lost` record. Undefined when there is nothing to read yet.
 */
export function mergeMirrors(first: Buffer, second: Buffer): Merged | undefined {
  const sources = [first, second].filter(hasHeader);
  const longest = Math.max(0, ...sources.map((file) => Math.floor((file.length - SLOT_HEADER.length) / SLOT_BYTES)));
  if (sources.length === 0) return undefined;
  const parts: Buffer[] = [SLOT_HEADER];
  let lost = 0;
  let end = 1;
  for (let record = 0; record < longest; record += 1) {
    const at = SLOT_HEADER.length + record * SLOT_BYTES;
    const whole = sources.find((file) => isWhole(file, at));
    parts.push(whole === undefined ? lostRecord() : whole.subarray(at, at + SLOT_BYTES));
    if (whole !== undefined) end = parts.length;
    else lost += 1;
  }
  return { image: Buffer.concat(parts.slice(0, end)), lost: lost - (parts.length - end) };
}

/** The same key under the same name and serial, wrapped under another root. Undefined when `root` did not wrap it. */
export function rewrapped(record: Buffer, root: Uint8Array, next: Uint8Array): Buffer | undefined {
  const key = openRecord(record, root);
  return key && wrapped(record.subarray(0, NONCE_AT), key, next);
}

/** A record of no key that keeps the count of serials where it is, so that none is used twice when the newest were destroyed. */
export function countedRecord(serial: number): Buffer {
  const record = Buffer.alloc(SLOT_BYTES);
  record.writeUInt8(SLOT_VERSION, 0);
  record.writeUInt32BE(serial, 8);
  return sealRecord(record);
}

/** The first whole record of a key in a file. */
function firstKey(file: Buffer): Buffer | undefined {
  for (let at = SLOT_HEADER.length; hasHeader(file) && at + SLOT_BYTES <= file.length; at += SLOT_BYTES)
    if (isWhole(file, at) && nameAt(file, at) !== undefined) return file.subarray(at, at + SLOT_BYTES);
  return undefined;
}

/** Which of these roots wrapped the keys of a file; undefined for none of them, or a file without a key. */
export function rootOf(file: Buffer, roots: readonly Uint8Array[]): Uint8Array | undefined {
  const record = firstKey(file);
  return record && roots.find((root) => openRecord(record, root) !== undefined);
}

/** True for a file whose keys another root wrapped. */
export const isForeign = (file: Buffer, root: Uint8Array): boolean => firstKey(file) !== undefined && rootOf(file, [root]) === undefined;
