import {
  canonicalReading,
  deltaOf,
  type ListDelta,
  listFingerprint,
  type ListRow,
  NO_PIN,
  packedDigest,
  packRows,
  ROW_BYTES,
  ROWS_PER_CHUNK,
  sortRows,
} from '../wire/mqtt/list.ts';

/** A credential a device may decide on by itself. */
export interface ListEntry {
  readonly bits: number;
  readonly hex: string;
  /** Bits of the doors it opens; bit 0: door 1. */
  readonly doors: number;
  /** Epoch ms; 0: no end. */
  readonly until: number;
  /** Number of the schedule it keeps to; left out: always. */
  readonly schedule?: number;
  /** ROW_FLAGS; left out: none. */
  readonly flags?: number;
  /** Slow verifier of its PIN, 32 hex digits; left out: none. */
  readonly pin?: string;
}

/** Lists are ordered by (epoch, n). */
export interface ListVersion {
  readonly epoch: number;
  readonly n: number;
}

/** A device's list, ready to be fetched and to be posted between threads. */
export interface BuiltList extends ListVersion {
  /** `epoch.n` */
  readonly version: string;
  readonly digest: string;
  readonly count: number;
  /** Packed rows in the order they are sent, at most ROWS_PER_CHUNK in each. */
  readonly chunks: readonly Uint8Array[];
  /** All that differs from the list made before it, when that is little. */
  readonly delta?: { readonly base: ListVersion } & ListDelta;
}

/** Most rows a device must hold (design.md 6.1). */
export const MAX_ROWS = 20_000;

/** Rows of one device's list, packed: fingerprints under its own key, sorted, without repeats. Readings that cannot be are left out. Throws RangeError beyond MAX_ROWS. */
function packedRows(listKey: Uint8Array, entries: readonly ListEntry[]): Buffer {
  const seen = new Map<string, ListRow>();
  for (const { bits, hex, doors, until, schedule = 0, flags = 0, pin = NO_PIN } of entries) {
    const canonical = canonicalReading({ w: bits, x: hex });
    if (canonical === undefined || doors === 0) continue;
    const row: ListRow = [listFingerprint(listKey, canonical), doors, until, schedule, flags, pin];
    seen.set(row.join(), row);
  }
  if (seen.size > MAX_ROWS) throw new RangeError(`access list: expected at most ${MAX_ROWS} rows, got ${seen.size}`);
  return packRows(sortRows([...seen.values()]));
}

const CHUNK_BYTES = ROWS_PER_CHUNK * ROW_BYTES;

function listOf(packed: Buffer, version: ListVersion, digest: string): BuiltList {
  const chunks = Array.from({ length: Math.ceil(packed.length / CHUNK_BYTES) }, (_, at) => packed.subarray(at * CHUNK_BYTES, (at + 1) * CHUNK_BYTES));
  return { ...version, version: `${version.epoch}.${version.n}`, digest, count: packed.length / ROW_BYTES, chunks };
}

/** The list of one device. Throws RangeError beyond MAX_ROWS. */
export function buildList(listKey: Uint8Array, entries: readonly ListEntry[], version: ListVersion): BuiltList {
  const packed = packedRows(listKey, entries);
  return listOf(packed, version, packedDigest(packed));
}

interface Made {
  readonly version: ListVersion;
  readonly digest: string;
  readonly packed: Buffer;
}

/** Bytes of lists kept to compare the next ones with: 40 MB hold 5,000 doors of 200 cards. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** Makes lists, and remembers the last of each device (by `owner`), so that one which differs little comes with the difference. */
export function createListBuilder(): (owner: number, ...list: Parameters<typeof buildList>) => BuiltList {
  const last = new Map<number, Made>();
  let bytes = 0;
  return (owner, listKey, entries, version) => {
    const packed = packedRows(listKey, entries);
    const digest = packedDigest(packed);
    const list = listOf(packed, version, digest);
    const before = last.get(owner);
    // Rows that did not change keep the version they were announced under.
    if (before?.digest === digest && before.version.epoch === version.epoch) return list;
    if (bytes > KEPT_BYTES) last.clear();
    bytes = (last.size === 0 ? 0 : bytes - (before?.packed.length ?? 0)) + packed.length;
    last.set(owner, { version, digest, packed });
    if (before === undefined) return list;
    const delta = deltaOf(before.packed, packed);
    const small = delta.rows.length <= CHUNK_BYTES / 2 && delta.gone.length <= CHUNK_BYTES / 2 && delta.rows.length + delta.gone.length < packed.length;
    return small ? { ...list, delta: { base: before.version, ...delta } } : list;
  };
}
