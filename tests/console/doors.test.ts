import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SheetPage } from '../../gateway/http/schemas/commissioning.ts';
import type { DoorAlarmView } from '../../gateway/http/schemas/door-alarms.ts';
import { WHOLE_SHEET } from '../helpers/sheet.ts';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { FakeApi } from './fake-api.ts';
import { faults, openPage } from './whole.ts';

const DAY = 86_400_000;
const place = { door: { id: 1, name: '大门', nameEn: 'Street door' }, building: { id: 1, name: '迎春路 42 号', nameEn: '42 Yingchun Road' } };
const alarm = (about: Partial<DoorAlarmView>): DoorAlarmView => ({
  ...{ id: 7, word: 'forced', words: { zh: '没人刷卡，门却开了。', en: 'The door was opened without being unlocked.' }, ...place, at: Date.now() - 3_600_000, exact: true },
  ...{ state: 'on', endedAt: null, count: 1, lastAt: Date.now(), entry: 1042, acknowledged: null, mayAcknowledge: true },
  ...about,
});
const sheet = (about: Partial<NonNullable<SheetPage['sheet']>> | null): SheetPage => ({
  door: { ...place.door, code: '890101001001B00042D01', kind: 'street', unitId: null },
  building: { ...place.building, address: '测试省测试市样板区迎春路 42 号' },
  sheet:
    about === null
      ? null
      : {
          ...{ version: 1, state: 'draft', body: WHOLE_SHEET, photo: false, changedAt: Date.now(), changedBy: { name: '陈', role: 'LL' } },
          ...{ signedAt: null, signedBy: null, retestDue: null, entry: null, ...about },
        },
  versions: about === null ? [] : [{ version: 1, state: about.state ?? 'draft', signedAt: about.signedAt ?? null }],
  revision: about === null ? 0 : 3,
  mayWrite: true,
});
const signed = { state: 'signed', signedAt: Date.now() - DAY, signedBy: { name: '房东老陈', role: 'LL' }, retestDue: Date.now() + 364 * DAY, entry: 1050 } as const;

let api: FakeApi;
let desk: Desk;
let alarms: DoorAlarmView[];
let page: SheetPage;
const sent: { what: string; body: unknown; ifMatch: string | undefined }[] = [];
beforeAll(async () => {
  api = new FakeApi();
  desk = await openDesk(await api.start());
  desk.page.on('request', (request) => {
    if (request.method() === 'GET' || !request.url().includes('/api/')) return;
    const body: unknown = request.headers()['content-type'] === 'application/json' ? request.postDataJSON() : undefined;
    sent.push({ what: `${request.method()} ${new URL(request.url()).pathname.slice(7)}`, body, ifMatch: request.headers()['if-match'] });
  });
});
beforeEach(() => {
  api.role = 'LL';
  sent.length = desk.trouble.length = 0;
  alarms = [
    alarm({}),
    alarm({ id: 8, word: 'held', exact: false, state: 'untold', count: null, lastAt: null, entry: null }),
    alarm({ id: 9, word: 'tamper', state: 'over', endedAt: Date.now(), count: 3, mayAcknowledge: false }),
  ];
  page = sheet(null);
  api.bend = (what) => {
    if (what === 'GET /door-alarms') return { status: 200, body: { alarms, next: null } };
    if (what === 'GET /door-alarms/count') return { status: 200, body: { open: alarms.length, more: false } };
    if (/^(GET|PUT) \/doors\/1\/commissioning$/.test(what) || what.endsWith('/photo')) return { status: 200, body: what.startsWith('GET') ? page : { ...sheet({}), revision: 4 } };
    return undefined;
  };
});
afterEach(() => desk.page.goto('about:blank'));
afterAll(async () => {
  await desk.close();
  await api.stop();
  await closeBrowser();
});
const open = (path: string, ready: string): Promise<unknown> => openPage(desk, `${api.url}${path}`, ready);

describe('whole in both languages, both themes and three widths, nothing for axe', () => {
  test('alarms', async () => {
    await open('/alarms', '[data-word=forced]');
    await desk.page.getByRole('button', { name: '处理', exact: true }).first().click();
    expect(await faults(desk, 'door-alarms')).toEqual([]);
    expect(desk.trouble).toEqual([]);
  });
  test('no alarms', async () => {
    alarms = [];
    await open('/alarms', '.empty');
    expect(await faults(desk, 'door-alarms-empty')).toEqual([]);
  });
  test.each(['empty', 'signed'] as const)('a sheet, %s', async (which) => {
    page = which === 'empty' ? sheet(null) : sheet(signed);
    await open('/door/1/commissioning', which === 'empty' ? '[data-path="lock.kind"]' : 'article');
    expect(await faults(desk, `sheet-${which}`)).toEqual([]);
    expect(desk.trouble).toEqual([]);
  });
});

test('an alarm goes when a note is written, and its number in the navigation with it', async () => {
  const done: unknown[] = [];
  const before = api.bend;
  api.bend = (what) => {
    if (what !== 'POST /door-alarms/7/acknowledge') return before(what);
    done.push(what);
    const [first, ...rest] = alarms;
    alarms = rest;
    return { status: 200, body: first };
  };
  await open('/alarms', '[data-word=forced]');
  await desk.page.waitForFunction(() => document.querySelector('nav .count')?.textContent?.startsWith('3') === true);
  await expect.poll(() => desk.page.locator('[data-word=held]').textContent()).toContain('具体时间不显示');
  await desk.page.getByRole('button', { name: '处理', exact: true }).first().click();
  await desk.page.fill('textarea', '去看过了');
  await desk.page.getByRole('button', { name: '写好了，不再提醒' }).click();
  await desk.page.waitForSelector('[data-word=forced]', { state: 'detached' });
  await desk.page.waitForFunction(() => document.querySelector('nav .count')?.textContent?.startsWith('2') === true);
  expect([done.length, sent]).toEqual([1, [{ what: 'POST /door-alarms/7/acknowledge', body: { note: '去看过了' }, ifMatch: undefined }]]);
});

test('what is not right on a sheet is said at its field; saving names the version that was seen', async () => {
  const before = api.bend;
  api.bend = (what) => {
    if (!what.endsWith('/sign')) return before(what);
    return { status: 400, body: { code: 'BAD_INPUT', message: { zh: '填写的内容不对。', en: 'Wrong.' }, field: 'exit.way', expected: '必填 / required' } };
  };
  page = sheet({});
  await open('/door/1/commissioning', '[data-path="lock.kind"]');
  await desk.page.getByRole('button', { name: '签字' }).click();
  await desk.page.waitForSelector('[data-path="exit.way"] .refuse');
  expect(sent.map(({ what, ifMatch }) => [what, ifMatch])).toEqual([
    ['PUT /doors/1/commissioning', '"3"'],
    ['POST /doors/1/commissioning/sign', '"4"'],
  ]);
  expect(sent[0]?.body).toEqual(WHOLE_SHEET);
});

test('a signed sheet prints on one page of A4', async () => {
  page = sheet(signed);
  await open('/door/1/commissioning', 'article');
  const pdf = await desk.page.pdf({ format: 'A4', margin: { top: '12mm', bottom: '12mm', left: '14mm', right: '14mm' } });
  expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)).toHaveLength(1);
});

test('doors without a sheet, and those to be tested again, are marked', async () => {
  await open('/building/1', '[data-sheet=none]');
  expect([await desk.page.locator('[data-sheet=none]').count(), await desk.page.locator('[data-sheet=due]').count()]).toEqual([2, 1]);
});
