import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BuildingId, PersonId, UnitId } from '../../gateway/core/ids.ts';
import { entryLogOf } from '../../gateway/http/entry-log.ts';
import { eventOf, NO_PERSON } from '../../gateway/journal/entry.ts';
import { type Log, openLog } from '../../gateway/journal/log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { type JournalReader, openReader } from '../../gateway/journal/reader.ts';
import { dayOf, dayStart } from '../../gateway/journal/seal.ts';
import type { EntryLog } from '../../gateway/register/run-retention.ts';
import type { Held } from '../../gateway/store/holds.ts';
import { loadKeys } from '../../gateway/store/keys.ts';
import { NOON, tapEntry } from '../journal/samples.ts';

const DAY = 86_400_000;
const CUTOFF = dayStart(dayOf(NOON) - 184);
const NOTHING: Held = { persons: new Set(), units: new Set(), buildings: new Set(), cases: new Set(), ranges: [] };

let dir: string;
let log: Log;
let reader: JournalReader;
let entries: EntryLog;
let seq = 0;

function tap(daysAgo: number, personId: number, unitId: number, buildingId: number): void {
  seq += 1;
  log.append([stage(tapEntry(seq, { gatewayTime: NOON - daysAgo * DAY, buildingId: BuildingId(buildingId) }, { personId: PersonId(personId), unitId: UnitId(unitId) }))]);
}

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'doorbook-entry-log-'));
  const keysDir = path.join(dir, 'keys');
  const place = { file: path.join(dir, 'journal.sqlite'), keysDir, root: loadKeys(keysDir).journalRoot };
  log = openLog(place);
  // Person, unit, building: three days too old, one that just stays.
  for (const [daysAgo, person, unit, building] of [
    [190, 1, 11, 5],
    [190, 2, 12, 5],
    [188, 2, 12, 6],
    [185, 3, 13, 6],
    [185, 1, 11, 5],
    [184, 1, 11, 5],
  ] as const)
    tap(daysAgo, person, unit, building);
  reader = openReader(place);
  entries = entryLogOf({ journal: reader, doorSide: { destroyEntries: (before, held) => log.destroy({ before, held }) } });
});
afterEach(() => {
  reader.close();
  log.close();
  rmSync(dir, { recursive: true, force: true });
});

const left = (): string[] => reader.since(0, 50).map(({ event, person }) => `${dayOf(NOON) - dayOf(event.gatewayTime)}:${person.personId}`);

describe('old entries', () => {
  test('are counted by the days whose keys are there, and gone afterwards', async () => {
    expect(await entries.due(CUTOFF, NOTHING)).toEqual({ due: 3, held: 0 });
    expect(await entries.destroy(CUTOFF, NOTHING)).toEqual({ due: 3, held: 0, done: 3 });
    expect(left()).toEqual(['184:1']);
    expect(await entries.due(CUTOFF, NOTHING)).toEqual({ due: 0, held: 0 });
    expect(await entries.destroy(CUTOFF, NOTHING)).toEqual({ due: 0, held: 0, done: 0 });
  });

  test('a hold keeps no day for the sake of an audit entry, which stays by itself', async () => {
    const event = eventOf({ kind: 'audit', what: 'viewed', gatewayTime: NOON - 188 * DAY });
    log.append([stage({ event, person: { ...NO_PERSON, personId: PersonId(9) } })]);
    expect(await entries.destroy(CUTOFF, { ...NOTHING, persons: new Set([9]) })).toEqual({ due: 3, held: 0, done: 3 });
    expect(left()).toEqual(['184:1', '188:9']);
  });

  test.each([
    ['a person', { persons: new Set([1]) }, 2, ['190:1', '190:2', '185:3', '185:1', '184:1']],
    ['a unit', { units: new Set([12]) }, 2, ['190:1', '190:2', '188:2', '184:1']],
    ['a building', { buildings: new Set([6]) }, 2, ['188:2', '185:3', '185:1', '184:1']],
    ['a stretch of time', { ranges: [{ buildingId: 6, from: NOON - 188 * DAY, until: NOON - 188 * DAY + 1 }] }, 1, ['188:2', '184:1']],
  ])('a hold on %s keeps the whole days it is about', async (_what, about, held, expected) => {
    const wish = { ...NOTHING, ...about };
    expect(await entries.due(CUTOFF, wish)).toEqual({ due: 3, held });
    expect(await entries.destroy(CUTOFF, wish)).toEqual({ due: 3, held, done: 3 - held });
    expect(left()).toEqual(expected);
  });
});
