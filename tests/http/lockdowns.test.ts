import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Answer, type Browser, type World, world } from './fixture.ts';
import { deskOf } from './rights-people.ts';

let here: World;
let landlord: Browser;
let officer: Browser;
beforeEach(async () => {
  here = await world();
  landlord = await deskOf(here, 'LL', { name: 'chen' });
  officer = await deskOf(here, 'OF', { name: 'lin' });
});
afterEach(() => here.close());

const MINUTE = 60_000;
const door = (tail: string): string => `doors/${here.building.doors[tail] ?? 0}/lockdown`;
const whole = (): string => `buildings/${here.building.buildingId}/lockdown`;
const begin = (who: Browser, at: string, about: object = {}): Promise<Answer> => who.ask('POST', at, { minutes: 30, reason: '楼下有人持刀', ...about });
const running = async (who: Browser): Promise<unknown> => JSON.parse((await who.ask('GET', `${whole()}s`)).text);
const until = async (tail: string): Promise<unknown> => (await here.register.register.read.door.findUnique({ where: { id: here.building.doors[tail] ?? 0 } }))?.lockdownUntil;
const noted = (): unknown[] => here.journal.entries.flatMap(({ event, person }) => (event.what?.startsWith('lockdown') === true ? [[event.what, event.doorId, person.words]] : []));

test('a building goes into lockdown at its shared doors, with the reason in the log; the doors of homes stay as they are', async () => {
  expect((await begin(landlord, whole())).json).toEqual({ doors: [here.building.doors['D01'], here.building.doors['D02']], until: here.time.now + 30 * MINUTE });
  expect([await until('D01'), await until('D02'), await until('D03')]).toEqual([BigInt(here.time.now + 30 * MINUTE), BigInt(here.time.now + 30 * MINUTE), null]);
  expect(noted()).toEqual([['lockdown-begun', 0, '楼下有人持刀']]);
  expect(here.told.changed).toBeGreaterThan(0);
  expect((await landlord.ask('GET', `doors/${here.building.doors['D01']}`)).json).toMatchObject({ door: { lockdownUntil: here.time.now + 30 * MINUTE } });
});

test('it ends by itself at its end, and early by whoever says so', async () => {
  await begin(landlord, whole(), { minutes: 5 });
  const street = `doors/${here.building.doors['D01']}`;
  here.time.now += 5 * MINUTE;
  expect((await landlord.ask('GET', street)).json).toMatchObject({ door: { lockdownUntil: null } });
  expect(await running(landlord)).toEqual([]);
  expect((await landlord.ask('DELETE', whole())).json).toEqual({ doors: 0 });
  expect(noted()).toHaveLength(1);
  await begin(landlord, whole());
  expect((await landlord.ask('DELETE', door('D01'))).json).toEqual({ doors: 1 });
  expect(await running(landlord)).toMatchObject([{ doors: [here.building.doors['D02']] }]);
  expect((await landlord.ask('DELETE', whole())).json).toEqual({ doors: 1 });
  expect(noted().slice(-2)).toEqual([
    ['lockdown-ended', here.building.doors['D01'], ''],
    ['lockdown-ended', 0, ''],
  ]);
});

test('a time or a reason that is none is refused by its name, and nothing is locked', async () => {
  for (const [field, about] of [
    ['minutes', { minutes: 4 }],
    ['minutes', { minutes: 121 }],
    ['minutes', { minutes: 7.5 }],
    ['reason', { reason: ' ' }],
    ['reason', { reason: 'x'.repeat(101) }],
    ['reason', { reason: 'a\u202eb' }],
  ] as const)
    expect((await begin(landlord, whole(), about)).json, JSON.stringify(about)).toMatchObject({ code: 'BAD_INPUT', field, expected: expect.any(String) });
  expect([await until('D01'), noted()]).toEqual([null, []]);
  for (const minutes of [5, 120]) expect((await begin(landlord, whole(), { minutes })).status).toBe(200);
  expect((await begin(landlord, whole(), { reason: '因'.repeat(100) })).status).toBe(200);
});

test('nothing is locked or unlocked that the log cannot hold', async () => {
  await begin(landlord, door('D02'));
  here.log.broken = true;
  expect([(await begin(landlord, door('D01'))).status, (await landlord.ask('DELETE', door('D02'))).status]).toEqual([503, 503]);
  here.log.broken = false;
  expect([await until('D01'), await until('D02')]).toEqual([null, BigInt(here.time.now + 30 * MINUTE)]);
});

test('a landlord locks shared doors of his own building alone; officer and operator also the door of a home', async () => {
  expect((await begin(landlord, door('D03'))).json).toMatchObject({ code: 'NOT_ALLOWED' });
  expect((await begin(landlord, `buildings/${here.other.buildingId}/lockdown`)).status).toBe(404);
  for (const who of [officer, await deskOf(here, 'SA')]) expect((await begin(who, door('D03'))).status).toBe(200);
  const home = { place: 'unit', placeId: here.building.units['0503'] ?? 0, fromAt: 0, untilAt: null } as const;
  await here.site.deps.accounts.create({ login: 'one-home', passwordHash: 'unused', role: 'LL', displayName: 'x', assignments: [home] }, here.time.now);
  const single = await deskOf(here, 'LL', { name: 'one-home' });
  for (const at of [whole(), door('D01')]) expect((await begin(single, at)).json, at).toMatchObject({ code: 'NOT_ALLOWED' });
  for (const role of ['BL', 'TEN', 'GW', 'CL', 'DA', 'AU', 'PO'] as const) expect((await begin(await deskOf(here, role), door('D01'))).status, role).toBe(403);
});

test('everybody who sees the doors sees until when; who it was and why is for colleagues', async () => {
  await begin(landlord, door('D01'));
  await begin(officer, door('D02'), { minutes: 60, reason: '找一个人' });
  const [street, roof] = [here.building.doors['D01'], here.building.doors['D02']];
  const both = { since: here.time.now };
  const open = { ...both, doors: [street], until: here.time.now + 30 * MINUTE, role: 'LL', name: 'chen', reason: '楼下有人持刀' };
  const police = { ...both, doors: [roof], until: here.time.now + 60 * MINUTE, role: 'OF', name: 'lin', reason: '找一个人' };
  const hidden = { name: null, reason: null };
  expect(await running(landlord)).toEqual([open, { ...police, ...hidden }]);
  expect(await running(officer)).toEqual([open, police]);
  expect(await running(await deskOf(here, 'SA'))).toEqual([open, { ...police, ...hidden }]);
  expect(await running(await deskOf(here, 'BL'))).toEqual([
    { ...open, ...hidden },
    { ...police, ...hidden },
  ]);
});

test('the newest order for a door counts: one of the whole building, then another end for one door', async () => {
  await begin(officer, whole(), { minutes: 120 });
  await begin(landlord, door('D01'), { minutes: 5 });
  expect(await running(officer)).toMatchObject([
    { doors: [here.building.doors['D01']], until: here.time.now + 5 * MINUTE, role: 'LL' },
    { doors: [here.building.doors['D02']], until: here.time.now + 120 * MINUTE, role: 'OF' },
  ]);
});
