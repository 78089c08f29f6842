import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DeviceTestView, LineList, LineTestView } from '../../gateway/http/schemas/serial-lines.ts';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { FakeApi } from './fake-api.ts';
import { serialLine } from './lines-data.ts';
import { faults, faultsInBrief, openPage } from './whole.ts';

interface Sent {
  readonly what: string;
  readonly body: unknown;
}
let api: FakeApi;
let desk: Desk;
let list: LineList;
let refused: { status: number; body: unknown } | undefined;
beforeAll(async () => {
  api = new FakeApi();
  await api.start();
});
afterAll(async () => {
  await closeBrowser();
  await api.stop();
});
beforeEach(async () => {
  desk = await openDesk(api.url);
  api.role = 'SA';
  refused = undefined;
  list = { lines: [serialLine()], ports: [] };
  api.bend = answer;
});
afterEach(() => desk.close());

function answer(what: string): { status: number; body: unknown } | undefined {
  const ok = (body: unknown): { status: number; body: unknown } => ({ status: 200, body });
  if (what === 'GET /lines') return ok(list);
  if (!/^(POST|PUT|DELETE) \/(lines|line-devices|doors)/.test(what)) return undefined;
  return refused ?? ok({});
}

const open = (path: string, ready: string) => openPage(desk, api.url + path, ready);
const press = (name: string) => desk.page.getByRole('button', { name, exact: true }).click();
const fold = (name: string) => desk.page.locator('summary', { hasText: name }).first().click();
/** What the page sends while `act` is done: the first request that changes something. */
async function sentBy(act: () => Promise<unknown>): Promise<Sent> {
  const sent = desk.page.waitForRequest((request) => request.method() !== 'GET');
  await act();
  const request = await sent;
  return { what: `${request.method()} ${new URL(request.url()).pathname.replace('/api/v1', '')}`, body: request.postDataJSON() };
}

describe('testing a line', () => {
  const device = (change: Partial<DeviceTestView> = {}): DeviceTestView => ({
    ...{ id: 1, sent: 4000, answered: 3990, repeated: 10, busy: 0, bent: 9, unanswered: 1, badMacs: 0, badChecks: 11, slow: 0, badBytes: 160, longest: 254 },
    ...{ medianMs: 42.1, p95Ms: 61.3, p99Ms: 88, worstMs: 240.2, verdict: { word: 'noise', oneIn: 400 } },
    ...change,
  });
  const run = (change: Partial<LineTestView> = {}): LineTestView => ({
    ...{ since: Date.now() - 5000, until: Date.now() + 55_000, endedAt: null, why: null },
    devices: [device(), device({ id: 2, verdict: { word: 'good', oneIn: 0 } })],
    ...change,
  });
  function goes(test: LineTestView | null): void {
    list = { ports: [], lines: [serialLine({ test })] };
    api.send({ t: 'serial' });
  }
  const text = () => desk.page.textContent('[data-line="1"]');

  test('says which doors open to no card, is not begun without a yes, and sends the doors that were read', async () => {
    await open('/lines', '[data-line="1"]');
    await fold('测试这条线');
    await desk.page.getByText('测试时刷卡不开门：车棚。').waitFor();
    await desk.page.fill('input[name=test-seconds]', '120');
    await desk.page.fill('input[name=test-reason]', '接头换过');
    const sent: string[] = [];
    desk.page.on('request', (request) => void (request.method() === 'GET' || sent.push(request.url())));
    await press('开始测试'); // no yes yet: nothing is sent
    await expect.poll(() => desk.page.locator('input[name=test-sure]').evaluate((box: HTMLInputElement) => box.validity.valueMissing)).toBe(true);
    expect(sent).toEqual([]);
    await desk.page.check('input[name=test-sure]');
    expect(await sentBy(() => press('开始测试'))).toEqual({ what: 'POST /lines/1/test', body: { seconds: 120, reason: '接头换过', doors: [1] } });
  });

  test('what the gateway refuses is said', async () => {
    await open('/lines', '[data-line="1"]');
    await fold('测试这条线');
    await desk.page.fill('input[name=test-reason]', '接头换过');
    await desk.page.check('input[name=test-sure]');
    refused = { status: 409, body: { code: 'LINE_TEST_OPEN', message: { zh: '线上有门现在开着。', en: 'A door of this line is unlocked now.' } } };
    await press('开始测试');
    await desk.page.getByText('线上有门现在开着。').waitFor();
  });

  test('while it runs every console sees since when, which doors and how long; whoever may stops it', { timeout: 120_000 }, async () => {
    list = { ports: [], lines: [serialLine({ test: run() })] };
    await open('/lines', '[data-test=running]');
    await expect.poll(() => desk.page.locator('[data-test=running] [role=timer]').textContent()).toMatch(/还剩 0:5\d/);
    await expect.poll(text).toMatch(/正在测试，.* 开始.*现在刷卡不开门：车棚/s);
    await expect.poll(() => desk.page.locator('summary', { hasText: '测试这条线' }).count()).toBe(0);
    expect(await faults(desk, 'a line in test')).toEqual([]);
    await desk.page.click('.lang');
    expect((await sentBy(() => press('停止测试'))).what).toBe('DELETE /lines/1/test');
    goes(run({ endedAt: Date.now(), why: 'needed' }));
    await desk.page.locator('[data-test=over]').waitFor();
    await expect.poll(text).toMatch(/提前结束：有锁要动/);
    expect(desk.trouble).toEqual([]);
  });

  test('the page of a door says that its line is in test, or changes its speed, and when that is over', async () => {
    const box = { device: 'line-1', enrolledAt: null, retiredAt: null, model: 'osdp', firmware: '', codeUntil: null, boardCards: '' };
    api.bend = (what) => (what === 'GET /doors/1/controller' ? { status: 200, body: box } : answer(what));
    list = { ports: [], lines: [serialLine({ test: run() })] };
    await open('/door/1', '[data-door=test]');
    await expect.poll(() => desk.page.textContent('[aria-labelledby=controller-title]')).toMatch(/测试中.*正在测试，.* 开始.*现在刷卡不开门：车棚。/s);
    expect(await faultsInBrief(desk, 'a door in test')).toEqual([]);
    goes(run({ endedAt: Date.now(), why: 'time' }));
    await expect.poll(() => desk.page.locator('[data-door=test]').count()).toBe(0);
    list = { ports: [], lines: [serialLine({ nextBaud: 38_400 })] };
    api.send({ t: 'serial' });
    await expect.poll(() => desk.page.textContent('[aria-labelledby=controller-title]')).toMatch(/(换速率中|Changing speed).*9600 .*38400/s);
    expect(desk.trouble).toEqual([]);
  });

  test('each device has its verdict as a sentence, and its counts behind it', async () => {
    list = { ports: [], lines: [serialLine({ test: run({ endedAt: Date.now(), why: 'time' }) })] };
    await open('/lines', '[data-verdict=noise]');
    await expect.poll(() => desk.page.textContent('[data-verdict=noise]')).toMatch(/车棚读卡器.*有干扰.*400 帧里错 1 帧.*120 Ω/s);
    await expect.poll(() => desk.page.textContent('[data-verdict=good]')).toMatch(/车棚门模块.*良好/s);
    await desk.page.locator('[data-verdict=noise] summary').click();
    await expect.poll(() => desk.page.textContent('[data-verdict=noise] dl')).toMatch(/发出的帧4,000.*出错的字节160.*最长一帧，字节254.*一半在42\.1 毫秒.*最慢240\.2 毫秒/s);
    await desk.page.click('.lang');
    await expect.poll(() => desk.page.textContent('[data-verdict=noise]')).toMatch(/1 frame in 400 went wrong/);
  });

  test('every verdict and every end is words, in both languages', { timeout: 60_000 }, async () => {
    const all = ['good', 'noise', 'lost', 'codes', 'late', 'busy', 'silent', 'unreadable', 'few', 'not-asked'] as const;
    await open('/lines', '[data-line="1"]');
    for (const [at, why] of (['time', 'stopped', 'needed', 'desk', 'port', 'key'] as const).entries()) {
      const [first = 'good', second = 'few'] = [all[at * 2], all[at * 2 + 1]];
      goes(run({ endedAt: Date.now(), why, devices: [device({ verdict: { word: first, oneIn: 7 } }), device({ id: 2, verdict: { word: second, oneIn: 1 } })] }));
      await desk.page.locator(`[data-verdict="${second}"]`).waitFor();
      await expect.poll(text).not.toContain('lines.test');
      await desk.page.click('.lang');
      await expect.poll(text).not.toContain('测试');
      await expect.poll(text).not.toContain('lines.test');
      await desk.page.click('.lang');
    }
  });

  test('a landlord sees that his line is in test, and is offered neither test nor stop', async () => {
    api.role = 'LL';
    list = { ports: [], lines: [serialLine({ test: run() })] };
    await open('/lines', '[data-test=running]');
    await expect.poll(() => desk.page.locator('[data-line="1"] button').count()).toBe(0);
    await expect.poll(() => desk.page.locator('[data-line="1"] form').count()).toBe(0);
  });
});
