import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { FakeApi } from './fake-api.ts';

let api: FakeApi;
let desk: Desk;
beforeEach(async () => {
  api = new FakeApi();
  desk = await openDesk(await api.start());
});
afterEach(async () => {
  await desk.close();
  await api.stop();
});
afterAll(closeBrowser);

const open = async (path: string, ready: string): Promise<void> => {
  await desk.page.goto(api.url + path);
  await desk.page.waitForSelector(ready);
};

describe('the frame of the console', () => {
  test('one building: home goes straight to it, and Back does not lead into a loop', async () => {
    await open('/', '#rooms');
    expect(new URL(desk.page.url()).pathname).toBe('/building/1');
    await desk.page.goBack();
    expect(desk.page.url()).toBe('about:blank');
  });

  test('language and theme are remembered over a reload, before the first paint', async () => {
    await open('/building/1', '#rooms');
    await desk.page.click('.lang');
    await desk.page.getByRole('button', { name: /Account/ }).click();
    await desk.page.getByLabel('Dark').check();
    await desk.page.reload({ waitUntil: 'commit' });
    await desk.page.waitForSelector('#rooms');
    await expect.poll(() => desk.page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset['theme']])).toEqual(['en', 'dark']);
    await expect.poll(() => desk.page.textContent('#rooms-title')).toBe('Homes');
  });

  test('the account menu closes with Escape and gives the focus back; signing out leads to the front page', async () => {
    await open('/building/1', '#rooms');
    const opener = desk.page.getByRole('button', { name: /账号/ });
    await opener.click();
    await desk.page.keyboard.press('Escape');
    await expect.poll(() => opener.getAttribute('aria-expanded')).toBe('false');
    await expect.poll(() => opener.evaluate((element) => element === document.activeElement)).toBe(true);
    await opener.click();
    await desk.page.getByRole('button', { name: '退出' }).click();
    await desk.page.waitForURL(/\/login$/);
    expect(api.csrfSeen).toEqual(['token-1']);
  });

  test('along the foot of a phone are five words side by side, and what has no room is behind the last', async () => {
    api.role = 'SA';
    await open('/building/1', '#rooms');
    const items = desk.page.locator('nav a.item:visible');
    await expect.poll(() => items.count()).toBe(7);
    await desk.page.setViewportSize({ width: 320, height: 700 });
    await desk.page.click('.lang');
    await expect.poll(() => items.count()).toBe(5);
    // One line each: else one of them would be taller, or reach into its neighbour.
    const shapes = await items
      .locator('span')
      .evaluateAll((words) => words.map((word) => [word.getClientRects().length, word.scrollWidth <= (word.parentElement?.clientWidth ?? 0)]));
    expect(shapes).toEqual(Array(5).fill([1, true]));
    await items.last().click();
    await desk.page.waitForSelector('main .rows a[href="/outbox"]');
    await expect.poll(() => items.last().getAttribute('aria-current')).toBe('page');
  });

  test('an officer is offered no import, a landlord sees his own sentence under the ledger', async () => {
    api.role = 'OF';
    await open('/building/1', '#ledger .foot');
    await expect.poll(() => desk.page.locator('nav a[href$="/import"]').count()).toBe(0);
    api.role = 'LL';
    await open('/building/1', '#ledger .foot');
    await expect.poll(() => desk.page.locator('nav a[href$="/import"]').count()).toBe(1);
    await expect.poll(() => desk.page.textContent('#ledger .foot')).toContain('租客几点进出不显示给房东');
  });

  test.each([
    ['SA', { links: 0, ledger: true, doors: 4, import: 1, people: false }],
    ['LL', { links: 12, ledger: true, doors: 4, import: 1, people: true }],
    ['BL', { links: 0, ledger: true, doors: 4, import: 0, people: true }],
    ['GW', { links: 12, ledger: false, doors: 0, import: 0, people: true }],
    ['CL', { links: 12, ledger: false, doors: 0, import: 1, people: true }],
    ['OF', { links: 12, ledger: true, doors: 4, import: 0, people: true }],
    ['DA', { links: 0, ledger: false, doors: 0, import: 1, people: false }],
  ] as const)('%s is shown of a building what its rights say, and asks for nothing else', async (role, { links, ledger, doors, people, ...wanted }) => {
    api.role = role;
    api.demo = false;
    await open('/building/1', ledger ? '#ledger [data-link=live]' : '#rooms .unit');
    const { page } = desk;
    const count = (what: string): Promise<number> => page.locator(what).count();
    expect([await count('#rooms a[href^="/unit/"]'), await count('a[href^="/door/"]'), await count('nav a[href$="/import"]')]).toEqual([links, doors, wanted.import]);
    expect([await count('#ledger'), api.sinceSeen.length]).toEqual(ledger ? [1, 1] : [0, 0]);
    expect(/\d 人/.test((await page.textContent('#rooms ul')) ?? '')).toBe(people);
    expect(desk.trouble).toEqual([]);
  });

  test('a wrong password says so and keeps what was typed', async () => {
    api.role = undefined;
    api.demo = false;
    await open('/login', 'input[name=login]');
    await desk.page.fill('input[name=login]', 'chen');
    await desk.page.fill('input[name=password]', 'wrong');
    await desk.page.keyboard.press('Enter');
    await desk.page.getByText('账号或密码不对').waitFor();
    await expect.poll(() => desk.page.inputValue('input[name=login]')).toBe('chen');
  });

  test('a place to go after sign-in is never another site', async () => {
    api.demo = false;
    await open('/login?next=//evil.example/x', 'input[name=login]');
    await desk.page.fill('input[name=login]', 'chen');
    await desk.page.fill('input[name=password]', 'right');
    await desk.page.keyboard.press('Enter');
    await desk.page.waitForURL(`${api.url}/building/1`);
  });

  test('set-up with the link makes the first administrator', async () => {
    api.role = undefined;
    api.demo = false;
    await open('/setup?token=once', 'input[name=displayName]');
    await desk.page.fill('input[name=displayName]', '周');
    await desk.page.fill('input[name=login]', 'zhou');
    await desk.page.fill('input[name=password]', 'four plain words here');
    await desk.page.keyboard.press('Enter');
    await desk.page.waitForSelector('#rooms');
  });

  test('no gateway at the start: the page says so and goes on by itself when it answers', async () => {
    api.bend = (what) => (what === 'GET /session' ? { status: 503, body: 'starting' } : undefined);
    await open('/building/1', '[role=alert]');
    api.bend = () => undefined;
    await desk.page.waitForSelector('#rooms', { timeout: 8000 });
  });

  test('the landlord opens the street door from its tile and is told how it ended', async () => {
    api.role = 'LL';
    await open('/building/1', '#rooms');
    await desk.page.getByRole('button', { name: '开大门' }).click();
    await desk.page.getByText('大门开了。').waitFor();
    await expect.poll(() => desk.page.getByRole('button', { name: '开0302' }).count()).toBe(0);
  });
});
