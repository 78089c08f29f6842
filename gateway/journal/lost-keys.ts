import type { SealedRow } from '../store/journal-store.ts';
import { calendarOf, dayOf, isAuditKey, type Keys, keyDay } from './seal.ts';

/** Entries looked at when the log is opened: some ten milliseconds. */
export const LOOKED_AT = 1024;

/** Days before today whose keys are never destroyed on purpose: the shortest retention is 30 (core/retention.ts). */
const RECENT_DAYS = 28;

/** What the slots hold, as far as it says whether some are missing. */
export interface Slots {
  readonly keys: Keys;
  /** Numbers of the days that have a key. */
  readonly days: readonly number[];
  /** Gateway time, epoch ms. */
  readonly now: number;
  /** A row's half about the person, which opens only when the other does; undefined where it does not. */
  readonly unseal: (row: SealedRow) => { readonly person: Uint8Array | undefined };
}

/**
 * Do the newest entries open? Keys are destroyed from the oldest day on, and a person's only when no entry is left; so a
 * missing key of a recent day, of one after all that are there, or of a person in an entry whose day is there, was lost: the slot files
 * are older than the log (a disk that lied about a flush, or a folder of keys put back from elsewhere). What to tell the
 * operator; undefined: nothing is missing.
 */
export function lostKeys(rows: readonly SealedRow[], { keys, days, now, unseal }: Slots): string | undefined {
  const recent = dayOf(now) - RECENT_DAYS;
  const lost = rows.filter((row) => {
    const day = keyDay(row.kind, row.at);
    if (keys.event(day) === undefined) return calendarOf(day) > recent || !days.some((other) => other > day && isAuditKey(other) === isAuditKey(day));
    return unseal(row).person === undefined;
  });
  const oldest = lost.at(-1);
  return oldest && `${lost.length} of the newest ${rows.length} entries cannot be opened, from entry ${oldest.idx} on: keys are lost. Restore the folder of keys from a backup.`;
}
