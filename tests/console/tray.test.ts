import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { FakeApi } from './fake-api.ts';

const STREET = '890101001001B00042D01';
let api: FakeApi;
let desk: Desk;
beforeEach(async () => {
  api = new FakeApi();
  api.role = undefined;
  desk = await openDesk(await api.start());
  await desk.page.goto(api.url);
  await desk.page.getByRole('button', { name: /运维/ }).click();
  await desk.page.waitForSelector('.tray [data-lamp]');
});
afterEach(async () => {
  await desk.close();
  await api.stop();
});
afterAll(closeBrowser);

const lamp = (state: string) => desk.page.waitForSelector(`.tray [data-lamp=${state}]`);
const result = (): Promise<string | null> => desk.page.textContent('.tray [data-lamp]');

describe('the card tray', () => {
  test('from the front page to a green lamp: two clicks', async () => {
    await desk.page.getByRole('button', { name: '在大门刷卡' }).click();
    await lamp('granted');
    await expect.poll(() => result()).toMatch(/绿灯.*门开了。\s*开 5 秒 · 7 毫秒 · 第 1001 行/s);
    await desk.page.waitForSelector('#ledger li[data-index="1001"]');
    expect(api.acts).toEqual([{ act: 'tap', doorCode: STREET, card: '1A2B3C4D' }]);
    expect(api.csrfSeen.every((token) => token === 'token-1')).toBe(true);
  });

  test('by keyboard alone: another card, another door, tap', async () => {
    const { page } = desk;
    await page.focus('input[name=tray-card]:checked');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Tab');
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('tray-door');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await lamp('refused');
    await expect.poll(() => result()).toContain('租住已经结束');
    expect(api.acts).toEqual([{ act: 'tap', doorCode: STREET.replace('D01', 'D02'), card: '0A0B0C0D' }]);
    await page.keyboard.press('Enter');
    await expect.poll(() => api.acts.length).toBe(2); // the focus stayed on the button
  });

  test('a card dragged onto a door is tapped there', async () => {
    await desk.page.dragAndDrop('label.plastic:has(input[value=DEADBEEF])', `label:has(input[value="${STREET.replace('D01', 'D03')}"])`);
    await lamp('refused');
    expect(api.acts).toEqual([{ act: 'tap', doorCode: STREET.replace('D01', 'D03'), card: 'DEADBEEF' }]);
  });

  test('the network is cut and restored, each with its sentence', async () => {
    await desk.page.getByRole('button', { name: '断网' }).click();
    await desk.page.getByText('门按自己的名单认卡，记录先存在门上').waitFor();
    await desk.page.getByRole('button', { name: '恢复网络' }).click();
    await desk.page.getByText('断网时的记录正在补上来').waitFor();
    expect(api.acts.map((act) => ('on' in act ? act.on : undefined))).toEqual([false, true]);
  });

  test('without power a tap gives no light and says what to do', async () => {
    await desk.page.getByRole('button', { name: '断电' }).click();
    await desk.page.getByRole('button', { name: '恢复供电' }).waitFor();
    await desk.page.getByRole('button', { name: '在大门刷卡' }).click();
    await lamp('dark');
    await expect.poll(() => result()).toContain('先恢复供电');
  });

  test('a reader that asks for the PIN says so, and the digits typed then are that card’s', async () => {
    api.asksPin = true;
    await desk.page.getByRole('button', { name: '在大门刷卡' }).click();
    await lamp('asks');
    await expect.poll(() => result()).toContain('读卡器在问这张卡的密码');
    await desk.page.getByLabel('密码').fill('73 91x05');
    await desk.page.keyboard.press('Enter');
    await lamp('granted');
    expect(await desk.page.getByLabel('密码').inputValue()).toBe('');
    expect(api.acts).toEqual([
      { act: 'tap', doorCode: STREET, card: '1A2B3C4D' },
      { act: 'type', doorCode: STREET, pin: '739105' },
    ]);
  });

  test('digits put in beforehand go with the card, and an empty field types nothing', async () => {
    await desk.page.getByLabel('密码').press('Enter');
    await desk.page.getByLabel('密码').fill('739105');
    await desk.page.getByRole('button', { name: '在大门刷卡' }).click();
    await lamp('granted');
    expect(api.acts).toEqual([{ act: 'tap', doorCode: STREET, card: '1A2B3C4D', pin: '739105' }]);
  });

  test('a simulator that does not answer is a sentence, not a silence', async () => {
    api.bend = (what) => (what === 'POST /demo/act' ? { status: 503, body: { code: 'SIM_SILENT', message: { zh: '模拟门没有回应。', en: 'No answer.' } } } : undefined);
    await desk.page.getByRole('button', { name: '在大门刷卡' }).click();
    await lamp('dark');
    await expect.poll(() => result()).toContain('模拟门没有回应。');
  });
});
