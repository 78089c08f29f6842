import { canonicalReading, listFingerprint } from '../gateway/wire/mqtt/list.ts';
import type { Reading } from '../gateway/wire/mqtt/reading.ts';
import { NEVER, type Running, type Step } from './model.ts';
import type { HeldList } from './store-image.ts';

/** How long a list counts on a device that was never told the time, ms of running time (design.md 6.1). */
const UNTIMED_LIST_MS = 24 * 3_600_000;

/** What the door decides by itself. `openMs`: 0 when refused. */
export interface LocalVerdict {
  readonly granted: boolean;
  readonly reason: string;
  readonly openMs: number;
}

/** Version of the list in force, `epoch.n`, or ''. */
export const listVersion = (list: HeldList | undefined): string => (list === undefined ? '' : `${list.e}.${list.n}`);

/** Authenticated time now, epoch ms, never before the floor; undefined when nobody told this boot. */
const trustedTime = (run: Running): number | undefined => (run.clock === undefined ? undefined : Math.max(run.floor, run.clock.time + run.u - run.clock.at));

/** May the list still be used: by its own end where the time is known, else for a day of running time since it came or since boot. */
export function listInForce(run: Running): boolean {
  const { list } = run;
  if (list === undefined) return false;
  const time = trustedTime(run);
  if (time !== undefined) return time < list.until;
  const since = list.boot === run.boot ? list.u : 0;
  return run.floor < list.until && run.u - since < UNTIMED_LIST_MS;
}

const refuse = (reason: string): LocalVerdict => ({ granted: false, reason, openMs: 0 });

/** Open time of a door, ms: as the list says, else the device's own setting. */
export function openMsOf(c: Pick<Step, 'config' | 'run'>, door: number): number {
  const stated = c.run.list?.doors[door - 1]?.o ?? 0;
  return stated > 0 ? stated : c.config.openMs;
}

/** The door's own decision, by its access list. A row with an end needs authenticated time. */
export function decideLocally(c: Pick<Step, 'config' | 'run'>, door: number, reading: Reading): LocalVerdict {
  const canonical = canonicalReading(reading);
  if (canonical === undefined) return refuse('CREDENTIAL_FORMAT');
  if (!listInForce(c.run)) return refuse('OFFLINE_NO_LIST');
  const rows = c.run.rows.get(listFingerprint(c.config.listKey, canonical));
  if (rows === undefined) return refuse('UNKNOWN_CREDENTIAL');
  const ends = rows.flatMap(([, doors, until]) => ((doors & (1 << (door - 1))) === 0 ? [] : [until === 0 ? NEVER : until]));
  if (ends.length === 0) return refuse('WRONG_DOOR');
  const end = Math.max(...ends);
  const time = trustedTime(c.run);
  if ((time ?? c.run.floor) >= end) return refuse('EXPIRED');
  if (end !== NEVER && time === undefined) return refuse('OFFLINE_NO_LIST');
  return { granted: true, reason: 'OK', openMs: openMsOf(c, door) };
}
