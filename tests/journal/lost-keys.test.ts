import { copyFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PersonId } from '../../gateway/core/ids.ts';
import { type LogPlace, openLog } from '../../gateway/journal/log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { ENTRY_KIND } from '../../gateway/journal/entry.ts';
import { lostKeys } from '../../gateway/journal/lost-keys.ts';
import { dayOf, keyDay } from '../../gateway/journal/seal.ts';
import { slotPaths } from '../../gateway/journal/slots.ts';
import { clockAt, newPlace, NOON, tapEntry } from './samples.ts';

const DAY_MS = 86_400_000;

let place: LogPlace;
beforeEach(() => {
  place = newPlace();
});
afterEach(() => rmSync(dirname(place.file), { recursive: true, force: true }));

const tap = (seq: number, day: number, person: number) => stage(tapEntry(seq, { gatewayTime: NOON + day * DAY_MS }, { personId: PersonId(person) }));

function append(...entries: ReturnType<typeof tap>[]): void {
  const log = openLog(place);
  log.append(entries);
  log.close();
}

/** Keeps the slots as they are now; what is called puts them back, as a disk does that had not stored what came after. */
function forgetting(): () => void {
  const paths = slotPaths(place.keysDir);
  for (const path of paths) copyFileSync(path, `${path}.old`);
  return () => {
    for (const path of paths) copyFileSync(`${path}.old`, path);
  };
}

/** As found on this day. */
function lostKeysNow(day = 4001): string | undefined {
  const log = openLog(
    place,
    clockAt(() => NOON + day * DAY_MS),
  );
  const { lostKeys } = log;
  log.close();
  return lostKeys;
}

describe('slots that are older than the log', () => {
  test('nothing is missing in a log that was closed and opened', () => {
    append(tap(1, 0, 1), tap(2, 1, 2));
    expect(lostKeysNow()).toBeUndefined();
  });

  test('a person whose key was forgotten is found by his entries', () => {
    append(tap(1, 0, 1));
    const forget = forgetting();
    append(tap(2, 0, 2), tap(3, 0, 1), tap(4, 0, 2));
    forget();
    expect(lostKeysNow()).toMatch(/^2 of the newest 5 entries cannot be opened, from entry 2 on: keys are lost/);
  });

  test('so is a person whose number somebody else was given since', () => {
    append(tap(1, 0, 1));
    const forget = forgetting();
    append(tap(2, 0, 2));
    forget();
    append(tap(3, 0, 3));
    expect(lostKeysNow()).toMatch(/^1 of the newest 4 entries .* entry 2 on/);
  });

  test('a day after all that have a key is found', () => {
    // The log's own beginning is of today.
    append(tap(1, 4000, 1));
    const forget = forgetting();
    append(tap(2, 4001, 1));
    forget();
    expect(lostKeysNow()).toMatch(/^1 of the newest 3 entries .* entry 2 on/);
  });

  test('a recent day is found, also when a later one has a key', () => {
    append(tap(1, 0, 1));
    const forget = forgetting();
    append(tap(2, 4001, 1));
    forget();
    append(tap(3, 4002, 1));
    expect(lostKeysNow(4028)).toMatch(/^1 of the newest 4 entries .* entry 2 on/);
    // Longer ago it may have been destroyed on purpose.
    expect(lostKeysNow(4029)).toBeUndefined();
  });

  test('days that were destroyed are not missed, nor people of whom nothing is left', async () => {
    append(tap(1, 0, 1), tap(2, 1, 2), tap(3, 200, 3));
    const log = openLog(place);
    await log.destroy({ before: dayOf(NOON + 2 * DAY_MS), held: { days: [], persons: [] } });
    log.close();
    expect(lostKeysNow()).toBeUndefined();
  });

  test('without any slots the log is refused, and nothing is made in their place', () => {
    append(tap(1, 0, 1));
    for (const path of slotPaths(place.keysDir)) rmSync(path);
    expect(() => openLog(place)).toThrow(/has entries, and the key slots that open them are not in/);
    expect(() => openLog(place)).toThrow(/Restore this folder/);
  });
});

describe('a day of long ago that has no key', () => {
  const NONE = Buffer.alloc(0);
  const keys = { event: () => undefined, person: () => undefined, serialOf: () => 0, tag: () => undefined, dedup: () => NONE };
  const [access, audit] = [keyDay(ENTRY_KIND.access, NOON), keyDay(ENTRY_KIND.audit, NOON)];
  /** Is a door's entry of noon missed when these days have keys? */
  const missed = (days: readonly number[], kind: number = ENTRY_KIND.access): boolean =>
    lostKeys([{ idx: 1, at: NOON, kind, event: NONE, person: NONE }], { keys, days, now: NOON + 400 * DAY_MS, unseal: () => ({ person: undefined }) }) !== undefined;

  test('was lost when no later one of its kind has a key', () => {
    expect([missed([]), missed([access - 1]), missed([access + 1]), missed([access - 1, access + 1])]).toEqual([true, true, false, false]);
    expect([missed([audit + 1]), missed([audit + 1, access + 1])], 'audit entries have days of their own').toEqual([true, false]);
    expect([missed([access + 1], ENTRY_KIND.audit), missed([audit + 1], ENTRY_KIND.audit)]).toEqual([true, false]);
  });

  test('was lost too when its key is there and does not open', () => {
    expect(missed([access, access - 1])).toBe(true);
  });
});
