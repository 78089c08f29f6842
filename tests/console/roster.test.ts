import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { HomeSheet, RosterLine, RosterPage, SheetPerson } from '../../gateway/http/schemas/people-roster.ts';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { summary } from './demo-data.ts';
import { FakeApi } from './fake-api.ts';
import { faults, faultsInBrief, openPage } from './whole.ts';

const DAY = 86_400_000;
const NOW = Date.now();
let api: FakeApi;
let desk: Desk;
let roster: RosterPage;
let sheet: HomeSheet;
const sent: { readonly what: string; readonly body: unknown }[] = [];

const line = (id: number, about: Partial<RosterLine> = {}): RosterLine => ({
  ...{ id, unit: { id: 10 + id, code: `${summary.code}-050${id}`, floor: 5, room: `050${id}` }, building: { id: 1, name: summary.name, nameEn: summary.nameEn } },
  person: { id, name: id === 2 ? '阿卜杜热合曼·买买提伊明·吾守尔江' : '李小明', documentType: '111', documentMasked: '890101********0118', phoneMasked: '120****0001' },
  ...{ role: 'tenant', relation: '', checked: id !== 2, state: 'registered', registrationState: 'accepted', registrationDue: null },
  ...{ movedIn: NOW - 30 * DAY, termEnd: NOW + 300 * DAY, leaves: null, keys: 1, ...about },
});
const LINES = [line(1), line(2, { state: 'overdue', registrationDue: NOW - DAY }), line(3, { state: 'due', registrationDue: NOW + DAY, role: 'coOccupant', relation: 'spouse' })];
const person: SheetPerson = {
  ...{ id: 1, name: '李小明', sex: 1, birth: '', documentType: '111', document: '890101********0118', phone: '120****0001', household: { name: '样板区', nameEn: '' } },
  ...{ role: 'tenant', relation: '', basis: 'rent', checked: true, registrationState: 'pending', registrationDue: NOW + DAY, movedIn: NOW - DAY, termEnd: NOW + 300 * DAY },
};

beforeAll(async () => {
  api = new FakeApi();
  desk = await openDesk(await api.start());
  await desk.context.addInitScript(() => {
    window.print = () => void document.body.setAttribute('data-printed', document.querySelector('article footer')?.textContent ?? '');
  });
  desk.page.on('request', (request) => {
    if (request.method() === 'POST') sent.push({ what: new URL(request.url()).pathname.replace('/api/v1', ''), body: request.postDataJSON() });
  });
});
afterAll(async () => {
  await closeBrowser();
  await api.stop();
});
beforeEach(() => {
  sent.length = 0;
  desk.trouble.length = 0;
  api.asked.length = 0;
  roster = {
    ...{ lines: LINES, counts: { registered: 1, due: 1, overdue: 1, movedOut: 4 }, next: null, dates: true, cut: false, mayExport: true },
    communities: [
      { code: '890101001001', name: '第一社区', nameEn: 'First community' },
      { code: '890101001002', name: '第二社区', nameEn: '' },
    ],
  };
  const { id, code, name, nameEn, address, mode } = summary;
  sheet = {
    unit: { id: 11, code: `${code}-0501`, floor: 5, room: '0501', use: 'let' },
    building: { id, code, name, nameEn, address, mode },
    filing: { state: 'filed', titleKind: 'deed', titleNumber: '样 17', area: 485, checkedAt: NOW },
    people: [person, { ...person, id: 2, name: '王芳', role: 'coOccupant', relation: 'spouse' }],
    ...{ whole: true, printed: null },
  };
  api.bend = (what, body = '') => {
    if (what === 'GET /roster') return { status: 200, body: roster };
    if (what === 'GET /units/11/sheet') return { status: 200, body: sheet };
    if (what === 'POST /units/11/sheet/print') return { status: 200, body: { ...sheet, printed: { entry: 77, at: NOW, by: '小王', why: JSON.parse(body).why } } };
    if (what === 'POST /roster/export') return { status: 202, body: { pendingAct: 9, persons: 140 } };
    return undefined;
  };
});
const asks = (): string[] => api.asked.filter((each) => each.startsWith('GET /roster')).map((each) => decodeURIComponent(each.split('?')[1] ?? ''));
const press = (name: string | RegExp) => desk.page.getByRole('button', { name, exact: true }).click();

test('a landlord reads the roster of his building: by state, by floor, in an order, page by page', async () => {
  api.role = 'LL';
  await openPage(desk, `${api.url}/building/1`, '#rooms');
  await desk.page.getByRole('link', { name: '花名册' }).click();
  await desk.page.waitForSelector('tbody tr');
  expect(asks()).toEqual(['building=1&sort=room&limit=50']);
  await expect.poll(() => desk.page.getByText('证件没核对').count()).toBe(1);
  expect(await faults(desk, 'roster')).toEqual([]);
  await desk.page.click('.lang');
  await desk.page.setViewportSize({ width: 1440, height: 900 });
  roster = { ...roster, next: 'more' };
  await press('逾期 1');
  await expect.poll(() => asks().at(-1)).toBe('building=1&state=overdue&sort=room&limit=50');
  await press('居住登记');
  await expect.poll(() => asks().at(-1)).toBe('building=1&state=overdue&sort=due&limit=50');
  await press(/^居住登记/);
  await expect.poll(() => asks().at(-1)).toBe('building=1&state=overdue&sort=due&descending=true&limit=50');
  await desk.page.getByLabel('楼层').fill('5');
  await expect.poll(() => asks().at(-1)).toContain('floor=5');
  roster = { ...roster, lines: [...LINES.slice(2), line(4)], next: null };
  await press('再取一页');
  await expect.poll(() => asks().at(-1)).toContain('after=more');
  await expect.poll(() => desk.page.locator('tbody tr').count()).toBe(4);
  expect(desk.trouble).toEqual([]);
});

test('a clerk chooses a community, is told when look-ups are spent, and exports what a second person agrees to', async () => {
  api.role = 'CL';
  roster = { ...roster, cut: true };
  await openPage(desk, `${api.url}/roster`, 'tbody tr');
  await desk.page.locator('.wish select').first().selectOption('division=890101001001');
  await expect.poll(() => asks().at(-1)).toBe('division=890101001001&sort=room&limit=20');
  await expect.poll(() => desk.page.getByRole('link', { name: '申请放行' }).count()).toBe(1);
  await desk.page.click('details summary');
  await desk.page.getByLabel('用在哪里').fill('季度核对材料');
  await press('导出');
  await expect.poll(() => desk.page.getByText('里面有 140 人').count()).toBe(1);
  expect(await faultsInBrief(desk, 'roster export')).toEqual([]);
  await desk.page.click('.lang');
  // What comes the second time is the file; the stand-in has none to give.
  await desk.page.route('**/api/v1/roster/export', (route) => route.fulfill({ status: 200, headers: { 'content-disposition': 'attachment' }, body: 'PK' }), { times: 1 });
  const file = desk.page.waitForEvent('download');
  await press('导出');
  expect((await file).suggestedFilename()).toMatch(/^花名册-\d{4}-\d{2}-\d{2}\.xlsx$/);
  const wish = { division: '890101001001', form: 'xlsx', note: '季度核对材料' };
  expect(sent.map(({ body }) => body)).toEqual([wish, { ...wish, approval: 9 }]);
  expect(desk.trouble).toEqual([]);
});

test('the forms of a home and of a person are printed with who, when and why', async () => {
  api.role = 'CL';
  await openPage(desk, `${api.url}/unit/11/sheet`, 'article.paper');
  expect(await faults(desk, 'form of a home')).toEqual([]);
  await desk.page.click('.lang');
  await desk.page.getByLabel('用在哪里').selectOption('visit');
  await press('打印');
  await expect.poll(() => desk.page.getAttribute('body', 'data-printed')).toContain('用于上门核对 · 记录 77');
  await desk.page.getByLabel('打印哪一张').selectOption('2');
  await expect.poll(() => desk.page.getByText('打印时会有完整的证件号').count()).toBe(1);
  expect(await faultsInBrief(desk, 'form of a person')).toEqual([]);
  await desk.page.click('.lang');
  await press('打印');
  await expect.poll(() => sent.map(({ body }) => body)).toEqual([{ why: 'visit' }, { why: 'visit', person: 2 }]);
  await desk.page.emulateMedia({ media: 'print' });
  await expect.poll(() => desk.page.locator('form').isVisible()).toBe(false);
  // One page of A4: 297 mm less the margins, at 96 dots an inch.
  await desk.page.setViewportSize({ width: 688, height: 1016 });
  await expect.poll(() => desk.page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThanOrEqual(1016);
  await desk.page.emulateMedia({ media: null });
  expect(desk.trouble).toEqual([]);
});

test('a file of streets that has mistakes is said line by line; a sound one is taken', async () => {
  api.role = 'DA';
  const { bend } = api;
  const answers = [
    { streets: 0, rows: 0, faults: [{ row: 3, field: 'fromNo', expected: '1–9999' }] },
    { streets: 2, rows: 5, faults: [] },
  ];
  const EMPTY = ['GET /offices', 'GET /areas', 'GET /grids', 'GET /managed-buildings', 'GET /divisions'];
  api.bend = (what, body) => {
    if (EMPTY.includes(what)) return { status: 200, body: [] };
    return what === 'POST /streets/import' ? { status: 200, body: answers.shift() } : bend(what, body);
  };
  await openPage(desk, `${api.url}/offices`, 'main h1');
  await desk.page.getByText('街路和社区字典', { exact: true }).click();
  const text = 'streetCode,street,fromNo,toNo,side,communityCode,stationCode\n';
  await desk.page.setInputFiles('input[type=file]', { name: 'streets.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  await press('导入字典');
  await expect.poll(() => desk.page.getByText('第 3 行 fromNo').count()).toBe(1);
  await press('导入字典');
  await expect.poll(() => desk.page.getByText('导入了 5 行，2 条街路。').count()).toBe(1);
  expect(sent).toEqual([
    { what: '/streets/import', body: { text } },
    { what: '/streets/import', body: { text } },
  ]);
  expect(desk.trouble).toEqual([]);
});
