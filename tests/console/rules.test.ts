import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DoorRulesView, SchedulePage } from '../../gateway/http/schemas/door-rules.ts';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { building, rulesView, summary } from './demo-data.ts';
import { FakeApi } from './fake-api.ts';
import { faultsInBrief, openPage } from './whole.ts';

let api: FakeApi;
let desk: Desk;
let rules: DoorRulesView;
let hours: SchedulePage;
let acts: string[];
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
  acts = [];
  rules = { ...rulesView('LL'), schedules: [{ number: 1, name: '白天' }] };
  hours = { schedules: [], mayWrite: true };
  api.bend = answer;
});
afterEach(() => desk.close());

function answer(what: string): { status: number; body: unknown } | undefined {
  const ok = (body: unknown): { status: number; body: unknown } => ({ status: 200, body });
  if (what === 'GET /doors/1/rules') return ok(rules);
  if (what === 'GET /buildings/1/schedules') return ok(hours);
  if (!/^(PUT|POST|DELETE) .*(rules|schedules)/.test(what)) return undefined;
  acts.push(what);
  if (what.endsWith('/rules')) rules = { ...rules, rules: { ...rules.rules, openMs: 8000, openSchedule: 1, passbackMinutes: 10 } };
  else
    hours = {
      mayWrite: true,
      schedules: what.startsWith('DELETE')
        ? []
        : [{ number: 1, name: '工作日', used: false, version: 5, days: Array.from({ length: 8 }, (_, day) => (day < 5 ? ['08:00–18:00'] : [])) }],
    };
  return ok(hours);
}

const press = (name: string) => desk.page.getByRole('button', { name, exact: true }).click();
const card = () => desk.page.locator('section[aria-labelledby=rules-title]');

test('the rules of a door are changed in one form; at the only way home anti-passback is only noted', async () => {
  await openPage(desk, `${api.url}/door/1`, '#rules-title');
  await card().getByRole('button', { name: '改' }).click();
  await card().getByLabel('平时开多久（秒）').fill('8');
  await card().getByLabel('按时段敞开').selectOption('白天');
  await card().getByLabel('刷卡加密码').selectOption('白天');
  await card()
    .getByText(/有 2 张卡还没有密码，这些时段会打不开/)
    .waitFor();
  await card().getByLabel('防返传（分钟，0 不用）').fill('10');
  await card().getByText('这是回家唯一的路，所以只记下来。').waitFor();
  await expect.poll(() => card().getByLabel('进了没出又刷').count()).toBe(0);
  expect(await faultsInBrief(desk, 'rules of a door')).toEqual([]);
  await desk.page.click('.lang');
  const sent = desk.page.waitForRequest((request) => request.method() === 'PUT');
  await press('存规则');
  expect(JSON.parse((await sent).postData() ?? '')).toEqual({
    openMs: 8000,
    heldMs: 60_000,
    openSchedule: 1,
    firstCard: false,
    pinSchedule: 1,
    interlock: 0,
    passbackMinutes: 10,
    passbackHard: false,
  });
  expect((await sent).headers()['if-match']).toBe('"1"');
  await card().getByText('存好了').waitFor();
  await expect.poll(() => card().textContent()).toMatch(/白天.*10 · 记下来，照样开/s);
  expect(desk.trouble).toEqual([]);
});

test('PIN hours at a door whose controller says that it has no keypad are warned of, before and after', async () => {
  for (const [keypad, words] of [
    [undefined, /门上要装键盘/],
    [false, /控制器说没有键盘：这些时段谁的卡都打不开/],
    [true, /还没有密码，这些时段会打不开。请先给它们设密码。\s*$/],
  ] as const) {
    const [door] = building(Date.now(), 'LL').doorList;
    const live = { ...door?.live, ...(keypad === undefined ? {} : { keypad }) };
    api.bend = (what) => (what === 'GET /doors/1' ? { status: 200, body: { door: { ...door, live }, building: summary, lines: [] } } : answer(what));
    await openPage(desk, `${api.url}/door/1`, '#rules-title');
    await card().getByRole('button', { name: '改' }).click();
    await card().getByLabel('刷卡加密码').selectOption('白天');
    await expect.poll(() => card().locator('p', { hasText: '还没有密码' }).textContent()).toMatch(words);
  }
  rules = { ...rules, rules: { ...rules.rules, pinSchedule: 1 } };
  const [door] = building(Date.now(), 'LL').doorList;
  api.bend = (what) =>
    what === 'GET /doors/1' ? { status: 200, body: { door: { ...door, live: { ...door?.live, keypad: false } }, building: summary, lines: [] } } : answer(what);
  await openPage(desk, `${api.url}/door/1`, '#rules-title');
  await card().getByText('控制器说没有键盘').waitFor();
  expect(desk.trouble).toEqual([]);
});

test('a schedule is made from the nearest preset, and says how holidays and make-up workdays count', async () => {
  await openPage(desk, `${api.url}/building/1`, '#doors-title');
  await desk.page.getByText('时段', { exact: true }).click();
  await desk.page.getByText(/调休上班的周末按星期一/).waitFor();
  await press('加一个时段');
  await press('周一到周五 08–18 点');
  await desk.page.getByLabel('星期六').fill('22：00-06:00');
  expect(await faultsInBrief(desk, 'a schedule')).toEqual([]);
  await desk.page.click('.lang');
  const sent = desk.page.waitForRequest((request) => request.method() === 'POST');
  await press('存时段');
  const { name, days } = JSON.parse((await sent).postData() ?? '');
  expect([name, days]).toEqual(['周一到周五 08–18 点', [...Array.from({ length: 5 }, () => ['08:00–18:00']), ['22:00-06:00'], [], []]]);
  await desk.page.getByText('星期一–星期五').waitFor();
  await press('删掉');
  await desk.page.getByText('还没有时段。').waitFor();
  expect(acts).toEqual(['POST /buildings/1/schedules', 'DELETE /buildings/1/schedules/1']);
  expect(desk.trouble).toEqual([]);
});
