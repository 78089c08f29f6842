import { canonicalReading, listFingerprint, type ListRow, ROW_FLAGS } from '../gateway/wire/mqtt/list.ts';
import type { Reading } from '../gateway/wire/mqtt/reading.ts';
import type { Running, Step } from './model.ts';
import { inLockdown, isHour, settingsOf, toldTime, trustedTime } from './rules.ts';
import { checkPinLocally } from './pins.ts';
import type { HeldList, RequestRecord } from './store-image.ts';

/** How long a list counts on a device that was never told the time, ms of running time (design.md 6.1). */
const UNTIMED_LIST_MS = 24 * 3_600_000;
/** How long a list counts at most after it came or was renewed, ms of running time: no header holds longer (design.md 6.1). */
const LONGEST_LIST_MS = 90 * 24 * 3_600_000;
const MINUTE_MS = 60_000;
/** Cards a door remembers for anti-passback. */
const LAST_IN_MAX = 1000;

/** What the door decides by itself. `openMs`: 0 when refused. */
export interface LocalVerdict {
  readonly granted: boolean;
  readonly reason: string;
  readonly openMs: number;
  /** A duty card: the lockdown ends at this door. */
  readonly duty?: boolean;
  /** The digits are those of somebody under threat. */
  readonly duress?: boolean;
}

/** Version of the list in force, `epoch.n`, or ''. */
export const listVersion = (list: HeldList | undefined): string => (list === undefined ? '' : `${list.e}.${list.n}`);

/**
 * May the list still be used. One that came in this boot: by its end and the time as it was told, and no longer than any
 * list holds in running time; so a wrong clock that once put the floor ahead keeps nobody out when it is right again, and
 * one that is set back makes no list last. One of an earlier boot: by the floor too. Without the time: for a day of
 * running time since it came or since boot.
 */
export function listInForce(run: Running): boolean {
  const { list } = run;
  if (list === undefined) return false;
  const here = list.boot === run.boot;
  const running = run.u - (here ? list.u : 0);
  const [told, time] = [toldTime(run), trustedTime(run)];
  if (told === undefined || time === undefined) return (here || run.floor < list.until) && running < UNTIMED_LIST_MS;
  return here ? told < list.until && running < LONGEST_LIST_MS : time < list.until;
}

const refuse = (reason: string): LocalVerdict => ({ granted: false, reason, openMs: 0 });

/** Open time of a door, ms: as the list says, else the device's own setting. */
export function openMsOf(c: Pick<Step, 'config' | 'run'>, door: number): number {
  const stated = settingsOf(c, door).o;
  return stated > 0 ? stated : c.config.openMs;
}

/** Why none of a credential's rows opens the door now, or those that do. A row with an end, or hours, needs authenticated time. */
function fitting(run: Running, rows: readonly ListRow[], door: number): readonly ListRow[] | string {
  const here = rows.filter(([, doors]) => (doors & (1 << (door - 1))) !== 0);
  if (here.length === 0) return 'WRONG_DOOR';
  const time = trustedTime(run);
  const lasting = here.filter(([, , until]) => until === 0 || (time ?? run.floor) < until);
  if (lasting.length === 0) return 'EXPIRED';
  const known = lasting.filter(([, , until, schedule]) => time !== undefined || (until === 0 && schedule === 0));
  if (known.length === 0) return 'OFFLINE_NO_LIST';
  const now = known.filter(([, , , schedule]) => schedule === 0 || isHour(run, schedule));
  return now.length === 0 ? 'OUT_OF_SCHEDULE' : now;
}

const has = (rows: readonly ListRow[], flag: number): boolean => rows.some(([, , , , flags]) => (flags & flag) !== 0);

/** Did this card go in at this door so short a time ago that it is refused? */
function goesBack(c: Pick<Step, 'config' | 'run'>, door: number, fingerprint: string): boolean {
  const { a, x } = settingsOf(c, door);
  const last = c.run.doors[door - 1]?.lastIn.get(fingerprint);
  return x === 1 && last !== undefined && c.run.u - last < a * MINUTE_MS;
}

/** The door's own decision, by its access list: of cards alone, for digits without one work online only. `typed`: digits that came with the card. */
export function decideLocally(c: Pick<Step, 'config' | 'run'>, { door, reading, method }: Pick<RequestRecord, 'door' | 'reading' | 'method'>, typed = ''): LocalVerdict {
  if (method !== 'card') return refuse(method === 'pin' ? 'PIN_OFFLINE' : 'TOKEN_INVALID');
  const canonical = canonicalReading(reading);
  if (canonical === undefined) return refuse('CREDENTIAL_FORMAT');
  if (!listInForce(c.run)) return refuse('OFFLINE_NO_LIST');
  const fingerprint = listFingerprint(c.config.listKey, canonical);
  const rows = c.run.rows.get(fingerprint);
  if (rows === undefined) return refuse('UNKNOWN_CREDENTIAL');
  const fits = fitting(c.run, rows, door);
  if (typeof fits === 'string') return refuse(fits);
  const lockdown = inLockdown(c, door);
  if (lockdown && !has(fits, ROW_FLAGS.duty)) return refuse('LOCKDOWN');
  if (!lockdown && goesBack(c, door, fingerprint)) return refuse('ANTIPASSBACK');
  const pin = checkPinLocally(c, door, { canonical, fingerprint, rows: fits }, typed);
  if (pin.refusal !== undefined) return refuse(pin.refusal);
  const openMs = openMsOf(c, door) * (has(fits, ROW_FLAGS.slow) ? 2 : 1);
  return { granted: true, reason: 'OK', openMs, ...(lockdown ? { duty: true } : {}), ...(pin.duress === true ? { duress: true } : {}) };
}

/** Somebody went in: counted at a door that minds who goes in twice. */
export function countEntry(c: Pick<Step, 'config' | 'run'>, door: number, reading: Reading): void {
  const lock = c.run.doors[door - 1];
  const canonical = settingsOf(c, door).a === 0 ? undefined : canonicalReading(reading);
  if (lock === undefined || canonical === undefined) return;
  if (lock.lastIn.size >= LAST_IN_MAX) lock.lastIn.clear();
  lock.lastIn.set(listFingerprint(c.config.listKey, canonical), c.run.u);
}
