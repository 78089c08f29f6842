import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FilingView } from '../../gateway/http/schemas/filings.ts';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { FakeApi } from './fake-api.ts';
import { faults, openPage } from './whole.ts';

const CHECKED = ['extinguisher', 'wayOut', 'wiring', 'gas', 'noPartition', 'livingRooms'];
const DAY = 86_400_000;
let api: FakeApi;
let desk: Desk;
let filing: FilingView;
let list: FilingView[];
let acts: { readonly what: string; readonly body: unknown }[];
beforeEach(async () => {
  api = new FakeApi();
  await api.start();
  desk = await openDesk(api.url);
  [acts, list] = [[], []];
  filing = view();
  api.bend = answer;
  desk.page.on('request', (request) => {
    if (request.method() !== 'GET') acts.push({ what: `${request.method()} ${new URL(request.url()).pathname.replace('/api/v1', '')}`, body: request.postDataJSON() });
  });
});
afterEach(async () => {
  await desk.close();
  await api.stop();
});
afterAll(closeBrowser);

function view(about: Partial<FilingView> = {}): FilingView {
  const papers = { titleKind: '', titleNumber: '', area: 0, checked: [], checkedAt: null, reason: '' };
  return {
    ...{
      unitId: 12,
      buildingId: 1,
      building: { name: '迎春路 42 号', nameEn: '42 Yingchun Road' },
      room: '0503',
      use: 'let',
      state: 'draft',
      dueAt: null,
      claimed: false,
      version: 0,
    },
    ...{ papers, gaps: ['title', 'area', 'check'], steps: ['fill', 'submit', 'cancel'], ...about },
  };
}
const whole = { titleKind: 'deed', titleNumber: '样 17', area: 485, checked: CHECKED, checkedAt: 1, reason: '' };

function answer(what: string, sent = ''): { status: number; body: unknown } | undefined {
  const ok = (body: unknown): { status: number; body: unknown } => ({ status: 200, body });
  if (what === 'GET /filings') return ok({ filings: list, more: false });
  if (what === 'PUT /units/12/filing') filing = view({ papers: whole, gaps: [], version: 1 });
  else if (what === 'POST /filings/steps') {
    filing = view({ state: 'submitted', papers: whole, gaps: [], steps: ['cancel'], dueAt: Date.now() + 5 * DAY, version: 2 });
    list = [];
  } else if (what === 'POST /filings/decisions') {
    const { step, reason = '' } = JSON.parse(sent);
    filing = view(
      step === 'accept' ? { state: 'filed', papers: whole, steps: ['suspend'], version: 3 } : { state: 'orderedToFix', papers: { ...whole, reason }, steps: [], version: 3 },
    );
    list = [];
  } else if (what !== 'GET /units/12/filing') return undefined;
  return ok(filing);
}
const press = (name: string) => desk.page.getByRole('button', { name, exact: true }).click();

describe('the filing of a home', () => {
  test('a landlord is told what is missing, and fills it in and sends it with one button', async () => {
    api.role = 'LL';
    list = [filing];
    await openPage(desk, `${api.url}/filings`, '#filings-title');
    await press('备案 0503');
    await expect.poll(() => desk.page.getByText('还缺：').textContent()).toContain('权属证明、面积、出租前自查');
    expect(await faults(desk, 'the filing of a home')).toEqual([]);
    await desk.page.click('.lang');
    await desk.page.getByLabel('证号').fill('样 17');
    await desk.page.getByLabel('面积（平方米）').fill('48.5');
    await press('提交备案');
    expect(acts).toEqual([]);
    for (const box of await desk.page.getByRole('checkbox').all()) await box.check();
    await press('提交备案');
    await expect.poll(() => desk.page.getByText('都备案了').count()).toBe(1);
    expect(acts).toEqual([
      { what: 'PUT /units/12/filing', body: { titleKind: 'deed', titleNumber: '样 17', area: 485, checked: CHECKED } },
      { what: 'POST /filings/steps', body: { step: 'submit', homes: [{ unitId: 12, version: 1 }] } },
    ]);
    expect(desk.trouble).toEqual([]);
  });

  test('what is complete is sent in at once', async () => {
    api.role = 'LL';
    list = [view({ papers: whole, gaps: [], version: 4 }), view({ unitId: 11, room: '0502', papers: whole, gaps: [], version: 5 }), view({ unitId: 10, room: '0501' })];
    await openPage(desk, `${api.url}/filings`, '#filings-title');
    await press('把填齐的 2 间一起提交');
    await expect.poll(() => desk.page.getByText('都备案了').count()).toBe(1);
    expect(acts).toEqual([
      {
        what: 'POST /filings/steps',
        body: {
          step: 'submit',
          homes: [
            { unitId: 12, version: 4 },
            { unitId: 11, version: 5 },
          ],
        },
      },
    ]);
  });

  test('the station decides, and an order says why', async () => {
    api.role = 'OF';
    filing = view({ state: 'submitted', papers: whole, gaps: [], steps: ['accept', 'orderFix'], dueAt: Date.now() - DAY, claimed: true, version: 2 });
    list = [filing];
    await openPage(desk, `${api.url}/filings`, '#filings-title');
    await expect.poll(() => desk.page.locator('li').first().textContent()).toContain('已到期');
    await press('办理 0503');
    await desk.page.getByText('请核实').waitFor();
    expect(await faults(desk, 'a filing to be decided')).toEqual([]);
    await desk.page.click('.lang');
    await press('责令整改');
    await desk.page.getByLabel('要房东知道的话').fill('楼道堵了');
    await press('责令整改');
    await expect.poll(() => desk.page.getByText('没有要办的备案').count()).toBe(1);
    expect(acts).toEqual([{ what: 'POST /filings/decisions', body: { step: 'orderFix', homes: [{ unitId: 12, version: 2 }], reason: '楼道堵了' } }]);
  });

  test('is on the page of the home too, fetched when it is opened', async () => {
    api.role = 'LL';
    await openPage(desk, `${api.url}/unit/12`, 'h1');
    expect(api.asked.filter((what) => what.includes('filing'))).toEqual([]);
    await desk.page.getByText('出租备案', { exact: true }).click();
    await expect.poll(() => desk.page.getByText('没有提交').count()).toBe(1);
  });
});
