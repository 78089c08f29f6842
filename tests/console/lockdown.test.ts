import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { LockdownView } from '../../gateway/http/schemas/lockdowns.ts';
import type { DoorView } from '../../gateway/http/schemas/places.ts';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { building, summary } from './demo-data.ts';
import { FakeApi } from './fake-api.ts';
import { faultsInBrief, openPage } from './whole.ts';

let api: FakeApi;
let desk: Desk;
let running: LockdownView[];
let acts: string[];
let result: string;
/** The street door has an esp-rfid board, and stands so. */
let weak: { readonly unwanted?: number; readonly online?: boolean } | undefined;
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
  [running, acts, result, weak] = [[], [], 'done', undefined];
  api.bend = answer;
});
afterEach(() => desk.close());

/** The demo building with the lockdowns that run in it. */
function shown() {
  const data = building(Date.now(), api.role);
  const live = (door: DoorView): Partial<DoorView> => (door.id === 1 && weak !== undefined && door.live !== undefined ? { live: { ...door.live, weak: true, ...weak } } : {});
  return { ...data, doorList: data.doorList.map((door) => ({ ...door, ...live(door), lockdownUntil: running.find(({ doors }) => doors.includes(door.id))?.until ?? null })) };
}

function answer(what: string): { status: number; body: unknown } | undefined {
  const ok = (body: unknown): { status: number; body: unknown } => ({ status: 200, body });
  if (what === 'GET /buildings/1') return ok(shown());
  if (what === 'GET /buildings/1/lockdowns') return ok(running);
  if (what === 'GET /doors/1') return ok({ door: shown().doorList[0], building: summary, lines: [] });
  if (what.startsWith('GET') || what.includes('/session')) return undefined;
  acts.push(what);
  if (what === 'POST /doors/1/commands' || what === 'POST /doors/1/unlock') return ok({ result });
  if (what.startsWith('DELETE')) running = [];
  else running = [{ doors: what.includes('/buildings/') ? [1, 2] : [1], until: Date.now() + 30 * 60_000, since: Date.now(), role: 'LL', name: '房东老陈', reason: '有人持刀' }];
  return ok({ doors: [1], until: 0 });
}

const bar = () => desk.page.locator('section[aria-label=封闭]');
const press = (name: string) => desk.page.getByRole('button', { name, exact: true }).click();

test('a landlord locks down the building, sees until when and that everybody can leave, and ends it', async () => {
  await openPage(desk, `${api.url}/building/1`, '#doors-title');
  await press('封闭整栋楼');
  await expect.poll(() => desk.page.locator('form[aria-label=封闭]').textContent()).toMatch(/从里面按出门按钮，随时能出去。各家的门不变/);
  await desk.page.getByLabel('为什么').fill('有人持刀');
  await press('开始封闭');
  await bar()
    .getByText(/大门、天台 封闭到 \d\d:\d\d/)
    .waitFor();
  await bar()
    .getByText(/房东老陈（房东）开始/)
    .waitFor();
  await expect.poll(() => bar().textContent()).toMatch(/随时能出去.*有人持刀/s);
  await expect.poll(() => desk.page.getByText('封闭中').count()).toBe(2);
  expect(await faultsInBrief(desk, 'a lockdown')).toEqual([]);
  await desk.page.click('.lang');
  await press('现在结束');
  await bar().waitFor({ state: 'detached' });
  expect(acts).toEqual(['POST /buildings/1/lockdown', 'DELETE /doors/1/lockdown', 'DELETE /doors/2/lockdown']);
  expect(desk.trouble).toEqual([]);
});

test('one that somebody else begins is on screen at once, without his name when that is not for this desk; offline and weak doors are named', async () => {
  api.role = 'BL';
  await openPage(desk, `${api.url}/building/1`, '#doors-title');
  await expect.poll(() => desk.page.getByRole('button', { name: '封闭整栋楼' }).count()).toBe(0);
  running = [{ doors: [1, 4], until: Date.now() + 3_600_000, since: Date.now(), role: 'OF', name: null, reason: null }];
  api.send({ t: 'register' });
  await bar()
    .getByText(/民警开始/)
    .waitFor();
  await expect.poll(() => bar().textContent()).toMatch(/0503 断线，连上以后才封闭/);
  await expect.poll(() => bar().getByRole('button').count()).toBe(0);
  expect(desk.trouble).toEqual([]);
});

test('a door with an esp-rfid board says before that cards are taken off, then how many still open, and when it is away', async () => {
  await openPage(desk, `${api.url}/building/1`, '#doors-title');
  await press('封闭整栋楼');
  await expect.poll(() => desk.page.locator('form[aria-label=封闭]').textContent()).not.toContain('esp-rfid');
  weak = {};
  await openPage(desk, `${api.url}/building/1`, '#doors-title');
  await press('封闭整栋楼');
  await expect.poll(() => desk.page.locator('form[aria-label=封闭]').textContent()).toMatch(/esp-rfid 板的门靠删卡封闭：板子在线，而且删完了才算/);
  running = [{ doors: [1, 2], until: Date.now() + 3_600_000, since: Date.now(), role: 'OF', name: null, reason: null }];
  for (const [live, words] of [
    [{}, '大门（esp-rfid 板）还不知道板上有哪些卡。'],
    [{ unwanted: 12 }, '大门（esp-rfid 板）还有 12 张卡能开，正在删。'],
    [{ unwanted: 0 }, '大门（esp-rfid 板）现在只有值班卡能开。'],
    [{ unwanted: 0, online: false }, '大门（esp-rfid 板）断线，板上原有的卡照样能开，请派人看着。'],
  ] as const) {
    weak = live;
    api.send({ t: 'register' });
    await bar().getByText(words).waitFor();
  }
  await expect.poll(() => bar().textContent()).not.toContain('天台（esp-rfid');
  expect(await faultsInBrief(desk, 'a weak lockdown')).toEqual([]);
  expect(desk.trouble).toEqual([]);
});

test('orders to a door: open for longer, lock, identify; what came to nothing says that nothing is kept', async () => {
  await openPage(desk, `${api.url}/door/1`, '#parts-title');
  await desk.page.getByLabel('开多久').selectOption('60');
  await press('开大门');
  await desk.page.getByText('大门开了。').waitFor();
  result = 'offline';
  await press('马上锁上');
  await desk.page.getByText('门断线了：什么都没做，连上以后也不会补做。').waitFor();
  result = 'expired';
  await press('亮灯找门');
  await desk.page.getByText(/没有及时回应：什么都没做，过后也不会补做/).waitFor();
  await expect.poll(() => desk.page.getByRole('button', { name: '重启控制器' }).count()).toBe(0);
  expect(acts).toEqual(['POST /doors/1/unlock', 'POST /doors/1/commands', 'POST /doors/1/commands']);
  expect(await faultsInBrief(desk, 'orders')).toEqual([]);
  expect(desk.trouble).toEqual([]);
});
