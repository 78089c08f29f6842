import { randomBytes } from 'node:crypto';
import { appendFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PersonId } from '../../gateway/core/ids.ts';
import { DAY_MS, startOfDay } from '../../gateway/core/local-date.ts';
import { destroyKeys } from '../../gateway/journal/destroy.ts';
import { type Log, type LogPlace, openLog } from '../../gateway/journal/log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { dayOf, isAuditKey, monthOf } from '../../gateway/journal/seal.ts';
import { newRecord, SLOT } from '../../gateway/journal/slot-file.ts';
import { openSlotReader, slotPaths, type SlotWriter } from '../../gateway/journal/slots.ts';
import { openJournalStore } from '../../gateway/store/journal-store.ts';
import { clockAt, newPlace, tapEntry } from './samples.ts';

const NOBODY_HELD = { days: [], persons: [] };
const day = (date: string): number => dayOf(startOfDay(date));
const nameOf = (month: number): string => `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`;

let place: LogPlace;
let log: Log;
let seq = 0;

/** Somebody comes through a door at the last moment of this day. */
function tap(date: string, person = 1): void {
  seq += 1;
  log.append([stage(tapEntry(seq, { gatewayTime: startOfDay(date) + DAY_MS - 1 }, { personId: PersonId(person) }))]);
}

const keysNow = () => openSlotReader(place.keysDir, place.root);
const days = (): number[] =>
  keysNow()
    .days()
    .filter((each) => !isAuditKey(each));
const months = (): string[] => keysNow().months().map(nameOf);

/** The log's own beginning is of 31 March. */
const LAST = '2026-03-31';

beforeEach(() => {
  place = newPlace();
  log = openLog(
    place,
    clockAt(() => startOfDay(LAST)),
  );
});
afterEach(() => {
  vi.restoreAllMocks();
  log.close();
  rmSync(dirname(place.file), { recursive: true, force: true });
});

describe('the days that stay', () => {
  test('are those from the cutoff on and those held, not the day before either nor the day after', async () => {
    for (const date of ['2026-01-09', '2026-01-10', '2026-01-11', '2026-01-19', '2026-01-20']) tap(date);
    await log.destroy({ before: day('2026-01-20'), held: { days: [day('2026-01-10')], persons: [] } });
    expect(days()).toEqual([day(LAST), day('2026-01-20'), day('2026-01-10')]);
  });
});

describe('the months that stay', () => {
  test('are that of the cutoff, those after it and those of held days, also of the last day of a month', async () => {
    for (const date of ['2025-11-30', '2025-12-31', '2026-01-01', '2026-02-10', '2026-03-20']) tap(date);
    expect(months()).toEqual(['2026-03', '2026-02', '2026-01', '2025-12', '2025-11']);
    await log.destroy({ before: day('2026-03-10'), held: { days: [day('2025-12-31')], persons: [] } });
    expect(months()).toEqual(['2026-03', '2025-12']);
  });

  test('with a cutoff at the first of a month do not begin before it', async () => {
    for (const date of ['2026-01-31', '2026-02-01', '2026-02-28', '2026-03-01']) tap(date);
    await log.destroy({ before: day('2026-02-01'), held: NOBODY_HELD });
    expect(months()).toEqual(['2026-03', '2026-02']);
    await log.destroy({ before: day('2026-03-01'), held: NOBODY_HELD });
    expect(months()).toEqual(['2026-03']);
  });

  test('are looked at also when no day is left to destroy', async () => {
    tap('2026-02-20');
    expect(await log.destroy({ before: day('2026-02-21'), held: NOBODY_HELD })).toEqual({ days: 1, persons: 1 });
    expect(months()).toEqual(['2026-03', '2026-02']);
    expect(await log.destroy({ before: day('2026-03-01'), held: NOBODY_HELD })).toEqual({ days: 0, persons: 0 });
    expect(months()).toEqual(['2026-03']);
  });
});

/** The month's key of this day is there and does not open. */
function loseMonth(date: string): void {
  log.close();
  const foreign = newRecord({ type: SLOT.month, id: monthOf(startOfDay(date)) }, 99, randomBytes(32));
  for (const path of slotPaths(place.keysDir)) appendFileSync(path, foreign);
  log = openLog(place);
}

describe('people', () => {
  test('of a month that does not open and of which no day stays are let go with it', async () => {
    tap('2026-02-10', 1);
    loseMonth('2026-02-10');
    expect(await log.destroy({ before: day('2026-02-15'), held: NOBODY_HELD })).toEqual({ days: 1, persons: 1 });
  });

  test('all keep their keys while the month of a day that stays does not open: nobody can tell who came then', async () => {
    tap('2026-01-20', 1);
    tap('2026-02-20', 2);
    loseMonth('2026-02-20');
    expect(await log.destroy({ before: day('2026-02-01'), held: { days: [day('2026-01-01')], persons: [] } })).toEqual({ days: 1, persons: 0 });
    expect([1, 2].map((id) => keysNow().serialOf(id) > 0)).toEqual([true, true]);
    // With that day gone too, each month that counts opens.
    expect(await log.destroy({ before: day('2026-03-01'), held: NOBODY_HELD })).toEqual({ days: 1, persons: 2 });
  });
});

describe('between two slices', () => {
  test('others have their turn after two milliseconds of work, and not before', async () => {
    let now = 1000;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const turns: boolean[] = [];
    const rewrap: SlotWriter['rewrap'] = async ({ breathe }) => {
      for (let slice = 0; slice < 5; slice += 1) {
        now += 1;
        let others = false;
        setImmediate(() => {
          others = true;
        });
        await breathe();
        turns.push(others);
      }
      return { days: 0, persons: 0 };
    };
    const none = { key: () => undefined, serialOf: () => 0, keyBySerial: () => undefined, months: () => [], generation: 0, ensure: () => undefined, close: () => undefined };
    const store = openJournalStore(place.file);
    await destroyKeys(store, { ...none, days: () => [1], rewrap }, { before: 2, held: NOBODY_HELD });
    store.close();
    expect(turns).toEqual([false, true, false, true, false]);
  });
});
