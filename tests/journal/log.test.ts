import { randomBytes } from 'node:crypto';
import { appendFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BuildingId, type DoorId } from '../../gateway/core/ids.ts';
import { encodeEvent, reasonNumber } from '../../gateway/journal/encode.ts';
import { eventOf, NO_PERSON } from '../../gateway/journal/entry.ts';
import { type Log, type LogPlace, openLog, rowOf } from '../../gateway/journal/log.ts';
import { beginNewLog } from '../../gateway/journal/new-log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { openProofs } from '../../gateway/journal/proofs.ts';
import { openReader } from '../../gateway/journal/reader.ts';
import { keyMonth, keysOf, LOG_SLOT, slotsFor } from '../../gateway/journal/seal.ts';
import { newRecord, SLOT } from '../../gateway/journal/slot-file.ts';
import { openSlotWriter, slotPaths, type SlotWriter } from '../../gateway/journal/slots.ts';
import { openJournalStore } from '../../gateway/store/journal-store.ts';
import { clockAt, newPlace, NOON, plainEntry, tapEntry } from './samples.ts';

let place: LogPlace;
let log: Log;
const open = (): Log =>
  openLog(
    place,
    clockAt(() => NOON),
  );

beforeEach(() => {
  place = newPlace();
  log = open();
});
afterEach(() => {
  log.close();
  rmSync(dirname(place.file), { recursive: true, force: true });
});

describe('opening', () => {
  test('a new log begins it with an entry of its own, about nobody, and opening it again adds nothing', () => {
    const reader = openReader(place);
    expect(reader.since(-1, 9)).toEqual([{ index: 0, event: eventOf({ kind: 'system', what: 'log-started', gatewayTime: NOON }), person: NO_PERSON }]);
    log.close();
    log = open();
    expect([log.last(), reader.last()]).toEqual([0, 0]);
    reader.close();
  });

  test('one that has only its beginning is refused too without its slots', () => {
    const other = newPlace();
    openLog(other).close();
    for (const path of slotPaths(other.keysDir)) rmSync(path);
    expect(() => openLog(other)).toThrow(/has entries, and the key slots that open them are not in/);
    rmSync(dirname(other.file), { recursive: true, force: true });
  });

  test('one of a version that signed nothing goes on with it, and signs it', () => {
    log.append([stage(tapEntry(1))]);
    log.close();
    const db = new Database(place.file);
    db.exec('DROP TRIGGER signer_no_delete; DELETE FROM signer');
    db.close();
    const { logId } = log;
    log = open();
    expect([log.logId, log.last()]).toEqual([logId, 1]);
    const proofs = openProofs(place.file);
    expect(proofs.logs().map(({ key }) => key !== undefined)).toEqual([true]);
    proofs.close();
  });

  test('a new one behind a log without entries is not needed', () => {
    const other = newPlace();
    openJournalStore(other.file).close();
    expect(beginNewLog(other.file)).toBeUndefined();
    const proofs = openProofs(other.file);
    expect(proofs.logs().map(({ size }) => size)).toEqual([0]);
    proofs.close();
    rmSync(dirname(other.file), { recursive: true, force: true });
  });
});

describe('adding', () => {
  test('answers with the place of each entry, the first time and the second', () => {
    const [first, other] = [tapEntry(1), tapEntry(1, { digest: 'fedcba9876543210', granted: false, reason: 'REVOKED' })];
    expect(log.append([stage(first), stage(plainEntry()), stage(first)])).toEqual([
      { index: 1, duplicate: false },
      { index: 2, duplicate: false },
      { index: 1, duplicate: true, same: true, stored: first.event },
    ]);
    expect(log.append([stage(other)]), 'another message under the same key').toEqual([{ index: 1, duplicate: true, same: false, stored: first.event }]);
  });

  test('is followed by no lock when no checkpoint is due: somebody else may be at the file', () => {
    log.append([stage(tapEntry(1))]);
    const other = new Database(place.file);
    other.exec('BEGIN IMMEDIATE');
    expect(() => log.signIfDue()).not.toThrow();
    other.close();
  });
});

describe('looking an entry up by the key its device gave it', () => {
  test('finds it, also in the log before this one, and nothing under a key that never came', () => {
    const [old, young] = [tapEntry(1), tapEntry(2)];
    log.append([stage(old)]);
    log.close();
    beginNewLog(place.file);
    log = open();
    log.append([stage(young)]);
    expect([old, young, tapEntry(3)].map((entry) => log.find(stage(entry).key))).toEqual([{ index: 1, ...old }, { index: 3, ...young }, undefined]);
  });
});

describe('an entry that opens and says nonsense', () => {
  const tap = stage(tapEntry(1));
  test.each([
    ['no CBOR', { event: new Uint8Array([0xff]) }],
    ['a door that no register has', { event: encodeEvent({ ...tapEntry(1).event, doorId: (2 ** 40) as DoorId }) }],
    ['no CBOR about the person', { person: new Uint8Array(256).fill(0xff) }],
  ])('(%s) is left out and told of, and the others are shown', (_, half) => {
    log.append([{ ...tap, ...half }, stage(plainEntry())]);
    const damaged: number[] = [];
    const reader = openReader(place, (index) => damaged.push(index));
    expect(reader.since(0, 9)).toEqual([{ index: 2, ...plainEntry() }]);
    expect(damaged).toEqual([1]);
    reader.close();
  });
});

describe('a row', () => {
  const span = { logId: Buffer.alloc(16, 7), first: 0 };
  let slots: SlotWriter;
  let folder: LogPlace;
  beforeEach(() => {
    folder = newPlace();
    slots = openSlotWriter(folder.keysDir, folder.root);
  });
  afterEach(() => {
    slots.close();
    rmSync(dirname(folder.file), { recursive: true, force: true });
  });

  test('has tags of what its entry is about, and none of what it is not', () => {
    const keys = keysOf(slots);
    const refused = stage(tapEntry(1, { granted: false, reason: 'REVOKED', buildingId: BuildingId(7) }));
    const plain = stage(plainEntry());
    slots.ensure([LOG_SLOT, ...slotsFor(refused), ...slotsFor(plain)]);
    const month = keyMonth(refused.kind, NOON);
    expect(rowOf(refused, 5, span, keys)).toMatchObject({
      buildingTag: keys.tag(month, 'building', 7),
      doorTag: keys.tag(month, 'door', 41),
      personTag: keys.tag(month, 'person', 9001),
      unitTag: keys.tag(month, 'unit', 302),
      reasonTag: keys.tag(month, `reason-${reasonNumber('REVOKED')}`, 7),
      accountTag: null,
      dedup: keys.dedup(refused.key),
    });
    expect(rowOf(stage(tapEntry(1)), 5, span, keys).reasonTag, 'of a grant').toBeNull();
    expect(rowOf(plain, 5, span, keys)).toMatchObject({ buildingTag: null, doorTag: null, personTag: null, unitTag: null, reasonTag: null, accountTag: null, dedup: null });
  });

  test.each([
    ['day', SLOT.day],
    ['month', SLOT.month],
    ['person', SLOT.person],
  ])('is not made without the key of its %s', (name, type) => {
    const entry = stage(tapEntry(1));
    slots.ensure([LOG_SLOT, ...slotsFor(entry).filter((slot) => slot.type !== type)]);
    expect(() => rowOf(entry, 5, span, keysOf(slots))).toThrow(`the ${name} key is missing`);
  });

  test('is not made with a person’s key that does not open', () => {
    const entry = stage(tapEntry(1));
    slots.ensure([LOG_SLOT, ...slotsFor(entry).filter(({ type }) => type !== SLOT.person)]);
    slots.close();
    for (const path of slotPaths(folder.keysDir)) appendFileSync(path, newRecord({ type: SLOT.person, id: entry.personId }, 4, randomBytes(32)));
    slots = openSlotWriter(folder.keysDir, folder.root);
    expect(slots.serialOf(entry.personId)).toBe(4);
    expect(() => rowOf(entry, 5, span, keysOf(slots))).toThrow('the person key is missing');
  });
});
