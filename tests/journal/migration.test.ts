import { readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BuildingId } from '../../gateway/core/ids.ts';
import { DAY_MS } from '../../gateway/core/local-date.ts';
import type { NewEntry, StoredEntry } from '../../gateway/journal/entry.ts';
import { type LogPlace, openLog, rowOf } from '../../gateway/journal/log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { openReader } from '../../gateway/journal/reader.ts';
import { keysOf, LOG_SLOT, slotsFor } from '../../gateway/journal/seal.ts';
import { openSlotWriter } from '../../gateway/journal/slots.ts';
import { newPlace, NOON, tapEntry } from './samples.ts';

const OLD = 1500;
const FIRST = new URL('../../prisma/journal/0001_entries.sql', import.meta.url);
const old = (seq: number): NewEntry =>
  tapEntry(seq, { gatewayTime: NOON - (OLD - seq) * 60_000, kind: seq % 2 === 0 ? 'access' : 'outcome', granted: seq % 6 !== 0, reason: seq % 6 === 0 ? 'REVOKED' : 'OK' });
const ENTRIES: readonly StoredEntry[] = Array.from({ length: OLD }, (_, index) => ({ index, ...old(index) }));

let place: LogPlace;

/** A log as the first version of the program left it: its columns, and 0 as the result of an outcome. */
function writeFirstVersion(): void {
  const slots = openSlotWriter(place.keysDir, place.root);
  slots.ensure([LOG_SLOT]);
  slots.ensure(ENTRIES.flatMap((entry) => slotsFor(stage(entry))));
  const keys = keysOf(slots);
  const db = new Database(place.file);
  db.pragma('journal_mode = WAL');
  db.exec(`${readFileSync(FIRST, 'utf8')}; PRAGMA user_version = 1; INSERT INTO log VALUES (1, x'00112233445566778899aabbccddeeff')`);
  const logId = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
  const insert = db.prepare(`INSERT INTO entry VALUES (@idx, @at, @kind, @result % 3, @buildingTag, @doorTag, @personTag, @dedup, @cEvent, @cPerson, @leafHash, @event, @person)`);
  db.transaction(() => {
    for (const entry of ENTRIES) insert.run(rowOf(stage(entry), entry.index, { logId, first: 0 }, keys));
  })();
  db.close();
  slots.close();
}

beforeEach(() => {
  place = newPlace();
  writeFirstVersion();
});
afterEach(() => rmSync(dirname(place.file), { recursive: true, force: true }));

describe('a log of the first version', () => {
  test('is brought up to date by the writer, and everything in it is found as before', () => {
    openLog(place).close();
    const reader = openReader(place);
    expect(reader.last()).toBe(OLD - 1);
    expect(reader.since(-1, OLD)).toEqual(ENTRIES);
    for (const filter of [{ buildingId: 7 }, { doorId: 41 }, { personId: 9001 }]) expect(reader.before(filter, OLD)).toEqual([...ENTRIES].reverse());
    const refused = ENTRIES.filter(({ event }) => event.kind === 'access' && !event.granted).reverse();
    expect(reader.before({ buildingId: 7, result: 'refused' }, OLD)).toEqual(refused);
    const noPassages = reader.before({ buildingId: 7, withoutPassages: true }, OLD);
    expect(noPassages).toEqual(refused);
    const [from, until] = [NOON - DAY_MS / 4, NOON - DAY_MS / 8];
    const inTime = ENTRIES.filter(({ event }) => event.gatewayTime >= from && event.gatewayTime < until);
    expect(reader.before({ personId: 9001, from, until }, OLD)).toEqual(inTime.reverse());
    expect(reader.before({ kinds: ['outcome'] }, OLD)).toHaveLength(OLD / 2);
    reader.close();
  });

  test('has no entry by unit or by reason, and later ones have', () => {
    const log = openLog(place);
    log.append([stage(tapEntry(9000, { granted: false, reason: 'REVOKED', buildingId: BuildingId(7) }))]);
    log.close();
    const reader = openReader(place);
    expect(reader.before({ unitId: 302 }, 10).map(({ index }) => index)).toEqual([OLD]);
    expect(reader.before({ buildingId: 7, reason: 'REVOKED' }, 10).map(({ index }) => index)).toEqual([OLD]);
    expect(reader.before({ personId: 9001, reason: 'REVOKED' }, OLD).length).toBeGreaterThan(100);
    expect(reader.unitCounts({ unitIds: [302], from: 0, until: NOON + DAY_MS })).toEqual([{ unitId: 302, granted: 0, refused: 1, lastDay: '2026-06-01' }]);
    reader.close();
  });

  test('keeps its guards, on the new table too', () => {
    openLog(place).close();
    const db = new Database(place.file);
    expect(db.pragma('user_version', { simple: true })).toBe(3);
    expect(db.prepare('SELECT n, maxAt FROM span').all()).toEqual([{ n: 0, maxAt: ENTRIES[1023]?.event.gatewayTime }]);
    for (const sql of ['UPDATE entry SET unitTag = NULL', 'DELETE FROM entry', 'UPDATE span SET maxAt = 0', 'DELETE FROM span']) expect(() => db.exec(sql)).toThrow(/append-only/);
    db.close();
  });
});
