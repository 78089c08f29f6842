import { Type } from 'typebox';
import { refusal } from './problem.ts';

/** Most rows of one page. */
export const MOST_ROWS = 200;
const USUAL_ROWS = 50;
const LONGEST_CURSOR = 200;

/** What a list takes: spread it into the query's schema, `Type.Object({ ...PAGE_QUERY, state: … })`. */
export const PAGE_QUERY = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_ROWS, description: `Rows of a page, ${USUAL_ROWS} unless said otherwise.` })),
  after: Type.Optional(Type.String({ maxLength: LONGEST_CURSOR, description: '`next` of the page before.' })),
};

/** What a list's answer has beside its rows: the cursor of the next page, null when this was the last. */
export const PAGE_NEXT = { next: Type.Union([Type.String(), Type.Null()], { description: 'Give it as `after` to get the next page; null: there is none.' }) };

interface Kinds {
  readonly number: number;
  readonly string: string;
}
/** Form of a cursor: the kinds of the columns the list is ordered by, the last of them unique. */
type Shape = readonly (keyof Kinds)[];
/** The place a page goes on from: values of those columns. */
export type Place<S extends Shape> = { readonly [I in keyof S]: Kinds[S[I]] };

/** A page as asked for. */
export interface Asked<S extends Shape> {
  /** Rows to give out; read one more to learn whether there is a next page. */
  readonly limit: number;
  /** Start behind this row; undefined: at the beginning. */
  readonly after: Place<S> | undefined;
}

function readCursor(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}

const fits = <S extends Shape>(value: unknown, shape: S): value is Place<S> =>
  Array.isArray(value) && value.length === shape.length && value.every((each, at) => typeof each === shape[at] && (typeof each === 'string' || Number.isSafeInteger(each)));

/**
 * The page a query asks for: `pageAsked(request.query, ['number', 'number'])` for a list ordered by time and row number.
 * A cursor is opaque but no secret and no permission: what the viewer may see is asked of every row as on the first page,
 * so a made-up one shows nothing more. Refuses BAD_INPUT for one that is not of the list's form.
 */
export function pageAsked<const S extends Shape>(query: { readonly limit?: number; readonly after?: string }, shape: S): Asked<S> {
  const { limit = USUAL_ROWS, after } = query;
  if (after === undefined) return { limit, after: undefined };
  const place = readCursor(after);
  if (!fits(place, shape)) throw refusal('BAD_INPUT', { field: 'after', expected: 'next' });
  return { limit, after: place };
}

/**
 * The answer from the `limit + 1` rows that were read; `placeOf` gives a row's values of the ordering columns.
 * These travel in addresses, so they are row numbers, times and codes, never anything of a person.
 */
export function pageOf<R>(rows: readonly R[], limit: number, placeOf: (row: R) => readonly (number | string)[]): { rows: R[]; next: string | null } {
  const given = rows.slice(0, limit);
  const last = given.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { rows: given, next: more ? Buffer.from(JSON.stringify(placeOf(last))).toString('base64url') : null };
}
