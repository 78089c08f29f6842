import { sha256 } from './sha256.ts';

const LEAF_VERSION = 1;
const LEAF_BYTES = 92;
const R_BYTES = 32;
const HASH_BYTES = 32;

/** The public part of an entry, the leaf of the Merkle tree (design.md 8). `flags` is 0 in version 1. */
export interface Leaf {
  readonly kind: number;
  readonly flags: number;
  readonly logId: Uint8Array;
  readonly index: number;
  readonly cEvent: Uint8Array;
  readonly cPerson: Uint8Array;
}

/** 92 bytes big-endian: `ver u8, kind u8, flags u16, logId[16], index u64, C_event[32], C_person[32]`. */
export function leafBytes(leaf: Leaf): Buffer {
  const bytes = Buffer.allocUnsafe(LEAF_BYTES);
  writeLeaf(leaf, bytes, 0);
  return bytes;
}

function writeLeaf(leaf: Leaf, bytes: Buffer, at: number): void {
  bytes[at] = LEAF_VERSION;
  bytes[at + 1] = leaf.kind;
  bytes.writeUInt16BE(leaf.flags, at + 2);
  bytes.set(leaf.logId, at + 4);
  writeU64(bytes, leaf.index, at + 20);
  bytes.set(leaf.cEvent, at + 28);
  bytes.set(leaf.cPerson, at + 60);
}

/** Writes a whole number up to 2^53 as 8 bytes big-endian. */
export function writeU64(bytes: Buffer, value: number, at: number): void {
  bytes.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  bytes.writeUInt32BE(value % 2 ** 32, at + 4);
}

const hashed = Buffer.alloc(1 + LEAF_BYTES);

/** SHA-256(00 ‖ leaf), the leaf hash of RFC 6962 2.1. */
export function leafHash(leaf: Leaf): Buffer {
  writeLeaf(leaf, hashed, 1);
  return sha256(hashed);
}

/** Which half of an entry a commitment is about. */
export type Part = 'event' | 'person';

const prefix: Readonly<Record<Part, Buffer>> = { event: Buffer.from('doorbook/event/1\0'), person: Buffer.from('doorbook/person/1\0') };
let scratch = Buffer.alloc(1024);

/**
 * C_x = SHA-256("doorbook/x/1" ‖ 00 ‖ r[32] ‖ len u16 ‖ data). Takes `r ‖ data` in one piece, as it is sealed.
 * Without r the data cannot be guessed from the commitment; with r and data anybody can check it.
 */
export function commitment(part: Part, opening: Uint8Array): Buffer {
  const label = prefix[part];
  const length = opening.length - R_BYTES;
  if (length < 0 || length > 0xffff) throw new RangeError(`${part} data: expected 0 to 65535 bytes, got ${length}`);
  const total = label.length + opening.length + 2;
  if (total > scratch.length) scratch = Buffer.alloc(total);
  scratch.set(label, 0);
  scratch.set(opening.subarray(0, R_BYTES), label.length);
  scratch.writeUInt16BE(length, label.length + HASH_BYTES);
  scratch.set(opening.subarray(R_BYTES), label.length + R_BYTES + 2);
  return sha256(scratch.subarray(0, total));
}
