import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pairsOf } from '../../gateway/core/matrix.ts';
import { ROLES, type Role } from '../../gateway/core/roles.ts';
import { closeBrowser, type Desk, openDesk } from '../console/browser.ts';
import { faults, faultsInBrief } from '../console/whole.ts';
import { type GatewayProcess, startGateway } from '../helpers/gateway-process.ts';

/** Every role on a real demo gateway: its first page, what it may not see, by keyboard alone, clean for axe in both languages and themes. */
interface First {
  /** Where it begins, and what shows that the page is there. */
  readonly path: RegExp;
  readonly ready: string;
  /** Pages of its navigation, besides the first. */
  readonly desks: readonly string[];
  /** Words of the building that must not be on any of its pages. */
  readonly never: readonly string[];
}

/** Tenants of the demo by their full names, and one's document and phone: nobody begins with these but who entered them. */
const NAMES = ['张一鸣', '陈小雨', '何志远', '郑凯', '罗刚'];
const BUILDING = /^\/building\/1$/;
const FIRST: Readonly<Record<Role, First>> = {
  SA: {
    path: BUILDING,
    ready: '#ledger [data-link=live]',
    desks: ['/alarms', '/accounts', '/offices', '/approvals', '/audit', '/more', '/log', '/more', '/retention', '/more', '/outbox'],
    never: NAMES,
  },
  LL: { path: BUILDING, ready: '#ledger [data-link=live]', desks: [], never: [] },
  OF: { path: BUILDING, ready: '#ledger [data-link=live]', desks: ['/review', '/search'], never: NAMES },
  TEN: { path: /^\/receipts$/, ready: '#receipts-list', desks: ['/my-data'], never: NAMES.slice(1) },
  BL: { path: BUILDING, ready: '#rooms', desks: [], never: NAMES },
  GW: { path: BUILDING, ready: '#rooms', desks: ['/roster'], never: NAMES },
  CL: { path: BUILDING, ready: '#rooms', desks: ['/counter', '/search'], never: NAMES },
  DA: { path: /./, ready: 'main h1', desks: ['/accounts', '/offices', '/review'], never: NAMES },
  AU: { path: /^\/audit$/, ready: '#audit-lines', desks: ['/more', '/log'], never: NAMES },
  PO: { path: /^\/requests$/, ready: '#queue-title', desks: ['/approvals', '/retention', '/audit', '/notices'], never: NAMES },
};
/** An address for each pair of the matrix: opened by hand by somebody who may not, it shows a problem or nothing of the kind. */
const BY_PAIR: Readonly<Record<string, string>> = {
  'occupants:R': '/api/v1/units/1',
  'ledger:R': '/api/v1/entries',
  'account:R': '/api/v1/accounts',
  'retention:R': '/api/v1/retention/rules',
  'purpose:C': '/api/v1/purposes',
};

const data = mkdtempSync(path.join(tmpdir(), 'doorbook-roles-'));
let gateway: GatewayProcess;
let desk: Desk;
beforeAll(async () => {
  gateway = await startGateway({ data, demo: true });
  desk = await openDesk(gateway.url);
  await desk.context.addInitScript(() => localStorage.setItem('doorbook.lang', 'zh'));
});
afterAll(async () => {
  await closeBrowser();
  await gateway.kill('SIGKILL');
  rmSync(data, { recursive: true, force: true });
});

/** Presses Tab until an element that matches has the focus, and says how often. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`no Tab leads to ${selector}`);
}

/** Nothing on the page is being waited for any more. */
const settled = (page: Page): Promise<unknown> => page.waitForFunction(() => document.querySelector('main p[role=status].pad.quiet') === null);

/** Enters as a role with the keyboard alone. */
async function enter(role: Role): Promise<Page> {
  const { page, context } = desk;
  // Nothing of the last role asks any more when its cookie goes.
  await page.goto(`${gateway.url}/healthz`);
  await context.clearCookies();
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`${gateway.url}/login`);
  await page.waitForSelector(`.entry[data-role=${role}]`);
  await tabTo(page, `.entry[data-role=${role}]`);
  await page.keyboard.press('Enter');
  await page.waitForSelector(FIRST[role].ready);
  await settled(page);
  return page;
}

const shown = (page: Page): Promise<string> => page.evaluate(() => document.body.innerText);

describe.each(ROLES)('%s', (role) => {
  test('begins at its own page, which is whole, readable and clean', async () => {
    const page = await enter(role);
    expect(new URL(page.url()).pathname).toMatch(FIRST[role].path);
    const words = await shown(page);
    expect(FIRST[role].never.filter((name) => words.includes(name))).toEqual([]);
    expect(await faultsInBrief(desk, `first page of ${role}`)).toEqual([]);
    expect(desk.trouble.splice(0)).toEqual([]);
  });

  test('reaches its other desks by keyboard, and they show nobody in full', async () => {
    const page = await enter(role);
    const looked = new Set<string>();
    for (const href of FIRST[role].desks) {
      // What has no room in the navigation is on the page of the rest.
      await tabTo(page, `:is(nav, main .rows) a[href="${href}"]`);
      await page.keyboard.press('Enter');
      await page.waitForURL(`**${href}`);
      await page.waitForSelector('main h1');
      await settled(page);
      if (looked.has(href)) continue;
      looked.add(href);
      const words = await shown(page);
      expect(FIRST[role].never.filter((name) => words.includes(name))).toEqual([]);
      // Every other page is looked at in every way by a test of its own (tests/console).
      const look = href === '/more' ? faults : faultsInBrief;
      expect(await look(desk, `${role} ${href.slice(1)}`), href).toEqual([]);
      await page.click('.lang');
      await page.setViewportSize({ width: 1440, height: 900 });
    }
    expect(desk.trouble.splice(0)).toEqual([]);
  });

  test('is given nothing that the matrix does not give it', async () => {
    const page = await enter(role);
    const mine = new Set(pairsOf(role));
    const answers = await page.evaluate(async (urls) => Promise.all(urls.map(async (url) => (await fetch(url)).status)), Object.values(BY_PAIR));
    const allowed = Object.keys(BY_PAIR).filter((_, at) => answers[at] === 200);
    expect(allowed.filter((pair) => !mine.has(pair))).toEqual([]);
    desk.trouble.splice(0);
  });
});

describe('the log on a running gateway', () => {
  test('an officer sees to which entry it is verified, and exports evidence that anybody can check', async () => {
    const page = await enter('OF');
    await page.getByRole('button', { name: '在大门刷卡' }).click();
    await page.waitForSelector('#ledger [data-verified]', { timeout: 30_000 });
    await expect.poll(() => page.textContent('#ledger [data-verified]')).toMatch(/已核验到第 \d+ 条，\d\d:\d\d/);
    await page.goto(`${gateway.url}/review`);
    await page.fill('form textarea', '核对大门进出');
    await page.click('form button.act');
    await page.waitForURL(/\/review\/\d+$/);
    await page.fill('section[aria-labelledby=people-title] textarea', '需要看到是谁');
    await page.locator('section[aria-labelledby=people-title] button').click();
    const form = page.locator('section[aria-labelledby=export-title]');
    await form.getByText('带证明').click();
    await form.locator('textarea').fill('移送案卷材料');
    const saving = page.waitForEvent('download');
    await form.locator('button').click();
    const file = await (await saving).path();
    const { status, stdout } = spawnSync(process.execPath, [path.join(import.meta.dirname, '../../docs/verify.mjs'), file], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, expect.any(String)]);
    expect(JSON.parse(readFileSync(file, 'utf8')).said.length).toBeGreaterThan(0);
    expect(desk.trouble.splice(0)).toEqual([]);
  });
});

describe('a lost card on a running gateway', () => {
  const sim = (...order: string[]): unknown =>
    JSON.parse(
      spawnSync(process.execPath, [path.join(import.meta.dirname, '../../dist/firmware-sim/cli.js'), ...order], { encoding: 'utf8', env: { ...process.env, DOORBOOK_DATA: data } })
        .stdout,
    );
  const CARD = '2B3C4D5E';
  const states = (page: Page): Promise<(string | undefined)[]> =>
    page.$$eval('[data-state]', (rows) => rows.map((row) => (row instanceof HTMLElement ? row.dataset['state'] : undefined)));

  test('is stopped door by door, only where the door said so, and works again when that is undone in time', async () => {
    const page = await enter('LL');
    await page.goto(`${gateway.url}/unit/5`);
    sim('cut', 'D01');
    await page.getByRole('button', { name: /^挂失/ }).click();
    await page.getByRole('button', { name: '丢了或被偷' }).click();
    await page.waitForFunction(() => document.querySelectorAll('[data-state=stopped]').length === 3);
    expect(await states(page)).toEqual(['waiting', 'stopped', 'stopped', 'stopped']);
    // What the receipt says is what the doors do.
    expect([await gateway.tap('D01', CARD), await gateway.tap('D02', CARD)]).toMatchObject([
      { granted: true, offline: true },
      { granted: false, reason: 'REVOKED' },
    ]);
    await page.click('.undo');
    await page.waitForSelector('.calm');
    await page.waitForTimeout(500);
    expect(await gateway.tap('D02', CARD)).toMatchObject({ granted: true });
    await page.goto(`${gateway.url}/unit/5`);
    await page.getByRole('button', { name: /^挂失/ }).click();
    await page.getByRole('button', { name: '丢了或被偷' }).click();
    await page.waitForFunction(() => document.querySelectorAll('[data-state=stopped]').length === 3);
    sim('join', 'D01');
    await page.waitForFunction(() => document.querySelectorAll('[data-state=stopped]').length === 4);
    expect(await gateway.tap('D01', CARD)).toMatchObject({ granted: false });
    expect(desk.trouble.splice(0)).toEqual([]);
  });
});
