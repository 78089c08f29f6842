import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, type Browser, type World, world } from './fixture.ts';
import { deskOf, ifMatch } from './rights-people.ts';

let here: World;
let landlord: Browser;
let operator: Browser;
beforeEach(async () => {
  here = await world();
  landlord = await deskOf(here, 'LL');
  operator = await deskOf(here, 'SA');
});
afterEach(() => here.close());

const USUAL = { openMs: 5000, heldMs: 60_000, openSchedule: null, firstCard: false, pinSchedule: null, interlock: 0, passbackMinutes: 0, passbackHard: false };
const at = (tail: string): string => `doors/${here.building.doors[tail] ?? 0}/rules`;
const schedules = (): string => `buildings/${here.building.buildingId}/schedules`;
async function save(who: Browser, tail: string, about: object): Promise<Answer> {
  return who.ask('PUT', at(tail), { ...USUAL, ...about }, ifMatch(await who.ask('GET', at(tail))));
}
const NIGHT = { name: '夜里', days: Array.from({ length: 8 }, (_, day) => (day === 6 ? ['22:00–06:00'] : [])) };
const noted = (what: string): string[] => here.journal.entries.flatMap(({ event, person }) => (event.what === what ? [person.words] : []));

describe('rules of a door', () => {
  test('are read, changed by who saw them as they are, noted first, and given to the door', async () => {
    expect((await landlord.ask('GET', at('D01'))).json).toMatchObject({ rules: USUAL, schedules: [], neighbours: [], onlyWayIn: true, mayWrite: true });
    const told = here.told.changed;
    expect((await save(landlord, 'D01', { openMs: 8000, passbackMinutes: 10 })).json).toMatchObject({ rules: { openMs: 8000, passbackMinutes: 10, passbackHard: false } });
    expect(here.told.changed).toBeGreaterThan(told);
    expect(noted('door-rules')).toEqual(['open=8000 held=60000 hours=0 interlock=0 passback=10']);
    await landlord.ask('POST', `doors/${here.building.doors['D01']}/unlock`, {});
    expect(here.commands.at(-1)?.command.openMs).toBe(8000);
  });

  test('are not overwritten unseen, nor changed without the log', async () => {
    const seen = ifMatch(await landlord.ask('GET', at('D01')));
    await save(operator, 'D01', { openMs: 9000 });
    expect((await landlord.ask('PUT', at('D01'), USUAL, seen)).status).toBe(412);
    expect((await landlord.ask('PUT', at('D01'), USUAL)).status).toBe(428);
    here.log.broken = true;
    expect((await save(landlord, 'D01', { openMs: 7000 })).status).toBe(503);
    here.log.broken = false;
    expect((await landlord.ask('GET', at('D01'))).json).toMatchObject({ rules: { openMs: 9000 } });
  });

  test('that would shut somebody out of his home are refused: hard anti-passback at the only street door and at a home', async () => {
    const hard = { passbackMinutes: 10, passbackHard: true };
    for (const tail of ['D01', 'D03']) {
      const answer = await save(operator, tail, hard);
      expect([answer.status, answer.json], tail).toMatchObject([422, { code: 'ONLY_WAY_IN', field: 'passbackHard' }]);
    }
    expect((await save(operator, 'D02', hard)).json).toMatchObject({ rules: hard });
    await here.register.register.write((db) =>
      db.door.create({
        data: { code: 'side', kind: 'street', name: '侧门', buildingId: here.building.buildingId, controllerId: here.building.controllers['yc42-d01'] ?? 0, number: 2 },
      }),
    );
    expect((await save(operator, 'D01', hard)).json).toMatchObject({ rules: hard });
  });

  test('that make no sense name their field', async () => {
    for (const [field, tail, about] of [
      ['heldMs', 'D01', { openMs: 30_000, heldMs: 20_000 }],
      ['openSchedule', 'D01', { openSchedule: 9 }],
      ['pinSchedule', 'D01', { pinSchedule: 9 }],
      ['firstCard', 'D01', { firstCard: true }],
      ['interlock', 'D01', { interlock: 1 }],
      ['passbackHard', 'D02', { passbackHard: true }],
      ['openMs', 'D01', { openMs: 0 }],
    ] as const)
      expect((await save(operator, tail, about)).json, field).toMatchObject({ code: 'BAD_INPUT', field });
    expect(noted('door-rules')).toEqual([]);
  });

  test('open hours are for shared doors, and interlock for doors of one controller', async () => {
    await operator.ask('POST', schedules(), NIGHT);
    expect((await save(operator, 'D01', { openSchedule: 1, firstCard: true })).json).toMatchObject({
      rules: { openSchedule: 1, firstCard: true },
      schedules: [{ number: 1, name: '夜里' }],
    });
    expect((await save(operator, 'D03', { openSchedule: 1 })).json).toMatchObject({ code: 'BAD_INPUT', field: 'openSchedule' });
    await here.register.register.write((db) =>
      db.door.update({ where: { id: here.building.doors['D02'] ?? 0 }, data: { controllerId: here.building.controllers['yc42-d01'] ?? 0, number: 2 } }),
    );
    expect((await save(operator, 'D01', { interlock: 1 })).json).toMatchObject({ rules: { interlock: 1 }, neighbours: [{ name: '天台', interlock: 0 }] });
  });

  test('are the landlord’s and the operator’s to change; leader and officer read them', async () => {
    for (const role of ['BL', 'OF'] as const) {
      const who = await deskOf(here, role);
      expect((await who.ask('GET', at('D01'))).json).toMatchObject({ mayWrite: false });
      expect((await save(who, 'D01', {})).status).toBe(403);
    }
    const home = { place: 'unit', placeId: here.building.units['0503'] ?? 0, fromAt: 0, untilAt: null } as const;
    await here.site.deps.accounts.create({ login: 'one-home', passwordHash: 'unused', role: 'LL', displayName: 'x', assignments: [home] }, here.time.now);
    const single = await deskOf(here, 'LL', { name: 'one-home' });
    expect((await save(single, 'D01', { openMs: 9000 })).json).toMatchObject({ code: 'NOT_ALLOWED' });
    expect((await save(single, 'D04', { openMs: 9000 })).status).toBe(200);
    expect((await single.ask('POST', schedules(), NIGHT)).json).toMatchObject({ code: 'NOT_ALLOWED' });
  });
});

describe('schedules', () => {
  test('are added under the lowest free number, with a night split, changed and dropped, each noted', async () => {
    const made = (await landlord.ask('POST', schedules(), NIGHT)).json;
    expect(made).toMatchObject({ mayWrite: true, schedules: [{ number: 1, name: '夜里', used: false, days: [['00:00–06:00'], [], [], [], [], [], ['22:00–24:00'], []] }] });
    expect((await landlord.ask('POST', schedules(), { ...NIGHT, name: '第二个' })).json).toMatchObject({ schedules: [{ number: 1 }, { number: 2 }] });
    const version = { 'if-match': `"${String(Object(made['schedules'])[0].version)}"` };
    expect((await landlord.ask('PUT', `${schedules()}/1`, { ...NIGHT, name: '晚上' }, version)).json).toMatchObject({ schedules: [{ name: '晚上' }, {}] });
    expect((await landlord.ask('DELETE', `${schedules()}/1`, undefined, version)).status).toBe(412);
    expect((await landlord.ask('DELETE', `${schedules()}/1`)).status).toBe(428);
    const now = (await landlord.ask('GET', schedules())).json;
    expect((await landlord.ask('DELETE', `${schedules()}/1`, undefined, { 'if-match': `"${String(Object(now['schedules'])[0].version)}"` })).json).toMatchObject({
      schedules: [{ number: 2 }],
    });
    expect((await landlord.ask('POST', schedules(), NIGHT)).json).toMatchObject({ schedules: [{ number: 1 }, { number: 2 }] });
    expect([noted('schedule-added'), noted('schedule-changed'), noted('schedule-dropped')]).toEqual([['no=1 夜里', 'no=2 第二个', 'no=1 夜里'], ['no=1 晚上'], ['no=1 晚上']]);
  });

  test('that a door goes by are not dropped', async () => {
    const made = (await operator.ask('POST', schedules(), NIGHT)).json;
    await save(operator, 'D01', { openSchedule: 1 });
    const tag = { 'if-match': `"${String(Object(made['schedules'])[0].version)}"` };
    expect((await operator.ask('DELETE', `${schedules()}/1`, undefined, tag)).json).toMatchObject({ code: 'STILL_IN_USE' });
    await save(operator, 'D01', {});
    expect((await operator.ask('DELETE', `${schedules()}/1`, undefined, tag)).status).toBe(200);
  });

  test('with a wrong hour or name name the place; more than a list has room for are refused', async () => {
    const days = NIGHT.days.map((spans, day) => (day === 2 ? ['8 Uhr'] : spans));
    expect((await operator.ask('POST', schedules(), { name: 'x', days })).json).toMatchObject({ code: 'BAD_INPUT', field: 'days[2][0]' });
    expect((await operator.ask('POST', schedules(), { ...NIGHT, name: ' ' })).json).toMatchObject({ code: 'BAD_INPUT', field: 'name' });
    for (let n = 1; n <= 32; n++) expect((await operator.ask('POST', schedules(), NIGHT)).status).toBe(200);
    expect((await operator.ask('POST', schedules(), NIGHT)).json).toMatchObject({ code: 'LIMIT_REACHED' });
  });

  test('of a site of two buildings are changed by whoever has both', async () => {
    await here.register.register.write((db) => db.building.update({ where: { id: here.other.buildingId }, data: { siteId: here.building.siteId } }));
    expect((await landlord.ask('GET', schedules())).json).toEqual({ schedules: [], mayWrite: false });
    expect((await landlord.ask('POST', schedules(), NIGHT)).json).toMatchObject({ code: 'NOT_ALLOWED' });
    const both = await deskOf(here, 'LL', { name: 'both', buildingIds: [here.building.buildingId, here.other.buildingId] });
    expect((await both.ask('POST', schedules(), NIGHT)).status).toBe(200);
  });
});
