import { canonicalReading, listDigest, listFingerprint, ROWS_PER_CHUNK, sortRows } from '../wire/mqtt/list.ts';
import type { ListRow } from '../wire/mqtt/messages.ts';

/** A credential a device may decide on by itself. */
export interface ListEntry {
  readonly bits: number;
  readonly hex: string;
  /** Bits of the doors it opens; bit 0: door 1. */
  readonly doors: number;
  /** Epoch ms; 0: no end. */
  readonly until: number;
}

/** Lists are ordered by (epoch, n). */
export interface ListVersion {
  readonly epoch: number;
  readonly n: number;
}

/** A device's list, ready to be fetched. */
export interface BuiltList {
  readonly epoch: number;
  readonly n: number;
  /** `epoch.n` */
  readonly version: string;
  readonly digest: string;
  readonly count: number;
  /** Rows in the order they are sent, at most ROWS_PER_CHUNK in each. */
  readonly chunks: { readonly length: number; at(index: number): readonly ListRow[] | undefined };
}

/** A list with its rows at hand. */
export interface MadeList extends BuiltList {
  readonly chunks: readonly (readonly ListRow[])[];
}

/** A list on its way between threads: each chunk as JSON, so that receiving one costs nothing until it is sent. */
export type PackedList = Omit<BuiltList, 'chunks'> & { readonly chunks: readonly string[] };

/** Ready for a thread to post. */
export const packList = (list: MadeList): PackedList => ({ ...list, chunks: list.chunks.map((rows) => JSON.stringify(rows)) });

/** As it came from a thread of ours. */
export function unpackList(list: PackedList): BuiltList {
  const { chunks } = list;
  const at = (index: number): readonly ListRow[] | undefined => {
    const rows = chunks[index];
    return rows === undefined ? undefined : JSON.parse(rows);
  };
  return { ...list, chunks: { length: chunks.length, at } };
}

/** Most rows a device must hold (design.md 6.1). */
export const MAX_ROWS = 20_000;

/** The list of one device: fingerprints under its own key, sorted, without repeats. Readings that cannot be are left out. Throws RangeError beyond MAX_ROWS. */
export function buildList(listKey: Uint8Array, entries: readonly ListEntry[], version: ListVersion): MadeList {
  const seen = new Map<string, ListRow>();
  for (const { bits, hex, doors, until } of entries) {
    const canonical = canonicalReading({ w: bits, x: hex });
    if (canonical === undefined || doors === 0) continue;
    const row: ListRow = [listFingerprint(listKey, canonical), doors, until];
    seen.set(row.join(), row);
  }
  const rows = sortRows([...seen.values()]);
  if (rows.length > MAX_ROWS) throw new RangeError(`access list: expected at most ${MAX_ROWS} rows, got ${rows.length}`);
  const chunks: ListRow[][] = [];
  for (let at = 0; at < rows.length; at += ROWS_PER_CHUNK) chunks.push(rows.slice(at, at + ROWS_PER_CHUNK));
  return { ...version, version: `${version.epoch}.${version.n}`, digest: listDigest(rows), count: rows.length, chunks };
}
