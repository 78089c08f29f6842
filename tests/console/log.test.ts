import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AlarmList } from '../../gateway/http/schemas/health.ts';
import type { Role } from '../../gateway/http/schemas/session.ts';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { FakeApi } from './fake-api.ts';
import { copies, logNow, paperLog } from './log-data.ts';
import { faults, openPage } from './whole.ts';

const NOW = Date.now();
const paper = paperLog(NOW);
/** The same beginning, another end. */
const changed = paperLog(NOW, 50);
const alarms: AlarmList = {
  alarms: [
    {
      what: 'log-forked',
      message: { zh: '记录簿和以前签过的检查点对不上，可能被改过或截短。', en: 'The log does not agree with an earlier signed checkpoint.' },
      since: NOW - 60_000,
    },
    { what: 'disk-80', message: { zh: '硬盘已用 80% 以上。', en: 'The disk is over 80 % full.' }, since: NOW - 60_000 },
  ],
  queues: { changes: 0, entries: 0, writes: 0, lists: 0, deviceEvents: 0 },
  restarts: 0,
};

let api: FakeApi;
let desk: Desk;
let proofsOf = paper;
let reports: number;
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
  api.log = logNow(paper.at(100));
  proofsOf = paper;
  reports = 0;
  api.bend = (what) => answer(what);
});
afterEach(async () => {
  await desk.close();
});

/** Proofs by the query that was asked last; the rest is the fake's own. */
function answer(what: string): { status: number; body: unknown } | undefined {
  const ok = (body: unknown) => ({ status: 200, body });
  if (what === 'GET /log/checkpoints') return ok(copies(NOW));
  if (what === 'GET /alarms') return ok(alarms);
  if (what === 'POST /log/fork-seen') {
    reports += 1;
    return ok({ counted: true, entry: 77 });
  }
  if (what !== 'GET /log/consistency') return undefined;
  const query = new URLSearchParams(api.asked.at(-1)?.split('?')[1]);
  const [from, to] = [Number(query.get('from')), Number(query.get('to'))];
  return ok({ origin: query.get('origin'), from, to, proof: proofsOf.proof(from, to) });
}

const line = (page: Page) => page.locator('[data-verified]').first();
const verifiedTo = (n: number) => desk.page.waitForSelector(`[data-verified="${n}"]`);
const banner = () => desk.page.locator('.fork');
const kept = (): Promise<string> => desk.page.evaluate(() => localStorage.getItem('doorbook.log') ?? '');

describe('the log verified in the browser', () => {
  test('the ledger says quietly to which entry and when; the details say what it means and let the checkpoint be saved', async () => {
    await openPage(desk, `${api.url}/building/1`, '#ledger [data-verified="99"]');
    await expect.poll(() => line(desk.page).textContent()).toMatch(/已核验到第 99 条，\d\d:\d\d/);
    await desk.page.click('#ledger summary');
    await expect.poll(() => line(desk.page).textContent()).toContain('没有一条被改');
    await expect.poll(() => line(desk.page).textContent()).toContain('已核对');
    const saved = desk.page.waitForEvent('download');
    await desk.page.getByRole('button', { name: '保存这个检查点' }).click();
    expect(readFileSync(await (await saved).path(), 'utf8')).toBe(paper.at(100).note);
    expect(await faults(desk, 'verified line open')).toEqual([]);
    expect(desk.trouble).toEqual([]);
  });

  test('goes on with each checkpoint the live feed tells of, by one proof each', async () => {
    await openPage(desk, `${api.url}/building/1`, '#ledger [data-verified="99"]');
    await desk.page.waitForSelector('#ledger [data-link=live]');
    await desk.page.waitForTimeout(2100);
    api.asked.length = 0;
    api.log = logNow(paper.at(164));
    api.send({ t: 'checkpoint', index: 163 });
    await verifiedTo(163);
    expect(api.asked.filter((what) => what.includes('/log/')).map((what) => what.split('&root')[0])).toEqual([
      'GET /log/checkpoint',
      `GET /log/consistency?origin=${encodeURIComponent(paper.at(1).origin)}&from=100&to=164`,
    ]);
  });

  test('remembers over visits, and says so while the gateway is not answering', async () => {
    await openPage(desk, `${api.url}/building/1`, '[data-verified="99"]');
    api.bend = (what) => (what === 'GET /log/checkpoint' ? { status: 503, body: {} } : answer(what));
    await desk.page.reload();
    await verifiedTo(99);
    await expect.poll(() => kept()).toContain(paper.at(100).root);
  });

  test.each([
    ['PO', '/audit', '#audit-lines'],
    ['TEN', '/receipts', '#own-title'],
  ] as const)('%s sees the line on %s', async (role, path, ready) => {
    api.role = role satisfies Role;
    const page = { lines: [], next: null, masked: false, ownLeftOut: false, kinds: [], receipts: [], routine: [], homes: [], moveOuts: [] };
    api.log = logNow(paper.at(100), role === 'TEN');
    api.bend = (what) => (/^GET \/(audits|me\/)/.test(what) ? { status: 200, body: { ...page, lines: what === 'GET /me/entries' ? [ownEntry] : [] } } : answer(what));
    await openPage(desk, api.url + path, ready);
    await verifiedTo(99);
    // A tenant is given the line alone.
    await expect.poll(() => desk.page.locator('details[data-verified]').count()).toBe(role === 'TEN' ? 0 : 1);
    expect(await faults(desk, `verified for ${role}`)).toEqual([]);
    expect(desk.trouble).toEqual([]);
  });

  test('says plainly where a browser cannot verify, and where there is nothing yet', async () => {
    await desk.context.addInitScript(() => Object.defineProperty(Object.getPrototypeOf(crypto), 'subtle', { value: undefined }));
    await openPage(desk, `${api.url}/building/1`, '#ledger .foot');
    await desk.page.getByText('网址不是 https，这个浏览器没法核验记录').waitFor();
    expect(desk.trouble).toEqual([]);
    await desk.close();
    desk = await openDesk(api.url);
    api.log = logNow(null, true);
    await openPage(desk, `${api.url}/building/1`, '#ledger .foot');
    await desk.page.getByText('检查点每天零点更新一次').waitFor();
  });
});

const ownEntry = { index: 80, at: NOW, doorId: 1, door: { zh: '大门', en: 'Street door' }, code: 'OK', granted: true, offline: false, why: { zh: '开门', en: 'Opened' } };

describe('a log that does not agree with what this browser saw', () => {
  async function fork(now = changed.at(164), proofs = changed): Promise<void> {
    await openPage(desk, `${api.url}/building/1`, '[data-verified="99"]');
    [api.log, proofsOf] = [logNow(now), proofs];
    await desk.page.goto(`${api.url}/building/1`);
    await banner().waitFor();
  }

  test('is a red notice on every page that stays, with both checkpoints to save, and the gateway is told once', async () => {
    await fork();
    await desk.page.getByText('已通知网关').waitFor();
    await expect.poll(() => banner().textContent()).toContain('前面有改动');
    for (const [name, note] of [
      ['保存原来看到的', paper.at(100).note],
      ['保存现在拿到的', changed.at(164).note],
    ] as const) {
      const saved = desk.page.waitForEvent('download');
      await banner().getByRole('button', { name }).click();
      expect(readFileSync(await (await saved).path(), 'utf8')).toBe(note);
    }
    expect(await faults(desk, 'fork seen')).toEqual([]);
    await desk.page.setViewportSize({ width: 1440, height: 900 });
    await desk.page.click('.lang');
    // Also after the gateway says something that would fit, on another page, and in a new visit.
    [api.log, proofsOf] = [logNow(paper.at(200)), paper];
    await desk.page.goto(`${api.url}/log`);
    await banner().waitFor();
    expect([await desk.page.locator('[data-verified]').count(), reports]).toEqual([0, 1]);
    await banner().getByRole('button', { name: '我知道了' }).click();
    await verifiedTo(199);
    await expect.poll(() => banner().count()).toBe(0);
    // What was found stays to be saved.
    await expect.poll(() => desk.page.locator('details[data-verified]').textContent()).toContain('发现过对不上');
    expect(desk.trouble).toEqual([]);
  });

  test.each([
    ['shorter', () => [paper.at(60), { ...paper, proof: () => [] }] as const, '有记录不见了'],
    ['of the same size with other entries', () => [changed.at(100), changed] as const, '条数一样，内容却'],
  ])('is found when it is %s', async (_, now, words) => {
    const [checkpoint, proofs] = now();
    await fork(checkpoint, proofs);
    await expect.poll(() => banner().textContent()).toContain(words);
  });

  test('is told to the gateway again until it has taken it', async () => {
    await openPage(desk, `${api.url}/building/1`, '[data-verified="99"]');
    [api.log, proofsOf] = [logNow(changed.at(164)), changed];
    api.bend = (what) => (what === 'POST /log/fork-seen' ? { status: 503, body: {} } : answer(what));
    await desk.page.goto(`${api.url}/building/1`);
    await desk.page.getByText('还没能通知网关').waitFor();
    api.bend = (what) => answer(what);
    await desk.page.goto(`${api.url}/building/1`);
    await desk.page.getByText('已通知网关').waitFor();
    expect(reports).toBe(1);
  });

  test('an answer that did not come is no contradiction', async () => {
    await openPage(desk, `${api.url}/building/1`, '[data-verified="99"]');
    api.log = logNow(paper.at(164));
    api.bend = (what) => (what === 'GET /log/consistency' ? { status: 503, body: {} } : answer(what));
    await desk.page.goto(`${api.url}/building/1`);
    await verifiedTo(99);
    await expect.poll(() => api.asked.some((what) => what.startsWith('GET /log/consistency'))).toBe(true);
    await desk.page.waitForTimeout(300);
    await expect.poll(() => banner().count()).toBe(0);
  });
});

describe('the desk of the log', () => {
  test('shows the newest checkpoint, recent ones, who holds which, and alarms about the log: whole, readable and clean', async () => {
    api.log = logNow(paper.at(4712));
    await openPage(desk, `${api.url}/log`, '[data-verified="4711"]');
    await desk.page.waitForSelector('li[data-size="4648"]');
    const words = (await desk.page.textContent('main')) ?? '';
    for (const shown of ['大门', '不一致', '记录簿和以前签过的检查点对不上', '从第 90210 条起']) expect(words).toContain(shown);
    expect(words).not.toContain('硬盘');
    const saved = desk.page.waitForEvent('download');
    await desk.page.click('li[data-size="4648"] button');
    expect(readFileSync(await (await saved).path(), 'utf8')).toBe(paper.at(4648).note);
    expect(await faults(desk, 'the log')).toEqual([]);
    expect(desk.trouble).toEqual([]);
  });

  test('is empty in words before the first checkpoint', async () => {
    api.log = logNow(null);
    api.bend = (what) =>
      what === 'GET /log/checkpoints'
        ? { status: 200, body: { checkpoints: [], logs: [], next: null } }
        : what === 'GET /alarms'
          ? { status: 200, body: { ...alarms, alarms: [] } }
          : undefined;
    await openPage(desk, `${api.url}/log`, '#held-title');
    await desk.page.getByText('还没有控制器报来').waitFor();
    expect(await faults(desk, 'the log empty')).toEqual([]);
  });
});
