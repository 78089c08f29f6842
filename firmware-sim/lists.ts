import { listDigest, type ListRow, ROWS_PER_CHUNK, sortRows } from '../gateway/wire/mqtt/list.ts';
import type { ListChunk } from '../gateway/wire/mqtt/list-chunk.ts';
import type { Message } from '../gateway/wire/mqtt/messages.ts';
import { recordDoorEvent } from './events.ts';
import { listVersion } from './local.ts';
import type { ListFetch, Step } from './model.ts';
import { stateChanged } from './report.ts';
import type { HeldList } from './store-image.ts';

/** Asking again for chunks that did not come, ms: first and longest wait. */
const RETRY_MS = 5000;
const RETRY_MAX_MS = 20_000;
/** A heartbeat that puts the end off by less is not worth a write, ms. */
const RENEW_STEP_MS = 3_600_000;

/** What a header says of the doors. */
const RULES = ['doors', 'tz', 'sched', 'hol', 'work'] as const;
type ListRules = Pick<HeldList, (typeof RULES)[number]>;

type Want = Message<'acl/want'>;
interface Version {
  readonly e: number;
  readonly n: number;
}

/** Order of list versions: by epoch, then number. */
const compareVersions = (a: Version, b: Version): number => a.e - b.e || a.n - b.n;

/** Tells the gateway which list is in force. */
export function publishHave(c: Step): void {
  const { instance, boot, list } = c.run;
  c.out.push({ t: 'publish', tail: 'acl/have', body: { v: 1, i: instance, b: boot, l: listVersion(list) } });
}

const sameRules = (a: ListRules, b: ListRules): boolean => RULES.every((name) => JSON.stringify(a[name]) === JSON.stringify(b[name]));

/** A heartbeat that puts the end off for long enough to be worth a write, or brings other rules for the doors. */
const renews = (want: Want, list: HeldList | undefined): boolean =>
  list !== undefined && want.dig === list.dig && want.until > list.until && (want.until >= list.until + RENEW_STEP_MS || !sameRules(want, list));

function apply(c: Step, want: Want, rows: readonly ListRow[]): void {
  const { e, n, until, dig, doors, tz, sched, hol, work } = want;
  hold(c, { e, n, until, dig, doors, tz, sched, hol, work, rows, boot: c.run.boot, u: c.run.u });
}

function hold(c: Step, held: HeldList): void {
  const before = c.run.list;
  c.run.list = held;
  c.run.rows = rowIndex(held);
  c.run.fetch = undefined;
  c.out.push({ t: 'store', change: { list: held } });
  publishHave(c);
  stateChanged(c.run);
  if (before !== undefined && !sameRules(before, held)) recordDoorEvent(c, 1, 'settings');
}

/** Rows by fingerprint, for look-up. */
export function rowIndex(list: HeldList | undefined): ReadonlyMap<string, readonly ListRow[]> {
  const index = new Map<string, ListRow[]>();
  for (const row of list?.rows ?? []) {
    const rows = index.get(row[0]);
    if (rows === undefined) index.set(row[0], [row]);
    else rows.push(row);
  }
  return index;
}

function get(c: Step, fetch: ListFetch): void {
  const { instance, boot, u, list } = c.run;
  const f = fetch.whole ? '' : listVersion(list);
  fetch.retryAt = u + fetch.retryMs;
  fetch.retryMs = Math.min(RETRY_MAX_MS, fetch.retryMs * 2);
  c.out.push({ t: 'publish', tail: 'acl/get', body: { v: 1, i: instance, b: boot, e: fetch.want.e, n: fetch.want.n, f } });
}

/**
 * The gateway announced the list this device should hold. An older version is ignored: lists never go back, by
 * (epoch, n). The same list again is a heartbeat: it can only put the end further off, so that a replay does nothing.
 */
export function wanted(c: Step, want: Want): void {
  const { list } = c.run;
  const order = list === undefined ? 1 : compareVersions(want, list);
  if (order < 0) return;
  if (order === 0 && !renews(want, list)) {
    // Asked although it is here: what was said of it did not arrive.
    if (want.dig === list?.dig) publishHave(c);
    return;
  }
  if (list !== undefined && want.dig === list.dig) {
    apply(c, want, list.rows);
    return;
  }
  if (want.count > want.of * ROWS_PER_CHUNK || want.of > Math.max(1, want.count)) return;
  if (c.run.fetch !== undefined && compareVersions(want, c.run.fetch.want) <= 0) return;
  if (want.count === 0) {
    if (listDigest([]) === want.dig) apply(c, want, []);
    return;
  }
  c.run.fetch = { want, chunks: new Map(), whole: false, retryAt: 0, retryMs: RETRY_MS };
  get(c, c.run.fetch);
}

/** The list in force with a difference carried out; undefined when it is not what the difference is from. */
function differing(list: HeldList | undefined, { base, rows }: ListChunk): ListRow[] | undefined {
  if (base === undefined || list === undefined || compareVersions(base, list) !== 0) return undefined;
  const gone = new Set(base.gone.map((row) => row.join()));
  return sortRows([...list.rows.filter((row) => !gone.has(row.join())), ...rows]);
}

const fits = (want: Want, rows: readonly ListRow[]): boolean => rows.length === want.count && listDigest(rows) === want.dig;

/** A difference takes force when what comes of it has the digest; else the whole list is asked for. */
function deltaCame(c: Step, fetch: ListFetch, chunk: ListChunk): void {
  const rows = differing(c.run.list, chunk);
  if (rows !== undefined && fits(fetch.want, rows)) return apply(c, fetch.want, rows);
  if (fetch.whole) return;
  fetch.whole = true;
  get(c, fetch);
}

/** A piece of the list on its way. When all are here and the digest agrees, the list takes force in one write. */
export function chunkCame(c: Step, chunk: ListChunk): void {
  const { fetch } = c.run;
  if (fetch === undefined || compareVersions(chunk, fetch.want) !== 0 || chunk.at >= fetch.want.of) return;
  if (chunk.base !== undefined) return deltaCame(c, fetch, chunk);
  fetch.chunks.set(chunk.at, chunk.rows);
  if (fetch.chunks.size < fetch.want.of) return;
  const rows = sortRows([...fetch.chunks.values()].flat());
  if (fits(fetch.want, rows)) apply(c, fetch.want, rows);
  else fetch.chunks.clear();
}

/** Asks again for a list that did not come whole. */
export function superviseList(c: Step): void {
  const { fetch, u } = c.run;
  if (fetch !== undefined && fetch.retryAt <= u) get(c, fetch);
}
