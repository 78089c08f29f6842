import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { BuildingId, DoorId, PersonId, UnitId } from '../../gateway/core/ids.ts';
import { DAY_MS, dateAt, startOfDay } from '../../gateway/core/local-date.ts';
import { ENTRY_KIND, type EntryKind, eventOf, type NewEntry, NO_PERSON, type StoredEntry } from '../../gateway/journal/entry.ts';
import type { EntryFilter } from '../../gateway/journal/filter.ts';
import { type LogPlace, openLog } from '../../gateway/journal/log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { type JournalReader, openReader } from '../../gateway/journal/reader.ts';
import { SLOT } from '../../gateway/journal/slot-file.ts';
import { counted, matches } from '../helpers/fake-journal.ts';
import { destroySlots, newPlace, NOON } from './samples.ts';

const SIZE = 5000;
const START = NOON - 75 * DAY_MS;
const REASONS = ['WRONG_DOOR', 'LEASE_ENDED', 'REVOKED'] as const;
const KINDS = Object.keys(ENTRY_KIND).filter((name): name is EntryKind => name in ENTRY_KIND);
/** Mostly taps and outcomes, as in a real log. */
const MIX: readonly EntryKind[] = [
  'access',
  'outcome',
  'access',
  'outcome',
  'access',
  'access',
  'door',
  'outcome',
  'access',
  'link',
  'audit',
  'access',
  'command',
  'audit',
  'register',
  'system',
];

/** The gateway's clock: rises over 75 days, trembles, stands in 1970 after a power cut, runs ahead by two months, and comes back. */
function clockAt(n: number): number {
  const right = START + n * ((75 * DAY_MS) / SIZE);
  if (n >= 1500 && n < 1530) return (n - 1500) * 1000;
  if (n >= 3000 && n < 3020) return right + 61 * DAY_MS;
  return Math.floor(right - (n % 7 === 0 ? 5 * 60_000 : 0));
}

function entryOf(n: number): NewEntry {
  const kind = MIX[(n * 7 + Math.floor(n / 11)) % MIX.length] ?? 'access';
  const refused = n % 5 === 0;
  const acted = kind === 'audit' || kind === 'command' || kind === 'register';
  const decided = kind === 'access' || kind === 'outcome';
  return {
    event: eventOf({
      kind,
      gatewayTime: clockAt(n),
      buildingId: kind === 'system' ? 0 : BuildingId(1 + (n % 3)),
      doorId: acted ? 0 : DoorId(1 + (n % 6)),
      granted: decided && !refused,
      reason: decided ? (refused ? REASONS[Math.floor(n / 5) % 3] : 'OK') : undefined,
      what: acted ? 'viewed' : undefined,
    }),
    person: {
      ...NO_PERSON,
      personId: decided || (acted && n % 2 === 0) ? PersonId(1 + (n % 8)) : 0,
      unitId: decided || acted ? UnitId(1 + (n % 4)) : 0,
      accountId: acted ? 1 + (n % 3) : 0,
    },
  };
}

const ALL: readonly StoredEntry[] = Array.from({ length: SIZE }, (_, n) => ({ index: n + 1, ...entryOf(n) }));
const written = newPlace();
let place: LogPlace;
let reader: JournalReader;

/** The reader of a copy of the log, which may be harmed. */
function reopen(): void {
  reader.close();
  reader = openReader(place);
}
const indexes = (entries: readonly StoredEntry[]): number[] => entries.map((entry) => entry.index);
const wanted = (filter: EntryFilter, entries = ALL): StoredEntry[] => entries.filter((entry) => matches(entry, filter)).reverse();

/** Pages through everything that passes, `limit` at a time. */
function paged(filter: EntryFilter, limit: number): StoredEntry[] {
  const found: StoredEntry[] = [];
  for (let index = filter.index; ; ) {
    const page = reader.before(index === undefined ? filter : { ...filter, index }, limit);
    found.push(...page);
    if (page.length < limit) return found;
    index = page.at(-1)?.index;
  }
}

beforeAll(() => {
  const log = openLog(written);
  for (let from = 0; from < SIZE; from += 200) log.append(ALL.slice(from, from + 200).map(stage));
  log.close();
});
afterAll(() => rmSync(dirname(written.file), { recursive: true, force: true }));
beforeEach(() => {
  const dir = mkdtempSync(join(tmpdir(), 'doorbook-review-'));
  cpSync(dirname(written.file), dir, { recursive: true });
  place = { ...newPlace(dir), root: written.root };
  reader = openReader(place);
});
afterEach(() => {
  vi.restoreAllMocks();
  reader.close();
  rmSync(dirname(place.file), { recursive: true, force: true });
});

const maybe = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(values, { nil: undefined, freq: 2 });
const moment = fc.oneof(fc.integer({ min: START - DAY_MS, max: START + 140 * DAY_MS }), fc.integer({ min: 0, max: 40_000 }), fc.nat({ max: SIZE - 1 }).map(clockAt));
const filters: fc.Arbitrary<EntryFilter> = fc
  .record({
    index: maybe(fc.integer({ min: 0, max: SIZE + 5 })),
    buildingId: maybe(fc.integer({ min: 1, max: 4 })),
    doorId: maybe(fc.integer({ min: 1, max: 7 })),
    personId: maybe(fc.integer({ min: 1, max: 9 })),
    unitId: maybe(fc.integer({ min: 1, max: 5 })),
    accountId: maybe(fc.integer({ min: 1, max: 4 })),
    reason: maybe(fc.constantFrom(...REASONS)),
    result: maybe(fc.constantFrom('granted' as const, 'refused' as const)),
    withoutPassages: maybe(fc.boolean()),
    kinds: maybe(fc.subarray([...KINDS], { minLength: 1 })),
    from: maybe(moment),
    until: maybe(moment),
  })
  .map((filter) => Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)));

/** A reason alone is refused. */
const isAsked = ({ reason, buildingId, doorId, personId, unitId, accountId }: EntryFilter): boolean =>
  reason === undefined || [buildingId, doorId, personId, unitId, accountId].some((id) => id !== undefined);

describe('any question to the log', () => {
  test('is answered as by looking at each entry, page by page, whatever the clock did', () => {
    fc.assert(
      fc.property(filters.filter(isAsked), fc.constantFrom(3, 50, 400), (filter, limit) => {
        const expected = indexes(wanted(filter)).slice(0, 5 * limit);
        const withoutFirst = indexes(paged(filter, limit)).filter((index) => index > 0);
        expect(withoutFirst.slice(0, 5 * limit)).toEqual(expected);
      }),
      {
        numRuns: 120,
        examples: [
          [{ from: 0, until: 15_000 }, 3],
          [{ until: START }, 3],
          [{ from: START + 90 * DAY_MS }, 3],
          [{ personId: 3, from: 20_000, until: START + DAY_MS }, 50],
        ],
      },
    );
  });

  test('for a reason and nothing else is refused: it would read the whole log', () => {
    expect(() => reader.before({ reason: 'REVOKED' }, 10)).toThrow(RangeError);
  });

  test('walks an index that says enough, in the order of the log', () => {
    const prepare = vi.spyOn(Database.prototype, 'prepare');
    const about = [{ personId: 1 }, { doorId: 1 }, { unitId: 1 }, { buildingId: 1 }, { accountId: 1 }, { buildingId: 1, reason: 'REVOKED' as const }];
    const narrowed = [{}, { buildingId: 1 }, { from: START + DAY_MS, until: START + 40 * DAY_MS }, { kinds: ['access', 'outcome'] as const }, { result: 'refused' as const }];
    for (const filter of about.flatMap((each) => narrowed.map((more) => ({ ...each, ...more })))) reader.before(filter, 5);
    for (const each of [{ personId: 1 }, { unitId: 1 }, { buildingId: 1 }, { accountId: 1 }, {}]) reader.audits(each, 5);
    reader.before({ buildingId: 1, withoutPassages: true }, 5);
    const walks = prepare.mock.calls.map(([sql]) => sql).filter((sql) => sql.startsWith('SELECT idx FROM entry'));
    expect(walks.length).toBeGreaterThan(12);
    const db = new Database(place.file, { readonly: true });
    for (const sql of walks) {
      const plan = db.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...Array.from({ length: sql.split('?').length - 1 }, () => 1));
      expect([sql, ...plan.map(({ detail }) => detail)]).toEqual([sql, expect.stringMatching(/^SEARCH entry USING COVERING INDEX entry_\w+ \(.*rowid[<>]/)]);
    }
    const reads = prepare.mock.calls.map(([sql]) => sql).filter((sql) => sql.includes('json_each'));
    expect(reads.length).toBeGreaterThan(5);
    for (const sql of reads) {
      const plan = db.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...Array.from({ length: sql.split('?').length - 1 }, () => 1));
      expect([sql, plan[0]?.detail]).toEqual([sql, 'SEARCH entry USING INTEGER PRIMARY KEY (rowid=?)']);
      expect(plan.map(({ detail }) => detail).join()).not.toContain('ORDER BY');
    }
    db.close();
  });
});

describe('a span of time', () => {
  const edge = startOfDay('2026-05-01');

  test('ends and begins to the millisecond at a month’s end', () => {
    const log = openLog(place);
    const times = [edge - 2, edge - 1, edge, edge + 1].map((at) => edge + (at - edge));
    log.append(times.map((gatewayTime, n) => stage({ event: eventOf({ kind: 'door', gatewayTime, doorId: DoorId(90 + (n % 1)) }), person: NO_PERSON })));
    log.close();
    const at = (filter: EntryFilter): number[] => reader.before({ doorId: 90, ...filter }, 10).map(({ event }) => event.gatewayTime - edge);
    expect(at({ from: edge })).toEqual([1, 0]);
    expect(at({ until: edge })).toEqual([-1, -2]);
    expect(at({ from: edge - 1, until: edge + 1 })).toEqual([0, -1]);
    expect(at({ from: edge, until: edge })).toEqual([]);
  });

  test('finds entries of a clock that stood in 1970, and those of one that ran ahead', () => {
    const lost = reader.before({ from: 0, until: 60_000 }, 100);
    expect(indexes(lost)).toEqual(Array.from({ length: 30 }, (_, n) => 1530 - n));
    const ahead = reader.before({ from: START + 100 * DAY_MS, until: START + 140 * DAY_MS }, 100);
    expect(indexes(ahead)).toEqual(Array.from({ length: 20 }, (_, n) => 3020 - n));
  });
});

describe('the spans', () => {
  test('are written as the log grows, one for each 1024 entries', () => {
    const db = new Database(written.file, { readonly: true });
    expect(db.prepare<[], number>('SELECT n FROM span ORDER BY n').pluck().all()).toEqual([0, 1, 2, 3]);
    db.close();
  });

  test('hide nothing and add nothing where a time begins or ends with one', () => {
    const times = ALL.filter(({ index }) => index >= 3 * 1024 && index < 4 * 1024).map(({ event }) => event.gatewayTime);
    const [first, last] = [Math.min(...times), Math.max(...times)];
    for (const off of [-1, 0, 1]) {
      for (const time of [{ from: first + off }, { until: last + off }, { from: last + off }, { until: first + off }]) {
        expect(indexes(reader.before({ personId: 5, ...time }, SIZE))).toEqual(indexes(wanted({ personId: 5, ...time })));
        const range = { from: 0, until: START + 200 * DAY_MS, ...time };
        expect(reader.buildingCount({ buildingId: 1, ...range })).toEqual(counted(ALL.filter((entry) => matches(entry, { buildingId: 1, ...range }))));
      }
    }
  });
});

describe('counts', () => {
  const time = { from: START + 3 * DAY_MS, until: START + 70 * DAY_MS };
  const ofUnit = (unitId: number, range = time) => ({ unitId, ...counted(ALL.filter((entry) => matches(entry, { unitId, ...range }))) });

  test('by unit and by building are those of looking at each entry', () => {
    fc.assert(
      fc.property(moment, moment, (from, until) => {
        expect(reader.unitCounts({ unitIds: [4, 1, 2, 99], from, until })).toEqual([4, 1, 2, 99].map((unitId) => ofUnit(unitId, { from, until })));
        expect(reader.buildingCount({ buildingId: 2, from, until })).toEqual(counted(ALL.filter((entry) => matches(entry, { buildingId: 2, from, until }))));
        const granted = ALL.filter((entry) => matches(entry, { buildingId: 2, from, result: 'granted' })).length;
        expect(reader.countGranted({ buildingId: 2, from })).toBe(granted);
      }),
      { numRuns: 40 },
    );
  });

  test('say the local day of the newest decision, and none where there is none', () => {
    const [count, nobody] = reader.unitCounts({ unitIds: [1, 99], ...time });
    const newest = wanted({ unitId: 1, kinds: ['access'], ...time })[0];
    expect(count?.lastDay).toBe(dateAt(newest?.event.gatewayTime ?? 0));
    const days = ALL.filter((entry) => entry.index > 3100 && matches(entry, { unitId: 1, kinds: ['access'] }));
    const firstOfDay = days.filter(({ event }, n) => n > 0 && dateAt(event.gatewayTime) > dateAt(days[n - 1]?.event.gatewayTime ?? 0)).slice(0, 10);
    for (const { event } of firstOfDay) {
      expect(reader.unitCounts({ unitIds: [1], from: START, until: event.gatewayTime + 1 })[0]?.lastDay).toBe(dateAt(event.gatewayTime));
    }
    expect(nobody).toEqual({ unitId: 99, granted: 0, refused: 0, lastDay: undefined });
  });

  test('stay when the keys of all persons and days are destroyed: nothing sealed is opened for them', () => {
    destroySlots(place, SLOT.person);
    destroySlots(place, SLOT.day);
    reopen();
    expect(reader.before({ unitId: 1 }, 10)).toEqual([]);
    expect(reader.unitCounts({ unitIds: [1, 2], ...time })).toEqual([ofUnit(1), ofUnit(2)]);
  });

  test('lose a month with the month’s key', () => {
    const april = 2026 * 12 + 3;
    const [from, until] = [startOfDay('2026-04-01'), startOfDay('2026-05-01')];
    destroySlots(place, SLOT.month, april);
    reopen();
    expect(reader.unitCounts({ unitIds: [1], from, until })).toEqual([{ unitId: 1, granted: 0, refused: 0, lastDay: undefined }]);
    const left = ALL.filter(({ event }) => event.gatewayTime < from || event.gatewayTime >= until);
    expect(reader.unitCounts({ unitIds: [1], ...time })).toEqual([{ unitId: 1, ...counted(left.filter((entry) => matches(entry, { unitId: 1, ...time }))) }]);
  });
});

describe('who looked at whom', () => {
  test('is read by person, account, unit and building', () => {
    expect(reader.auditOf(3, 20)).toEqual(wanted({ personId: 3, kinds: ['audit'] }).slice(0, 20));
    const [, second] = reader.auditOf(3, 2);
    expect(reader.auditOf(3, 5, second?.index)).toEqual(wanted({ personId: 3, kinds: ['audit'] }).slice(2, 7));
    for (const filter of [{ accountId: 2 }, { unitId: 3 }, { buildingId: 1 }, { accountId: 1, personId: 5 }, {}]) {
      const expected = wanted({ ...filter, kinds: ['audit'] });
      expect(expected.length).toBeGreaterThan(3);
      expect(reader.audits(filter, 1000)).toEqual(expected);
    }
  });

  test('one entry is read by its index', () => {
    expect(reader.at(17)).toEqual(ALL[16]);
    expect(reader.at(SIZE + 1)).toBeUndefined();
    destroySlots(place, SLOT.day);
    reopen();
    expect(reader.at(17)).toBeUndefined();
  });
});
