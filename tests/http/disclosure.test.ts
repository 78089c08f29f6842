import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BuildingId, DoorId, PersonId, UnitId } from '../../gateway/core/ids.ts';
import { type EventData, type EntryKind, ENTRY_KIND, NO_PERSON } from '../../gateway/journal/entry.ts';
import { entrySentence } from '../../gateway/http/words.ts';
import { eventOf } from '../../gateway/journal/entry.ts';
import { DAY, NOON } from '../helpers/register.ts';
import { type Browser, building, signedIn, stateOf, type World, world } from './fixture.ts';

let here: World;
let landlord: Browser;
let operator: Browser;
let officer: Browser;

beforeAll(async () => {
  here = await world();
  [landlord, operator, officer] = [await signedIn(here, 'LL'), await signedIn(here, 'SA', []), await signedIn(here, 'OF')];
});
beforeEach(() => void here.journal.entries.splice(0));
afterAll(() => here.close());

interface Line {
  readonly index: number;
  readonly code: string;
  readonly kind: string;
  readonly tone: string;
  readonly granted: boolean;
  readonly door: { readonly zh: string };
}
async function lines(who: Browser, query = `building=${here.building.buildingId}`): Promise<Line[]> {
  const answer = await who.ask('GET', `entries?${query}`);
  expect(answer.status).toBe(200);
  return Object(answer.json)['lines'];
}

/** One of everything a door can do, each with a person behind it. */
const EVENTS: readonly (Partial<EventData> & { kind: EntryKind })[] = [
  { kind: 'access', granted: true, reason: 'OK', note: 'HOLDOVER' },
  { kind: 'outcome', granted: true, reason: 'OK', final: 'executed', what: 'opened', ref: 1 },
  { kind: 'outcome', granted: false, reason: 'OK', final: 'not-executed', what: 'unopened', ref: 1 },
  { kind: 'outcome', granted: false, reason: undefined, final: 'unknown', what: 'unknown', ref: 1 },
  { kind: 'door', what: 'exit' },
  { kind: 'door', what: 'opened' },
  { kind: 'door', what: 'closed' },
  { kind: 'access', granted: false, reason: 'LEASE_ENDED' },
  { kind: 'outcome', granted: false, reason: 'LEASE_ENDED', final: 'executed', what: 'unopened', ref: 8 },
  { kind: 'door', what: 'forced' },
  { kind: 'door', what: 'held' },
  { kind: 'link', what: 'offline' },
  { kind: 'command', what: 'unlock' },
  { kind: 'register', what: 'import' },
  { kind: 'audit', what: 'viewed' },
];

function fill(): void {
  const person = { ...NO_PERSON, personId: PersonId(77), unitId: UnitId(78), fingerprint: 'c0ffee00c0ffee00c0ffee00', words: '李小明', accountId: 79 };
  for (const event of EVENTS) here.journal.add({ ...building(here), ...event }, person);
}

describe('the door of a home', () => {
  test('tells an officer of its device only: who comes and goes there takes a purpose', async () => {
    const home = { buildingId: BuildingId(here.building.buildingId), doorId: DoorId(here.building.doors['D03'] ?? 0) };
    for (const event of EVENTS) here.journal.add({ ...event, ...home });
    expect((await lines(officer)).map(({ code }) => code).sort()).toEqual(['forced', 'held', 'offline']);
    expect((await lines(operator)).length).toBe(EVENTS.length);
    here.states.push(stateOf(home.doorId, { contact: 'open', lock: 'unlocked', queued: 3 }));
    const shown = async (who: Browser): Promise<unknown> => Object((await who.ask('GET', `doors/${home.doorId}`)).json)['door'];
    expect(await shown(operator)).toMatchObject({ live: { contact: 'open', lock: 'unlocked' } });
    expect(await shown(officer)).toMatchObject({ live: { online: true, contact: 'unknown', lock: 'unknown', queued: 0 } });
    here.states.pop();
  });
});

describe('the ledger', () => {
  test('shows the operator and the officer every entry, and no person, unit, card or words', async () => {
    fill();
    for (const who of [operator, officer]) {
      const { text } = await who.ask('GET', `entries?building=${here.building.buildingId}`);
      expect(await lines(who)).toHaveLength(EVENTS.length);
      for (const secret of ['c0ffee', '李小明', 'person', 'unitId', '"77"', 'words', 'account']) expect(text).not.toContain(secret);
    }
  });

  test('never gives a landlord a grant or anything that tells when somebody came or went', async () => {
    fill();
    const seen = await lines(landlord);
    expect(seen.map(({ kind, code }) => `${kind} ${code}`)).toEqual(['register import', 'command unlock', 'link offline', 'door forced', 'access LEASE_ENDED']);
    expect(seen.filter(({ granted, code }) => granted || ['exit', 'opened', 'closed', 'unopened'].includes(code))).toEqual([]);
    expect(seen.map(({ tone }) => tone)).toEqual(['info', 'info', 'attention', 'attention', 'refused']);
  });

  test('gives a building leader the state of devices, and nobody’s doings', async () => {
    fill();
    expect((await lines(await signedIn(here, 'BL'))).map(({ kind, code }) => `${kind} ${code}`)).toEqual(['link offline', 'door forced']);
  });

  test('has no line where the alarms tell a landlord or leader the day alone: a line has a time', async () => {
    const happened = (tail: string, what: string): unknown =>
      here.journal.add({ kind: 'door', what, buildingId: BuildingId(here.building.buildingId), doorId: DoorId(here.building.doors[tail] ?? 0) });
    here.journal.entries.splice(0);
    for (const tail of ['D01', 'D03']) for (const what of ['forced', 'held', 'pin-tries', 'tamper', 'fire']) happened(tail, what);
    const leader = await signedIn(here, 'BL');
    for (const who of [landlord, leader])
      expect((await lines(who)).map(({ door, code }) => `${door.zh} ${code}`)).toEqual(['0302 fire', '0302 tamper', '大门 fire', '大门 tamper', '大门 pin-tries', '大门 forced']);
    for (const who of [operator, officer]) expect(await lines(who)).toHaveLength(10);
  });

  test('has a door name, a sentence in both languages and the note of a grant', async () => {
    fill();
    const first = (await lines(operator)).at(-1);
    expect(first).toMatchObject({
      code: 'OK',
      tone: 'granted',
      door: { zh: '大门', en: 'Street door' },
      note: 'HOLDOVER',
      noteWhy: { en: expect.stringContaining('contract') },
      why: { zh: '门开了。' },
    });
  });

  test("shows nobody another's building: the same answer whether it exists or not", async () => {
    here.journal.add({ kind: 'access', reason: 'REVOKED', buildingId: BuildingId(here.other.buildingId) });
    here.journal.add({ kind: 'system', what: 'started' });
    for (const who of [landlord, officer]) {
      const [theirs, none] = [await who.ask('GET', `entries?building=${here.other.buildingId}`), await who.ask('GET', 'entries?building=4000')];
      expect([theirs.status, theirs.json['code'], theirs.text]).toEqual([404, 'SCOPE_DENIED', none.text]);
    }
    expect((await lines(landlord, '')).map(({ code }) => code)).toEqual([]);
    expect((await lines(officer, '')).map(({ code }) => code)).toEqual(['started']);
    expect((await lines(operator, '')).map(({ code }) => code)).toEqual(['started', 'REVOKED']);
  });

  test('pages backwards without a gap or a repeat, for a landlord too', async () => {
    // Several of them in one millisecond.
    for (let n = 0; n < 900; n++)
      here.journal.add({ ...building(here), kind: 'access', granted: n % 3 !== 0, reason: n % 3 === 0 ? 'REVOKED' : 'OK', gatewayTime: NOON + Math.floor(n / 7) });
    for (const [who, expected] of [
      [operator, 900],
      [landlord, 300],
    ] as const) {
      const found: number[] = [];
      for (let before: unknown = ''; before !== null; ) {
        const { json } = await who.ask('GET', `entries?limit=70${before === '' ? '' : `&before=${String(before)}`}`);
        const page: Line[] = Object(json)['lines'];
        found.push(...page.map(({ index }) => index));
        before = json['next'];
      }
      expect(found).toHaveLength(expected);
      expect(found).toEqual([...new Set(found)].sort((a, b) => b - a));
    }
  });

  test('stops a long search at the beginning of a day, not at a place that moves with each hidden entry', async () => {
    const places = new Set<unknown>();
    const pass = (gatewayTime: number) => here.journal.add({ ...building(here), kind: 'door', what: 'exit', gatewayTime });
    here.journal.add({ ...building(here), kind: 'access', reason: 'REVOKED', gatewayTime: NOON - 2 * DAY });
    for (let n = 0; n < 6_500; n++) pass(NOON - 30_000 + n);
    for (let n = 0; n < 8; n++) {
      pass(NOON + n);
      const { json } = await landlord.ask('GET', 'entries?limit=10');
      expect(json['lines']).toEqual([]);
      places.add(json['next']);
    }
    const startOfToday = Date.UTC(2026, 5, 30, 16); // 1 July in China
    expect([...places]).toEqual([startOfToday * 1024]);
    expect(await lines(landlord, `before=${startOfToday * 1024}`)).toMatchObject([{ code: 'REVOKED' }]);
  });
});

describe('sentences', () => {
  test('exist for every kind of entry, also with a word nobody knows', () => {
    for (const kind of Object.keys(ENTRY_KIND)) {
      const known = Object.entries(ENTRY_KIND)
        .map(([name]) => name)
        .find((name) => name === kind);
      const { zh, en } = entrySentence({ ...eventOf({ kind: 'system', gatewayTime: 0, what: 'brand-new' }), kind: Object(known ? { kind } : {})['kind'] });
      expect([zh, en]).toEqual([expect.stringMatching(/[一-龥].*。$/), expect.stringMatching(/\w.*\.$/)]);
    }
  });
});

describe('the count of openings today', () => {
  test('is exact for the operator, and in full hours for a landlord', async () => {
    const door = { ...building(here), doorId: DoorId(here.building.doors['D01'] ?? 0) };
    const hour = 3_600_000;
    for (const gatewayTime of [here.time.now - 30 * hour, here.time.now - 2 * hour, here.time.now - 1])
      here.journal.add({ ...door, kind: 'access', granted: true, reason: 'OK', gatewayTime });
    const count = async (who: Browser) => (await who.ask('GET', `buildings/${here.building.buildingId}`)).json['openedToday'];
    expect([await count(operator), await count(landlord)]).toEqual([2, 2]);
    here.journal.add({ ...door, kind: 'access', granted: true, reason: 'OK', gatewayTime: here.time.now });
    expect([await count(operator), await count(landlord)]).toEqual([3, 2]);
  });
});
