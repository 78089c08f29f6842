import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newRecord, SLOT, SLOT_BYTES, SLOT_HEADER, type SlotName } from '../../gateway/journal/slot-file.ts';
import { newSlotPaths, openSlotWriter, type SlotWriter, slotPaths } from '../../gateway/journal/slots.ts';

const root = randomBytes(32);
const person = (id: number): SlotName => ({ type: SLOT.person, id });
const people = (count: number): SlotName[] => Array.from({ length: count }, (_, at) => person(at + 1));
const all = { keep: () => true, breathe: async () => undefined };
const sizes = (records: number): number[] => Array(2).fill(SLOT_HEADER.length + records * SLOT_BYTES);

let dir = '';
let slots: SlotWriter;
let keys: (Buffer | undefined)[];
const filesNow = (): number[] => slotPaths(dir).map((path) => statSync(path).size);
const keysNow = (count: number): (Buffer | undefined)[] => people(count).map((name) => slots.key(name));
const reopen = (): void => {
  slots.close();
  slots = openSlotWriter(dir, root);
};

/** Twenty people with the serials 1 to 20. */
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'doorbook-rewrap-'));
  slots = openSlotWriter(dir, root);
  slots.ensure(people(20));
  keys = keysNow(20);
});
afterEach(() => {
  slots.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('wrapping keys anew', () => {
  test('keeps each with its serial, in both files, and adds only the count of serials', async () => {
    const before = readFileSync(slotPaths(dir)[0]);
    expect(await slots.rewrap(all)).toEqual({ days: 0, persons: 0 });
    expect([keysNow(20), people(20).map(({ id }) => slots.serialOf(id)), filesNow()]).toEqual([keys, people(20).map(({ id }) => id), sizes(21)]);
    expect(readFileSync(slotPaths(dir)[0]).subarray(0, before.length).equals(before)).toBe(false);
    reopen();
    expect([keysNow(20), filesNow()]).toEqual([keys, sizes(21)]);
  });

  test('leaves out what is not kept, says how much that was, and uses no serial twice', async () => {
    slots.ensure([
      { type: SLOT.day, id: 5 },
      { type: SLOT.day, id: 6 },
      { type: SLOT.month, id: 7 },
    ]);
    expect(await slots.rewrap({ ...all, keep: ({ type, id }) => type !== SLOT.month && id < 6 })).toEqual({ days: 1, persons: 15 });
    expect([keysNow(20).map((key) => key !== undefined), slots.days(), slots.months()]).toEqual([people(20).map(({ id }) => id < 6), [5], []]);
    slots.ensure([person(99)]);
    expect(slots.serialOf(99)).toBe(24);
    reopen();
    slots.ensure([person(100)]);
    expect([slots.serialOf(99), slots.serialOf(100), filesNow()]).toEqual([24, 25, sizes(5 + 1 + 1 + 1 + 1)]);
  });

  test('keeps who comes back meanwhile, with the key they had', async () => {
    let asked = false;
    const breathe = async (): Promise<void> => {
      if (!asked) slots.ensure([person(2), person(3)]);
      asked = true;
    };
    expect(await slots.rewrap({ keep: () => false, breathe })).toEqual({ days: 0, persons: 18 });
    expect(keysNow(20)).toEqual(keys.map((key, at) => (at === 1 || at === 2 ? key : undefined)));
    reopen();
    expect([slots.key(person(2)), slots.serialOf(2), slots.serialOf(4), filesNow()]).toEqual([keys[1], 2, 0, sizes(3)]);
  });

  test('takes a day that is asked for meanwhile for no person of that number', async () => {
    const breathe = async (): Promise<void> => slots.ensure([{ type: SLOT.day, id: 4 }]);
    expect(await slots.rewrap({ keep: ({ type }) => type === SLOT.day, breathe })).toEqual({ days: 0, persons: 20 });
    expect([slots.serialOf(4), slots.days()]).toEqual([0, [4]]);
  });

  test('raises the generation by one, so that keys kept ready are let go of', async () => {
    const { generation } = slots;
    await slots.rewrap(all);
    expect(slots.generation).toBe(generation + 1);
  });

  test('takes new people in who come meanwhile', async () => {
    let made: Buffer | undefined;
    const breathe = async (): Promise<void> => {
      slots.ensure([person(77)]);
      made ??= slots.key(person(77));
    };
    await slots.rewrap({ keep: ({ id }) => id === 77, breathe });
    expect([slots.key(person(77)), slots.serialOf(77), filesNow()]).toEqual([made, 21, sizes(2)]);
  });

  test.each([
    [0, 0],
    [7, 0],
    [8, 0],
    [9, 1],
    [16, 1],
    [17, 2],
  ])('of %i records lets others have their turn %i times', async (count, turns) => {
    const other = mkdtempSync(join(tmpdir(), 'doorbook-rewrap-'));
    const few = openSlotWriter(other, root);
    few.ensure(people(count));
    let breathed = 0;
    const breathe = async (): Promise<void> => {
      breathed += 1;
    };
    await few.rewrap({ ...all, breathe });
    expect([breathed, statSync(slotPaths(other)[0]).size]).toEqual([turns, SLOT_HEADER.length + (count + 1) * SLOT_BYTES]);
    few.close();
    rmSync(other, { recursive: true, force: true });
  });

  test('leaves out a record that the root does not open', async () => {
    slots.close();
    for (const path of slotPaths(dir)) appendFileSync(path, newRecord(person(50), 21, randomBytes(32)));
    slots = openSlotWriter(dir, root);
    await slots.rewrap(all);
    expect([slots.key(person(50)), keysNow(20), filesNow()]).toEqual([undefined, keys, sizes(21)]);
  });

  test('leaves it out also when that person comes back meanwhile', async () => {
    slots.close();
    for (const path of slotPaths(dir)) appendFileSync(path, newRecord(person(50), 21, randomBytes(32)));
    slots = openSlotWriter(dir, root);
    const breathe = async (): Promise<void> => slots.ensure([person(50)]);
    await slots.rewrap({ keep: ({ id }) => id <= 20, breathe });
    expect([slots.serialOf(50), keysNow(20), filesNow()]).toEqual([0, keys, sizes(21)]);
  });

  test('can be done again and again, one after the other and not at once', async () => {
    await slots.rewrap(all);
    const second = slots.rewrap(all);
    await expect(slots.rewrap(all)).rejects.toThrow(/are being destroyed already/);
    await second;
    expect([keysNow(20), filesNow()]).toEqual([keys, sizes(21)]);
  });
});

describe('wrapping keys anew, cut short', () => {
  const openFiles = (): string[] =>
    readdirSync('/proc/self/fd').flatMap((fd) => {
      const path = join('/proc/self/fd', fd);
      return existsSync(path) ? [readlinkSync(path)] : [];
    });

  test('by an error leaves no new file and no open handle, and all keys as they were', async () => {
    const keep = ({ id }: SlotName): boolean => {
      if (id === 15) throw new Error('cannot look');
      return false;
    };
    await expect(slots.rewrap({ ...all, keep })).rejects.toThrow('cannot look');
    expect([newSlotPaths(dir).some((path) => existsSync(path)), openFiles().filter((path) => path.includes('.new'))]).toEqual([false, []]);
    expect(await slots.rewrap(all)).toEqual({ days: 0, persons: 0 });
    reopen();
    expect(keysNow(20)).toEqual(keys);
  });

  test('by an error tells that one, also when somebody took its files away', async () => {
    const keep = (): boolean => {
      for (const path of newSlotPaths(dir)) rmSync(path);
      throw new Error('cannot look');
    };
    await expect(slots.rewrap({ ...all, keep })).rejects.toThrow('cannot look');
  });

  test('by closing stops at the next turn and leaves its files to whoever opens next', async () => {
    let turns = 0;
    const breathe = async (): Promise<void> => {
      turns += 1;
      slots.close();
    };
    const closing = slots.rewrap({ keep: () => false, breathe });
    await expect(closing).rejects.toThrow(/closed while keys were being destroyed/);
    expect([turns, newSlotPaths(dir).map((path) => existsSync(path))]).toEqual([1, [true, true]]);
    slots = openSlotWriter(dir, root);
    expect([keysNow(20), newSlotPaths(dir).map((path) => existsSync(path))]).toEqual([keys, [false, false]]);
  });

  test('by closing while the new files are flushed changes nothing', async () => {
    const other = mkdtempSync(join(tmpdir(), 'doorbook-rewrap-'));
    const few = openSlotWriter(other, root);
    few.ensure(people(3));
    const before = readFileSync(slotPaths(other)[0]);
    const cut = few.rewrap({ ...all, keep: () => false });
    few.close();
    await expect(cut).rejects.toThrow(/closed while keys were being destroyed/);
    expect(readFileSync(slotPaths(other)[0]).equals(before)).toBe(true);
    rmSync(other, { recursive: true, force: true });
  });
});
