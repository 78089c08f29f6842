import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { LineDeviceState, LineTestAnswer, SpeedNews } from '../../gateway/doors/serial/status.ts';
import { type Browser, signedIn, type World, world } from './fixture.ts';

let here: World;
let operator: Browser;
let lineId: number;
let reader: number;
let answers: Partial<Record<string, LineTestAnswer>> = {};
const door = (): number => here.building.doors['D01'] ?? 0;
beforeAll(async () => {
  here = await world({ testLine: async (_, { act }) => answers[act] ?? 'done' });
  operator = await signedIn(here, 'SA', []);
  lineId = Number((await operator.ask('POST', 'lines', { name: '一号线', port: '/dev/ttyTEST1', baud: 9600 })).json['id']);
  const { json } = await operator.ask('POST', `lines/${lineId}/devices`, { name: '读卡器', address: 1 });
  reader = Number(Object(json['devices'])[0].id);
  await operator.ask('PUT', `doors/${door()}/wiring`, { readerId: reader, readerNumber: 0, relayId: reader, relayOutput: 0, contact: null, exit: null });
  await operator.ask('PUT', `line-devices/${reader}/key`, { key: '8f1c5a0e77d3429bb6e0c4d1f2a39857' });
});
afterAll(() => here.close());
beforeEach(async () => {
  answers = {};
  is('up');
  await operator.ask('PUT', `lines/${lineId}`, { name: '一号线', port: '/dev/ttyTEST1', baud: 57_600 });
  await operator.ask('PUT', `lines/${lineId}`, { name: '一号线', port: '/dev/ttyTEST1', baud: 9600 });
  here.lineTests.length = 0;
  here.journal.entries.length = 0;
});

function is(state: LineDeviceState): void {
  const device = { id: reader, address: 1, state, secured: true, identity: '', pollsPerSecond: 20 };
  const counts = { sent: 0, answered: 0, repeated: 0, badChecks: 0, stray: 0 };
  here.lines.splice(0, here.lines.length, { id: lineId, portUp: true, why: '', counts, devices: [device] });
}
const wish = (over: object = {}) => ({ baud: 38_400, reason: '读卡太慢', doors: [door()], away: [], ...over });
const move = (body: object = wish(), who = operator) => who.ask('POST', `lines/${lineId}/speed`, body);
const heard = (of: SpeedNews) => here.site.serial.acted(reader, { what: 'speed', of });
const line = async () => Object((await operator.ask('GET', 'lines')).json)['lines'][0];
const audits = () => here.journal.entries.flatMap(({ event, person: { words } }) => (event.kind === 'audit' ? [[event.what, words]] : []));
const acts = () => here.lineTests.map(({ act }) => act);

test('the door side stands by, the speed is stored and noted, and only then are devices told', async () => {
  const { status, json } = await move();
  expect([status, json]).toMatchObject([200, { baud: 9600, nextBaud: 38_400, moving: { state: 'sent', baud: 38_400, refused: [] } }]);
  expect(acts()).toEqual([{ act: 'speed-ready' }, { act: 'speed-tell', baud: 38_400 }]);
  expect(audits()).toEqual([['line-speed-sent', 'line-1 baud=9600 to=38400 读卡太慢']]);
  expect((await move(wish({ baud: 19_200 }))).json).toMatchObject({ code: 'SPEED_WAITING' });
  expect((await operator.ask('POST', `line-devices/${reader}/address`, { address: 5 })).json).toMatchObject({ code: 'SPEED_WAITING' });
  expect((await operator.ask('POST', `line-devices/${reader}/key-giving`, {})).json).toMatchObject({ code: 'SPEED_WAITING' });
});

test.each<readonly [number, string, object]>([
  [38_400, 'line-speed-changed', { baud: 38_400, nextBaud: null, moving: { state: 'done' } }],
  [9600, 'line-speed-kept', { baud: 9600, nextBaud: null, moving: { state: 'kept' } }],
])('where a device proved its key (%i) is where the line is, noted once', async (at, what, shown) => {
  await move();
  await heard({ result: 'found', at });
  await heard({ result: 'found', at });
  expect(await line()).toMatchObject(shown);
  expect(audits().filter(([each]) => each === what)).toHaveLength(1);
});

test('who would not go is named', async () => {
  await move();
  await heard({ result: 'refused' });
  expect(await line()).toMatchObject({ moving: { refused: [reader] } });
});

test('a device that is not up is to be confirmed, and so are the doors', async () => {
  is('offline');
  expect((await move()).json).toMatchObject({ code: 'SPEED_AWAY', field: 'away' });
  expect((await move(wish({ away: [reader, 99] }))).json).toMatchObject({ code: 'SPEED_AWAY' });
  expect((await move(wish({ doors: [], away: [reader] }))).json).toMatchObject({ code: 'LINE_TEST_DOORS', field: 'doors' });
  expect([acts(), audits()]).toEqual([[], []]);
  expect((await move(wish({ away: [reader] }))).status).toBe(200);
});

test.each<readonly [LineTestAnswer, string]>([
  ['open', 'LINE_TEST_OPEN'],
  ['running', 'LINE_TEST_RUNS'],
  ['key', 'LINE_TEST_KEY'],
  ['port', 'LINE_TEST_PORT'],
  ['speed', 'SPEED_WAITING'],
])('what the line says no to (%s) is said, before and after it is stored; nothing waits then', async (says, code) => {
  answers = { 'speed-ready': says };
  expect((await move()).json).toMatchObject({ code });
  expect([(await line()).nextBaud, audits()]).toEqual([null, []]);
  answers = { 'speed-tell': says };
  expect((await move()).json).toMatchObject({ code });
  expect([(await line()).nextBaud, audits().map(([what]) => what)]).toEqual([null, ['line-speed-sent', 'line-speed-kept']]);
});

test.each<readonly [object, string]>([
  [{ baud: 9600 }, 'TAKEN'],
  [{ baud: 230_400 }, 'BAD_INPUT'],
  [{ reason: '' }, 'BAD_INPUT'],
  [{ away: undefined }, 'BAD_INPUT'],
])('%o is refused, and the door side stands by no more', async (over, code) => {
  expect((await move(wish(over))).json).toMatchObject({ code });
  expect(acts().at(-1)?.act).not.toBe('speed-tell');
  expect(acts().filter(({ act }) => act === 'speed-drop')).toHaveLength(acts().filter(({ act }) => act === 'speed-ready').length);
});

test('without a log nothing is stored; there is no such line; a landlord may not', async () => {
  here.log.broken = true;
  expect((await move()).status).toBe(503);
  here.log.broken = false;
  expect([(await line()).nextBaud, acts().at(-1)]).toEqual([null, { act: 'speed-drop' }]);
  expect((await operator.ask('POST', 'lines/999/speed', wish())).status).toBe(404);
  const landlord = await signedIn(here, 'LL', [here.building.buildingId]);
  expect((await move(wish(), landlord)).json).toMatchObject({ code: 'NOT_ALLOWED' });
});
