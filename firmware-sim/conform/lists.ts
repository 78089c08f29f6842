import { canonicalReading, listDigest, listFingerprint, type ListRow, NO_PIN, ROWS_PER_CHUNK, sortRows } from '../../gateway/wire/mqtt/list.ts';
import { encodeChunk, type ListChunk } from '../../gateway/wire/mqtt/list-chunk.ts';
import type { DoorSettings, ListHeader } from '../../gateway/wire/mqtt/list-header.ts';
import type { Reading } from '../../gateway/wire/mqtt/reading.ts';

/** A list the judge holds for the device. */
export interface JudgeList {
  readonly header: ListHeader;
  readonly rows: readonly ListRow[];
}
/** Rules of the doors in a header. */
export type Rules = Pick<ListHeader, 'doors' | 'tz' | 'sched' | 'hol' | 'work'>;

/** Open time of everything on the bench, ms: short, so that a run is. */
const OPEN_MS = 1000;
const PLAIN: DoorSettings = { o: OPEN_MS, h: 0, u: 0, f: 0, p: 0, i: 0, a: 0, x: 0, k: 0 };
/** A list holds this long, ms. */
const HOLDS_MS = 7 * 86_400_000;
const CHINA_MINUTES = 480;

/** Rules with nothing special, for so many doors. `first`: what is special about door 1. */
export const rulesFor = (doors: number, first: Partial<DoorSettings> = {}): Rules => ({
  doors: Array.from({ length: doors }, (_, at) => (at === 0 ? { ...PLAIN, ...first } : PLAIN)),
  tz: CHINA_MINUTES,
  sched: [],
  hol: [],
  work: [],
});

/** A row for a card at every door, without an end. RangeError for a reading that cannot be. */
export function rowOf(listKey: Uint8Array, reading: Reading): ListRow {
  const canonical = canonicalReading(reading);
  if (canonical === undefined) throw new RangeError(`a reading that cannot be: ${reading.w} bits, ${reading.x}`);
  return [listFingerprint(listKey, canonical), 255, 0, 0, 0, NO_PIN];
}

/** A list of these rows under a version. `now`: epoch ms. */
export function listOf(
  given: readonly ListRow[],
  { device, version: [e, n], rules, now }: { readonly device: string; readonly version: readonly [number, number]; readonly rules: Rules; readonly now: number },
): JudgeList {
  const rows = sortRows([...given]);
  const header = { v: 1 as const, d: device, e, n, until: now + HOLDS_MS, count: rows.length, of: Math.ceil(rows.length / ROWS_PER_CHUNK), dig: listDigest(rows), ...rules };
  return { header, rows };
}

/** Pieces of a whole list, in order. */
export const chunksOf = ({ header: { e, n, of }, rows }: JudgeList): ListChunk[] =>
  Array.from({ length: of }, (_, at) => ({ e, n, at, rows: rows.slice(at * ROWS_PER_CHUNK, (at + 1) * ROWS_PER_CHUNK) }));

/** The difference from one list to another, as one piece. */
export function deltaChunk(from: JudgeList, to: JudgeList): ListChunk {
  const [had, has] = [from, to].map(({ rows }) => new Set(rows.map((row) => row.join())));
  const { e, n } = to.header;
  return {
    e,
    n,
    at: 0,
    rows: to.rows.filter((row) => had?.has(row.join()) !== true),
    base: { e: from.header.e, n: from.header.n, gone: from.rows.filter((row) => has?.has(row.join()) !== true) },
  };
}

/** Body of a piece. */
export const pieceBytes = (chunk: ListChunk): Buffer => encodeChunk(chunk);
/** `epoch.n` of a list. */
export const versionOf = ({ header }: JudgeList): string => `${header.e}.${header.n}`;
