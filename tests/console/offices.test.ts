import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PLACES_OF, ROLES } from '../../gateway/core/roles.ts';
import { PLACES } from '../../console/admin/accounts/roles.ts';
import type { Role } from '../../gateway/http/schemas/session.ts';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { FakeApi } from './fake-api.ts';
import { account, accounts, alarms, areas, buildings, divisions, done, grids, messages, offices, waiting } from './offices-data.ts';
import { faults, openPage } from './whole.ts';

type Answers = Readonly<Record<string, unknown>>;
const ALL: Answers = {
  'GET /offices': offices,
  'GET /divisions': divisions,
  'GET /areas': areas,
  'GET /grids': grids,
  'GET /managed-buildings': buildings,
  'GET /accounts': { accounts, next: 'more' },
  'GET /accounts/5': account(),
  'GET /accounts/6': account({ id: 6, role: 'BL', displayName: '王楼长', state: 'invited', login: '' }, { assignments: [], hasHolder: true, others: [] }),
  'GET /accounts/7': account({ id: 7, role: 'CL', state: 'disabled' }, { disabledAt: 1, mayChange: true }),
  'GET /break-glass': [],
  'GET /outbox': { messages, next: null },
};

let api: FakeApi;
let desk: Desk;
let answers: Answers;
beforeAll(async () => {
  api = new FakeApi();
  desk = await openDesk(await api.start());
});
afterAll(async () => {
  await closeBrowser();
  await api.stop();
});
beforeEach(() => {
  answers = ALL;
  api.role = 'SA';
  desk.trouble.length = 0;
  api.bend = (what) => {
    if (what === 'GET /pending-acts') return { status: 200, body: api.asked.at(-1)?.includes('done=true') === true ? { acts: done, next: null } : { acts: waiting, next: null } };
    return what in answers ? { status: 200, body: answers[what] } : undefined;
  };
});
const problem = (code: string) => ({ status: 409, body: { code, message: { zh: '这个岗位这段时间已经有人。', en: 'Somebody holds this post.' } } });
const show = (path: string, ready: string): Promise<void> => openPage(desk, api.url + path, ready);

const press = (selector: string): Promise<void> => desk.page.click(selector);

const CASES: readonly (readonly [string, string, string, () => Promise<void>])[] = [
  ['accounts', '/accounts', 'ul.rows a', () => press('summary:has-text("新建账号")')],
  ['account of an officer', '/accounts/5', 'dl', () => press('details summary >> nth=0')],
  ['account not taken up', '/accounts/6', '#invite-title', async () => undefined],
  ['account disabled', '/accounts/7', '#enable-title', async () => undefined],
  [
    'offices',
    '/offices',
    '#grids-title',
    async () => {
      for (const summary of await desk.page.$$('main summary')) await summary.click();
    },
  ],
  ['approvals', '/approvals', '#done-title', () => press('summary:has-text("没有第二个人")')],
  ['outbox', '/outbox', 'ul.rows li', () => press('text=显示二维码')],
];

describe('every page of the offices is whole, readable and clean', () => {
  test.each(CASES)('%s', { timeout: 120_000 }, async (name, path, ready, act) => {
    answers = { ...ALL, 'GET /break-glass': alarms };
    await show(path, ready);
    await act();
    expect(await faults(desk, name)).toEqual([]);
    expect(desk.trouble).toEqual([]);
  });

  test.each([
    ['/accounts', '.empty'],
    ['/offices', '.empty'],
    ['/approvals', '.empty'],
    ['/outbox', '.empty'],
  ])('%s says what will be there while there is nothing', { timeout: 120_000 }, async (path, ready) => {
    answers = {
      ...Object.fromEntries(['offices', 'divisions', 'areas', 'grids', 'managed-buildings'].map((list) => [`GET /${list}`, []])),
      'GET /accounts': { accounts: [], next: null },
      'GET /break-glass': [],
      'GET /outbox': { messages: [], next: null },
    };
    const { bend } = api;
    api.bend = (what) => (what === 'GET /pending-acts' ? { status: 200, body: { acts: [], next: null } } : bend(what));
    await show(path, ready);
    expect(await faults(desk, `empty ${path.slice(1)}`)).toEqual([]);
  });
});

describe('accounts', () => {
  test('the places a role may be given are those of the gateway', () => {
    for (const role of ROLES) expect([...PLACES[role]]).toEqual([...PLACES_OF[role]]);
  });

  test('making one for an office asks for a reason and says that it waits; a landlord one is made at once', async () => {
    const sent: unknown[] = [];
    await show('/accounts', 'ul.rows a');
    const { page } = desk;
    page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().endsWith('/accounts')) sent.push(request.postDataJSON());
    });
    answers = { ...ALL, 'POST /accounts': { act: 9 } };
    await page.click('summary:has-text("新建账号")');
    await page.selectOption('select[name=role]', 'OF');
    await page.fill('input[name=displayName]', '林警官');
    await page.fill('input[name=holder]', 'J-00123');
    await page.selectOption('select[name=place]', '2');
    await page.click('form button.act');
    expect(sent).toEqual([]);
    await page.fill('textarea[name=reason]', '新来的片警');
    await page.click('form button.act');
    await page.waitForSelector('text=已提交，等另一个人同意');
    expect(sent).toEqual([{ role: 'OF', displayName: '林警官', holder: 'J-00123', reason: '新来的片警', assignments: [{ place: 'org', placeId: 2 }] }]);
    answers = { ...ALL, 'POST /accounts': { id: 6 } };
    await page.selectOption('select[name=role]', 'LL');
    await page.fill('input[name=displayName]', '陈房东');
    expect(await page.$('textarea[name=reason]')).toBeNull();
    await page.click('form button.act');
    await page.waitForURL('**/accounts/6');
    expect(sent.at(-1)).toEqual({ role: 'LL', displayName: '陈房东', assignments: [] });
  });

  test('disabling lists what will stop; ending a place says so before it is done; what went wrong is told', async () => {
    const { page } = desk;
    await show('/accounts/5', 'dl');
    await page.click('summary:has-text("停用账号")');
    await expect.poll(() => page.textContent('details[open]')).toContain('2 处登录断开，1 个程序令牌失效，0 个没用的链接作废，1 处岗位');
    await page.click('text=现在结束');
    await expect.poll(() => page.textContent('.sure')).toContain('一秒内就看不到“一号街道派出所”');
    const { bend } = api;
    api.bend = (what) => (what === 'POST /accounts/5/assignments/31/end' ? problem('POST_TAKEN') : bend(what));
    await page.click('text=结束这处岗位');
    await page.waitForSelector('[role=alert] >> text=已经有人');
  });

  test('an invitation is a QR and a link to hand over', async () => {
    const { page } = desk;
    answers = { ...ALL, 'POST /accounts/6/invite': { link: `/invite/${'x'.repeat(43)}`, expiresAt: Date.now() + 7 * 86_400_000 } };
    await show('/accounts/6', '#invite-title');
    await page.click('text=给出链接和二维码');
    await page.waitForSelector('.hand svg[role=img]');
    await expect.poll(() => page.inputValue('.hand input')).toBe(`${api.url}/invite/${'x'.repeat(43)}`);
  });
});

describe('approvals', () => {
  test('one decides what others asked; one’s own waits, or is done alone with an alarm', async () => {
    const { page } = desk;
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') sent.push(`${new URL(request.url()).pathname.slice(7)} ${request.postData() ?? ''}`);
    });
    answers = { ...ALL, 'POST /pending-acts/4/approve': { id: 4 }, 'POST /break-glass': { act: 20 } };
    await show('/approvals', 'li .act');
    await expect.poll(() => page.locator('section:has(#waiting-title) li >> text=同意，马上办').count()).toBe(1);
    await page.click('text=同意，马上办');
    await page.click('summary:has-text("没有第二个人")');
    await page.fill('textarea[name=why]', '太短');
    await page.click('text=我一个人办，并告警');
    await page.fill('textarea[name=why]', '值班只有我一个人，门禁全停了');
    await page.click('text=我一个人办，并告警');
    await page.waitForFunction(() => document.querySelector('textarea[name=why]') !== null);
    await expect.poll(() => sent).toEqual(['/pending-acts/4/approve {}', '/break-glass {"act":3,"reason":"值班只有我一个人，门禁全停了"}']);
  });

  test('an alarm is on every page of whoever watches, and nobody else’s', async () => {
    answers = { ...ALL, 'GET /break-glass': alarms };
    for (const role of ['SA', 'AU', 'PO'] as const) {
      api.role = role;
      await show('/approvals', '#alarms-title');
      await show('/security', '.alarm-bar');
    }
    for (const role of ['DA', 'LL'] as const satisfies readonly Role[]) {
      api.role = role;
      api.asked.length = 0;
      await show('/security', 'h1');
      expect(api.asked.filter((asked) => asked.includes('break-glass'))).toEqual([]);
    }
  });
});

test('the offices are worked with the keyboard alone', async () => {
  const { page } = desk;
  const sent: unknown[] = [];
  page.on('request', (request) => {
    if (request.method() === 'PATCH') sent.push([request.postDataJSON(), request.headers()['if-match']]);
  });
  answers = { ...ALL, 'PATCH /managed-buildings/1': { ...buildings[0], mode: 'hotel' } };
  await show('/offices', '#buildings-title');
  await page.focus('section:has(#buildings-title) select');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => sent.length).toBeGreaterThan(0);
  expect(sent[0]).toEqual([{ mode: 'compound' }, '"1"']);
});

test('an auditor sees it all and is offered nothing to change', async () => {
  api.role = 'AU';
  answers = { ...ALL, 'GET /accounts/5': account({}, { mayChange: false }) };
  const { page } = desk;
  await show('/offices', '#buildings-title');
  expect(await page.$$('main form, main button')).toEqual([]);
  await show('/accounts/5', 'dl');
  expect(await page.$$('main form, main button')).toEqual([]);
  await expect.poll(() => page.textContent('main')).toContain('不归您管');
});

test('a landlord invites somebody to act for him, for a place he chooses', { timeout: 120_000 }, async () => {
  api.role = 'LL';
  const { page } = desk;
  const sent: unknown[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/agents') && request.method() === 'POST') sent.push(request.postDataJSON());
  });
  answers = { 'POST /agents': { id: 8, invitation: { link: `/invite/${'y'.repeat(43)}`, expiresAt: Date.now() + 86_400_000 } } };
  await show('/agents', 'select[name=place]');
  await page.fill('input[name=displayName]', '小舅子');
  await page.selectOption('select[name=place]', '1');
  await page.click('button.act');
  await page.waitForSelector('.hand svg[role=img]');
  expect(sent).toEqual([{ displayName: '小舅子', assignments: [{ place: 'building', placeId: 1 }] }]);
  expect(await faults(desk, 'agents')).toEqual([]);
});
