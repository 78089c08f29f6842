import { afterEach, beforeEach, expect, test } from 'vitest';
import { ControllerId, DoorId } from '../../gateway/core/ids.ts';
import { buildList } from '../../gateway/doors/access-list.ts';
import type { DoorRecord } from '../../gateway/doors/registry.ts';
import { settings } from '../helpers/lists.ts';
import { deviceOf, greet, openRig, type Player, record, type Rig } from './harness.ts';

const DAY = Array.from({ length: 8 }, (): [number, number][] => [[480, 1320]]);
let rig: Rig;
let n = 1;
beforeEach(async () => {
  n = 1;
  rig = await openRig(1, { lists: { version: () => ({ epoch: 1, n }), build: ({ listKey, version }) => buildList(listKey, [], version) } });
});
afterEach(() => rig.link.close());

/** The device comes, with these doors and schedules in the register. */
async function come(doors: readonly Omit<DoorRecord, 'doorId'>[], number?: number): Promise<Player> {
  const records = doors.map((door, at) => [at + 1, { ...door, doorId: DoorId(101 + at) }] as const);
  rig.records.set('yc42-d01', record(1, { doors: new Map(records), ...(number === undefined ? {} : { schedules: [{ number, plan: DAY }] }) }));
  return greet(rig, deviceOf(rig, 1));
}

test('every rule of a door stands in the header, in its place', async () => {
  const door = await come([
    { openMs: 3000, heldMs: 90_000, openSchedule: 2, firstCard: true, pinSchedule: 4, interlock: 0, passbackMinutes: 10, passbackHard: true, lockdownUntil: 77 },
    { openMs: 5000 },
  ]);
  expect((await door.hear('acl/want')).doors).toEqual([settings({ o: 3000, h: 90_000, u: 2, f: 1, p: 4, a: 10, x: 1, k: 77 }), settings()]);
});

test('doors of one interlock name each other, and no others', async () => {
  const door = await come([1, 2, 1, 0, 1].map((interlock) => ({ openMs: 5000, interlock })));
  expect((await door.hear('acl/want')).doors.map(({ i }) => i)).toEqual([0b10100, 0, 0b10001, 0, 0b00101]);
});

test('schedules come with the holidays of this year and the next', async () => {
  rig.wall = Date.UTC(2026, 10, 23);
  const door = await come([{ openMs: 5000 }], 3);
  expect(await door.hear('acl/want')).toMatchObject({ tz: 480, sched: [{ s: 3, w: DAY }], hol: ['2026-10-01'], work: ['2026-10-10'] });
});

test('without schedules nothing about days comes', async () => {
  rig.wall = Date.UTC(2026, 10, 23);
  const door = await come([{ openMs: 5000 }]);
  expect(await door.hear('acl/want')).toMatchObject({ sched: [], hol: [], work: [] });
});

test.each([
  [Date.UTC(2024, 11, 31, 15, 59), []],
  [Date.UTC(2024, 11, 31, 16), ['2026-10-01']],
  [Date.UTC(2026, 11, 31, 15, 59), ['2026-10-01']],
  [Date.UTC(2026, 11, 31, 16), []],
])('the year turns with the clock of China (%i)', async (wall, hol) => {
  rig.wall = wall;
  const door = await come([{ openMs: 5000 }], 3);
  expect((await door.hear('acl/want')).hol).toEqual(hol);
});

test('a rule that changed is offered though the rows are the same', async () => {
  const door = await come([{ openMs: 5000 }]);
  await door.hear('acl/want');
  n = 2;
  rig.records.set('yc42-d01', record(1, { doors: new Map([[1, { doorId: DoorId(101), openMs: 5000, lockdownUntil: 9 }]]) }));
  rig.link.refreshLists([ControllerId(1)]);
  expect(await door.hear('acl/want')).toMatchObject({ n: 2, doors: [settings({ k: 9 })] });
});
