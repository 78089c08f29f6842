import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ControllerView, EnrolOffer } from '../../gateway/http/schemas/enrolment.ts';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { FakeApi } from './fake-api.ts';
import { faults, openPage } from './whole.ts';

const PIN = 'A'.repeat(43);
let api: FakeApi;
let desk: Desk;
let box: ControllerView;
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
  api.role = 'SA';
  acts = [];
  box = { device: 'yc42-d01', enrolledAt: null, retiredAt: null, model: '', firmware: '', codeUntil: null, boardCards: '' };
  api.bend = (what) => answer(what);
});
afterEach(async () => {
  await desk.close();
});

const offer = (): EnrolOffer => ({
  device: 'yc42-d01',
  code: 'ABCD-EFGH-JKMN',
  expiresAt: Date.now() + 15 * 60_000,
  address: '192.0.2.7:8883',
  text: `doorbook:enrol?h=192.0.2.7&p=8883&k=${PIN}&c=ABCD-EFGH-JKMN`,
});

function answer(what: string): { status: number; body: unknown } | undefined {
  if (what === 'GET /doors/1/controller') return { status: 200, body: box };
  if (!what.startsWith('POST /doors/1/controller/')) return undefined;
  acts.push(what);
  if (what.endsWith('/codes')) return { status: 200, body: offer() };
  box = { ...box, retiredAt: Date.now() };
  return { status: 200, body: { device: box.device, entry: 9 } };
}

const card = () => desk.page.locator('section[aria-labelledby=controller-title]');
const press = (name: string) => card().getByRole('button', { name, exact: true }).click();
const open = () => openPage(desk, `${api.url}/door/1`, '#controller-title');

describe('the controller of a door, for the operator', () => {
  test('gets a code as QR, letters and line, and says when a device has come with it', async () => {
    await open();
    await press('换一个控制器');
    await card().getByText('ABCD-EFGH-JKMN', { exact: true }).waitFor();
    await expect.poll(() => card().getByRole('img', { name: '装机码的二维码' }).count()).toBe(1);
    await expect.poll(() => card().locator('input').inputValue()).toBe(offer().text);
    await expect.poll(() => card().textContent()).toMatch(/还有 1[45] 分钟.*192\.0\.2\.7:8883/);
    expect(await faults(desk, 'code for a controller')).toEqual([]);
    await desk.page.click('.lang');
    box = { ...box, enrolledAt: Date.now(), model: 'esp32-door', firmware: '2.1' };
    api.send({ t: 'register' });
    await card().getByText('esp32-door 装上了，正在连网关。').waitFor();
    await expect.poll(() => card().locator('svg[role=img]').count()).toBe(0);
    expect(desk.trouble).toEqual([]);
  });

  test('is taken out only when that was said twice, and says so', async () => {
    box = { ...box, enrolledAt: Date.now() - 86_400_000, model: 'esp32-door', firmware: '2.1' };
    await open();
    await press('停用');
    await press('不停用');
    expect(acts).toEqual([]);
    await press('停用');
    await press('马上停用');
    await card().getByText('已停用').waitFor();
    expect(acts).toEqual(['POST /doors/1/controller/retire']);
    await expect.poll(() => card().getByRole('button', { name: '停用', exact: true }).count()).toBe(0);
  });

  test('says why no code could be made, and keeps the button', async () => {
    await open();
    api.bend = (what) =>
      what.endsWith('/codes') ? { status: 503, body: { code: 'DOORS_SILENT', message: { zh: '门控制那边没有回应。', en: 'The door side does not answer.' } } } : answer(what);
    await press('换一个控制器');
    await card().getByText('门控制那边没有回应。').waitFor();
    api.bend = (what) => answer(what);
    await press('换一个控制器');
    await card().getByText('ABCD-EFGH-JKMN', { exact: true }).waitFor();
  });
});

describe('an esp-rfid board, for the operator', () => {
  const login = { user: 'yc42-d01', password: 'made-up-for-this-test', topic: 'doorbook/yc42-d01', cards: 'uid', host: '192.0.2.7', port: 1884 };
  test('is marked as a weak link, with what that means, and gets another password', async () => {
    box = { ...box, boardCards: 'uid' };
    api.bend = (what) => (what.endsWith('/board-login') ? { status: 200, body: login } : answer(what));
    await open();
    await expect.poll(() => card().textContent()).toContain('esp-rfid 板');
    await press('发新密码');
    await card().getByText('192.0.2.7 · 1884').waitFor();
    await expect.poll(() => card().textContent()).toMatch(/yc42-d01.*doorbook\/yc42-d01/);
    await expect.poll(() => card().locator('input').inputValue()).toBe(login.password);
    api.send({
      t: 'doors',
      doors: [{ doorId: 1, live: { online: true, since: Date.now(), contact: 'unknown', lock: 'unknown', power: true, queued: 0, have: '1.2', want: '1.2', weak: true } }],
    });
    await desk.page.getByText('弱连接（esp-rfid 板）').waitFor();
    await expect.poll(() => desk.page.locator('.title').textContent()).toContain('弱连接');
    expect(await faults(desk, 'a board')).toEqual([]);
    expect(desk.trouble).toEqual([]);
  });

  test('is added where no controller is in service: what it means first, then its login once; and goes for one with a code after it was retired', async () => {
    const wishes: unknown[] = [];
    api.bend = (what, text) => {
      if (!what.endsWith('/board-login')) return answer(what);
      wishes.push(JSON.parse(text ?? ''));
      box = { ...box, boardCards: 'decimal', enrolledAt: Date.now(), retiredAt: null, model: 'esp-rfid' };
      return { status: 200, body: { ...login, cards: 'decimal' } };
    };
    box = { ...box, enrolledAt: Date.now() - 86_400_000, retiredAt: null, model: 'esp32-door' };
    await open();
    await card().getByText('esp32-door').waitFor();
    await expect.poll(() => card().getByRole('button', { name: '门上已有 esp-rfid 板' }).count()).toBe(0);
    await press('停用');
    await press('马上停用');
    await press('门上已有 esp-rfid 板');
    await expect.poll(() => card().textContent()).toMatch(/弱连接：不加密.*封闭只能靠删卡/);
    await card().getByLabel('板上的卡号写法').selectOption('decimal');
    expect(await faults(desk, 'adding a board')).toEqual([]);
    await desk.page.click('.lang');
    await press('用这块板');
    await card().getByText('192.0.2.7 · 1884').waitFor();
    expect(await card().locator('input').inputValue()).toBe(login.password);
    expect(wishes).toEqual([{ cards: 'decimal' }]);
    await press('停用');
    await press('马上停用');
    await press('换一个控制器');
    await card().getByText('ABCD-EFGH-JKMN', { exact: true }).waitFor();
    expect(desk.trouble).toEqual([]);
  });

  test('is told that the port is closed when it is', async () => {
    box = { ...box, boardCards: 'uid' };
    api.bend = (what) => (what.endsWith('/board-login') ? { status: 200, body: { ...login, host: '', port: 0 } } : answer(what));
    await open();
    await press('发新密码');
    await card().getByText('网关还没开 esp-rfid 端口').waitFor();
  });
});

test('a landlord makes a code for his own door; of one that works doors of others he is shown nothing', async () => {
  api.role = 'LL';
  await open();
  await press('换一个控制器');
  await card().getByText('ABCD-EFGH-JKMN', { exact: true }).waitFor();
  api.bend = (what) =>
    what === 'GET /doors/1/controller'
      ? { status: 403, body: { code: 'NOT_ALLOWED', message: { zh: '您的账号不能做这件事。', en: 'Your account may not do this.' } } }
      : answer(what);
  await openPage(desk, `${api.url}/door/1`, '#parts-title');
  await expect.poll(() => desk.page.locator('#controller-title').count()).toBe(0);
});

test.each(['BL', 'OF'] as const)('%s is not shown it and asks for nothing of it', async (role) => {
  api.role = role;
  api.asked.length = 0;
  await openPage(desk, `${api.url}/door/1`, '#parts-title');
  expect([await desk.page.locator('#controller-title').count(), api.asked.filter((what) => what.includes('/controller'))]).toEqual([0, []]);
});
