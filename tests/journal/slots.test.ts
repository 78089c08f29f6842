import { randomBytes } from 'node:crypto';
import { appendFileSync, closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SLOT, SLOT_BYTES, SLOT_HEADER, type SlotName } from '../../gateway/journal/slot-file.ts';
import { openSlotReader, openSlotWriter, slotPaths } from '../../gateway/journal/slots.ts';

/** Bytes the disk takes at once, where a test says so. */
let atOnce = Number.POSITIVE_INFINITY;
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const write = (handle: number, bytes: Buffer, ...[from = 0, length = bytes.length - from, at]: (number | undefined)[]): number =>
    real.writeSync(handle, bytes, from, Math.min(length, atOnce), at);
  return { ...real, writeSync: write };
});

const root = randomBytes(32);
const PEOPLE: readonly SlotName[] = [1, 2, 3, 70_000].map((id) => ({ type: SLOT.person, id }));
let dir = '';
let paths: readonly [string, string];

/** Makes the four people's keys and returns them. */
function fill(): string[] {
  const slots = openSlotWriter(dir, root);
  slots.ensure(PEOPLE);
  const keys = PEOPLE.map((name) => slots.key(name)?.toString('hex') ?? '');
  slots.close();
  return keys;
}

function keysNow(open = () => openSlotReader(dir, root)): (string | undefined)[] {
  const slots = open();
  return PEOPLE.map((name) => slots.key(name)?.toString('hex'));
}

const reopened = (): (string | undefined)[] => {
  const slots = openSlotWriter(dir, root);
  const keys = keysNow(() => ({ ...slots, refresh: () => undefined }));
  slots.close();
  return keys;
};
const flip = (path: string, at: number): void => {
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0x40, at);
  writeFileSync(path, bytes);
};
const mirrored = (): boolean => readFileSync(paths[0]).equals(readFileSync(paths[1]));
const place = (record: number, byte = 30): number => SLOT_HEADER.length + record * SLOT_BYTES + byte;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'doorbook-slots-'));
  paths = slotPaths(dir);
});

afterEach(() => {
  atOnce = Number.POSITIVE_INFINITY;
  rmSync(dir, { recursive: true, force: true });
});

describe('the key slots', () => {
  test('keys are random, 32 bytes, one for each name, and outlive a restart', () => {
    const keys = fill();
    expect(new Set(keys).size).toBe(4);
    expect(keys.every((key) => key.length === 64)).toBe(true);
    expect(reopened()).toEqual(keys);
    expect(keysNow()).toEqual(keys);
  });

  test('asking again for a key that exists makes nothing new', () => {
    fill();
    const size = statSync(paths[0]).size;
    const slots = openSlotWriter(dir, root);
    slots.ensure([...PEOPLE, ...PEOPLE]);
    slots.ensure([
      { type: SLOT.day, id: 5 },
      { type: SLOT.day, id: 5 },
    ]);
    slots.close();
    expect(statSync(paths[0]).size).toBe(size + SLOT_BYTES);
  });

  test('closed twice closes nothing of somebody else, who may have its handle by then', () => {
    const slots = openSlotWriter(dir, root);
    slots.close();
    const others = paths.map((path) => openSync(path, 'r'));
    slots.close();
    for (const handle of others) expect(() => closeSync(handle)).not.toThrow();
  });

  test('a day, a month and a person of one number have different keys', () => {
    const slots = openSlotWriter(dir, root);
    const names = [SLOT.day, SLOT.month, SLOT.person].map((type) => ({ type, id: 9 }));
    slots.ensure(names);
    expect(new Set(names.map((name) => slots.key(name)?.toString('hex'))).size).toBe(3);
    expect(slots.months()).toEqual([9]);
    slots.close();
  });

  test('serials count from 1, find the key, and are not used again after a restart', () => {
    const keys = fill();
    const slots = openSlotWriter(dir, root);
    expect([1, 2, 3, 70_000, 4].map(slots.serialOf)).toEqual([1, 2, 3, 4, 0]);
    expect(slots.keyBySerial(4)?.toString('hex')).toBe(keys[3]);
    slots.ensure([{ type: SLOT.person, id: 4 }]);
    expect(slots.serialOf(4)).toBe(5);
    expect(slots.keyBySerial(0)).toBeUndefined();
    expect(slots.keyBySerial(6)).toBeUndefined();
    slots.close();
  });

  test('no key stands in the file in the clear', () => {
    const keys = fill();
    const file = readFileSync(paths[0]);
    for (const key of keys) expect(file.includes(Buffer.from(key, 'hex'))).toBe(false);
  });

  test('both files are for this user alone', () => {
    fill();
    expect(paths.map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600]);
  });

  test.each([0, 1])('a torn tail in file %i is repaired from the other', (torn) => {
    const keys = fill();
    truncateSync(paths[torn === 0 ? 0 : 1], place(3, 40));
    expect(reopened()).toEqual(keys);
    expect(mirrored()).toBe(true);
  });

  test('a tail torn in both files is dropped, and the next key takes its place', () => {
    const keys = fill();
    for (const path of paths) truncateSync(path, place(3, 40));
    expect(reopened()).toEqual([...keys.slice(0, 3), undefined]);
    expect(statSync(paths[0]).size).toBe(place(3, 0));
    const again = fill();
    expect(again.slice(0, 3)).toEqual(keys.slice(0, 3));
    expect(again[3]).not.toBe(keys[3]);
  });

  test('noise after the last record is dropped', () => {
    const keys = fill();
    appendFileSync(paths[0], randomBytes(200));
    expect(reopened()).toEqual(keys);
    expect(mirrored()).toBe(true);
  });

  test.each([0, 1])('a rotten record in the middle of file %i is repaired from the other', (rotten) => {
    const keys = fill();
    flip(paths[rotten === 0 ? 0 : 1], place(1));
    expect(keysNow()).toEqual(keys);
    expect(reopened()).toEqual(keys);
    expect(mirrored()).toBe(true);
  });

  test('a record rotten in both files is lost alone', () => {
    const keys = fill();
    for (const path of paths) flip(path, place(1));
    expect(reopened()).toEqual([keys[0], undefined, keys[2], keys[3]]);
    expect(reopened()).toEqual([keys[0], undefined, keys[2], keys[3]]);
    expect(mirrored()).toBe(true);
  });

  test('one file missing altogether is made again', () => {
    const keys = fill();
    rmSync(paths[0]);
    expect(reopened()).toEqual(keys);
    expect(mirrored()).toBe(true);
  });

  test('files that are not slots are not overwritten', () => {
    for (const path of paths) writeFileSync(path, 'something else');
    expect(() => openSlotWriter(dir, root)).toThrow(/slots file/);
    expect(readFileSync(paths[0], 'utf8')).toBe('something else');
  });

  test('a file that is not slots is not overwritten either when its mirror is missing', () => {
    writeFileSync(paths[0], 'something else');
    expect(() => openSlotWriter(dir, root)).toThrow(/slots file/);
    expect(readFileSync(paths[0], 'utf8')).toBe('something else');
  });

  test('a mirror from another data directory is replaced by ours, and is not taken in place of ours', () => {
    const keys = fill();
    const stranger = mkdtempSync(join(tmpdir(), 'doorbook-slots-'));
    const theirs = openSlotWriter(stranger, randomBytes(32));
    theirs.ensure([{ type: SLOT.person, id: 1 }]);
    theirs.close();
    writeFileSync(paths[1], readFileSync(slotPaths(stranger)[0]));
    expect(reopened()).toEqual(keys);
    expect(mirrored()).toBe(true);
    writeFileSync(paths[1], readFileSync(slotPaths(stranger)[0]));
    writeFileSync(paths[0], SLOT_HEADER);
    expect(() => openSlotWriter(dir, root)).toThrow(/different data directories/);
    rmSync(stranger, { recursive: true, force: true });
  });

  test('a reader passes over a mirror from another data directory, however much longer it is', () => {
    const keys = fill();
    const stranger = mkdtempSync(join(tmpdir(), 'doorbook-slots-'));
    const theirs = openSlotWriter(stranger, randomBytes(32));
    theirs.ensure([5, 6, 7, 8, 9].map((id) => ({ type: SLOT.person, id })));
    theirs.close();
    writeFileSync(paths[1], readFileSync(slotPaths(stranger)[0]));
    expect([keysNow(), openSlotReader(dir, root).serialOf(9)]).toEqual([keys, 0]);
    rmSync(stranger, { recursive: true, force: true });
  });

  test('another root key opens nothing and is refused at once', () => {
    fill();
    expect(() => openSlotWriter(dir, randomBytes(32))).toThrow(/journal key does not open them/);
  });

  test('a reader sees what was added after it was opened, and not a record that is half written', () => {
    const reader = openSlotReader(dir, root);
    const keys = fill();
    reader.refresh();
    expect(PEOPLE.map((name) => reader.key(name)?.toString('hex'))).toEqual(keys);
    const writer = openSlotWriter(dir, root);
    writer.ensure([{ type: SLOT.person, id: 5 }]);
    const whole = readFileSync(paths[0]);
    writer.close();
    writeFileSync(paths[0], whole.subarray(0, -10));
    reader.refresh();
    expect(reader.key({ type: SLOT.person, id: 5 })).toBeUndefined();
    writeFileSync(paths[0], whole);
    reader.refresh();
    expect(reader.key({ type: SLOT.person, id: 5 })).toBeDefined();
  });

  test('a reader of a file that is no slots file, or has become shorter, reads anew when it is whole', () => {
    const keys = fill();
    const whole = readFileSync(paths[0]);
    const other = mkdtempSync(join(tmpdir(), 'doorbook-slots-'));
    const [path] = slotPaths(other);
    writeFileSync(path, 'something else');
    const reader = openSlotReader(other, root);
    const read = (): boolean[] => {
      reader.refresh();
      return PEOPLE.map((name) => reader.key(name) !== undefined);
    };
    expect(read()).toEqual([false, false, false, false]);
    writeFileSync(path, whole);
    expect([read(), reader.key({ type: SLOT.person, id: 2 })?.toString('hex')]).toEqual([[true, true, true, true], keys[1]]);
    const generation = reader.generation;
    expect([read(), reader.generation]).toEqual([[true, true, true, true], generation]);
    truncateSync(path, place(2, 0));
    expect(read()).toEqual([true, true, false, false]);
    expect(reader.generation).toBe(generation + 1);
    appendFileSync(path, whole.subarray(place(2, 0)));
    expect(read()).toEqual([true, true, true, true]);
    rmSync(other, { recursive: true, force: true });
  });

  test('a write that the disk takes in pieces goes on where it stopped, in both files', () => {
    const keys = fill();
    atOnce = 50;
    const slots = openSlotWriter(dir, root);
    slots.ensure([5, 6].map((id) => ({ type: SLOT.person, id })));
    slots.close();
    expect([mirrored(), statSync(paths[0]).size, reopened()]).toEqual([true, place(6, 0), keys]);
    const reader = openSlotReader(dir, root);
    expect([5, 6].map((id) => reader.key({ type: SLOT.person, id })?.length)).toEqual([32, 32]);
  });

  test('asking for keys that are there touches no file', () => {
    fill();
    const slots = openSlotWriter(dir, root);
    slots.close();
    expect(() => slots.ensure(PEOPLE)).not.toThrow();
  });

  test('a reader keeps no handle open', () => {
    fill();
    const reader = openSlotReader(dir, root);
    const writer = openSlotWriter(dir, root);
    writer.ensure([{ type: SLOT.person, id: 5 }]);
    writer.close();
    reader.refresh();
    expect(reader.serialOf(5)).toBe(5);
    const open = readdirSync('/proc/self/fd').flatMap((fd) => {
      const path = join('/proc/self/fd', fd);
      return existsSync(path) ? [readlinkSync(path)] : [];
    });
    expect(open.filter((path) => path.startsWith(dir))).toEqual([]);
  });

  test('a failed write leaves no half record and no key that is not on disk', () => {
    fill();
    const slots = openSlotWriter(dir, root);
    slots.close();
    expect(() => slots.ensure([{ type: SLOT.person, id: 8 }])).toThrow();
    expect(slots.serialOf(8)).toBe(0);
    expect(statSync(paths[0]).size).toBe(place(4, 0));
  });
});
