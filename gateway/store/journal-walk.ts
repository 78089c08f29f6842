import type Database from 'better-sqlite3';
import { RESULT } from './journal-store.ts';

/** Tags of one month; what is not there does not limit. */
export interface Tags {
  readonly buildingTag?: Buffer;
  readonly doorTag?: Buffer;
  readonly personTag?: Buffer;
  readonly unitTag?: Buffer;
  readonly reasonTag?: Buffer;
  readonly accountTag?: Buffer;
  /** Only audit entries have tags of this month key. */
  readonly audit?: boolean;
}

/** What rows are wanted. */
export interface RowQuery {
  /** The same things by the tags of each month; one without any tag: no limit by tags. */
  readonly months: readonly Tags[];
  /** Values of `result`; undefined: any. */
  readonly results: readonly number[] | undefined;
  /** Values of `kind`; undefined: any. */
  readonly kinds: readonly number[] | undefined;
  /** Epoch ms, `from` in it, `until` not; undefined: any. */
  readonly time: { readonly from: number; readonly until: number } | undefined;
}

/** Kind of audit entries. */
export const AUDIT = 8;
/** Kinds above this have an index of their own. */
export const TAP_KINDS = 2;
const ANY_RESULT = Object.values(RESULT);

/** Tag columns in the order in which they narrow best, each with its index, and the one for audit entries alone. */
const INDEXES = [
  ['accountTag', 'entry_account', undefined],
  ['personTag', 'entry_person', 'entry_audit_person'],
  ['reasonTag', 'entry_reason', undefined],
  ['unitTag', 'entry_unit', 'entry_audit_unit'],
  ['doorTag', 'entry_door', undefined],
  ['buildingTag', 'entry_building', 'entry_audit_building'],
] as const;
type Column = (typeof INDEXES)[number][0];

/** These two have the result before the row id. */
const BY_RESULT: ReadonlySet<string> = new Set(['entry_unit', 'entry_building']);

/** A condition in SQL and what stands for its question marks. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly (Buffer | number)[];
}

/** How the rows of a query are found: walks down indexes, each in the order of the log, and what a row must fulfil besides. */
export interface Plan {
  readonly walks: readonly (Condition & { readonly index: string })[];
  readonly besides: Condition;
}

const listed = (column: string, values: readonly number[] | undefined): string[] => (values === undefined ? [] : [`${column} IN (${values.join(', ')})`]);
const nothing: Plan = { walks: [], besides: { sql: '', values: [] } };

/** Conditions on columns that the index does not hold. A tag of another month is not told apart: what the entry says decides in the end. */
function besidesOf({ months }: RowQuery, used: Column | undefined, others: readonly string[]): Condition {
  const tags = INDEXES.flatMap(([column]) => {
    const values = column === used ? [] : months.flatMap((month) => month[column] ?? []);
    return values.length === 0 ? [] : [{ sql: `${column} IN (${values.map(() => '?').join(', ')})`, values }];
  });
  const sql = [...tags.map((each) => each.sql), ...others].map((each) => ` AND ${each}`).join('');
  return { sql, values: tags.flatMap(({ values }) => values) };
}

/** Without a tag: by kind where each has few entries, else the log itself. */
function planByKind(query: RowQuery): Plan {
  const { kinds, results } = query;
  if (kinds?.every((kind) => kind > TAP_KINDS) !== true) {
    return { walks: [{ index: 'NOT INDEXED', sql: '', values: [] }], besides: besidesOf(query, undefined, [...listed('kind', kinds), ...listed('result', results)]) };
  }
  return { walks: kinds.map((kind) => ({ index: 'INDEXED BY entry_kind', sql: `kind > ${TAP_KINDS} AND kind = ${kind} AND`, values: [] })), besides: nothing.besides };
}

/** The indexes that find a query's rows with the least reading. */
export function planOf(query: RowQuery): Plan {
  const { months, kinds, results } = query;
  const [first] = months;
  if (first === undefined || results?.length === 0) return nothing;
  const best = INDEXES.find(([column]) => first[column] !== undefined);
  if (best === undefined) return planByKind(query);
  const [column, index, forAudits] = best;
  const walk = (of: readonly Tags[], name: string, more: string) =>
    of.flatMap((month) => month[column] ?? []).map((tag) => ({ index: `INDEXED BY ${name}`, sql: `${column} = ? AND ${more}`, values: [tag] }));
  const audits = (of: readonly Tags[]) => (forAudits === undefined ? walk(of, index, '') : walk(of, forAudits, `kind = ${AUDIT} AND`));
  if (forAudits !== undefined && kinds?.length === 1 && kinds[0] === AUDIT) return { walks: audits(months), besides: besidesOf(query, column, []) };
  const [others, ofAudits] = [months.filter(({ audit }) => audit !== true), audits(months.filter(({ audit }) => audit === true))];
  const besides = besidesOf(query, column, [...listed('kind', kinds), ...listed('result', results)]);
  if (!BY_RESULT.has(index)) return { walks: [...walk(others, index, ''), ...ofAudits], besides };
  return { walks: [...(results ?? ANY_RESULT).flatMap((result) => walk(others, index, `result = ${result} AND`)), ...ofAudits], besides };
}

/** Keeps one statement for each text. */
export function statements<Row>(db: Database.Database, pluck = false): (sql: string) => Database.Statement<unknown[], Row> {
  const known = new Map<string, Database.Statement<unknown[], Row>>();
  return (sql) => {
    const statement = known.get(sql) ?? db.prepare<unknown[], Row>(sql).pluck(pluck);
    known.set(sql, statement);
    return statement;
  };
}

/** Finds indexes of rows in a part of the log, `low` in it and `high` not, by the plan's walks alone: newest first, and no row is touched. */
export function walker(db: Database.Database): (walks: Plan['walks'], low: number, high: number, limit: number) => number[] {
  const statement = statements<number>(db, true);
  return (walks, low, high, limit) => {
    const found = walks.map(({ index, sql, values }) =>
      statement(`SELECT idx FROM entry ${index} WHERE ${sql} idx >= ? AND idx < ? ORDER BY idx DESC LIMIT ?`).all(...values, low, high, limit),
    );
    if (found.length === 1) return found[0] ?? [];
    return found
      .flat()
      .sort((a, b) => b - a)
      .slice(0, limit);
  };
}
