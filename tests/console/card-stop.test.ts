import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { StopDoor, StopReceipt, StopSummary } from '../../gateway/http/schemas/card-stops.ts';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { summary } from './demo-data.ts';
import { FakeApi } from './fake-api.ts';
import { faults, faultsInBrief, openPage } from './whole.ts';

const DAY = 86_400_000;
let api: FakeApi;
let desk: Desk;
let receipt: StopReceipt;
let stops: StopSummary[];
let asked: string[];
/** What the act answers instead of doing it. */
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
  api.role = 'LL';
  [asked, stops, refused, receipt] = [[], [], undefined, made({})];
  api.bend = answer;
});
afterEach(async () => {
  await desk.close();
});

const row = (doorId: number, [zh, en]: readonly [string, string], state: StopDoor['state'], about: Partial<StopDoor> = {}): StopDoor => ({
  doorId,
  door: { zh, en },
  state,
  at: null,
  until: null,
  ...about,
});
function made(about: Partial<StopReceipt>): StopReceipt {
  const now = Date.now();
  const rows = [
    row(1, ['大门', 'Street door'], 'stopped', { at: now }),
    row(2, ['天台', 'Roof'], 'waiting', { until: now + 29 * DAY }),
    row(3, ['后门', 'Back door'], 'nolist'),
    row(4, ['车棚', 'Bicycle shed'], 'none'),
    row(5, ['0503', '0503'], 'ended', { at: now - DAY }),
  ];
  const one = { id: 7, credentialId: 3, tail: '4F3A', reason: 'lost', rooms: ['0503'], stoppedAt: now, endsAt: null, undoneAt: null, doors: 5, stopped: 1, waiting: 1 };
  return { ...one, building: summary, unitId: 12, mine: true, undoUntil: now + 10_000, now, rows, ...about };
}

function answer(what: string): { status: number; body: unknown } | undefined {
  if (/card-stop|\/stop$/.test(what)) asked.push(what);
  if (/^POST \/credentials\/\d+\/stop$/.test(what)) return refused ?? { status: 200, body: receipt };
  if (what === 'POST /card-stops/7/undo') {
    receipt = refused === undefined ? { ...receipt, undoneAt: Date.now(), undoUntil: null, waiting: 0 } : receipt;
    return refused ?? { status: 200, body: receipt };
  }
  if (what === 'GET /card-stops/7') return { status: 200, body: { ...receipt, now: Date.now() } };
  if (what.endsWith('/card-stops')) return { status: 200, body: { stops, next: null } };
  return undefined;
}
const text = (selector: string): Promise<string> => desk.page.locator(selector).innerText();
const open = () => openPage(desk, `${api.url}/card-stop/7`, '#stop-rows');

describe('on the page of a home', () => {
  test('a card is stopped with two presses, and the receipt opens', async () => {
    await openPage(desk, `${api.url}/unit/12`, '.card-row');
    await desk.page.locator('.card-row button.plain').first().click();
    expect(await faultsInBrief(desk, 'asking why a card is stopped')).toEqual([]);
    expect(asked.filter((what) => what.startsWith('POST'))).toEqual([]);
    await desk.page.locator('.ask .stop').first().click();
    await desk.page.waitForURL('**/card-stop/7');
    expect(asked.filter((what) => what.startsWith('POST'))).toHaveLength(1);
    expect(desk.trouble).toEqual([]);
  });

  test('a refusal is said where it was asked for', async () => {
    refused = { status: 409, body: { code: 'TENANT_IN_RESIDENCE', message: { zh: '租客还住在这里。', en: 'The tenant lives here.' } } };
    await openPage(desk, `${api.url}/unit/12`, '.card-row');
    await desk.page.locator('.card-row button.plain').first().click();
    await desk.page.getByRole('button', { name: '被人乱用' }).click();
    await desk.page.getByText('租客还住在这里。').waitFor();
    await desk.page.getByRole('button', { name: '不停', exact: true }).click();
    await expect.poll(() => desk.page.locator('.ask').count()).toBe(0);
  });

  test.each(['OF', 'GW'] as const)('%s is offered no such button', async (role) => {
    api.role = role;
    await openPage(desk, `${api.url}/unit/12`, '.card-row');
    expect([await desk.page.getByRole('button', { name: '挂失' }).count(), asked.filter((what) => what.startsWith('GET /units')).length]).toEqual([0, role === 'OF' ? 1 : 0]);
  });

  test('cards that were stopped stay there, each with a way to its receipt', async () => {
    stops = [receipt, { ...receipt, id: 6, undoneAt: Date.now(), waiting: 0 }, { ...receipt, id: 5, waiting: 0 }];
    await openPage(desk, `${api.url}/unit/12`, '#unit-stops');
    await expect.poll(() => desk.page.locator('section[aria-labelledby=unit-stops] .chip').allInnerTexts()).toEqual(['还差 1 扇门', '已撤销', '已停']);
    await openPage(desk, `${api.url}/building/1/card-stops`, '#stop-list li');
    expect(await faultsInBrief(desk, 'stopped cards of a building')).toEqual([]);
  });
});

describe('the receipt', () => {
  test('says of each door what is known, and is whole everywhere', async () => {
    await open();
    const words = await desk.page.locator('li[data-state] span:not(.chip)').allInnerTexts();
    expect(words.map((each) => each.replace(/\d\d:\d\d(:\d\d)?/, 'T'))).toEqual([
      'T 停用：门确认名单里没有这张卡',
      expect.stringMatching(/^还没确认，最晚 (\d{4} 年 )?\d+ 月 \d+ 日 T 失效$/),
      '门自己不放人，每次都问网关，网关不认这张卡',
      '这里没有装过控制器，没有什么要停',
      expect.stringMatching(/^门手里的名单 .* T 到期，这张卡从那时起打不开$/),
    ]);
    await expect.poll(() => text('.state')).toContain('还差 1 扇门');
    expect(await faults(desk, 'receipt')).toEqual([]);
    expect(desk.trouble).toEqual([]);
  });

  test('follows the doors by itself, and stops asking when there is nothing to wait for', async () => {
    await open();
    receipt = {
      ...receipt,
      waiting: 0,
      stopped: 2,
      rows: receipt.rows.map((each) => (each.state === 'waiting' ? { ...each, state: 'stopped', at: Date.now(), until: null } : each)),
    };
    await desk.page.waitForFunction(() => document.querySelectorAll('[data-state=stopped]').length === 2);
    // Some hold no list: it is not said that each of them confirmed.
    await expect.poll(() => text('.state')).toContain('没有门再认这张卡');
    asked = [];
    await desk.page.waitForTimeout(1600);
    expect(asked).toEqual([]);
  });

  test('counts ten seconds down and undoes the stop; afterwards there is nothing to press', async () => {
    await open();
    await expect.poll(() => text('.undo')).toMatch(/撤销（还有 (10|9|8) 秒）/);
    await desk.page.click('.undo');
    await desk.page.getByText('这张卡照常用').waitFor();
    expect([await desk.page.locator('.undo').count(), await desk.page.locator('[data-state]').count()]).toEqual([0, 0]);
  });

  test('counts by the gateway’s clock, and offers no undoing once that is over or to somebody else', async () => {
    receipt = made({ undoUntil: Date.now() + 1500 });
    await open();
    await desk.page.waitForFunction(() => document.querySelector('.undo') === null);
    receipt = made({ mine: false, undoUntil: null });
    await open();
    await expect.poll(() => desk.page.locator('.undo').count()).toBe(0);
  });

  test('says why it could not be undone', async () => {
    refused = { status: 409, body: { code: 'UNDO_OVER', message: { zh: '已经过了 10 秒。', en: 'Too late.' } } };
    await open();
    await desk.page.click('.undo');
    await desk.page.getByText('已经过了 10 秒。').waitFor();
  });

  test('prints on one page, without navigation and buttons, with who printed it', async () => {
    await open();
    await desk.page.emulateMedia({ media: 'print' });
    await expect.poll(() => desk.page.locator('nav:visible, header:visible, button:visible').count()).toBe(0);
    await expect.poll(() => text('.printed')).toMatch(/房东老陈 打印于 .*\d\d:\d\d:\d\d/);
    const pdf = await desk.page.pdf({ preferCSSPageSize: true });
    expect(pdf.toString('latin1').match(/\/Type \/Page\b/g)).toHaveLength(1);
  });
});
