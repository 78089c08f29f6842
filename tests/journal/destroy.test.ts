import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BuildingId, PersonId } from '../../gateway/core/ids.ts';
import type { Destruction } from '../../gateway/journal/destroy.ts';
import { eventOf, NO_PERSON } from '../../gateway/journal/entry.ts';
import { leafHash } from '../../gateway/journal/leaf.ts';
import { type Log, type LogPlace, openLog } from '../../gateway/journal/log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { type JournalReader, openReader } from '../../gateway/journal/reader.ts';
import { dayOf, keysOf } from '../../gateway/journal/seal.ts';
import { SLOT } from '../../gateway/journal/slot-file.ts';
import { newSlotPaths, openSlotReader, slotPaths } from '../../gateway/journal/slots.ts';
import type { EntryRow } from '../../gateway/store/journal-store.ts';
import { loadKeys, readRoots } from '../../gateway/store/keys.ts';
import { NOON, tapEntry } from './samples.ts';

const DAY = 86_400_000;
const TODAY = dayOf(NOON);
const HELD = TODAY - 200;
const WISH: Destruction = { before: TODAY - 184, held: { days: [HELD], persons: [] } };

let dir: string;
let place: LogPlace;
let log: Log;
let reader: JournalReader;
let seq = 0;

const [GONE, STAYER, HELD_ONE, NEWCOMER] = [11, 12, 13, 14];
/** What is in the log, as days before today and person. Index 0 is the log's own beginning, of the day the test runs. */
const PAST = [
  [300, GONE],
  [300, STAYER],
  [200, GONE],
  [200, HELD_ONE],
  [185, GONE],
  [184, STAYER],
  [10, NEWCOMER],
  [0, STAYER],
] as const;

function tap(at: Log, daysAgo: number, person: number): number {
  seq += 1;
  return at.append([stage(tapEntry(seq, { gatewayTime: NOON - daysAgo * DAY }, { personId: PersonId(person) }))])[0]?.index ?? -1;
}

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'doorbook-destroy-'));
  const keysDir = path.join(dir, 'keys');
  place = { file: path.join(dir, 'journal.sqlite'), keysDir, root: loadKeys(keysDir).journalRoot };
  log = openLog(place);
  for (const [daysAgo, person] of PAST) tap(log, daysAgo, person);
  reader = openReader(place);
});
afterEach(() => {
  reader.close();
  log.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Days and people of the entries that can be read, oldest first. */
function readable(from: JournalReader): string[] {
  return from.since(0, 100).map(({ event, person }) => `${TODAY - dayOf(event.gatewayTime)} ${person.personId}`);
}
const ALL = PAST.map((each) => each.join(' '));
const SURVIVORS = ALL.filter((each) => !['300 11', '300 12', '185 11'].includes(each));

/** Leaf hashes of all rows recompute from what a row shows without a key, and the indexes have no gap. */
function expectLeaves({ file }: LogPlace): void {
  const db = new Database(file, { readonly: true });
  const logId = db.prepare<[], Buffer>('SELECT logId FROM log').pluck().get() ?? Buffer.alloc(0);
  const rows = db.prepare<[], EntryRow>('SELECT * FROM entry ORDER BY idx').all();
  db.close();
  rows.forEach(({ idx, kind, cEvent, cPerson, leafHash: hash }, at) => {
    expect(idx).toBe(at);
    expect(leafHash({ kind, flags: 0, logId, index: idx, cEvent, cPerson })).toEqual(hash);
  });
}

describe('destroying', () => {
  test('takes days before the cutoff, months of which no day is left, and people of whom no entry is left; held days stay', async () => {
    expect(readable(reader)).toEqual(ALL);
    expect(await log.destroy(WISH)).toEqual({ days: 2, persons: 0 });
    expect(readable(reader)).toEqual(SURVIVORS);
    expect(await log.destroy({ ...WISH, held: { days: [], persons: [] } })).toEqual({ days: 1, persons: 2 });
    expect(readable(reader)).toEqual(['184 12', '10 14', '0 12']);
    const slots = openSlotReader(place.keysDir, place.root);
    expect([GONE, STAYER, HELD_ONE, NEWCOMER].map((id) => slots.serialOf(id) > 0)).toEqual([false, true, false, true]);
    expect(slots.days().filter((day) => day < WISH.before)).toEqual([]);
    expectLeaves(place);
  });

  test('a reader that was open before sees it at its next look, by page, by person and by index', async () => {
    expect(reader.before({ personId: STAYER }, 9).map(({ index }) => index)).toEqual([8, 6, 2]);
    await log.destroy(WISH);
    expect([reader.at(1), reader.at(5), reader.at(3)?.person.personId]).toEqual([undefined, undefined, GONE]);
    expect(reader.before({ personId: STAYER }, 9).map(({ index }) => index)).toEqual([8, 6]);
    expect(reader.before({ personId: GONE }, 9).map(({ index }) => index)).toEqual([3]);
    expect(reader.last()).toBe(PAST.length);
  });

  test('entries go on after it, also about people whose key is gone, under new keys', async () => {
    await log.destroy({ ...WISH, held: { days: [], persons: [] } });
    expect(tap(log, 0, GONE)).toBe(PAST.length + 1);
    expect(reader.at(PAST.length + 1)?.person.personId).toBe(GONE);
    expect(reader.at(1)).toBeUndefined();
    log.close();
    log = openLog(place);
    tap(log, 0, HELD_ONE);
    expect(readable(reader).slice(-2)).toEqual(['0 11', '0 13']);
    expectLeaves(place);
  });

  test('a repeat of a device’s message is still known for one when its entry cannot be read any more', async () => {
    const gatewayTime = NOON - 300 * DAY;
    const old = stage(tapEntry(9001, { gatewayTime }));
    const [first] = log.append([old]);
    await log.destroy(WISH);
    expect(log.append([old])).toEqual([{ index: first?.index, duplicate: true, same: false, stored: eventOf({ kind: 'system', what: 'erased', gatewayTime }) }]);
  });

  test('people held keep their key, and a serial is never used again', async () => {
    tap(log, 0, 77);
    const before = openSlotReader(place.keysDir, place.root);
    const used = [GONE, STAYER, HELD_ONE, 77].map((id) => before.serialOf(id));
    await log.destroy({ before: TODAY + 1, held: { days: [], persons: [HELD_ONE] } });
    log.close();
    log = openLog(place);
    tap(log, -1, 99);
    const after = openSlotReader(place.keysDir, place.root);
    expect(after.serialOf(HELD_ONE)).toBe(used[2]);
    expect([after.serialOf(GONE), after.serialOf(77)]).toEqual([0, 0]);
    expect(after.serialOf(99)).toBeGreaterThan(Math.max(...used));
    expect(after.keyBySerial(used[3] ?? 0), 'the newest serial, whose key is gone').toBeUndefined();
  });

  test('a person who comes back while it runs keeps his key', async () => {
    for (let id = 1000; id < 1300; id += 1) tap(log, 300, id);
    const running = log.destroy({ ...WISH, held: { days: [], persons: [] } });
    const [early, late] = [tap(log, 0, 1000), tap(log, 0, 5000)];
    expect(await running).toMatchObject({ persons: 301 });
    expect([reader.at(early)?.person.personId, reader.at(late)?.person.personId]).toEqual([1000, 5000]);
    log.close();
    log = openLog(place);
    expect([reader.at(early)?.person.personId, reader.at(late)?.person.personId]).toEqual([1000, 5000]);
  });

  test('with nothing old enough, no file is touched', async () => {
    const before = slotPaths(place.keysDir).map((file) => readFileSync(file));
    expect(await log.destroy({ before: TODAY - 365, held: { days: [], persons: [] } })).toEqual({ days: 0, persons: 0 });
    expect(slotPaths(place.keysDir).map((file) => readFileSync(file))).toEqual(before);
  });

  test('a second one meanwhile is refused, and closing in between leaves all as it was', async () => {
    for (let id = 1000; id < 1300; id += 1) tap(log, 300, id);
    const running = log.destroy(WISH);
    await expect(log.destroy(WISH)).rejects.toThrow('being destroyed already');
    log.close();
    await expect(running).rejects.toThrow();
    log = openLog(place);
    expect(readable(reader).slice(0, ALL.length)).toEqual(ALL);
    expect([readRoots(place.keysDir)?.length, newSlotPaths(place.keysDir).some((file) => existsSync(file))]).toEqual([1, false]);
  });
});

describe('audit entries', () => {
  const EVERYTHING: Destruction = { before: TODAY - 184, held: { days: [], persons: [] } };
  const ACCOUNT = 501;
  /** Somebody at the desk looked at this person; the entry's index. */
  function look(daysAgo: number, person: number): number {
    const event = eventOf({ kind: 'audit', what: 'viewed', buildingId: BuildingId(7), gatewayTime: NOON - daysAgo * DAY });
    return log.append([stage({ event, person: { ...NO_PERSON, personId: PersonId(person), accountId: ACCOUNT } })])[0]?.index ?? -1;
  }
  const indexes = (found: readonly { readonly index: number }[]): number[] => found.map(({ index }) => index);

  test('outlive the door entries of their day: they open, and are found by person, account, building, kind and time', async () => {
    const [first, second] = [look(300, GONE), look(185, GONE)];
    expect(await log.destroy(EVERYTHING)).toEqual({ days: 3, persons: 1 });
    expect(readable(reader)).toEqual(['184 12', '10 14', '0 12', '300 11', '185 11']);
    expect(reader.at(first)).toMatchObject({ event: { kind: 'audit', what: 'viewed' }, person: { personId: GONE, accountId: ACCOUNT } });
    expect(indexes(reader.auditOf(GONE, 9))).toEqual([second, first]);
    expect(indexes(reader.audits({ accountId: ACCOUNT }, 9))).toEqual([second, first]);
    expect(indexes(reader.audits({ buildingId: 7 }, 9))).toEqual([second, first]);
    expect(indexes(reader.before({ personId: GONE }, 9))).toEqual([second, first]);
    expect(indexes(reader.before({ buildingId: 7, withoutPassages: true }, 9))).toEqual([second, first]);
    expect(indexes(reader.before({ personId: GONE, kinds: ['access'] }, 9))).toEqual([]);
    expect(indexes(reader.audits({ personId: GONE, from: NOON - 301 * DAY, until: NOON - 299 * DAY }, 9))).toEqual([first]);
    expectLeaves(place);
    log.close();
    log = openLog(place);
    expect(indexes(reader.auditOf(GONE, 9)), 'after a start').toEqual([second, first]);
  });

  test('of a day alone make it no old day, and there is nothing to destroy then', async () => {
    await log.destroy(EVERYTHING);
    look(250, GONE);
    expect(reader.oldDays(TODAY - 184)).toEqual([]);
    expect(await log.destroy(EVERYTHING)).toEqual({ days: 0, persons: 0 });
  });

  test('are not counted among the entries of an old day, however many they are', () => {
    const counts = (): number[][] => reader.oldDays(TODAY - 184).map(({ day, entries }) => [TODAY - day, entries]);
    look(185, GONE);
    expect(counts()).toEqual([
      [185, 1],
      [200, 2],
      [300, 2],
    ]);
    // More than two spans of one day: those are counted without looking at each row.
    const event = eventOf({ kind: 'audit', what: 'viewed', gatewayTime: NOON - 300 * DAY });
    log.append(Array.from({ length: 3000 }, (_, at) => stage(at % 3 === 0 ? { event: { ...event, kind: 'system' }, person: NO_PERSON } : { event, person: NO_PERSON })));
    expect(counts()[2]).toEqual([300, 1002]);
  });

  test('go by a cutoff of their own, and then the people of whom nothing else is left', async () => {
    const [first, second] = [look(300, GONE), look(250, GONE)];
    expect(await log.destroy({ ...EVERYTHING, auditBefore: TODAY - 260 })).toEqual({ days: 4, persons: 1 });
    expect([reader.at(first), reader.at(second)?.person.personId]).toEqual([undefined, GONE]);
    expect(indexes(reader.auditOf(GONE, 9))).toEqual([second]);
    expect(await log.destroy({ ...EVERYTHING, auditBefore: TODAY - 200 })).toEqual({ days: 1, persons: 1 });
    expect(indexes(reader.auditOf(GONE, 9))).toEqual([]);
    expect(openSlotReader(place.keysDir, place.root).serialOf(GONE)).toBe(0);
  });
});

describe('what is left on disk', () => {
  test('old copies of the slot files and the keys of now open nothing of the days that are gone', async () => {
    const old = slotPaths(place.keysDir).map((file) => readFileSync(file));
    await log.destroy(WISH);
    const roots = readRoots(place.keysDir) ?? [];
    expect(roots.length).toBe(1);
    const copies = path.join(dir, 'copies');
    cpSync(place.keysDir, copies, { recursive: true });
    for (const [at, file] of slotPaths(copies).entries()) writeFileSync(file, old[at] ?? '');
    const slots = openSlotReader(copies, place.root);
    const keys = keysOf(slots);
    for (const day of [TODAY - 300, TODAY - 185, TODAY]) expect(keys.event(day), `day ${TODAY - day} ago`).toBeUndefined();
    for (const id of [GONE, STAYER]) expect(slots.key({ type: SLOT.person, id })).toBeUndefined();
    // And the old root opens nothing in the new files.
    expect(openSlotReader(path.join(dir, 'nowhere'), place.root).days()).toEqual([]);
    const stolen = path.join(dir, 'stolen');
    cpSync(place.keysDir, stolen, { recursive: true });
    for (const name of ['root.json', 'root-mirror.json']) rmSync(path.join(stolen, name));
    expect(keysOf(openSlotReader(stolen, place.root)).event(TODAY)).toBeUndefined();
  });
});

describe('a crash at any step', () => {
  interface Disk {
    readonly [name: string]: Buffer;
  }
  const NAMES = ['slots.a', 'slots.b', 'root.json', 'root-mirror.json'];
  const disk = (): Disk => Object.fromEntries(NAMES.map((name) => [name, readFileSync(path.join(place.keysDir, name))]));

  /** A copy of the data directory with these files in the key folder. */
  function copyWith(files: Disk): LogPlace {
    const copy = mkdtempSync(path.join(dir, 'copy-'));
    cpSync(place.file, path.join(copy, 'journal.sqlite'));
    for (const end of ['-wal', '-shm']) if (existsSync(place.file + end)) cpSync(place.file + end, path.join(copy, `journal.sqlite${end}`));
    cpSync(place.keysDir, path.join(copy, 'keys'), { recursive: true });
    for (const [name, bytes] of Object.entries(files)) writeFileSync(path.join(copy, 'keys', name), bytes);
    return { file: path.join(copy, 'journal.sqlite'), keysDir: path.join(copy, 'keys'), root: place.root };
  }

  test('is undone until the first new file is in place, and finished from then on', async () => {
    const before = disk();
    let both: Disk = {};
    const watched = log.destroy(WISH);
    both = disk();
    await watched;
    const after = disk();
    expect(both['root.json']).not.toEqual(before['root.json']);
    expect(both['slots.a']).toEqual(before['slots.a']);
    const fresh = { 'slots.a.new': after['slots.a'] ?? Buffer.alloc(0), 'slots.b.new': after['slots.b'] ?? Buffer.alloc(0) };
    const roots = (first: Disk, mirror: Disk): Disk => ({ 'root.json': first['root.json'] ?? Buffer.alloc(0), 'root-mirror.json': mirror['root-mirror.json'] ?? Buffer.alloc(0) });
    const slots = (a: Disk, b: Disk): Disk => ({ 'slots.a': a['slots.a'] ?? Buffer.alloc(0), 'slots.b': b['slots.b'] ?? Buffer.alloc(0) });
    const steps: [string, Disk, string[]][] = [
      ['before anything', before, ALL],
      ['the next root in one copy', { ...before, ...roots(both, before) }, ALL],
      ['the next root in both', { ...before, ...roots(both, both) }, ALL],
      ['a new file half written', { ...before, ...roots(both, both), 'slots.a.new': fresh['slots.a.new'].subarray(0, 130) }, ALL],
      ['both new files written', { ...before, ...roots(both, both), ...fresh }, ALL],
      ['one in place', { ...slots(after, before), ...roots(both, both), 'slots.b.new': fresh['slots.b.new'] }, SURVIVORS],
      ['both in place', { ...slots(after, after), ...roots(both, both) }, SURVIVORS],
      ['the old root gone from one copy', { ...slots(after, after), ...roots(after, both) }, SURVIVORS],
      ['done', after, SURVIVORS],
    ];
    for (const [what, files, expected] of steps) {
      const at = copyWith(files);
      const looking = openReader(at);
      expect(readable(looking), `${what}: a reader before anybody made it good`).toEqual(expected);
      const opened = openLog(at);
      expect(readable(looking), what).toEqual(expected);
      expect(readRoots(at.keysDir)?.length, what).toBe(1);
      expect(
        newSlotPaths(at.keysDir).filter((file) => existsSync(file)),
        what,
      ).toEqual([]);
      const [a, b] = slotPaths(at.keysDir).map((file) => readFileSync(file));
      expect(a, what).toEqual(b);
      tap(opened, 0, NEWCOMER);
      await opened.destroy(WISH);
      expect(readable(looking), `${what}: asked again`).toEqual([...SURVIVORS, '0 14']);
      opened.close();
      looking.close();
      expectLeaves(at);
    }
  });
});
