import { CborError, type CborValue, decodeCbor, encodeCbor } from '../cbor.ts';
import { FieldError } from '../fields.ts';
import { type ListRow, packRows, ROWS_PER_CHUNK, unpackRows } from './list.ts';

/**
 * `acl/c`, a piece of an access list: rows of version (`e`, `n`), `at` counting from 0. With `base` it is all that
 * differs from that version: `gone` are rows to take out, `rows` to put in.
 */
export interface ListChunk {
  readonly e: number;
  readonly n: number;
  readonly at: number;
  readonly rows: readonly ListRow[];
  readonly base?: { readonly e: number; readonly n: number; readonly gone: readonly ListRow[] };
}

/** The same with its rows packed: what the gateway keeps and sends. */
export interface PackedChunk {
  readonly e: number;
  readonly n: number;
  readonly at: number;
  readonly rows: Uint8Array;
  readonly base?: { readonly e: number; readonly n: number; readonly gone: Uint8Array };
}

/** Keys of the CBOR map (RFC 8949); 5 to 7 stand in a delta only. */
const KEY = { e: 1, n: 2, at: 3, rows: 4, baseE: 5, baseN: 6, gone: 7 } as const;
const U32 = 2 ** 32 - 1;
const CHUNKS_MAX = 999;

/** The body of a piece, to be sealed: a CBOR map with whole numbers as keys. */
export function encodePacked({ e, n, at, rows, base }: PackedChunk): Buffer {
  const map = new Map<number, CborValue>([
    [KEY.e, e],
    [KEY.n, n],
    [KEY.at, at],
    [KEY.rows, rows],
  ]);
  if (base !== undefined) map.set(KEY.baseE, base.e).set(KEY.baseN, base.n).set(KEY.gone, base.gone);
  return encodeCbor(map);
}

/** The body of a piece whose rows are at hand. */
export const encodeChunk = ({ base, rows, ...chunk }: ListChunk): Buffer =>
  encodePacked({ ...chunk, rows: packRows(rows), ...(base === undefined ? {} : { base: { ...base, gone: packRows(base.gone) } }) });

function numberOf(map: ReadonlyMap<number, CborValue>, name: 'e' | 'n' | 'at' | 'baseE' | 'baseN', max: number): number {
  const value = map.get(KEY[name]);
  if (typeof value !== 'number' || value < 0 || value > max) throw new FieldError(name, `a whole number from 0 to ${max} under key ${KEY[name]}`);
  return value;
}

function rowsOf(map: ReadonlyMap<number, CborValue>, name: 'rows' | 'gone'): ListRow[] {
  const value = map.get(KEY[name]);
  if (!(value instanceof Uint8Array)) throw new FieldError(name, `a byte string under key ${KEY[name]}`);
  const rows = unpackRows(value, name);
  if (rows.length > ROWS_PER_CHUNK) throw new FieldError(name, `at most ${ROWS_PER_CHUNK} rows`);
  return rows;
}

function mapOf(body: Uint8Array): ReadonlyMap<number, CborValue> {
  try {
    const value = decodeCbor(body);
    if (value instanceof Map) return value;
  } catch (error) {
    if (!(error instanceof CborError)) throw error;
  }
  throw new FieldError('body', 'a CBOR map with whole numbers as keys');
}

/** Reads the unsealed body of a piece. Throws FieldError; keys that are not known are ignored. */
export function decodeChunk(body: Uint8Array): ListChunk {
  const map = mapOf(body);
  const chunk = { e: numberOf(map, 'e', U32), n: numberOf(map, 'n', U32), at: numberOf(map, 'at', CHUNKS_MAX), rows: rowsOf(map, 'rows') };
  if (!map.has(KEY.gone)) return chunk;
  return { ...chunk, base: { e: numberOf(map, 'baseE', U32), n: numberOf(map, 'baseN', U32), gone: rowsOf(map, 'gone') } };
}
