import { createDecipheriv, createHmac, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ENTRY_KIND } from '../../gateway/journal/entry.ts';
import { freshRandom, putRandom } from '../../gateway/journal/random-pool.ts';
import { calendarOf, dayOf, dayStart, isAuditKey, keyDay, keyMonth, keysOf, LOG_SLOT, monthOf, seal, slotsFor, unseal } from '../../gateway/journal/seal.ts';
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
    for (let length = 0; length < 29; length += 1) expect(unseal(key, PLACE, sealed.subarray(0, length)), `${length} bytes`).toBeUndefined();
  });

  test('nothing at all can be sealed', () => {
    expect(unseal(key, PLACE, seal(key, PLACE, Buffer.alloc(0)))).toEqual(Buffer.alloc(0));
  });

  test.each([
    ['event', 1],
    ['person', 2],
  ] as const)('the %s half lies as nonce, AES-256-GCM and tag, bound to %i, log and index', (part, number) => {
    const sealed = seal(key, { ...PLACE, part }, opening);
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
    const index = Buffer.alloc(8);
    index.writeBigUInt64BE(5n);
    decipher.setAAD(Buffer.concat([Buffer.of(number), PLACE.logId, index]));
    decipher.setAuthTag(sealed.subarray(-16));
    expect(Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).equals(opening)).toBe(true);
  });

  test('the same data never looks the same twice', () => {
    expect(seal(key, PLACE, opening).equals(seal(key, PLACE, opening))).toBe(false);
  });

  test('random bytes of their own are as many as asked for, and others each time', () => {
    const made = Array.from({ length: 400 }, () => freshRandom(40));
    expect([made.every((each) => each.length === 40), new Set(made.map((each) => each.toString('hex'))).size]).toEqual([true, 400]);
    expect(freshRandom(8192).equals(freshRandom(8192))).toBe(false);
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

  test('a day begins at midnight in Shanghai', () => {
    expect(dayStart(TODAY)).toBe(Date.UTC(2026, 4, 31, 16));
    for (const at of [NOON, dayStart(TODAY), dayStart(TODAY + 1) - 1]) expect(dayOf(at)).toBe(TODAY);
    expect(dayOf(dayStart(TODAY) - 1)).toBe(TODAY - 1);
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
      expect(isAuditKey(number(ENTRY_KIND.audit, first))).toBe(true);
      for (const at of [first, NOON, last]) expect(calendarOf(number(ENTRY_KIND.audit, at))).toBe(number(ENTRY_KIND.access, at));
      expect((number(ENTRY_KIND.audit, last) + 1) * 2 ** 32, 'with a number of 32 bits it is exact').toBeLessThanOrEqual(2 ** 53);
    }
    expect(slotsFor({ kind: ENTRY_KIND.audit, at: NOON, personId: 4 })).toEqual([
      { type: SLOT.day, id: keyDay(ENTRY_KIND.audit, NOON) },
      { type: SLOT.month, id: keyMonth(ENTRY_KIND.audit, NOON) },
      { type: SLOT.person, id: 4 },
    ]);
  });

  test('the serial of somebody comes from the slots, of nobody it is 0', () => {
    const keys = keysOf(source());
    expect([keys.serialOf(0), keys.serialOf(7)]).toEqual([0, 107]);
  });

  test('the key of a day is the one in the slots', () => {
    const keys = keysOf(source());
    expect([TODAY, TODAY + 1].map((day) => keys.event(day)?.export().toString('hex'))).toEqual(
      [TODAY, TODAY + 1].map((day) => Buffer.alloc(32, SLOT.day * 16 + (day % 16)).toString('hex')),
    );
  });

  test('the newest serials have keys of their own on every day', () => {
    const keys = keysOf(source());
    const made = [TODAY, TODAY + 1].flatMap((day) => [2 ** 32 - 1, 2 ** 32 - 2].map((serial) => keys.person(day, serial)?.export().toString('hex')));
    expect(new Set(made).size).toBe(4);
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
    expect(LOG_SLOT).toEqual({ type: SLOT.log, id: 0 });
  });
});

describe('keys kept ready', () => {
  /** A source that counts what it is asked, and can lose its keys. */
  function counting() {
    const asked: string[] = [];
    const state = { generation: 0, salt: 0 };
    const key = (name: SlotName): Buffer => {
      asked.push(`${name.type}.${name.id}`);
      return Buffer.alloc(32, name.id + state.salt);
    };
    const slots: KeySource = {
      ...source(),
      key,
      get generation() {
        return state.generation;
      },
    };
    return { asked, state, keys: keysOf(slots) };
  }

  test('are asked for once, whichever is asked for in between', () => {
    const { asked, keys } = counting();
    for (let times = 0; times < 3; times += 1) for (const day of [1, 2]) keys.event(day);
    for (let times = 0; times < 3; times += 1) keys.dedup(Buffer.from('key'));
    expect(asked).toEqual(['1.1', '1.2', '4.0']);
  });

  test('are 400 of days; of more the oldest is let go of first', () => {
    const { asked, keys } = counting();
    for (let day = 0; day < 400; day += 1) keys.event(day);
    keys.event(0);
    expect(asked).toHaveLength(400);
    keys.event(400);
    for (const day of [1, 400]) keys.event(day);
    expect(asked).toHaveLength(401);
    keys.event(0);
    expect(asked.slice(400)).toEqual(['1.400', '1.0']);
  });

  test('are let go of when the slots destroyed some, and only then', () => {
    const { asked, state, keys } = counting();
    const first = keys.event(1)?.export();
    state.salt = 9;
    expect(keys.event(1)?.export()).toEqual(first);
    state.generation = 1;
    expect(keys.event(1)?.export()).toEqual(Buffer.alloc(32, 10));
    keys.event(1);
    expect(asked).toEqual(['1.1', '1.1']);
  });
});
