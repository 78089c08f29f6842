import { createHmac, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ENTRY_KIND } from '../../gateway/journal/entry.ts';
import { putRandom } from '../../gateway/journal/random-pool.ts';
import { calendarOf, dayOf, isAuditKey, keyDay, keyMonth, keysOf, LOG_SLOT, monthOf, seal, slotsFor, unseal } from '../../gateway/journal/seal.ts';
import { SLOT, type SlotName } from '../../gateway/journal/slot-file.ts';
import type { KeySource } from '../../gateway/journal/slot-image.ts';
import { NOON } from './samples.ts';

const DAY_MS = 86_400_000;
const TODAY = dayOf(NOON);
const PLACE = { part: 'event', logId: randomBytes(16), index: 5 } as const;

/** A source where the key of (type, id) is a byte pattern, and the serial of a person is their number plus 100. */
const source = (missing: (name: SlotName) => boolean = () => false): KeySource => {
  const key = (name: SlotName): Buffer | undefined => (missing(name) ? undefined : Buffer.alloc(32, name.type * 16 + (name.id % 16)));
  return { key, serialOf: (id) => id + 100, keyBySerial: (serial) => key({ type: SLOT.person, id: serial - 100 }), months: () => [], days: () => [], generation: 0 };
};

describe('sealing', () => {
  const key = createSecretKey(randomBytes(32));
  const opening = randomBytes(300);

  test('what was sealed comes back under the same key and place', () => {
    const sealed = seal(key, PLACE, opening);
    expect(sealed).toHaveLength(12 + 300 + 16);
    expect(unseal(key, PLACE, sealed)?.equals(opening)).toBe(true);
  });

  test('another key, part, log or index, and any changed byte, open nothing', () => {
    const sealed = seal(key, PLACE, opening);
    expect(unseal(createSecretKey(randomBytes(32)), PLACE, sealed)).toBeUndefined();
    for (const place of [
      { ...PLACE, part: 'person' as const },
      { ...PLACE, index: 6 },
      { ...PLACE, index: 5 + 2 ** 32 },
      { ...PLACE, logId: randomBytes(16) },
    ])
      expect(unseal(key, place, sealed)).toBeUndefined();
    for (const at of [0, 11, 12, 150, 327]) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(unseal(key, PLACE, changed)).toBeUndefined();
    }
    expect(unseal(key, PLACE, sealed.subarray(0, 20))).toBeUndefined();
  });

  test('the same data never looks the same twice', () => {
    expect(seal(key, PLACE, opening).equals(seal(key, PLACE, opening))).toBe(false);
  });

  test('random bytes are not handed out twice, over many pools', () => {
    const into = Buffer.alloc(3000 * 12);
    for (let place = 0; place < 3000; place += 1) putRandom(into, place * 12, 12);
    expect(new Set(Array.from({ length: 3000 }, (_, place) => into.subarray(place * 12, place * 12 + 12).toString('hex'))).size).toBe(3000);
  });
});

describe('which key', () => {
  test('a day ends at midnight in Shanghai, not in Greenwich', () => {
    const midnight = NOON + DAY_MS / 2;
    expect(dayOf(midnight - 1)).toBe(dayOf(NOON));
    expect(dayOf(midnight)).toBe(dayOf(NOON) + 1);
    expect(monthOf(Date.UTC(2026, 5, 30, 15, 59, 59, 999))).toBe(2026 * 12 + 5);
    expect(monthOf(Date.UTC(2026, 5, 30, 16))).toBe(2026 * 12 + 6);
  });

  test('clocks from 1900 to beyond the calendar still have a day and a month', () => {
    for (const at of [0, -1, Date.UTC(1900, 0), Date.UTC(2100, 0), Number.MAX_SAFE_INTEGER]) {
      for (const number of [dayOf(at), monthOf(at)]) expect(Number.isInteger(number) && number >= 0 && number < 2 ** 32).toBe(true);
    }
  });

  test('nobody needs no slot of their own', () => {
    expect(slotsFor({ kind: ENTRY_KIND.access, at: NOON, personId: 0 }).map((name) => name.type)).toEqual([SLOT.day, SLOT.month]);
    expect(slotsFor({ kind: ENTRY_KIND.access, at: NOON, personId: 4 })).toContainEqual({ type: SLOT.person, id: 4 });
  });

  test('audit entries share no day or month key with any other, whatever the clock says, and the person key with all', () => {
    const [first, last] = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
    const others = Object.values(ENTRY_KIND).filter((kind) => kind !== ENTRY_KIND.audit);
    for (const number of [keyDay, keyMonth]) {
      for (const kind of others) expect([number(kind, NOON), isAuditKey(number(kind, last))]).toEqual([number(ENTRY_KIND.access, NOON), false]);
      expect(number(ENTRY_KIND.audit, first)).toBeGreaterThan(number(ENTRY_KIND.access, last));
      for (const at of [first, NOON, last]) expect(calendarOf(number(ENTRY_KIND.audit, at))).toBe(number(ENTRY_KIND.access, at));
      expect((number(ENTRY_KIND.audit, last) + 1) * 2 ** 32, 'with a number of 32 bits it is exact').toBeLessThanOrEqual(2 ** 53);
    }
    expect(slotsFor({ kind: ENTRY_KIND.audit, at: NOON, personId: 4 })).toEqual([
      { type: SLOT.day, id: keyDay(ENTRY_KIND.audit, NOON) },
      { type: SLOT.month, id: keyMonth(ENTRY_KIND.audit, NOON) },
      { type: SLOT.person, id: 4 },
    ]);
  });

  test('the person key depends on the day and on the person', () => {
    const keys = keysOf(source());
    const ask = (day: number, serial: number): string | undefined => keys.person(day, serial)?.export().toString('hex');
    expect(new Set([ask(TODAY, 101), ask(TODAY, 102), ask(TODAY + 1, 101), ask(TODAY, 0)]).size).toBe(4);
    expect(ask(TODAY, 101)).toBe(keysOf(source()).person(TODAY, 101)?.export().toString('hex'));
  });

  test('the person key is HKDF-SHA-256 of the two keys, as Node makes it', () => {
    const parts = Buffer.concat([Buffer.alloc(32, SLOT.day * 16 + (TODAY % 16)), Buffer.alloc(32, SLOT.person * 16 + 1)]);
    const byNode = Buffer.from(hkdfSync('sha256', parts, '', 'doorbook/person-key/1', 32)).toString('hex');
    expect(keysOf(source()).person(TODAY, 101)?.export().toString('hex')).toBe(byNode);
  });

  test('without the day key or the person key there is no person key', () => {
    expect(keysOf(source(({ type }) => type === SLOT.day)).person(TODAY, 101)).toBeUndefined();
    expect(keysOf(source(({ type }) => type === SLOT.person)).person(TODAY, 101)).toBeUndefined();
    expect(keysOf(source(({ type }) => type === SLOT.person)).person(TODAY, 0)).toBeDefined();
    expect(keysOf(source(({ type }) => type === SLOT.day)).event(TODAY)).toBeUndefined();
  });

  test('a tag is the first 8 bytes of HMAC-SHA-256 under the month key', () => {
    const byHand = createHmac('sha256', Buffer.alloc(32, SLOT.month * 16 + 7))
      .update('door\x0042')
      .digest('hex')
      .slice(0, 16);
    const keys = keysOf(source());
    expect(keys.tag(7, 'door', 42)?.toString('hex')).toBe(byHand);
    expect(
      new Set(
        [keys.tag(7, 'door', 42), keys.tag(7, 'person', 42), keys.tag(7, 'building', 42), keys.tag(8, 'door', 42), keys.tag(7, 'door', 43)].map((tag) => tag?.toString('hex')),
      ).size,
    ).toBe(5);
    expect(keysOf(source(() => true)).tag(7, 'door', 42)).toBeUndefined();
  });

  test('the dedup value is keyed with the key of the log', () => {
    const value = keysOf(source()).dedup(Buffer.from('key'));
    expect(value.toString('hex')).toBe(
      createHmac('sha256', Buffer.alloc(32, LOG_SLOT.type * 16))
        .update('key')
        .digest('hex')
        .slice(0, 32),
    );
    expect(() => keysOf(source(() => true)).dedup(Buffer.from('key'))).toThrow(/key of the log is missing/);
  });
});
