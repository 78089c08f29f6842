import { randomBytes } from 'node:crypto';
import { copyFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BuildingId, DoorId, PersonId } from '../../gateway/core/ids.ts';
import { type NewEntry, NO_PERSON, type StoredEntry } from '../../gateway/journal/entry.ts';
import { type Log, type LogPlace, openLog } from '../../gateway/journal/log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { type JournalReader, openReader } from '../../gateway/journal/reader.ts';
import { SLOT } from '../../gateway/journal/slot-file.ts';
import { slotPaths } from '../../gateway/journal/slots.ts';
import { destroySlots, newPlace, NOON, tapEntry } from './samples.ts';

const DAY_MS = 86_400_000;
let place: LogPlace;
let log: Log;
let reader: JournalReader;

/** Taps spread over 100 days and five months: two buildings, four doors, five people, every third refused. */
const PAST: readonly NewEntry[] = Array.from({ length: 400 }, (_, seq) =>
  tapEntry(
    seq,
    {
      gatewayTime: NOON - (400 - seq) * (DAY_MS / 4),
      buildingId: BuildingId(1 + (seq % 2)),
      doorId: DoorId(1 + (seq % 4)),
      granted: seq % 3 !== 0,
      reason: seq % 3 === 0 ? 'WRONG_DOOR' : 'OK',
      kind: seq % 10 === 9 ? 'outcome' : 'access',
    },
    { personId: PersonId(1 + (seq % 5)) },
  ),
);
const ALL: readonly StoredEntry[] = PAST.map((entry, seq) => ({ index: seq + 1, ...entry }));
const newestFirst = (wanted: (entry: StoredEntry) => boolean): StoredEntry[] => ALL.filter(wanted).reverse();

/** Pages through everything, a few at a time. */
function pages(filter: Parameters<JournalReader['before']>[0], limit: number): StoredEntry[] {
  const found: StoredEntry[] = [];
  for (let index: number | undefined; ; ) {
    const page = reader.before({ ...filter, ...(index === undefined ? {} : { index }) }, limit);
    found.push(...page);
    if (page.length < limit) return found;
    index = page.at(-1)?.index;
  }
}

/** Destroys keys, as retention will, and opens a reader. */
function destroy(type: number, id?: number): void {
  destroySlots(place, type, id);
  reader.close();
  reader = openReader(place);
}

const written = newPlace();

beforeAll(() => {
  const past = openLog(written);
  past.append(PAST.map(stage));
  past.close();
});
afterAll(() => rmSync(dirname(written.file), { recursive: true, force: true }));
beforeEach(() => {
  const dir = mkdtempSync(join(tmpdir(), 'doorbook-reader-'));
  cpSync(dirname(written.file), dir, { recursive: true });
  place = { ...newPlace(dir), root: written.root };
  log = openLog(place);
  reader = openReader(place);
});
afterEach(() => {
  reader.close();
  log.close();
  rmSync(dirname(place.file), { recursive: true, force: true });
});

/** Changes what is stored of some entries, as a bad disk would. */
function damage(...columns: readonly (readonly [index: number, column: 'event' | 'person'])[]): void {
  const db = new Database(place.file);
  db.exec('DROP TRIGGER entry_no_update');
  for (const [index, column] of columns) db.exec(`UPDATE entry SET ${column} = zeroblob(length(${column})) WHERE idx = ${index}`);
  db.close();
}

describe('what happened at doors', () => {
  const heard = (): { readonly kinds: string[]; readonly upTo: number } => {
    const { entries, upTo } = reader.happened(400, 3);
    return { kinds: entries.map(({ index, event }) => `${index} ${event.kind}`), upTo };
  };

  test('is entries of doors and links among so many rows, with the last that was looked at', () => {
    log.append((['door', 'access', 'link', 'door'] as const).map((kind, at) => stage(tapEntry(4000 + at, { kind, what: 'forced' }))));
    expect(heard()).toEqual({ kinds: ['401 door', '403 link'], upTo: 403 });
    expect(reader.happened(403, 3)).toMatchObject({ entries: [{ index: 404 }], upTo: 404 });
    expect(reader.happened(404, 3)).toEqual({ entries: [], upTo: 404 });
  });

  test('goes past what cannot be opened', () => {
    log.append((['door', 'link', 'access'] as const).map((kind, at) => stage(tapEntry(4000 + at, { kind, what: 'forced' }))));
    damage([401, 'event']);
    expect(heard()).toEqual({ kinds: ['402 link'], upTo: 403 });
  });
});

describe('what a bad disk changed', () => {
  test('is told once for each entry, whichever half it is; what else it says is shown', () => {
    const damaged: number[] = [];
    damage([7, 'event'], [9, 'person']);
    reader.close();
    reader = openReader(place, (index) => damaged.push(index));
    expect(reader.at(7)).toBeUndefined();
    expect(reader.at(9)).toEqual({ ...ALL[8], person: NO_PERSON });
    expect(reader.at(8)).toEqual(ALL[7]);
    expect(reader.before({}, 400)).toHaveLength(400);
    expect(damaged).toEqual([7, 9]);
  });

  test('a reader that nobody listens to goes on', () => {
    damage([7, 'event']);
    expect(reader.at(7)).toBeUndefined();
  });

  test.each([
    ['of people', SLOT.person, 400],
    ['of days', SLOT.day, 0],
  ])('destroyed keys %s are no damage', (_, type, left) => {
    const damaged: number[] = [];
    destroy(type);
    reader.close();
    reader = openReader(place, (index) => damaged.push(index));
    expect(reader.before({}, 400)).toHaveLength(left);
    expect(damaged).toEqual([]);
  });

  test('is told of a thousand entries and no more', () => {
    log.append(Array.from({ length: 700 }, (_, at) => stage(tapEntry(3000 + at))));
    damage(...Array.from({ length: 1100 }, (_, at) => [at + 1, 'event'] as const));
    const damaged: number[] = [];
    reader.close();
    reader = openReader(place, (index) => damaged.push(index));
    expect(reader.since(0, 2000)).toEqual([]);
    expect([damaged.length, damaged[0], damaged.at(-1)]).toEqual([1000, 1, 1000]);
  });
});

describe('reading the log', () => {
  test('entries after an index come oldest first, as they were stored', () => {
    expect(reader.last()).toBe(400);
    expect(reader.since(0, 1000)).toEqual(ALL);
    expect(reader.since(397, 2)).toEqual(ALL.slice(397, 399));
    expect(reader.since(400, 10)).toEqual([]);
    expect(reader.since(-1, 1)[0]?.event.what).toBe('log-started');
  });

  test('pages go backwards without a gap or a double', () => {
    expect(pages({}, 7).slice(0, -1)).toEqual(newestFirst(() => true));
    expect(reader.before({ index: 3 }, 10).map((entry) => entry.index)).toEqual([2, 1, 0]);
  });

  test.each([
    ['a building', { buildingId: 2 }, (entry: StoredEntry) => entry.event.buildingId === 2],
    ['a door', { doorId: 3 }, (entry: StoredEntry) => entry.event.doorId === 3],
    ['a person', { personId: 4 }, (entry: StoredEntry) => entry.person.personId === 4],
    ['refusals', { result: 'refused' as const }, (entry: StoredEntry) => entry.event.kind === 'access' && !entry.event.granted],
    [
      'refusals of a building',
      { buildingId: 1, result: 'refused' as const },
      (entry: StoredEntry) => entry.event.kind === 'access' && !entry.event.granted && entry.event.buildingId === 1,
    ],
    ['a person at a door', { personId: 4, doorId: 4 }, (entry: StoredEntry) => entry.person.personId === 4 && entry.event.doorId === 4],
    [
      'refusals of a person in a building',
      { personId: 1, buildingId: 1, result: 'refused' as const },
      (entry: StoredEntry) => entry.person.personId === 1 && entry.event.buildingId === 1 && entry.event.kind === 'access' && !entry.event.granted,
    ],
  ])('only %s, over five months of tags, at every page size', (_, filter, wanted) => {
    const expected = newestFirst(wanted);
    expect(expected.length).toBeGreaterThan(5);
    for (const limit of [1, 6, 300]) expect(pages(filter, limit)).toEqual(expected);
  });

  test('somebody nobody knows has no entries', () => {
    expect(reader.before({ personId: 999 }, 10)).toEqual([]);
    expect(reader.before({ doorId: 999 }, 10)).toEqual([]);
  });

  test('grants in a building are counted from a moment on', () => {
    for (const days of [0, 1, 30, 90, 1000]) {
      const from = NOON - days * DAY_MS;
      const expected = ALL.filter(({ event }) => event.kind === 'access' && event.granted && event.buildingId === 2 && event.gatewayTime >= from).length;
      expect(reader.countGranted({ buildingId: 2, from })).toBe(expected);
    }
  });

  test('an open reader sees what is written later, with keys made later', () => {
    const later = tapEntry(1000, { gatewayTime: NOON + 40 * DAY_MS, doorId: DoorId(77) }, { personId: PersonId(88) });
    log.append([stage(later)]);
    expect(reader.last()).toBe(401);
    expect(reader.since(400, 10)).toEqual([{ index: 401, ...later }]);
    expect(reader.before({ doorId: 77 }, 10)).toEqual([{ index: 401, ...later }]);
  });

  test('a clock that jumped over a month and back loses no entry from the pages', () => {
    log.append([NOON + 45 * DAY_MS, NOON, NOON - 200 * DAY_MS, NOON + 1].map((gatewayTime, place) => stage(tapEntry(2000 + place, { gatewayTime, doorId: DoorId(55) }))));
    expect(pages({ doorId: 55 }, 1).map((entry) => entry.index)).toEqual([404, 403, 402, 401]);
  });
});

describe('after keys are destroyed', () => {
  test('entries of that day are left out, and pages still fill', () => {
    const dayOfLast = Math.floor((NOON - DAY_MS / 4 + 8 * 3_600_000) / DAY_MS);
    destroy(SLOT.day, dayOfLast);
    const left = reader.since(0, 1000);
    expect(left.length).toBeLessThan(400);
    expect(left).toEqual(ALL.slice(0, left.length));
    expect(reader.before({}, 5).map((entry) => entry.index)).toEqual([0, 1, 2, 3, 4].map((back) => left.length - back));
  });

  test('a person becomes nobody, and the others stay', () => {
    destroy(SLOT.person, 3);
    const read = reader.since(0, 1000);
    expect(read).toHaveLength(400);
    expect(read.filter((entry) => entry.person.personId === 3)).toEqual([]);
    expect(read[2]).toEqual({ index: 3, event: PAST[2]?.event, person: NO_PERSON });
    expect(read[3]).toEqual(ALL[3]);
    expect(reader.before({ personId: 3 }, 10)).toEqual([]);
  });

  test('without the month keys nothing is found by tag, and all by index', () => {
    destroy(SLOT.month);
    expect(reader.before({ doorId: 3 }, 10)).toEqual([]);
    expect(reader.before({}, 10)).toHaveLength(10);
  });

  test('with another root key nothing opens at all', () => {
    copyFileSync(slotPaths(place.keysDir)[0], slotPaths(place.keysDir)[1]);
    reader.close();
    reader = openReader({ ...place, root: randomBytes(32) });
    expect(reader.since(-1, 500)).toEqual([]);
    expect(reader.last()).toBe(400);
  });
});
