import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DeviceTestResult, LineStatus, LineTestAnswer, LineTestStatus } from '../../gateway/doors/serial/status.ts';
import { type Browser, signedIn, type World, world } from './fixture.ts';

let here: World;
let operator: Browser;
let lineId: number;
let reader: number;
let answer: LineTestAnswer = 'done';
const door = (tail: string): number => here.building.doors[tail] ?? 0;
beforeAll(async () => {
  here = await world({ testLine: async () => answer });
  operator = await signedIn(here, 'SA', []);
  lineId = Number((await operator.ask('POST', 'lines', { name: '一号线', port: '/dev/ttyTEST1', baud: 9600 })).json['id']);
  const { json } = await operator.ask('POST', `lines/${lineId}/devices`, { name: '读卡器', address: 1 });
  reader = Number(Object(json['devices'])[0].id);
  await operator.ask('PUT', `doors/${door('D01')}/wiring`, { readerId: reader, readerNumber: 0, relayId: reader, relayOutput: 0, contact: null, exit: null });
});
afterAll(() => here.close());
beforeEach(() => {
  answer = 'done';
  here.lines.length = 0;
  here.lineTests.length = 0;
  here.journal.entries.length = 0;
});

const wish = (over: object = {}) => ({ seconds: 30, reason: '接头换过', doors: [door('D01')], ...over });
const begin = (body: object, who = operator) => who.ask('POST', `lines/${lineId}/test`, body);
const audits = () => here.journal.entries.filter(({ event }) => event.kind === 'audit').map(({ event: { what }, person: { words, accountId } }) => ({ what, words, accountId }));
const result: DeviceTestResult = {
  ...{ id: 0, sent: 4000, answered: 3990, repeated: 10, busy: 0, bent: 9, unanswered: 1, badMacs: 0, badChecks: 11, slow: 0, badBytes: 160, longest: 254 },
  ...{ medianMs: 42.1, p95Ms: 61.3, p99Ms: 88, worstMs: 240.2, verdict: { word: 'noise', oneIn: 400 } },
};
const status = (test: Partial<LineTestStatus>): LineStatus => ({
  ...{ id: lineId, portUp: true, why: '', devices: [], counts: { sent: 0, answered: 0, repeated: 0, badChecks: 0, stray: 0 } },
  test: { since: 1000, until: 31_000, endedAt: undefined, why: undefined, devices: [{ ...result, id: reader }], ...test },
});

test('begins with who, how long and why in the audit, before the door side is asked', async () => {
  const { status: code, json } = await begin(wish());
  expect([code, json]).toMatchObject([200, { id: lineId, test: null }]);
  expect(here.lineTests).toEqual([{ lineId, act: { act: 'begin', forMs: 30_000 } }]);
  expect(audits()).toEqual([{ what: 'line-test-begun', words: `line=${lineId} 30s 接头换过`, accountId: expect.any(Number) }]);
  expect(audits()[0]?.accountId).toBeGreaterThan(0);
});

test('without a length it is a minute', async () => {
  await begin({ reason: '接头换过', doors: [door('D01')] });
  expect(here.lineTests[0]?.act).toEqual({ act: 'begin', forMs: 60_000 });
});

test.each<readonly [string, object, string, string]>([
  ['no confirmation of its doors', { doors: [] }, 'LINE_TEST_DOORS', 'doors'],
  ['another door than it has', { doors: [999] }, 'LINE_TEST_DOORS', 'doors'],
  ['doors left out', { doors: undefined }, 'BAD_INPUT', 'doors'],
  ['no reason', { reason: '' }, 'BAD_INPUT', 'reason'],
  ['over ten minutes', { seconds: 601 }, 'BAD_INPUT', 'seconds'],
  ['under ten seconds', { seconds: 9 }, 'BAD_INPUT', 'seconds'],
])('is refused with %s, and nothing is begun', async (_, over, code, field) => {
  expect((await begin(wish(over))).json).toMatchObject({ code, field });
  expect([here.lineTests, audits()]).toEqual([[], []]);
});

test.each<readonly [LineTestAnswer, string]>([
  ['running', 'LINE_TEST_RUNS'],
  ['open', 'LINE_TEST_OPEN'],
  ['key', 'LINE_TEST_KEY'],
  ['port', 'LINE_TEST_PORT'],
  ['missing', 'LINE_TEST_PORT'],
])('what the line says no to (%s) is said to whoever asked', async (says, code) => {
  answer = says;
  const { status: http, json } = await begin(wish());
  expect([http, json]).toMatchObject([409, { code }]);
});

test('without a log nothing is begun; stopping needs none', async () => {
  here.log.broken = true;
  expect((await begin(wish())).status).toBe(503);
  expect(here.lineTests).toEqual([]);
  expect((await operator.ask('DELETE', `lines/${lineId}/test`)).status).toBe(503);
  expect(here.lineTests).toEqual([{ lineId, act: { act: 'stop' } }]);
  here.log.broken = false;
});

test('stopping is noted; when there is nothing to stop it says so', async () => {
  expect((await operator.ask('DELETE', `lines/${lineId}/test`)).status).toBe(200);
  expect(audits().map(({ what }) => what)).toEqual(['line-test-stopped']);
  answer = 'over';
  expect((await operator.ask('DELETE', `lines/${lineId}/test`)).json).toMatchObject({ code: 'LINE_TEST_OVER' });
  expect((await operator.ask('POST', 'lines/999/test', wish())).status).toBe(404);
});

test('a landlord, whose line it is, may read it and not test it', async () => {
  const landlord = await signedIn(here, 'LL', [here.building.buildingId]);
  here.lines.push(status({}));
  expect(Object((await landlord.ask('GET', 'lines')).json)['lines'][0]).toMatchObject({ test: { since: 1000, endedAt: null } });
  expect((await begin(wish(), landlord)).json).toMatchObject({ code: 'NOT_ALLOWED' });
  expect((await landlord.ask('DELETE', `lines/${lineId}/test`)).json).toMatchObject({ code: 'NOT_ALLOWED' });
  expect(here.lineTests).toEqual([]);
});

test('while it runs the desk side says so each time it hears of the line; the end is in the audit with its verdicts, once', async () => {
  await begin(wish());
  here.lineTests.length = 0;
  here.site.serial.heard([status({})]);
  here.site.serial.heard([status({})]);
  expect(here.lineTests.map(({ act }) => act.act)).toEqual(['keep', 'keep']);
  const over = status({ endedAt: 31_000, why: 'time' });
  for (let n = 0; n < 3; n += 1) here.site.serial.heard([over]);
  await expect.poll(() => audits().at(-1)).toEqual({ what: 'line-test-over', words: `line=${lineId} time ${reader}=noise/400`, accountId: 0 });
  expect(audits().filter(({ what }) => what === 'line-test-over')).toHaveLength(1);
  expect(here.lineTests).toHaveLength(2);
});

test('a test that another desk side began is not kept: it ends by itself', () => {
  here.site.serial.heard([status({ since: 5000 })]);
  expect(here.lineTests).toEqual([]);
});

test('its result is shown as the door side counts it, and consoles are told when it begins and ends, not at each frame', async () => {
  here.lines.push(status({ endedAt: 31_000, why: 'needed' }));
  const [line] = Object((await operator.ask('GET', 'lines')).json)['lines'];
  expect(line.test).toEqual({ since: 1000, until: 31_000, endedAt: 31_000, why: 'needed', devices: [{ ...result, id: reader }] });
  const heard: string[] = [];
  const socket = await here.app.injectWS(
    '/api/v1/live',
    { headers: { host: 'localhost:8080', origin: 'http://localhost:8080', cookie: operator.cookie } },
    { onInit: (made) => void made.on('message', (data) => void heard.push(String(data))) },
  );
  await expect.poll(() => heard.length).toBeGreaterThan(0);
  const hints = (): number => heard.filter((text) => text === '{"t":"serial"}').length;
  here.site.serial.heard([status({ since: 9000 })]);
  here.site.serial.heard([status({ since: 9000, devices: [] })]);
  here.site.serial.heard([status({ since: 9000, endedAt: 9500, why: 'stopped' })]);
  await expect.poll(hints).toBe(2);
  socket.terminate();
});
