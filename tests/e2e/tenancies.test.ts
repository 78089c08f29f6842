import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeBrowser, type Desk, openDesk } from '../console/browser.ts';
import { type GatewayProcess, startGateway } from '../helpers/gateway-process.ts';

// A landlord's tenancies on a real demo gateway: how many clicks each takes, on a phone and on a desk.
const data = mkdtempSync(path.join(tmpdir(), 'doorbook-tenancies-'));
let gateway: GatewayProcess;
let desk: Desk;
let clicks = 0;
beforeAll(async () => {
  gateway = await startGateway({ data, demo: true });
  desk = await openDesk(gateway.url);
  await desk.context.addInitScript(() => localStorage.setItem('doorbook.lang', 'zh'));
  await desk.page.goto(`${gateway.url}/login`);
  await desk.page.click('.entry[data-role=LL]');
  await desk.page.waitForSelector('#rooms');
});
afterAll(async () => {
  await closeBrowser();
  await gateway.kill('SIGKILL');
  rmSync(data, { recursive: true, force: true });
});

const button = (name: string | RegExp) => desk.page.getByRole('button', { name }).first();
async function click(name: string | RegExp): Promise<void> {
  await button(name).click();
  clicks += 1;
}

test.each([
  ['phone', { width: 390, height: 844 }, '890101198505120037', '2A2B3C4D'],
  ['desk', { width: 1440, height: 900 }, '890101198505120037', '2A2B3C4E'],
])('on a %s a tenant is added in three clicks, extended in one, moved out in two', async (_, size, documentNumber, card) => {
  const { page } = desk;
  await page.setViewportSize(size);
  await page.goto(`${gateway.url}/building/1`);
  const empty = page.locator('a.unit.empty').first();
  await empty.click();
  clicks = 0;
  await click('登记租客');
  await page.getByLabel('姓名').fill('周敏');
  await page.getByLabel('证件号码').fill(documentNumber);
  await page.getByLabel(/^卡号/).fill(card);
  await page.getByLabel('我当面看过证件原件').check();
  clicks += 1;
  await click('登记，卡马上能用');
  await page.getByText('周敏').first().waitFor();
  expect(clicks).toBeLessThanOrEqual(4);

  clicks = 0;
  await click('续租');
  await page.getByText(/^已续到/).waitFor();
  expect(clicks).toBe(1);
  await click(/^撤销（/);
  await expect.poll(() => page.getByText(/^已续到/).count()).toBe(0);

  clicks = 0;
  await click('已搬走');
  await click('现在');
  await page.getByText('每扇门的回执').first().waitFor();
  expect(clicks).toBeLessThanOrEqual(3);
  expect(desk.trouble).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
});
