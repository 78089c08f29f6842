import { describe, expect, test } from 'vitest';
import { BuildingId, DoorId, PersonId, UnitId } from '../../gateway/core/ids.ts';
import { ENTRY_KIND, type EventData, eventOf, NO_PERSON, type PersonData, type StoredEntry } from '../../gateway/journal/entry.ts';
import { type EntryFilter, inTime, isWanted, queryOf } from '../../gateway/journal/filter.ts';
import { calendarOf, keyMonth, type Keys, monthOf } from '../../gateway/journal/seal.ts';
import { RESULT } from '../../gateway/store/journal-store.ts';
import { NOON } from './samples.ts';

const JUNE = monthOf(NOON);
const AUDIT_JUNE = keyMonth(ENTRY_KIND.audit, NOON);
const { other, granted, refused, outcome } = RESULT;

/** Tags that can be read: month, what, id. `gone`: a month whose key was destroyed. */
const keys = (gone = -1): Keys => ({
  event: () => undefined,
  person: () => undefined,
  serialOf: () => 0,
  dedup: () => Buffer.alloc(0),
  tag: (month, about, id) => (month === gone ? undefined : Buffer.from(`${month} ${about} ${id}`)),
});
const tag = (text: string): Buffer => Buffer.from(text);
const query = (filter: EntryFilter, months: readonly number[] = [JUNE]): ReturnType<typeof queryOf> => queryOf(filter, keys(), months);
const results = (filter: EntryFilter): readonly number[] | undefined => query({ buildingId: 1, ...filter }).results?.toSorted((a, b) => a - b);

describe('the query of a filter', () => {
  test('asks for each thing by its tag of the month', () => {
    const { months } = query({ buildingId: 1, doorId: 2, personId: 3, unitId: 4, accountId: 5 });
    expect(months).toEqual([
      {
        audit: false,
        buildingTag: tag(`${JUNE} building 1`),
        doorTag: tag(`${JUNE} door 2`),
        personTag: tag(`${JUNE} person 3`),
        unitTag: tag(`${JUNE} unit 4`),
        accountTag: tag(`${JUNE} account 5`),
      },
    ]);
  });

  test('asks once, without tags, when nothing is said about whom or where', () => {
    expect(query({ kinds: ['door'] }).months).toEqual([{}]);
    expect(query({}, []).months).toEqual([{}]);
  });

  test('leaves out a month whose key is gone, and says which are of audit entries', () => {
    const asked = queryOf({ buildingId: 1 }, keys(JUNE - 1), [JUNE, JUNE - 1, AUDIT_JUNE]).months;
    expect(asked).toEqual([
      { audit: false, buildingTag: tag(`${JUNE} building 1`) },
      { audit: true, buildingTag: tag(`${AUDIT_JUNE} building 1`) },
    ]);
    expect(queryOf({ buildingId: 1, reason: 'EXPIRED' }, { ...keys(), tag: (_, about) => (about === 'building' ? tag('there') : undefined) }, [JUNE]).months).toEqual([]);
  });

  test('finds refusals of a building for a reason by one tag, and elsewhere by looking at each', () => {
    expect(query({ buildingId: 1, reason: 'EXPIRED' }).months).toEqual([{ audit: false, buildingTag: tag(`${JUNE} building 1`), reasonTag: tag(`${JUNE} reason-6 1`) }]);
    expect(query({ personId: 3, reason: 'EXPIRED' }).months).toEqual([{ audit: false, personTag: tag(`${JUNE} person 3`) }]);
    expect(() => query({ reason: 'EXPIRED' })).toThrow(RangeError);
    expect(() => query({ reason: 'EXPIRED', kinds: ['access'] })).toThrow('log: a reason needs a building, door, unit or person');
  });

  test.each<readonly [string, EntryFilter, readonly number[] | undefined]>([
    ['anything', {}, undefined],
    ['grants', { result: 'granted' }, [granted]],
    ['refusals', { result: 'refused' }, [refused]],
    ['refusals for a reason', { reason: 'EXPIRED' }, [refused]],
    ['grants that were refused for a reason', { reason: 'EXPIRED', result: 'granted' }, []],
    ['what a landlord may see', { withoutPassages: true }, [other, refused]],
    ['what a landlord may see of grants', { withoutPassages: true, result: 'granted' }, []],
    ['decisions', { kinds: ['access'] }, [granted, refused]],
    ['refusing decisions', { kinds: ['access'], result: 'refused' }, [refused]],
    ['what doors did', { kinds: ['outcome'] }, [other, outcome]],
    ['what doors noticed', { kinds: ['door'] }, [other]],
    ['decisions and what doors noticed', { kinds: ['access', 'door'] }, [other, granted, refused]],
    ['audit entries', { kinds: ['audit'] }, [other]],
    ['audit entries that were granted', { kinds: ['audit'], result: 'granted' }, []],
  ])('reads the rows that can be %s, and no others', (_, filter, expected) => {
    expect(results(filter)).toEqual(expected);
  });

  test('names kinds by their numbers', () => {
    expect([query({ kinds: ['access', 'audit'], buildingId: 1 }).kinds, query({ buildingId: 1 }).kinds]).toEqual([[1, 8], undefined]);
  });

  test('looks at audit months only where audit entries can be wanted', () => {
    const asked = (filter: EntryFilter): (boolean | undefined)[] => query({ buildingId: 1, ...filter }, [JUNE, AUDIT_JUNE]).months.map(({ audit }) => audit);
    expect(asked({})).toEqual([false, true]);
    expect(asked({ kinds: ['audit'] })).toEqual([true]);
    expect(asked({ kinds: ['access'] })).toEqual([false]);
    expect(asked({ kinds: ['access', 'audit'] })).toEqual([false, true]);
    expect(asked({ result: 'refused' })).toEqual([false]);
    expect(asked({ reason: 'EXPIRED' })).toEqual([false]);
    expect(asked({ withoutPassages: true })).toEqual([false, true]);
  });

  test('keeps to its time, by the row and by the month', () => {
    expect(query({ buildingId: 1 }).time).toBeUndefined();
    expect(query({ buildingId: 1, from: 5 }).time).toEqual({ from: 5, until: Number.POSITIVE_INFINITY });
    expect(query({ buildingId: 1, until: 9 }).time).toEqual({ from: Number.NEGATIVE_INFINITY, until: 9 });
    const months = [JUNE - 1, JUNE, JUNE + 1, AUDIT_JUNE];
    const asked = (filter: EntryFilter): number => query({ buildingId: 1, ...filter }, months).months.length;
    expect([asked({}), asked({ from: NOON }), asked({ until: NOON }), asked({ from: NOON, until: NOON })]).toEqual([4, 3, 3, 2]);
    expect(months.filter(inTime({ from: NOON, until: NOON }))).toEqual([JUNE, AUDIT_JUNE]);
    expect([calendarOf(AUDIT_JUNE), months.filter(inTime({}))]).toEqual([JUNE, months]);
  });
});

describe('an entry that was read', () => {
  const entry = (event: Partial<EventData> = {}, person: Partial<PersonData> = {}): StoredEntry => ({
    index: 1,
    event: eventOf({ kind: 'access', gatewayTime: NOON, buildingId: BuildingId(1), doorId: DoorId(2), reason: 'EXPIRED', ...event }),
    person: { ...NO_PERSON, personId: PersonId(3), unitId: UnitId(4), accountId: 5, ...person },
  });

  test('is wanted when all that is asked for agrees', () => {
    expect(isWanted(entry(), {})).toBe(true);
    expect(isWanted(entry(), { buildingId: 1, doorId: 2, personId: 3, unitId: 4, accountId: 5, reason: 'EXPIRED', kinds: ['access'], withoutPassages: true })).toBe(true);
  });

  test.each<EntryFilter>([{ buildingId: 9 }, { doorId: 9 }, { personId: 9 }, { unitId: 9 }, { accountId: 9 }, { reason: 'OK' }, { kinds: ['door'] }, { kinds: [] }])(
    'is not wanted when %j does not',
    (filter) => {
      expect(isWanted(entry(), filter)).toBe(false);
    },
  );

  test('of what a door did is not for those who see no passages', () => {
    expect([
      isWanted(entry({ kind: 'outcome' }), { withoutPassages: true }),
      isWanted(entry({ kind: 'outcome' }), { withoutPassages: false }),
      isWanted(entry({ kind: 'outcome' }), {}),
    ]).toEqual([false, true, true]);
  });
});
