import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startOfDay } from '../../gateway/core/local-date.ts';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { FakeApi } from './fake-api.ts';
import { lawDue, lawPage, lawPlaces } from './law-data.ts';
import { faults, openPage } from './whole.ts';

let api: FakeApi;
let desk: Desk;
let place: string;
let sent: unknown[];
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
  [api.role, place, sent] = ['DA', 'CN', []];
  api.bend = (what, body) => {
    const ok = (answer: unknown): { status: number; body: unknown } => ({ status: 200, body: answer });
    if (what === 'GET /jurisdictions') return ok(lawPlaces());
    if (what === 'GET /rules') return ok(lawPage(place, api.role === 'DA'));
    if (what === 'GET /rules/due') return ok(lawDue(place, startOfDay('2026-03-05')));
    if (what !== 'POST /rules') return undefined;
    sent.push(JSON.parse(body ?? ''));
    return { status: 202, body: { act: 7 } };
  };
});
afterEach(() => desk.close());

const open = () => openPage(desk, `${api.url}/rules`, '#law-list');
const text = () => desk.page.textContent('main');
async function choose(code: string): Promise<void> {
  place = code;
  await desk.page.getByLabel('地区').selectOption(code);
}

describe('rules by place', () => {
  test('the page is whole, readable and clean, also with a form open', { timeout: 120_000 }, async () => {
    place = 'CN-3301';
    await open();
    await desk.page.getByRole('button', { name: '改：出租人登记报送住的人' }).click();
    expect(await faults(desk, 'rules')).toEqual([]);
    expect(desk.trouble).toEqual([]);
  });

  test('says what holds, whose it is, its source and how well it is known', async () => {
    await open();
    await expect.poll(text).toContain('到达后 3 日内，由户主或本人报派出所');
    expect(await text()).toContain('L-11 没有定期限，改按“居住登记（暂住申报）”。');
    await choose('CN-3301');
    await expect.poll(text).toContain('入住后 3 个工作日内，由出租人报派出所');
    const all = await text();
    for (const words of ['沿用浙江', '读过全文', '未核实', '第 9 条', '规则表 L-30', '不包括：旅馆住客', '杭州 → 浙江 → 全国', '2027-01-01 起改为']) expect(all).toContain(words);
  });

  test('a date is tried: when it is due, by which rule, and how it was counted', async () => {
    await open();
    await desk.page.getByRole('button', { name: '算一算' }).click();
    await expect.poll(text).toContain('3 月 9 日 到期');
    for (const words of ['2026-03-05 当天不算。', '2026-03-08 休息，顺延到 2026-03-09。']) expect(await text()).toContain(words);
    expect(await text()).not.toContain('本地没有规定');
  });

  test('a change is asked for from a day on, based on what was on screen, and said to wait', async () => {
    await open();
    await desk.page.getByRole('button', { name: '改：租赁合同备案' }).click();
    await desk.page.getByLabel('数（没定的留空）').fill('15');
    await desk.page.getByLabel('从哪天起').fill('2099-01-01');
    await desk.page.getByLabel('依据', { exact: true }).fill('新办法');
    await desk.page.getByLabel('为什么改（给另一位看）').fill('新办法施行');
    await desk.page.getByRole('button', { name: '提交' }).click();
    await expect.poll(text).toContain('已提交，等另一位区管理员同意。');
    expect(sent).toEqual([
      {
        ...{ jurisdiction: 'CN', subject: 'lease.filing', mode: '', amount: 15, unit: 'calendarDay', actor: 'landlord', recipient: 'housingOffice', exemptions: [] },
        ...{ source: '新办法', article: '', verified: 'text', effectiveFrom: '2099-01-01', effectiveTo: null, version: 1, reason: '新办法施行' },
      },
    ]);
  });

  test('whoever may not change them reads them', async () => {
    api.role = 'OF';
    await open();
    await expect.poll(text).toContain('各地规则');
    expect(await desk.page.getByRole('button', { name: /^改/ }).count()).toBe(0);
  });
});
