import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BuildingId, DoorId } from '../../gateway/core/ids.ts';
import type { EventData } from '../../gateway/journal/entry.ts';
import { addTenant, NOON } from '../helpers/register.ts';
import { type Browser, signedIn, stateOf, WHOLE_SESSION, type World, world } from './fixture.ts';

let here: World;
beforeEach(async () => {
  here = await world();
});
afterEach(() => here.close());

/** A landlord, or leader, of these single homes. */
async function ownerOf(...rooms: string[]): Promise<Browser> {
  const me = await signedIn(here, 'LL');
  const assignments = rooms.map((room) => ({ place: 'unit', placeId: here.building.units[room] ?? 0, fromAt: 0, untilAt: null }) as const);
  const account = await here.site.deps.accounts.create({ login: rooms.join('-'), passwordHash: 'unused', role: 'LL', displayName: rooms.join(), assignments }, 0);
  me.cookie = `doorbook=${await here.site.sessions.open(account, WHOLE_SESSION, undefined)}`;
  await me.ask('GET', 'session');
  return me;
}

const at = (door: string): Pick<EventData, 'buildingId' | 'doorId'> => ({ buildingId: BuildingId(here.building.buildingId), doorId: DoorId(here.building.doors[door] ?? 0) });
const refuse = (door: string, after: number) => here.journal.add({ ...at(door), kind: 'access', granted: false, reason: 'REVOKED', gatewayTime: NOON + after });
const grant = (door: string, after: number) => here.journal.add({ ...at(door), kind: 'access', granted: true, reason: 'OK', gatewayTime: NOON + after });

async function follow(who: Browser, query: string): Promise<Record<string, unknown>[]> {
  const heard: Record<string, unknown>[] = [];
  await here.app.injectWS(
    `/api/v1/live?${query}`,
    { headers: { host: 'localhost:8080', origin: 'http://localhost:8080', cookie: who.cookie } },
    { onInit: (made) => void made.on('message', (data) => void heard.push(JSON.parse(String(data)))) },
  );
  await expect.poll(() => heard.length, { interval: 5 }).toBeGreaterThan(0);
  return heard;
}
const settled = (): Promise<void> => new Promise((done) => setTimeout(done, 30));

describe('who has single homes of a building', () => {
  test('sees its facts, its shared doors and his own, and no other home, neither as a tile nor in a count', async () => {
    for (const room of ['0302', '0503']) await addTenant(here.register, { unitId: here.building.units[room] ?? 0 });
    grant('D01', 0);
    const owner = await ownerOf('0503');
    const { json } = await owner.ask('GET', `buildings/${here.building.buildingId}`);
    expect(json).toMatchObject({ name: '迎春路 42 号', units: 12, openedToday: null, totals: null, floors: [{ floor: 5, units: [{ room: '0503', people: 1 }] }] });
    expect(Object(json)['floors']).toHaveLength(1);
    expect(Object(json)['doorList'].map(({ code }: { code: string }) => code.slice(-3))).toEqual(['D01', 'D02', 'D04']);
    expect((await owner.ask('GET', `units/${here.building.units['0302']}`)).json['code']).toBe('SCOPE_DENIED');
    expect((await owner.ask('GET', `doors/${here.building.doors['D03']}`)).json['code']).toBe('SCOPE_DENIED');
    expect((await owner.ask('GET', `doors/${here.building.doors['D04']}`)).status).toBe(200);
  });

  test('sees refusals at the shared doors and at his own, not at the next one, and not what was done to the building as a whole', async () => {
    for (const [n, door] of ['D01', 'D02', 'D03', 'D04'].entries()) refuse(door, n);
    here.journal.add({ kind: 'register', what: 'import', buildingId: BuildingId(here.building.buildingId) });
    const owner = await ownerOf('0503');
    const doors = async (url: string): Promise<number[]> => Object((await owner.ask('GET', url)).json)['lines'].map(({ doorId }: { doorId: number }) => doorId);
    const his = ['D04', 'D02', 'D01'].map((door) => here.building.doors[door]);
    expect(await doors('entries')).toEqual(his);
    expect(await doors(`entries?building=${here.building.buildingId}`)).toEqual(his);
    const [whole] = [await signedIn(here, 'LL')];
    expect(Object((await whole.ask('GET', 'entries')).json)['lines']).toHaveLength(5);
  });

  test('is sent live what he may fetch: lines and states of his doors, and a hint when one of his homes changed', async () => {
    const { building } = here;
    for (const door of ['D01', 'D03', 'D04']) here.states.push(stateOf(building.doors[door] ?? 0));
    const heard = await follow(await ownerOf('0503'), 'since=0');
    for (const [n, door] of ['D01', 'D03', 'D04'].entries()) refuse(door, n);
    here.site.live.onDurable();
    here.states.splice(0, 3, ...['D01', 'D03', 'D04'].map((door) => stateOf(building.doors[door] ?? 0, { online: false })));
    here.site.live.onDoors();
    for (const changed of [{}, { unitId: building.units['0302'] ?? 0 }]) here.site.live.onRegister({ buildingId: building.buildingId, ...changed });
    await settled();
    const doorsIn = (t: string, field: string): number[] =>
      heard.filter((message) => message['t'] === t).flatMap((message) => Object(message)[field].map(({ doorId }: { doorId: number }) => doorId));
    const [street, own] = [building.doors['D01'] ?? 0, building.doors['D04'] ?? 0];
    expect(doorsIn('doors', 'doors')).toEqual([street, own, street, own]);
    expect(doorsIn('lines', 'lines')).toEqual([street, own]);
    expect(heard.filter(({ t }) => t === 'register')).toEqual([]);
    here.site.live.onRegister({ buildingId: building.buildingId, unitId: building.units['0503'] ?? 0 });
    await expect.poll(() => heard.filter(({ t }) => t === 'register').length).toBe(1);
  });
});

describe('a landlord’s line numbers', () => {
  /** Everything a landlord can be told of the lines: every page of any size, what he missed since any of them, the live feed. */
  async function told(who: Browser): Promise<string> {
    const parts: string[] = [];
    const numbers = new Set<number>([0]);
    for (const limit of [1, 2, 7]) {
      for (let before: unknown = ''; before !== null; ) {
        const { json, text } = await who.ask('GET', `entries?limit=${limit}${before === '' ? '' : `&before=${String(before)}`}`);
        parts.push(text);
        for (const { index } of Object(json)['lines']) numbers.add(index);
        before = json['next'];
      }
    }
    parts.push((await who.ask('GET', `doors/${here.building.doors['D01']}`)).text);
    for (const since of [...numbers].sort((a, b) => a - b).filter((_, n) => n % 4 === 0)) {
      const heard = await follow(who, `since=${since}`);
      // What comes after everything that was sent for `since`.
      here.site.live.onRegister({ buildingId: here.building.buildingId, unitId: here.building.units['0503'] ?? 0 });
      await expect.poll(() => heard.at(-1)?.['t'], { interval: 5 }).toBe('register');
      parts.push(JSON.stringify(heard.filter(({ t }) => t !== 'register')));
    }
    return parts.join('\n');
  }

  /** Nine refusals he sees, some in one millisecond, with so many entries he does not see strewn between. */
  function fill(hidden: number): void {
    here.journal.entries.splice(0);
    for (const [n, after] of [0, 0, 0, 5, 5, 1000, 1001, 60_000, 60_000].entries()) {
      refuse(n % 2 === 0 ? 'D01' : 'D04', after);
      for (let m = 0; m < hidden * ((n % 3) + 1); m++) {
        grant(m % 2 === 0 ? 'D01' : 'D03', after);
        here.journal.add({ ...at('D01'), kind: 'door', what: 'exit', gatewayTime: after + NOON });
      }
    }
  }

  test.each(['whole', 'single'] as const)('are the same to the byte however much he is not shown lies between them: %s', async (which) => {
    const landlord = which === 'whole' ? await signedIn(here, 'LL') : await ownerOf('0503');
    fill(0);
    const quiet = await told(landlord);
    for (const hidden of [1, 3]) {
      fill(hidden);
      expect(await told(landlord)).toBe(quiet);
    }
  });

  test('rise with each line, and are unlike within a millisecond', async () => {
    fill(2);
    const { json } = await (await signedIn(here, 'LL')).ask('GET', 'entries');
    const lines: { index: number; at: number }[] = Object(json)['lines'];
    expect(lines.map(({ index }) => index)).toEqual([60_000, 60_000, 1001, 1000, 5, 5, 0, 0, 0].map((after, n) => (NOON + after) * 1024 + ([1, 0, 0, 0, 1, 0, 2, 1, 0][n] ?? 0)));
    expect(lines.map(({ at: time }) => time - NOON)).toEqual([60_000, 60_000, 1001, 1000, 5, 5, 0, 0, 0]);
  });

  test('of a line that completes another name that one by its own number, or nothing', async () => {
    grant('D01', 0);
    const order = here.journal.add({ ...at('D01'), kind: 'command', what: 'unlock', gatewayTime: NOON + 1 });
    here.journal.add({ ...at('D01'), kind: 'command', what: 'unlock-done', ref: order.index, gatewayTime: NOON + 2 });
    here.journal.add({ ...at('D01'), kind: 'command', what: 'unlock-done', ref: 1, gatewayTime: NOON + 3 });
    const { json } = await (await signedIn(here, 'LL')).ask('GET', 'entries');
    expect(Object(json)['lines'].map(({ ref }: { ref: number | null }) => ref)).toEqual([null, (NOON + 1) * 1024, null]);
  });
});
