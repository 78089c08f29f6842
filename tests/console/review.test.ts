import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type {
  AuditPage,
  LooksReport,
  OverduePurpose,
  OwnEntryPage,
  PeopleFound,
  PurposeView,
  ReceiptPage,
  Revealed,
  ReviewPage,
  UnitCounts,
} from '../../gateway/http/schemas/review.ts';
import type { Role } from '../../gateway/http/schemas/session.ts';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { access, summary } from './demo-data.ts';
import { FakeApi } from './fake-api.ts';
import { faults, openPage } from './whole.ts';

const NOW = Date.now();
const HOUR = 3_600_000;
const both = (zh: string, en: string) => ({ zh, en });
const place = { id: 1, name: summary.name, nameEn: summary.nameEn };
const purpose = (about: Partial<PurposeView> = {}): PurposeView => ({
  id: 7,
  purpose: 'incident',
  words: both('突发情况', 'Incident'),
  caseNumber: '',
  caseDueAt: null,
  caseOverdue: false,
  reason: '21 日晚有人报失窃，查大门。',
  building: place,
  from: NOW - 48 * HOUR,
  until: NOW,
  openedAt: NOW - HOUR,
  expiresAt: NOW + 7 * HOUR,
  closedAt: null,
  state: 'open',
  peopleAt: null,
  entryIndex: 4711,
  ...about,
});
const today = { looks: 3, allowed: 100, left: 97 };
const counts: UnitCounts = {
  from: NOW - 48 * HOUR,
  until: NOW,
  all: { granted: 19, refused: 8 },
  units: ['0501', '0302', '0503'].map((room, at) => ({ unit: { id: at + 1, room, floor: 5 - at }, granted: 9 - at * 3, refused: at, lastDay: at === 2 ? null : '2026-11-21' })),
};
const masked = { unit: { id: 2, room: '0302' }, person: { id: 31, name: '郑*' }, method: 'card' };
const nobody = { unit: null, person: null, method: 'card' };
const lines = (people: boolean): ReviewPage => ({
  lines: [
    { ...access(90, NOW - HOUR, 'UNKNOWN_CREDENTIAL'), ...nobody },
    { ...access(89, NOW - 2 * HOUR, 'OK', 'HOLDOVER'), ...(people ? masked : nobody) },
    { ...access(88, NOW - 30 * HOUR, 'OK'), ...(people ? { ...masked, person: { id: 32, name: '张**' }, unit: { id: 1, room: '0501' } } : nobody) },
  ],
  next: 88,
  people,
  cut: false,
  today,
});
const revealed: Revealed = { person: 31, name: '郑凯', phone: '', entry: 4720, today: { ...today, looks: 4, left: 96 } };
const found: PeopleFound = {
  people: [
    {
      id: 31,
      name: '郑*',
      documentType: '111',
      documentMasked: '890101********0118',
      phoneMasked: '120****0031',
      homes: [{ unitId: 2, room: '0302', buildingId: 1, building: summary.name, buildingEn: summary.nameEn, current: true }],
      works: [{ buildingId: 1, building: summary.name, buildingEn: summary.nameEn, purpose: 'cleaning', current: false }],
    },
  ],
  more: true,
  today,
};
const officer = { id: 3, name: '林警官', role: 'OF' } as const;
const audit: AuditPage = {
  lines: [
    {
      index: 4720,
      at: NOW - HOUR,
      code: 'revealed',
      what: both('看了全名', 'Revealed a name'),
      account: officer,
      words: 'incident||21 日晚有人报失窃',
      purpose: { kind: 'incident', words: both('突发情况', 'Incident'), entryIndex: 4711 },
      building: place,
      unit: { id: 2, room: '0302' },
      person: { id: 31, name: '郑*' },
      ref: 4711,
    },
    {
      index: 4700,
      at: NOW - 26 * HOUR,
      code: 'sign-in',
      what: both('登录', 'Signed in'),
      account: null,
      words: null,
      purpose: null,
      building: null,
      unit: null,
      person: null,
      ref: null,
    },
  ],
  next: null,
  masked: false,
  ownLeftOut: true,
  kinds: [{ code: 'revealed', words: both('看了全名', 'Revealed a name') }],
};
const receipts: ReceiptPage = {
  receipts: [
    {
      index: 4720,
      at: NOW - HOUR,
      role: 'OF',
      roleWords: both('民警', 'Officer'),
      office: both('一号街道派出所', 'Station No. 1'),
      purpose: both('突发情况', 'Incident'),
      code: 'revealed',
      seen: both('看了您的姓名', 'Saw your name'),
    },
  ],
  next: null,
  routine: [{ role: 'LL', roleWords: both('房东', 'Landlord'), sees: both('您的姓名和登记情况，看不到进出', 'Your name and registration, never your movements') }],
};
const own: OwnEntryPage = {
  lines: [{ index: 80, at: NOW - 3 * HOUR, doorId: 1, door: both('大门', 'Street door'), code: 'OK', granted: true, offline: false, why: both('开门', 'Opened') }],
  next: null,
};
const looks: LooksReport = {
  month: '2026-11',
  today,
  days: [{ day: '2026-11-22', looks: 3, released: 0 }],
  byPurpose: [{ kind: 'incident', words: both('突发情况', 'Incident'), looks: 3, reveals: 1, exports: 0 }],
  lines: audit.lines.slice(0, 1),
  next: null,
};
const late: OverduePurpose[] = [{ id: 6, account: officer, building: place, openedAt: NOW - 30 * HOUR, caseDueAt: NOW - 6 * HOUR, entryIndex: 4600 }];

let api: FakeApi;
let desk: Desk;
let mine: PurposeView[];
let asked: string[];

/** The answers of a review that moves on as its officer acts. */
function answer(what: string): unknown {
  const [method = '', path = ''] = what.split(' ');
  const route = `${method} ${path.split('?')[0]}`;
  asked.push(what);
  if (route === 'GET /purposes') return mine;
  if (route === 'GET /purposes/overdue') return late;
  if (route === 'GET /purposes/7') return mine[0];
  if (route === 'GET /purposes/7/units') return counts;
  if (route === 'GET /purposes/7/entries') return lines(mine[0]?.peopleAt != null);
  if (route === 'POST /purposes') mine = [purpose()];
  if (route === 'POST /purposes/7/people') mine = [purpose({ peopleAt: NOW })];
  if (route === 'POST /purposes/7/close') mine = [purpose({ closedAt: NOW, state: 'closed' })];
  if (method === 'POST' && /^\/purposes(\/7\/(people|close))?$/.test(path)) return mine[0];
  if (route === 'POST /purposes/7/reveal') return revealed;
  if (route === 'POST /people/search') return found;
  if (route === 'GET /audits') return audit;
  if (route === 'GET /me/receipts') return receipts;
  if (route === 'GET /me/entries') return own;
  if (route === 'GET /me/looks') return looks;
  if (route === 'GET /me/move-outs') return { homes: [], moveOuts: [] };
  return undefined;
}

beforeAll(async () => {
  api = new FakeApi();
  desk = await openDesk(await api.start());
});
afterAll(async () => {
  await closeBrowser();
  await api.stop();
});
beforeEach(() => {
  mine = [purpose({ peopleAt: NOW, purpose: 'case', words: both('办案', 'Case'), caseDueAt: NOW - HOUR, caseOverdue: true })];
  asked = [];
  api.bend = (what) => {
    const body = answer(what);
    return body === undefined ? undefined : { status: 200, body };
  };
});

const CASES: readonly { readonly name: string; readonly path: string; readonly ready: string; readonly role: Role }[] = [
  { name: 'reviews of an officer', path: '/review', ready: 'ul.rows', role: 'OF' },
  { name: 'overdue for the district', path: '/review', ready: 'ul.rows', role: 'DA' },
  { name: 'review with people', path: '/review/7', ready: 'li[data-index="89"]', role: 'OF' },
  { name: 'find a person', path: '/search', ready: 'input[name=q]', role: 'OF' },
  { name: 'audit', path: '/audit', ready: 'li[data-index="4720"]', role: 'AU' },
  { name: 'receipts of a tenant', path: '/receipts', ready: 'li[data-index="4720"]', role: 'TEN' },
  { name: 'own look-ups', path: '/my-looks', ready: 'tbody th', role: 'OF' },
];

describe('pages of looking and being seen', () => {
  test.each(CASES)('$name: whole, readable and clean', async ({ name, path, ready, role }) => {
    api.role = role;
    await openPage(desk, api.url + path, ready);
    expect(await faults(desk, name)).toEqual([]);
    expect(desk.trouble.splice(0)).toEqual([]);
  });

  test('counts come first, people by a second act, a name by a third; the purpose stays in sight and closes', async () => {
    mine = [];
    api.role = 'OF';
    const { page } = desk;
    await openPage(desk, `${api.url}/review`, '.empty');
    await page.fill('textarea', '21 日晚有人报失窃，查大门。');
    await page.click('form button.act');
    await page.waitForSelector('li[data-index="89"]');
    expect(new URL(page.url()).pathname).toBe('/review/7');
    await expect.poll(() => page.textContent('table')).toContain('0302');
    await expect.poll(() => page.textContent('main')).not.toContain('郑');
    await page.fill('form textarea', '要找当晚进门的人');
    await page.getByRole('button', { name: '显示人' }).click();
    await page.getByText('郑*').first().waitFor();
    await expect.poll(() => page.textContent('main')).not.toContain('郑凯');
    await page.click('li[data-index="89"] button');
    await page.fill('aside textarea', '与失主核对');
    await page.getByRole('button', { name: '显示', exact: true }).click();
    await page.getByText('郑凯').waitFor();
    await page.getByRole('button', { name: '结束查看' }).click();
    await page.getByText('已结束').first().waitFor();
    await expect.poll(() => page.locator('li[data-index]').count()).toBe(0);
    expect(asked.filter((what) => what.startsWith('POST'))).toEqual(['POST /purposes', 'POST /purposes/7/people', 'POST /purposes/7/reveal', 'POST /purposes/7/close']);
  });

  test('lines are walked with J and K, a home narrows them', async () => {
    api.role = 'OF';
    const { page } = desk;
    await openPage(desk, `${api.url}/review/7`, 'li[data-index="90"]');
    await page.focus('li[data-index="90"] button');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await expect.poll(() => page.evaluate(() => document.activeElement?.closest('li')?.dataset['index'])).toBe('89');
    await page.keyboard.press('Enter');
    await page.waitForSelector('aside');
    await page.getByRole('button', { name: '0302', exact: true }).click();
    await expect.poll(() => api.asked.filter((what) => what.startsWith('GET /purposes/7/entries?unit=2&')).length).toBe(1);
  });

  test('without an open purpose nobody is searched for', async () => {
    mine = [];
    api.role = 'OF';
    await openPage(desk, `${api.url}/search`, '.empty');
    await expect.poll(() => desk.page.locator('input[name=q]').count()).toBe(0);
    mine = [purpose({ peopleAt: NOW })];
    await openPage(desk, `${api.url}/search`, 'input[name=q]');
    await desk.page.fill('input[name=q]', 'zk');
    await desk.page.keyboard.press('Enter');
    await desk.page.getByText('郑*').waitFor();
    expect(desk.page.url()).not.toContain('zk');
  });
});
