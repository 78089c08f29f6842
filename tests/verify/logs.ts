import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { CredentialId, DoorId, PersonId, UnitId } from '../../gateway/core/ids.ts';
import type { Checkpoint } from '../../gateway/journal/checkpoints.ts';
import { type Exported, exportLog, type ExportWish } from '../../gateway/journal/export.ts';
import { eventOf, type NewEntry, NO_PERSON } from '../../gateway/journal/entry.ts';
import { type LogPlace, openLog } from '../../gateway/journal/log.ts';
import { beginNewLog } from '../../gateway/journal/new-log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { dayOf } from '../../gateway/journal/seal.ts';
import { clockAt, newPlace, NOON, tapEntry } from '../journal/samples.ts';

/** Words that stand in the log, sealed, and must be in no export. */
export const CANARIES = ['canary-words-of-a-person', 'c4a7a9c4a7a9beef', 'canary-what'];

const DAY = 86_400_000;

/** Whole numbers below `n` from a seed: the same log for the same seed (mulberry32). */
export function numbersFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Entry number `n` of a made-up house, at this time. */
export function someEntry(n: number, at: number): NewEntry {
  const person = { personId: PersonId(1 + (n % 97)), unitId: UnitId(1 + (n % 31)), credentialId: CredentialId(1 + (n % 97)) };
  if (n % 11 === 3) return { event: eventOf({ kind: 'outcome', gatewayTime: at, final: 'executed', ref: n, doorId: DoorId(1 + (n % 7)) }), person: NO_PERSON };
  if (n % 11 === 5) return { event: eventOf({ kind: 'audit', gatewayTime: at, what: 'canary-what' }), person: { ...NO_PERSON, accountId: 4, words: CANARIES[0] ?? '' } };
  if (n % 11 === 7) return tapEntry(n, { gatewayTime: at, granted: false, reason: 'UNKNOWN_CREDENTIAL' }, { ...NO_PERSON, fingerprint: CANARIES[1] ?? '' });
  return tapEntry(n, { gatewayTime: at, doorId: DoorId(1 + (n % 7)), granted: n % 5 !== 0, reason: n % 5 === 0 ? 'WRONG_DOOR' : 'OK' }, person);
}

/** How many entries each log of the file gets, how many days they take, and what is destroyed. */
export interface Wanted {
  readonly sizes: readonly number[];
  readonly days?: number;
  readonly destroyDays?: number;
  readonly batch?: number;
}

/** Makes a journal whose logs follow each other. Every log is covered by its checkpoint up to its last entry, but for `tail` of the last. */
export async function makeJournal({ sizes, days = 8, destroyDays = 0, batch = 61 }: Wanted, tail = 0, place = newPlace()): Promise<LogPlace> {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let [made, now] = [0, NOON];
  for (const [no, size] of sizes.entries()) {
    if (no > 0) beginNewLog(place.file);
    const log = openLog(
      place,
      clockAt(() => now),
    );
    let left = size - 1;
    while (left > 0) {
      const count = Math.min(batch, left);
      log.append(
        Array.from({ length: count }, () => {
          made += 1;
          now = NOON + Math.floor((made * days * DAY) / total);
          return stage(someEntry(made, now));
        }),
      );
      left -= count;
    }
    now += 60_000;
    log.signIfDue();
    if (no === sizes.length - 1) {
      if (tail > 0) log.append(Array.from({ length: tail }, (_, n) => stage(someEntry(1_000_000 + n, now))));
      if (destroyDays > 0) await log.destroy({ before: dayOf(NOON) + destroyDays, held: { days: [], persons: [] } });
    }
    log.close();
  }
  return place;
}

export interface Export {
  readonly lines: readonly string[];
  readonly exported: Exported;
  readonly newest: Checkpoint;
}

/** The lines of an export, without their line feeds. */
export function exported(place: LogPlace, wish: ExportWish = { at: NOON, every: 64 }): Export {
  const lines: string[] = [];
  const making = exportLog(place, wish);
  let next = making.next();
  for (; next.done !== true; next = making.next()) lines.push(next.value.slice(0, -1));
  if (next.value.newest === undefined) throw new Error('the log has no checkpoint');
  return { lines, exported: next.value, newest: next.value.newest };
}

/** As somebody would who can write the file: the guards of the tables taken off and put back. */
export function tamper(place: LogPlace, change: (db: Database.Database) => void): void {
  const db = new Database(place.file);
  const guards = db.prepare<[], { name: string; sql: string }>("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all();
  for (const { name } of guards) db.exec(`DROP TRIGGER ${name}`);
  change(db);
  for (const guard of guards) db.exec(guard.sql);
  db.close();
}

/** Removes a journal's folder. */
export const remove = (place: LogPlace): void => rmSync(dirname(place.file), { recursive: true, force: true });
