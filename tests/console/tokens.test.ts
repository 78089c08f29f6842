import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { grantable } from '../../gateway/http/access-tokens.ts';
import type { TokenAsked, TokenView } from '../../gateway/http/schemas/tokens.ts';
import { pairsOf } from '../../gateway/core/matrix.ts';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { FakeApi } from './fake-api.ts';
import { faults, openPage } from './whole.ts';

// Access tokens on the page of one's own account, in a browser, against a stand-in for the gateway.
const DAY = 86_400_000;
const TOKEN = `dbk_${'k'.repeat(43)}`;
let api: FakeApi;
let desk: Desk;
let tokens: TokenView[];
let refuse: string | undefined;
const asked: TokenAsked[] = [];

const view = (id: number, name: string): TokenView => ({
  id,
  name,
  scopes: ['building:R', 'ledger:R'],
  createdAt: Date.now(),
  expiresAt: Date.now() + 30 * DAY,
  lastUsedAt: id === 1 ? null : Date.now() - 3 * DAY,
});
const list = () => ({ status: 200, body: { tokens, grantable: grantable('LL') } });

beforeEach(async () => {
  [tokens, refuse] = [[view(1, '月报'), view(2, '一个名字很长的令牌，给夜里跑的那个脚本用，请不要动它')], undefined];
  asked.length = 0;
  api = new FakeApi();
  const origin = await api.start();
  const account = { id: 1, login: 'lin', displayName: '林小雨', role: 'LL', step: 'full' };
  const session = { account, may: pairsOf('LL'), assigned: true, csrf: 'c', demo: false, setup: false };
  api.bend = (what) => {
    if (what === 'GET /session') return { status: 200, body: session };
    if (what === 'GET /session/factors') return { status: 200, body: { factors: [], recoveryLeft: 0, required: false, passkeyHere: false } };
    if (what === 'GET /sessions') return { status: 200, body: [] };
    if (what === 'GET /me/tokens') return list();
    if (what === 'DELETE /me/tokens/1') {
      tokens = tokens.filter(({ id }) => id !== 1);
      return list();
    }
    if (what !== 'POST /me/tokens') return undefined;
    if (refuse !== undefined) return { status: 409, body: { code: refuse, message: { zh: '已经到数量上限了。', en: 'That is as many as there can be.' } } };
    tokens = [view(9, '新的'), ...tokens];
    return { status: 200, body: { ...view(9, '新的'), token: TOKEN } };
  };
  desk = await openDesk(origin);
  await openPage(desk, `${origin}/security`, '#tokens-title');
  await desk.page.waitForSelector('.token');
});
afterEach(async () => {
  await desk.close();
  await api.stop();
});
afterAll(closeBrowser);

test('the list and the form are whole in both languages, themes and three widths', async () => {
  expect(await faults(desk, 'tokens list')).toEqual([]);
  await desk.page.click('.lang');
  await desk.page.click('section[aria-labelledby=tokens-title] .head button');
  await desk.page.waitForSelector('.kinds');
  expect(await faults(desk, 'tokens form')).toEqual([]);
  expect(desk.trouble).toEqual([]);
});

test('a token is made with the rights that were picked, and shown once', async () => {
  const { page } = desk;
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/me/tokens')) asked.push(request.postDataJSON());
  });
  const part = page.locator('section[aria-labelledby=tokens-title]');
  await part.locator('.head button').click();
  await expect.poll(() => part.locator('form .act').isDisabled()).toBe(true);
  await part.getByLabel('名称').fill(' 月报 ');
  await part.getByRole('group', { name: '楼栋和房屋' }).getByLabel('查看').check();
  await part.locator('form .act').click();
  await part.locator('.once').waitFor();
  expect(asked).toEqual([{ name: '月报', days: 30, scopes: ['building:R'] }]);
  await expect.poll(() => part.locator('.once input').inputValue()).toBe(TOKEN);
  await expect.poll(() => part.locator('.token').count()).toBe(3);
  await page.reload();
  await page.waitForSelector('.token');
  expect(await page.content()).not.toContain(TOKEN);
  await expect.poll(() => page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toContain('dbk_');
});

test('what stands against it is said in words, and the form stays as it was', async () => {
  refuse = 'LIMIT_REACHED';
  const part = desk.page.locator('section[aria-labelledby=tokens-title]');
  await part.locator('.head button').click();
  await part.getByLabel('名称').fill('月报');
  await part.getByRole('button', { name: '只选“查看”' }).click();
  await part.locator('form .act').click();
  await part.getByText('已经到数量上限了。').waitFor();
  await expect.poll(() => part.getByLabel('名称').inputValue()).toBe('月报');
});

test('one is ended by a second press', async () => {
  const part = desk.page.locator('section[aria-labelledby=tokens-title]');
  await part.getByRole('button', { name: '停用令牌“月报”' }).click();
  await expect.poll(() => part.locator('.token').count()).toBe(2);
  await part.getByRole('button', { name: '确定停用' }).click();
  await expect.poll(() => part.locator('.token').count()).toBe(1);
  expect(desk.trouble).toEqual([]);
});
