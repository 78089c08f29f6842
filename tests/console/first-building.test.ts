import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { summary } from './demo-data.ts';
import { FakeApi } from './fake-api.ts';

let api: FakeApi;
let desk: Desk;
const sent: unknown[] = [];
beforeEach(async () => {
  api = new FakeApi();
  api.demo = false;
  api.buildings = [];
  sent.length = 0;
  desk = await openDesk(await api.start());
  desk.page.on('request', (request) => {
    if (request.method() === 'POST') sent.push(request.postDataJSON());
  });
});
afterEach(async () => {
  await desk.close();
  await api.stop();
});
afterAll(closeBrowser);

test('the operator of an empty site adds a building and is on its page', async () => {
  const { page } = desk;
  const refused = { code: 'TAKEN', message: { zh: '已经有了。', en: 'It is there already.' }, field: 'code', expected: '另一个代码' };
  let answer: { status: number; body: unknown } = { status: 409, body: refused };
  api.bend = (what) => (what === 'POST /buildings' ? answer : undefined);
  await page.goto(api.url);
  await page.getByLabel('楼栋代码').fill(summary.code);
  await page.getByLabel('楼名').fill('迎春路 42 号');
  await page.getByLabel('旅店式').check();
  await page.getByRole('button', { name: '登记这栋楼' }).click();
  await expect.poll(() => page.getByRole('alert').textContent()).toContain('另一个代码');

  answer = { status: 200, body: { building: summary, site: 'yc42', entry: 1 } };
  await page.getByRole('button', { name: '登记这栋楼' }).click();
  await page.waitForSelector('#rooms');
  expect(new URL(page.url()).pathname).toBe('/building/1');
  const wish = { code: summary.code, name: '迎春路 42 号', address: '', mode: 'hotel' };
  expect(sent).toEqual([wish, wish]);
});

test.each(['LL', 'OF'] as const)('%s gets a sentence and no form', async (role) => {
  api.role = role;
  await desk.page.goto(api.url);
  await desk.page.waitForSelector('section .empty');
  await expect.poll(() => desk.page.locator('form').count()).toBe(0);
});
