import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { CardWindow } from '../../gateway/http/schemas/give-card.ts';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { FakeApi } from './fake-api.ts';
import { faultsInBrief, openPage } from './whole.ts';

const DOORS = [
  { id: 5, name: '大门', nameEn: 'Street door' },
  { id: 6, name: '天台', nameEn: 'Roof' },
];
let api: FakeApi;
let desk: Desk;
let sent: { readonly what: string; readonly body: unknown }[];
let window: CardWindow | null;
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
  api.role = 'LL';
  [sent, window] = [[], null];
  api.bend = (what, text = '') => {
    if (!/\/tenancies\/\d+\/card/.test(what)) return undefined;
    if (!what.startsWith('GET')) sent.push({ what: what.replace(/\d+/, 'N'), body: text === '' ? null : JSON.parse(text) });
    if (what.startsWith('DELETE')) return { status: 204, body: null };
    if (what.endsWith('/cards')) return { status: 200, body: { tail: '7C01' } };
    if (what.startsWith('POST')) window = { state: 'waiting', personId: 1, doorId: 6, until: Date.now() + 60_000, leftMs: 60_000, tail: '', refused: null };
    return { status: 200, body: what.startsWith('POST') ? window : { window, doors: DOORS } };
  };
});
afterEach(() => desk.close());

const press = (name: string) => desk.page.getByRole('button', { name, exact: true }).first().click();
const says = (text: string) => desk.page.getByText(text).first().waitFor();
const how = () => desk.page.getByLabel('怎么录');

test('a card held to a chosen reader is waited for, a wrong one is told, and the right one is his', async () => {
  await openPage(desk, `${api.url}/unit/8`, '.card-row');
  await press('发一张卡');
  await how().selectOption({ label: '到读卡器上刷：天台' });
  await press('开始等卡');
  await says('现在把卡放到“天台”的读卡器上，还有 60 秒。');
  expect(await faultsInBrief(desk, 'waiting for a card')).toEqual([]);
  // It was looked at in English last.
  await desk.page.click('.lang');
  if (window !== null) window = { ...window, leftMs: 41_000, refused: { zh: '另一张卡', en: 'another card' } };
  await says('还有 41 秒。');
  await says('这张不行，要另一张卡');
  if (window !== null) window = { ...window, state: 'given', leftMs: 0, tail: '7C09', refused: null };
  await says('尾号 7C09 的卡已发，马上能用。');
  expect(sent).toMatchObject([{ what: 'POST /tenancies/N/card-window', body: { doorId: 6, kind: 'tenant' } }]);
  expect(desk.trouble).toEqual([]);
});

test('waiting is over after a minute, or called off; a number does without a reader', async () => {
  await openPage(desk, `${api.url}/unit/8`, '.card-row');
  await press('发一张卡');
  await how().selectOption({ label: '到读卡器上刷：大门' });
  await press('开始等卡');
  await says('不等了');
  await press('不等了');
  await press('开始等卡');
  await says('不等了');
  if (window !== null) window = { ...window, state: 'over', leftMs: 0 };
  await says('一分钟内没有等到卡。');
  await how().selectOption({ label: '输入卡上的号码' });
  await desk.page.getByLabel('卡上的号码', { exact: true }).fill('0439041101');
  await press('发卡，马上能用');
  await says('尾号 7C01 的卡已发，马上能用。');
  expect(sent.map(({ what }) => what)).toEqual(['POST /tenancies/N/card-window', 'DELETE /tenancies/N/card-window', 'POST /tenancies/N/card-window', 'POST /tenancies/N/cards']);
});
