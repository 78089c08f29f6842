import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { access, line } from './demo-data.ts';
import { FakeApi } from './fake-api.ts';

let api: FakeApi;
let desk: Desk;
beforeEach(async () => {
  api = new FakeApi();
  api.lines = api.lines.slice(0, 3);
  desk = await openDesk(await api.start());
});
afterEach(async () => {
  await desk.close();
  await api.stop();
});
afterAll(closeBrowser);

const indexes = (): Promise<number[]> => desk.page.$$eval('#ledger li', (items) => items.map((item) => Number(item.getAttribute('data-index'))));
const linkIs = (state: string) => desk.page.waitForSelector(`#ledger [data-link=${state}]`);
const shows = (index: number) => desk.page.waitForSelector(`#ledger li[data-index="${index}"]`);
const openBuilding = async (): Promise<void> => {
  await desk.page.goto(`${api.url}/building/1`);
  await linkIs('live');
};

describe('the live ledger', () => {
  test('a line that happens is on top at once, newest first', async () => {
    await openBuilding();
    const made = api.happen((index) => access(index, Date.now(), 'LEASE_ENDED'));
    await shows(made.index);
    await expect.poll(() => indexes()).toEqual([1001, 1000, 999, 998]);
    await expect.poll(() => desk.page.textContent('#ledger li')).toContain('租住已结束的卡');
  });

  test('the gateway goes away and comes back: it says so, connects again and fills the gap, each line once', async () => {
    await openBuilding();
    api.liveAway();
    await linkIs('waiting');
    await expect.poll(() => desk.page.textContent('#ledger')).toContain('正在重连');
    api.happen((index) => access(index, Date.now(), 'OK'));
    api.happen((index) => access(index, Date.now(), 'UNKNOWN_CREDENTIAL'));
    await expect.poll(() => indexes()).toEqual([1000, 999, 998]);
    api.liveBack();
    await linkIs('live');
    await shows(1002);
    await expect.poll(() => indexes()).toEqual([1002, 1001, 1000, 999, 998]);
    expect(api.sinceSeen.at(-1)).toBe(1000);
  });

  test('more was missed than is sent: the page is fetched anew', async () => {
    await openBuilding();
    api.lines = Array.from({ length: 5 }, (_, i) => access(2000 - i, Date.now(), 'OK'));
    api.send({ t: 'lines', lines: [], last: 2000, gap: true });
    await shows(2000);
    await expect.poll(() => indexes()).toEqual([2000, 1999, 1998, 1997, 1996]);
  });

  test('paused, nothing moves and new lines are counted; resumed, they are there', async () => {
    await openBuilding();
    await desk.page.getByRole('button', { name: '暂停' }).click();
    api.happen((index) => access(index, Date.now(), 'OK'));
    await desk.page.getByRole('button', { name: '继续，有 1 行新的' }).waitFor();
    await expect.poll(() => indexes()).toEqual([1000, 999, 998]);
    await desk.page.getByRole('button', { name: /继续/ }).click();
    await expect.poll(() => indexes()).toEqual([1001, 1000, 999, 998]);
  });

  test("the door's answer completes the decision's line instead of adding one", async () => {
    await openBuilding();
    const tap = api.happen((index) => access(index, Date.now(), 'OK'));
    await shows(tap.index);
    api.happen((index) =>
      line(index, Date.now(), {
        kind: 'outcome',
        code: 'unopened',
        granted: true,
        final: 'executed',
        ref: tap.index,
        why: { zh: '锁开了，没有人推门。', en: 'Released; nobody went through.' },
      }),
    );
    await desk.page.getByText('锁开了，没有人推门。').waitFor();
    await expect.poll(() => indexes()).toEqual([1001, 1000, 999, 998]);
  });

  test("a door's new state is drawn without asking again", async () => {
    await openBuilding();
    await expect.poll(() => desk.page.getAttribute('a[href="/door/1"] [data-door-state]', 'data-door-state')).toBe('closed');
    api.send({
      t: 'doors',
      doors: [{ doorId: 1, live: { online: false, since: Date.now() - 120_000, contact: 'closed', lock: 'locked', power: true, queued: 0, have: '1.7', want: '1.7' } }],
    });
    await desk.page.waitForSelector('a[href="/door/1"] [data-door-state=offline]');
    await expect.poll(() => desk.page.textContent('a[href="/door/1"]')).toContain('照常认卡');
  });

  test('the session ends while the page is open: sign-in, and back to the same page', async () => {
    await openBuilding();
    api.role = undefined;
    api.demo = false;
    api.liveAway();
    await desk.page.waitForURL(/\/login\?next=%2Fbuilding%2F1/);
    api.liveBack();
    await desk.page.fill('input[name=login]', 'chen');
    await desk.page.fill('input[name=password]', 'right');
    await desk.page.keyboard.press('Enter');
    await desk.page.waitForURL(/\/building\/1$/);
    await linkIs('live');
  });
});
