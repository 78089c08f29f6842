import { existsSync, statSync } from 'node:fs';
import { type Connection, openReadOnly } from './sqlite.ts';

/** What a look into a database file brought. */
export interface DatabaseReport {
  /** `ok`: all of it. `partly`: what the time allowed, without a fault. Else what SQLite found, in its own words. */
  readonly state: 'missing' | 'ok' | 'partly' | 'faulty';
  /** First lines of what SQLite found. */
  readonly faults: readonly string[];
  /** PRAGMA user_version. */
  readonly version: number;
}

/** Larger files are looked at table by table, and the log's entries are left to the verifier. */
const WHOLE_BYTES = 2e9;
const MOST_FAULTS = 5;

const faultsIn = (connection: Connection, argument: string): string[] =>
  connection
    .prepare<[], string>(`PRAGMA quick_check(${argument})`)
    .pluck()
    .all()
    .filter((found) => found !== 'ok');

function checkTables(connection: Connection, limitMs: number): DatabaseReport['faults'] {
  const until = performance.now() + limitMs;
  const tables = connection.prepare<[], string>(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'entry' ORDER BY name`).pluck().all();
  const faults: string[] = [];
  for (const table of tables) {
    if (performance.now() > until || faults.length > 0) break;
    faults.push(...faultsIn(connection, `"${table}"`));
  }
  return faults;
}

/**
 * SQLite's quick check over a read-only connection, which has the safety settings of `sqlite.ts` or is refused. Safe
 * beside a running gateway. `limitMs`: no further table of a large file is begun after it. Throws StoreError.
 */
export function checkDatabase(file: string, { limitMs, wholeBytes = WHOLE_BYTES }: { readonly limitMs: number; readonly wholeBytes?: number }): DatabaseReport {
  if (!existsSync(file)) return { state: 'missing', faults: [], version: 0 };
  const connection = openReadOnly(file);
  try {
    const whole = statSync(file).size <= wholeBytes;
    const faults = whole ? faultsIn(connection, String(MOST_FAULTS)) : checkTables(connection, limitMs);
    const version = Number(connection.pragma('user_version', { simple: true }));
    if (faults.length > 0) return { state: 'faulty', faults: faults.slice(0, MOST_FAULTS), version };
    return { state: whole ? 'ok' : 'partly', faults: [], version };
  } finally {
    connection.close();
  }
}

/** How the log has grown lately. */
export interface LogGrowth {
  /** Epoch ms. */
  readonly newestAt: number;
  /** Undefined when it does not yet reach over a day. */
  readonly entriesPerDay: number | undefined;
  readonly entries: number;
}

const DAY_MS = 86_400_000;
/** Entries whose times say how fast it grows. */
const LATELY = 50_000;

/** Reads the times of two entries. Undefined for a log without any. Throws StoreError. */
export function logGrowth(file: string): LogGrowth | undefined {
  const connection = openReadOnly(file);
  try {
    const last = connection.prepare<[], number | null>('SELECT max(idx) FROM entry').pluck().get() ?? null;
    if (last === null) return undefined;
    const timeOf = connection.prepare<[number], number>('SELECT at FROM entry WHERE idx = ?').pluck();
    const from = Math.max(0, last - LATELY);
    const [begin = 0, newestAt = 0] = [timeOf.get(from), timeOf.get(last)];
    const days = (newestAt - begin) / DAY_MS;
    return { newestAt, entries: last + 1, entriesPerDay: days < 1 ? undefined : (last - from) / days };
  } finally {
    connection.close();
  }
}

/** One sealed name of the register, to try its keys on; undefined when nobody is in it. Throws StoreError. */
export function oneSealedName(file: string): Uint8Array | undefined {
  const connection = openReadOnly(file);
  try {
    return connection.prepare<[], Buffer>('SELECT "nameSealed" FROM "Person" LIMIT 1').pluck().get();
  } finally {
    connection.close();
  }
}
