import { dateAt, DAY_MS, startOfDay } from '../core/local-date.ts';
import type { StoredEntry } from '../journal/entry.ts';
import type { JournalReads } from './deps.ts';
import type { Role } from './schemas/session.ts';

const HOUR_MS = 3_600_000;
const BATCH = 500;

/** How often doors were opened today, by building: a count, never who or when. */
export interface OpenedToday {
  count(buildingId: number, role: Role, now: number): number;
  /** New entries of the journal, in order. */
  add(entries: readonly StoredEntry[]): void;
}

interface Tally {
  /** Start of the day it counts, epoch ms. */
  readonly day: number;
  /** Newest entry counted. */
  upTo: number;
  readonly hours: number[];
}

function addTo(tally: Tally, { index, event }: StoredEntry): void {
  if (index <= tally.upTo) return;
  tally.upTo = index;
  const since = event.gatewayTime - tally.day;
  if (event.kind !== 'access' || !event.granted || since < 0 || since >= DAY_MS) return;
  const hour = Math.floor(since / HOUR_MS);
  tally.hours[hour] = (tally.hours[hour] ?? 0) + 1;
}

/**
 * Read back once for each building and day, then kept current by `add`. A landlord is told of full hours only:
 * a number that grows as he watches would tell him when somebody came (invariant I5).
 */
export function createOpenedToday(journal: JournalReads): OpenedToday {
  const tallies = new Map<number, Tally>();

  function readBack(buildingId: number, day: number): Tally {
    const found: StoredEntry[] = [];
    for (let index: number | undefined; ; ) {
      const batch = journal.before({ buildingId, ...(index === undefined ? {} : { index }) }, BATCH);
      found.push(...batch);
      const oldest = batch.at(-1);
      if (oldest === undefined || batch.length < BATCH || oldest.event.gatewayTime < day) break;
      index = oldest.index;
    }
    const tally: Tally = { day, upTo: 0, hours: new Array<number>(24).fill(0) };
    for (const entry of found.reverse()) addTo(tally, entry);
    return tally;
  }

  return {
    count(buildingId, role, now) {
      const day = startOfDay(dateAt(now));
      let tally = tallies.get(buildingId);
      if (tally === undefined || tally.day !== day) {
        tally = readBack(buildingId, day);
        tallies.set(buildingId, tally);
      }
      const whole = role === 'LL' ? Math.floor((now - day) / HOUR_MS) : 24;
      return tally.hours.slice(0, whole).reduce((sum, each) => sum + each, 0);
    },
    add(entries) {
      for (const entry of entries) {
        const tally = tallies.get(entry.event.buildingId);
        if (tally !== undefined) addTo(tally, entry);
      }
    },
  };
}
