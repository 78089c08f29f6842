import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeBrowser, type Desk, openDesk } from '../console/browser.ts';
import { en } from '../../console/parts/messages/en.ts';
import { enTenancy } from '../../console/parts/messages/tenancy-en.ts';
import { zhTenancy } from '../../console/parts/messages/tenancy-zh.ts';
import { zh } from '../../console/parts/messages/zh.ts';
import { type GatewayProcess, startGateway } from '../helpers/gateway-process.ts';

// A landlord's tenancies on a real demo gateway: how many clicks each takes, on a phone and on a desk, in both languages.
const WORDS = { zh: { ...zh, ...zhTenancy }, en: { ...en, ...enTenancy } } as const;
type Lang = keyof typeof WORDS;
const SIZES = { phone: { width: 390, height: 844 }, desk: { width: 1440, height: 900 } } as const;
const data = mkdtempSync(path.join(tmpdir(), 'doorbook-tenancies-'));
let gateway: GatewayProcess;
let desk: Desk;
let clicks = 0;
let lang: Lang = 'zh';
beforeAll(async () => {
  gateway = await startGateway({ data, demo: true });
  desk = await openDesk(gateway.url);
  await desk.page.goto(`${gateway.url}/login`);
  await desk.page.click('.entry[data-role=LL]');
  await desk.page.waitForSelector('#rooms');
});
afterAll(async () => {
  await closeBrowser();
  await gateway.kill('SIGKILL');
  rmSync(data, { recursive: true, force: true });
});

/** A word of the console, up to what is filled in; `whole`: all of it. */
const word = (key: keyof (typeof WORDS)['zh']): string => WORDS[lang][key];
const starts = (key: Parameters<typeof word>[0]): RegExp =>
  new RegExp(
    `^${word(key)
      .split(/[{|]/)[0]
      ?.replace(/[.*+?^$()[\]\\]/g, '\\$&')}`,
  );
const button = (name: string | RegExp) => desk.page.getByRole('button', { name, exact: true }).first();
async function click(name: string | RegExp): Promise<void> {
  await button(name).click();
  clicks += 1;
}

/** Opens a page in a language and at a size. */
async function open(path: string, as: Lang, size: keyof typeof SIZES): Promise<void> {
  lang = as;
  await desk.page.setViewportSize(SIZES[size]);
  await desk.page.evaluate((chosen) => localStorage.setItem('doorbook.lang', chosen), as);
  await desk.page.goto(`${gateway.url}${path}`);
  await desk.page.waitForSelector(`html[lang=${as === 'zh' ? 'zh-CN' : 'en'}]`, { state: 'attached' });
}
/** The page stayed whole, and nothing went wrong on it. */
async function whole(): Promise<void> {
  expect(desk.trouble).toEqual([]);
  await expect.poll(() => desk.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
}

test.each([
  ['zh', 'phone', '2A2B3C4D'],
  ['en', 'phone', '2A2B3C4E'],
  ['zh', 'desk', '2A2B3C4F'],
  ['en', 'desk', '2A2B3C50'],
] as const)('in %s on a %s a tenant is added in three clicks, extended in one, moved out in two, and a lost card stopped in two', async (as, size, card) => {
  const { page } = desk;
  await open('/building/1', as, size);
  await page.locator('a.unit.empty').first().click();
  clicks = 0;
  await click(word('ten.add'));
  await page.getByLabel(word('work.name'), { exact: true }).fill('周敏');
  await page.getByLabel(word('work.docno'), { exact: true }).fill('890101198505120037');
  await page.getByLabel(word('ten.card'), { exact: true }).fill(card);
  await page.getByLabel(word('work.checked')).check();
  clicks += 1;
  await click(word('ten.save'));
  await page.getByText('周敏').first().waitFor();
  expect(clicks).toBe(3);
  const home = new URL(page.url()).pathname;

  clicks = 0;
  await click(word('ten.extend'));
  await page.getByText(starts('ten.extended')).waitFor();
  expect(clicks).toBe(1);
  await click(starts('ten.undo'));
  await expect.poll(() => page.getByText(starts('ten.extended')).count()).toBe(0);

  clicks = 0;
  await click(starts('stop.press'));
  await click(word('stop.why.lost'));
  await page.waitForURL('**/card-stop/*');
  await expect.poll(() => page.locator('h1').textContent()).toBe(word('stop.title'));
  expect(clicks).toBe(2);

  await page.goto(`${gateway.url}${home}`);
  clicks = 0;
  await click(word('ten.out'));
  await click(word('ten.out.now'));
  await page.getByText(word('ten.takeback')).first().waitFor();
  expect(clicks).toBe(2);
  await whole();
});

/** A roster of a hundred people in a hundred new homes of a floor. */
function hundred(floor: string): string {
  const rows = Array.from({ length: 100 }, (_, n) => `样${n},护照,X${floor}${1000 + n},${floor}${String(n).padStart(2, '0')},2026-11-01,2027-10-31`);
  return ['姓名,证件类型,证件号码,房号,起租日期,退租日期', ...rows].join('\n');
}

test.each([
  ['zh', 'phone', '07'],
  ['en', 'desk', '08'],
] as const)('in %s on a %s a hundred tenants come in by a file in five clicks', async (as, size, floor) => {
  const { page } = desk;
  await open('/building/1', as, size);
  clicks = 0;
  await page
    .getByRole('link', { name: word('nav.import'), exact: true })
    .first()
    .click();
  clicks += 1;
  const choosing = page.waitForEvent('filechooser');
  await click(word('import.choose'));
  await (await choosing).setFiles({ name: 'roster.csv', mimeType: 'text/csv', buffer: Buffer.from(hundred(floor)) });
  // The file itself is a click, too.
  clicks += 1;
  await page.check('input[name=attested]');
  clicks += 1;
  await click(word('import.apply'));
  await page.getByText(word('import.done'), { exact: true }).waitFor();
  expect(clicks).toBeLessThanOrEqual(5);
  await expect.poll(() => page.locator('.counts').textContent()).toContain('100');
  await whole();
});
