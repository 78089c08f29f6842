import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkCharacter } from '../../gateway/core/citizen-id.ts';
import { dateAt, DAY_MS } from '../../gateway/core/local-date.ts';
import type { LedgerPage } from '../../gateway/http/schemas/ledger.ts';
import { closeBrowser, type Desk, openDesk } from '../console/browser.ts';
import { type GatewayProcess, startGateway } from '../helpers/gateway-process.ts';
import { gb18030 } from './gb18030.ts';

/** A newcomer's first minutes, on a real demo gateway: sockets, simulated doors and Chromium, nothing in between replaced. */
const STREET = '890101001001B00042D01';
const NEW_CARD = 'A7B8C9D0';
const data = mkdtempSync(path.join(tmpdir(), 'doorbook-newcomer-'));
let gateway: GatewayProcess;
let desk: Desk;
/** Lines the operator saw arrive: what the landlord may and may not see of them. */
const seen = { grants: [] as number[], refusals: [] as number[] };

beforeAll(async () => {
  gateway = await startGateway({ data, demo: true });
});
afterAll(async () => {
  await closeBrowser();
  await gateway.kill('SIGKILL');
  rmSync(data, { recursive: true, force: true });
});

const ROLES = ['operator', 'landlord', 'officer'] as const;

async function enter(as: (typeof ROLES)[number]): Promise<Desk> {
  const entered = await openDesk(gateway.url);
  await entered.page.goto(gateway.url);
  await entered.page.locator('.entry').nth(ROLES.indexOf(as)).click();
  await entered.page.waitForSelector('#ledger [data-link=live]');
  return entered;
}

/** Two tenants for the empty home; the identity number of the second has a wrong last character. */
function roster(): Buffer {
  const body = '89010119930214002';
  const right = checkCharacter(body);
  const [year, month, day] = dateAt(Date.now() - 3 * DAY_MS)
    .split('-')
    .map(Number);
  const row = (name: string, document: string, phone: string, card: string): string => `${name},居民身份证,${document},${phone},0202,${year}年${month}月${day}日,,${card}`;
  return gb18030(
    [
      '姓名,证件类型,证件号码,手机号,房号,起租日期,退租日期,卡号',
      row('测试新租客', `${body}${right}`, '12000000001', NEW_CARD),
      row('测试写错的', `${body}${right === '0' ? '1' : '0'}`, '12000000002', 'B7B8C9D1'),
    ].join('\r\n'),
  );
}

/** What the page shows of a ledger line, once it is there: words without the time. */
async function line(index: number): Promise<string> {
  const item = await desk.page.waitForSelector(`#ledger li[data-index="${index}"]`);
  return [...(await item.$$eval('.door, .what, .chip', (parts) => parts.map((part) => part.textContent?.trim())))].join(' · ');
}

const lamp = (state: string) => desk.page.waitForSelector(`.tray [data-lamp=${state}]`);
const press = (name: string): Promise<void> => desk.page.getByRole('button', { name, exact: true }).click();

/** Presses a card of the tray on its chosen door; the number of the line its lamp names. */
async function pressCard(card: string, light: string): Promise<number> {
  const before = await desk.page.textContent('.tray [data-lamp]');
  await desk.page.check(`input[name=tray-card][value="${card}"]`, { force: true });
  await press('在大门刷卡');
  await expect.poll(() => desk.page.textContent('.tray [data-lamp]')).not.toBe(before);
  const said = await (await lamp(light)).textContent();
  return Number(/第 (\d+) 行/.exec(said ?? '')?.[1] ?? 0);
}

const openedToday = async (): Promise<number> => Number(/今天共开门 (\d+) 次/.exec((await desk.page.textContent('#ledger')) ?? '')?.[1]);
const tileState = (): Promise<string | null> => desk.page.getAttribute('a[href^="/door/"] [data-door-state] >> nth=0', 'data-door-state');

describe('a newcomer at the demo', () => {
  test('enters with one click as operator, imports a roster in GB18030 and is told row, column and reason of what is wrong', async () => {
    desk = await enter('operator');
    const { page } = desk;
    await page.locator('nav a[href$="/import"]').first().click();
    await page.setInputFiles('input[type=file]', { name: '名单.csv', mimeType: 'text/csv', buffer: roster() });
    await page.waitForSelector('tbody tr');
    const found = await page.$$eval('tbody tr', (rows) => rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent?.trim())));
    expect(found).toHaveLength(1);
    expect(found[0]?.[0]).toBe('3');
    expect(found[0]?.[1]).toBe('证件号码');
    expect(found[0]?.slice(3)).toEqual(['校验位不对，有一位写错了。请对照证件核对。', '错']);
    await expect.poll(() => page.textContent('main')).toContain('GB18030');
    await page.check('input[name=rows] >> nth=1');
    await page.check('input[name=attested]');
    await press('导入');
    await page.getByText('导入好了').waitFor();
    await expect.poll(() => page.textContent('main')).toContain('1 行有错，没有导入');
  });

  test('presses three cards and sees three lines arrive, and a fourth of the card just imported', async () => {
    const { page } = desk;
    await page.locator('main a.act[href^="/building/"]').click();
    await page.waitForSelector('#ledger [data-link=live]');
    await page.waitForSelector('.tray [data-lamp]');
    const fetched: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/entries')) fetched.push(request.url());
    });
    const before = await openedToday();
    const granted = await pressCard('1A2B3C4D', 'granted');
    expect(await line(granted)).toBe('大门 · 登记的人 · 开了');
    const unknown = await pressCard('DEADBEEF', 'refused');
    expect(await line(unknown)).toBe('大门 · 不认识的卡 · 没开');
    const spare = await pressCard('5C5D5E5F', 'refused');
    expect(await line(spare)).toBe('大门 · 没登记到人的卡 · 没开');
    const fresh = await gateway.tap('D01', NEW_CARD);
    expect(fresh).toMatchObject({ granted: true, reason: 'OK' });
    expect(await line(fresh.entry ?? 0)).toBe('大门 · 登记的人 · 开了');
    expect(fetched).toEqual([]); // they came by themselves
    expect(await openedToday()).toBe(before + 2);
    seen.grants.push(granted, fresh.entry ?? 0);
    seen.refusals.push(unknown, spare);
  });

  test('cuts the network of a door: it goes on by its list, also for the new card, and catches up when joined again', async () => {
    const { page } = desk;
    await page.check(`input[name=tray-door][value="${STREET}"]`, { force: true });
    const top = Math.max(...(await page.$$eval('#ledger li', (items) => items.map((item) => Number(item.getAttribute('data-index'))))));
    await press('断网');
    await page.getByText('门按自己的名单认卡').waitFor();
    await expect.poll(tileState, { timeout: 20_000 }).toBe('offline');
    expect(await pressCard('1A2B3C4D', 'granted')).toBe(0); // no line yet: nobody was asked
    await expect.poll(() => page.textContent('.tray [data-lamp]')).toContain('门断网，自己判的');
    expect(await gateway.tap('D01', NEW_CARD)).toMatchObject({ granted: true, reason: 'OK', entry: null, offline: true });
    expect(await gateway.tap('D01', 'DEADBEEF')).toMatchObject({ granted: false, offline: true });
    const stored = async (): Promise<LedgerPage['lines']> => {
      const { lines } = await gateway.api<LedgerPage>('/entries?building=1&limit=50');
      return lines.filter(({ index, kind, offline }) => index > top && kind === 'access' && offline);
    };
    expect(await stored()).toEqual([]);
    await press('恢复网络');
    await expect.poll(async () => (await stored()).length, { timeout: 10_000 }).toBe(3);
    // A grant is told once it is known whether somebody went through, so the refusal may be first.
    const shown = await Promise.all((await stored()).map(({ index }) => line(index)));
    expect(shown.map((words) => words.replace(/ \d\d:\d\d:\d\d/, '')).sort()).toEqual([
      '大门 · 不认识的卡 断网时 · 没开',
      '大门 · 登记的人 断网时 · 开了',
      '大门 · 登记的人 断网时 · 开了',
    ]);
    await expect.poll(tileState).not.toBe('offline');
    for (const { granted, index } of await stored()) (granted ? seen.grants : seen.refusals).push(index);
    expect(desk.trouble).toEqual([]);
  });

  test('as landlord sees the refusals and never a grant, neither those before nor one that happens now', async () => {
    const landlord = await enter('landlord');
    const { page } = landlord;
    const grant = await gateway.tap('D01', '1A2B3C4D');
    const refusal = await gateway.tap('D01', 'DEADBEEF');
    // A landlord's lines are numbered by their time (decision 12): the operator knows which is which.
    const all: LedgerPage = await desk.page.evaluate(async () => (await fetch('/api/v1/entries?building=1&limit=200')).json());
    const times = (indexes: readonly (number | undefined)[]): number[] => all.lines.filter(({ index }) => indexes.includes(index)).map(({ at }) => at);
    const shown = (): Promise<number[]> => page.$$eval('#ledger li', (items) => items.map((item) => Math.floor(Number(item.getAttribute('data-index')) / 1024)));
    const refusals = times([...seen.refusals, refusal.entry]);
    expect(refusals.length).toBe(seen.refusals.length + 1);
    await expect
      .poll(async () => {
        const there = await shown();
        return refusals.filter((at) => !there.includes(at));
      })
      .toEqual([]);
    expect(times([...seen.grants, grant.entry]).length).toBe(seen.grants.length + 1);
    await expect.poll(() => page.locator('#ledger .chip').allTextContents()).not.toContain('开了');
    const sent: LedgerPage = await page.evaluate(async () => (await fetch('/api/v1/entries?building=1&limit=200')).json());
    expect(sent.lines.length).toBeGreaterThan(10);
    expect(sent.lines.filter(({ granted, code }) => granted || code === 'OK' || code === 'opened')).toEqual([]);
    expect(landlord.trouble).toEqual([]);
    await landlord.close();
  });

  test('on a phone, a card that is pressed shows its lamp: it is not left out of sight', async () => {
    const { page } = desk;
    await page.setViewportSize({ width: 390, height: 844 });
    await page.check('input[name=tray-card][value="0A0B0C0D"]', { force: true });
    await press('在大门刷卡');
    await page.getByText('这张卡的租住已经结束').first().waitFor();
    const bar = await page.$eval('nav', (nav) => nav.getBoundingClientRect().top);
    // The words may stand in the ledger before the lamp is lit and has come into sight.
    await expect.poll(() => page.$eval('.tray [data-lamp]', (lit) => lit.getBoundingClientRect().bottom)).toBeLessThanOrEqual(bar);
    expect(desk.trouble).toEqual([]);
  });
});
