import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ALARM_WORDS, type AlarmWord } from '../../gateway/core/door-alarms.ts';
import { BuildingId, DoorId } from '../../gateway/core/ids.ts';
import { type Browser, browser, type World, world } from './fixture.ts';
import { deskOf } from './rights-people.ts';

let here: World;
beforeEach(async () => {
  here = await world();
  await here.site.alarmFollower.tick();
});
afterEach(() => here.close());

function note(what: string, tail = 'D01', at = here.time.now): void {
  const doorId = DoorId(here.building.doors[tail] ?? 0);
  here.journal.add({ kind: 'door', what, gatewayTime: at, buildingId: BuildingId(here.building.buildingId), doorId });
}
async function happen(what: string, tail = 'D01'): Promise<void> {
  note(what, tail);
  await here.site.alarmFollower.tick();
}

interface Shown {
  readonly id: number;
  readonly word: AlarmWord;
  readonly [field: string]: unknown;
}
const listed = async (me: Browser, query = ''): Promise<Shown[]> => Object((await me.ask('GET', `door-alarms${query}`)).json['alarms']);
const words = async (me: Browser): Promise<string[]> => (await listed(me)).map(({ word }) => word).sort();
const acknowledge = (me: Browser, id: number, note = '去看过了，门锁好的。') => me.ask('POST', `door-alarms/${id}/acknowledge`, { note });

describe('who sees which alarms', () => {
  const DOOR_WORDS = ALARM_WORDS.filter((word) => word !== 'offline' && word !== 'new-instance' && word !== 'channel');
  beforeEach(async () => {
    for (const word of DOOR_WORDS) for (const tail of ['D01', 'D03']) note(word, tail);
    await here.site.alarmFollower.tick();
  });

  test('duress is for officers and the auditor alone, a home’s door held open for nobody who lets it', async () => {
    const twice = (list: readonly string[]): string[] => [...list, ...list].sort();
    const but = (...left: string[]): string[] => DOOR_WORDS.filter((word) => !left.includes(word));
    for (const role of ['OF', 'AU'] as const) expect(await words(await deskOf(here, role)), role).toEqual(twice(DOOR_WORDS));
    expect(await words(await deskOf(here, 'SA'))).toEqual(twice(but('duress')));
    for (const role of ['LL', 'BL'] as const) expect(await words(await deskOf(here, role)), role).toEqual([...twice(but('duress', 'held')), 'held'].sort());
    for (const role of ['TEN', 'GW', 'CL', 'PO'] as const) expect((await (await deskOf(here, role)).ask('GET', 'door-alarms')).status, role).toBe(403);
  });

  test('a district is given their number, and no row', async () => {
    const me = await deskOf(here, 'DA');
    expect((await me.ask('GET', 'door-alarms')).status).toBe(403);
    expect((await me.ask('GET', 'door-alarms/count')).json).toEqual({ open: 20, more: false });
    expect((await (await deskOf(here, 'OF')).ask('GET', 'door-alarms/count')).json).toEqual({ open: 22, more: false });
  });

  test('nobody sees those of another building, or may name them', async () => {
    const other = await deskOf(here, 'LL', { name: 'other', buildingIds: [here.other.buildingId] });
    expect(await words(other)).toEqual([]);
    expect((await other.ask('GET', `door-alarms?building=${here.building.buildingId}`)).json['code']).toBe('SCOPE_DENIED');
    const mine = (await listed(await deskOf(here, 'LL'))).map(({ id }) => id);
    expect((await acknowledge(other, mine[0] ?? 0)).json['code']).toBe('SCOPE_DENIED');
    const duress = (await listed(await deskOf(here, 'OF'))).find(({ word }) => word === 'duress')?.id ?? 0;
    expect((await acknowledge(await deskOf(here, 'LL'), duress)).json['code']).toBe('SCOPE_DENIED');
    expect((await acknowledge(await deskOf(here, 'SA'), duress)).json['code']).toBe('NOT_FOUND');
  });

  test('the ledger line of duress is for officers, too, and for nobody else', async () => {
    const lines = async (role: 'SA' | 'LL' | 'BL' | 'OF'): Promise<string[]> => {
      const page: { code: string }[] = Object((await (await deskOf(here, role)).ask('GET', `entries?building=${here.building.buildingId}&limit=100`)).json['lines']);
      return page.map(({ code }) => code).filter((code) => code === 'duress');
    };
    expect([await lines('SA'), await lines('LL'), await lines('BL'), await lines('OF')]).toEqual([[], [], [], ['duress', 'duress']]);
  });
});

describe('what a landlord is told of time', () => {
  const HOURS = 3_600_000;
  test('of a door held open the day, not when, how often, or that it was closed the same day', async () => {
    await happen('held');
    const [first] = await listed(await deskOf(here, 'LL'));
    here.time.now += HOURS;
    for (const what of ['closed', 'held', 'closed']) await happen(what);
    const [later] = await listed(await deskOf(here, 'LL'));
    // 00:00 of 1 July in China.
    expect(first).toMatchObject({ at: Date.UTC(2026, 5, 30, 16), exact: false, state: 'untold', endedAt: null, count: null, lastAt: null, entry: null });
    expect(later).toEqual(first);
    here.time.now += 24 * HOURS;
    expect(await listed(await deskOf(here, 'LL'))).toMatchObject([{ state: 'over', endedAt: null }]);
    expect(await listed(await deskOf(here, 'OF'))).toMatchObject([{ exact: true, count: 2, state: 'over', endedAt: here.time.now - 24 * HOURS }]);
  });

  test('of a forced door everything at the street, the day at a home', async () => {
    await happen('forced', 'D01');
    await happen('forced', 'D03');
    const shown = await listed(await deskOf(here, 'LL'));
    expect(shown.map(({ exact }) => exact).sort()).toEqual([false, true]);
    expect(shown.find(({ exact }) => exact === true)).toMatchObject({ at: here.time.now, state: 'on', count: 1, entry: null });
  });

  test('his console hears of an alarm that comes on, and of nothing that would tell when the door was closed', async () => {
    const heard: string[] = [];
    const viewer = { role: 'LL', scope: { all: false, buildings: new Set([here.building.buildingId]), units: new Map(), until: 0 } } as const;
    const { live } = here.site;
    const was = live.onAlarms;
    Object.assign(live, {
      onAlarms: (knows: (each: unknown) => boolean) => {
        heard.push(knows(viewer) ? 'told' : 'not told');
        was(knows);
      },
    });
    for (const [what, tail] of [
      ['held', 'D01'],
      ['closed', 'D01'],
      ['held', 'D01'],
      ['held', 'D03'],
      ['duress', 'D01'],
      ['tamper', 'D03'],
      ['tamper-end', 'D03'],
    ] as const)
      await happen(what, tail);
    expect(heard).toEqual(['told', 'not told', 'not told', 'not told', 'not told', 'told', 'told']);
  });
});

describe('acknowledging', () => {
  test('needs a note of 1 to 500 characters', async () => {
    await happen('forced');
    const me = await deskOf(here, 'LL');
    const [alarm] = await listed(me);
    const id = alarm?.id ?? 0;
    for (const note of ['', '   ', 'x'.repeat(501)]) expect((await acknowledge(me, id, note)).json, `"${note}"`).toMatchObject({ code: 'BAD_INPUT', field: 'note' });
    expect((await me.ask('POST', `door-alarms/${id}/acknowledge`, {})).json).toMatchObject({ code: 'BAD_INPUT', field: 'note' });
    expect(await listed(me)).toHaveLength(1);
    expect((await acknowledge(me, id, 'x'.repeat(500))).status).toBe(200);
  });

  test('takes it off the list, says who and what, and is in the log first', async () => {
    await happen('forced');
    const me = await deskOf(here, 'LL');
    const [alarm] = await listed(me);
    const id = alarm?.id ?? 0;
    here.log.broken = true;
    expect((await acknowledge(me, id)).status).toBe(503);
    here.log.broken = false;
    expect((await acknowledge(me, id)).json).toMatchObject({ id, acknowledged: { by: 'll', role: 'LL', at: here.time.now, note: '去看过了，门锁好的。' }, mayAcknowledge: false });
    expect((await acknowledge(me, id)).json['code']).toBe('ALARM_ACKNOWLEDGED');
    expect(await listed(me)).toEqual([]);
    expect(await listed(me, '?filter=all')).toMatchObject([{ id, state: 'on' }]);
    const noted = here.journal.entries.filter(({ event }) => event.what === 'door-alarm-acknowledged');
    expect(noted).toMatchObject([{ event: { ref: 1, buildingId: here.building.buildingId }, person: { words: '去看过了，门锁好的。' } }]);
  });

  test('an alarm that ended stays until it is acknowledged', async () => {
    await happen('tamper');
    await happen('tamper-end');
    expect(await listed(await deskOf(here, 'SA'))).toMatchObject([{ word: 'tamper', state: 'over', acknowledged: null, mayAcknowledge: true }]);
  });

  test('is for landlord, officer and operator; what an officer wrote stays with officers', async () => {
    for (const what of ['forced', 'tamper', 'fire']) note(what);
    await here.site.alarmFollower.tick();
    const byWord = new Map((await listed(await deskOf(here, 'OF'))).map(({ word, id }) => [word, id]));
    for (const role of ['BL', 'AU', 'DA'] as const) expect((await acknowledge(await deskOf(here, role), byWord.get('forced') ?? 0)).json['code'], role).toBe('NOT_ALLOWED');
    expect((await acknowledge(await deskOf(here, 'OF'), byWord.get('forced') ?? 0, '李某忘带钥匙')).status).toBe(200);
    expect((await acknowledge(await deskOf(here, 'SA'), byWord.get('tamper') ?? 0, '在换电池')).status).toBe(200);
    const notes = async (role: 'LL' | 'SA' | 'AU') =>
      new Map((await listed(await deskOf(here, role), '?filter=all')).map(({ word, acknowledged }) => [word, acknowledged === null ? undefined : Object(acknowledged).note]));
    expect([(await notes('LL')).get('forced'), (await notes('LL')).get('tamper')]).toEqual([null, '在换电池']);
    expect([(await notes('SA')).get('forced'), (await notes('AU')).get('forced')]).toEqual([null, '李某忘带钥匙']);
  });
});

test('goes page by page without leaving out or repeating, for whoever sees some of them', async () => {
  for (let n = 0; n < 9; n += 1) note(n % 3 === 0 ? 'duress' : 'pin-tries', n % 2 === 0 ? 'D01' : 'D02', here.time.now - n * 86_400_000);
  for (const word of ['tamper', 'forced', 'fire'] as const) note(word);
  await here.site.alarmFollower.tick();
  for (const role of ['LL', 'OF'] as const) {
    const me = await deskOf(here, role);
    const whole = (await listed(me)).map(({ id }) => id);
    const found: number[] = [];
    let next = '';
    do {
      const { json } = await me.ask('GET', `door-alarms?limit=2${next}`);
      const page: Shown[] = Object(json['alarms']);
      found.push(...page.map(({ id }) => id));
      next = json['next'] === null ? '' : `&after=${String(json['next'])}`;
    } while (next !== '');
    expect(found).toEqual(whole);
  }
  expect((await (await browser(here)).ask('GET', 'door-alarms')).status).toBe(401);
});
