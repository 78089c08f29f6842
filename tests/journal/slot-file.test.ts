import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  countedRecord,
  isForeign,
  mergeMirrors,
  MOST_SERIALS,
  nameAt,
  newRecord,
  openRecord,
  rewrapped,
  rootOf,
  serialAt,
  SLOT,
  SLOT_BYTES,
  SLOT_HEADER,
  wholeLength,
} from '../../gateway/journal/slot-file.ts';
import { addRecords, emptyImage, keySource } from '../../gateway/journal/slot-image.ts';

const root = randomBytes(32);
const other = randomBytes(32);
const record = (id: number, serial = id, under = root): Buffer => newRecord({ type: SLOT.person, id }, serial, under);
const file = (...records: readonly Buffer[]): Buffer => Buffer.concat([SLOT_HEADER, ...records]);
const rotten = (whole: Buffer, at = 30): Buffer => {
  const copy = Buffer.from(whole);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
};
/** As a newer version might write it: whole, and of a type or version this one does not know. */
const altered = (whole: Buffer, at: number, value: number): Buffer => {
  const copy = Buffer.from(whole);
  copy[at] = value;
  copy.writeUInt32BE(crc32(copy.subarray(0, 72)), 72);
  return copy;
};

describe('a record', () => {
  test('lies as the comment says: version, type, two zeros, number, serial, then what is sealed, then the sum', () => {
    const made = newRecord({ type: SLOT.month, id: 0x01020304 }, 0x07fffffe, root);
    expect([made.length, made.subarray(0, 12).toString('hex')]).toEqual([76, '010300000102030407fffffe']);
    expect(made.readUInt32BE(72)).toBe(crc32(made.subarray(0, 72)));
    expect([nameAt(file(made), 16), serialAt(file(made), 16)]).toEqual([{ type: SLOT.month, id: 0x01020304 }, 0x07fffffe]);
    for (const [id, serial] of [
      [2 ** 32, 1],
      [1, 2 ** 32],
      [-1, 1],
    ] as const)
      expect(() => record(id, serial)).toThrow(RangeError);
  });

  test('has a key of its own, which only its root opens, and no byte of which may differ', () => {
    const made = record(1);
    const key = openRecord(made, root);
    expect([key?.length, openRecord(record(1), root)?.equals(key ?? made)]).toEqual([32, false]);
    expect(openRecord(made, other)).toBeUndefined();
    for (const at of [0, 1, 2, 7, 11, 12, 23, 24, 55, 56, 71]) expect(openRecord(rotten(made, at), root), `byte ${at}`).toBeUndefined();
  });

  test('wrapped anew has the same name, serial and key under the other root', () => {
    const made = record(70_000, 9);
    const again = rewrapped(made, root, other) ?? made;
    expect(again.subarray(0, 12)).toEqual(made.subarray(0, 12));
    expect([openRecord(again, other), openRecord(again, root)]).toEqual([openRecord(made, root), undefined]);
    expect(again.subarray(12, 24)).not.toEqual(made.subarray(12, 24));
    expect(rewrapped(made, other, root)).toBeUndefined();
  });

  test('of no key keeps the count of serials', () => {
    const counted = countedRecord(41);
    expect([counted.length, wholeLength(counted, 0), nameAt(counted, 0), serialAt(counted, 0)]).toEqual([76, 76, undefined, 41]);
  });

  test.each([0, 5, 255])('of type %i names nothing here', (type) => {
    expect(nameAt(altered(record(1), 1, type), 0)).toBeUndefined();
  });

  test.each([SLOT.day, SLOT.person, SLOT.month, SLOT.log])('of type %i names a key', (type) => {
    expect(nameAt(newRecord({ type, id: 5 }, 1, root), 0)).toEqual({ type, id: 5 });
  });
});

describe('a file', () => {
  const records = [record(1), record(2), record(3)];
  const whole = file(...records);

  test('is read as far as its records are whole, from any place', () => {
    expect([wholeLength(whole, 16), wholeLength(whole, 16 + SLOT_BYTES), wholeLength(whole, whole.length)]).toEqual([3 * SLOT_BYTES, 2 * SLOT_BYTES, 0]);
    expect(wholeLength(whole.subarray(0, -1), 16)).toBe(2 * SLOT_BYTES);
    expect(wholeLength(file(record(1), rotten(record(2)), record(3)), 16)).toBe(SLOT_BYTES);
    expect(wholeLength(file(record(1), altered(record(2), 0, 2)), 16)).toBe(SLOT_BYTES);
  });

  test('and its mirror say together what either has whole', () => {
    const [one = whole, two = whole, three = whole] = records;
    const first = file(rotten(one), two, three);
    const second = file(one, rotten(two));
    for (const merged of [mergeMirrors(first, second), mergeMirrors(second, first)]) expect([merged?.lost, merged?.image.equals(whole)]).toEqual([0, true]);
  });

  test('and its mirror rotten at one place lose that record alone, and rotten at the end drop it', () => {
    const [one = whole, two = whole, three = whole] = records;
    const middle = mergeMirrors(file(one, rotten(two), three), file(one, rotten(two, 40), three));
    expect([middle?.lost, middle?.image.length, nameAt(middle?.image ?? whole, 16 + SLOT_BYTES), wholeLength(middle?.image ?? whole, 16)]).toEqual([
      1,
      whole.length,
      undefined,
      3 * SLOT_BYTES,
    ]);
    const tail = mergeMirrors(file(one, two, rotten(three)), file(one, two, rotten(three, 40)));
    expect([tail?.lost, tail?.image.equals(file(one, two))]).toEqual([0, true]);
    const both = mergeMirrors(file(rotten(one), two, rotten(three)), Buffer.alloc(0));
    expect([both?.lost, both?.image.length]).toEqual([1, 16 + 2 * SLOT_BYTES]);
  });

  test('without the header is none, whatever is in it; with the header alone it is empty', () => {
    expect(mergeMirrors(Buffer.alloc(0), Buffer.alloc(0))).toBeUndefined();
    expect(mergeMirrors(rotten(whole, 3), Buffer.from('DOORBOOK'))).toBeUndefined();
    expect(mergeMirrors(file(), Buffer.alloc(0))).toEqual({ image: SLOT_HEADER, lost: 0 });
    expect(mergeMirrors(rotten(whole, 3), whole)?.image.equals(whole)).toBe(true);
  });

  test('is under the root that opens its first key, past what is rotten or no key', () => {
    const late = file(rotten(record(1)), countedRecord(4), record(2, 5, other));
    expect([rootOf(late, [root, other]), rootOf(late, [root]), isForeign(late, root), isForeign(late, other)]).toEqual([other, undefined, true, false]);
    expect([rootOf(whole, [other, root]), isForeign(whole, root)]).toEqual([root, false]);
    for (const none of [file(), Buffer.alloc(0), rotten(whole, 3), file(countedRecord(3)), file(record(1)).subarray(0, -1)])
      expect([rootOf(none, [root]), isForeign(none, root)]).toEqual([undefined, false]);
  });
});

describe('records in memory', () => {
  const source = (image = emptyImage()) => ({ image, keys: keySource({ image, root, generation: 3 }) });

  test('none has nothing', () => {
    const { keys } = source();
    expect([keys.key({ type: SLOT.person, id: 1 }), keys.serialOf(1), keys.keyBySerial(0), keys.keyBySerial(1), keys.months(), keys.days(), keys.generation]).toEqual([
      undefined,
      0,
      undefined,
      undefined,
      [],
      [],
      3,
    ]);
  });

  test('are found by name and by serial as they come, whole files and later records, and the newest of a name counts', () => {
    const { image, keys } = source();
    const [one, two, again] = [record(1, 1), record(2, 5000), record(1, 5001)];
    addRecords(image, file(one, two), SLOT_HEADER.length);
    addRecords(image, Buffer.concat([again, countedRecord(6000)]), 0);
    expect([image.length, image.nextSerial]).toEqual([16 + 4 * SLOT_BYTES, 6001]);
    expect([keys.serialOf(1), keys.serialOf(2), keys.serialOf(3)]).toEqual([5001, 5000, 0]);
    expect(keys.key({ type: SLOT.person, id: 1 })).toEqual(openRecord(again, root));
    expect([keys.keyBySerial(1), keys.keyBySerial(5000), keys.keyBySerial(5001)]).toEqual([one, two, again].map((each) => openRecord(each, root)));
    expect([keys.keyBySerial(2), keys.keyBySerial(6000), keys.keyBySerial(9_999_999)]).toEqual([undefined, undefined, undefined]);
  });

  test('days and months are told newest first', () => {
    const { image, keys } = source();
    const dated = (type: 1 | 3, ids: readonly number[]): Buffer[] => ids.map((id, at) => newRecord({ type, id }, at + 1, root));
    addRecords(image, file(...dated(SLOT.day, [9, 100, 20]), ...dated(SLOT.month, [7, 8])), SLOT_HEADER.length);
    expect([keys.days(), keys.months()]).toEqual([
      [100, 20, 9],
      [8, 7],
    ]);
  });

  test('a serial that cannot be is left out, takes no room and is never given', () => {
    const { image, keys } = source();
    addRecords(image, file(record(1, 1), countedRecord(MOST_SERIALS + 1), countedRecord(0xffff_ffff), record(2, 2)), SLOT_HEADER.length);
    expect([image.nextSerial, image.serials.length, keys.serialOf(2)]).toEqual([3, 1024, 2]);
    expect(() => record(3, MOST_SERIALS + 1)).toThrow(`expected a serial up to ${MOST_SERIALS}`);
    expect(record(3, MOST_SERIALS)).toHaveLength(SLOT_BYTES);
    addRecords(image, countedRecord(MOST_SERIALS), 0);
    expect([image.nextSerial, image.serials.length]).toEqual([MOST_SERIALS + 1, 1024]);
  });

  test('many stay where they are while the buffers grow', () => {
    const { image, keys } = source();
    addRecords(image, SLOT_HEADER, SLOT_HEADER.length);
    const made = Array.from({ length: 1100 }, (_, at) => record(at + 1));
    for (const each of made) addRecords(image, each, 0);
    for (const at of [0, 1, 500, 1023, 1024, 1099]) expect(keys.keyBySerial(at + 1), `${at}`).toEqual(openRecord(made[at] ?? root, root));
    expect([image.serials.length, image.bytes.length < 3 * image.length]).toEqual([2048, true]);
  });
});
