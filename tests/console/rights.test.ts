import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Role } from '../../gateway/http/schemas/session.ts';
import { DEFAULT_NOTICE } from '../../gateway/register/default-notice.ts';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { FakeApi } from './fake-api.ts';
import { assessment, consents, detail, hold, nothingYet, notice, own, rightsAnswers, rules, run } from './rights-data.ts';
import { faults, openPage } from './whole.ts';

let api: FakeApi;
let desk: Desk;
let answers: Record<string, unknown>;
const sent: { what: string; body: unknown; ifMatch: string | undefined }[] = [];

beforeAll(async () => {
  api = new FakeApi();
  desk = await openDesk(await api.start());
  desk.page.on('request', (request) => {
    const path = new URL(request.url()).pathname;
    if (request.method() !== 'GET' && path.startsWith('/api/'))
      sent.push({ what: `${request.method()} ${path.slice(7)}`, body: request.postDataJSON(), ifMatch: request.headers()['if-match'] });
  });
});
beforeEach(() => {
  sent.length = 0;
  desk.trouble.length = 0;
  answers = rightsAnswers();

  api.bend = (what) => (what in answers ? { status: 200, body: answers[what] } : undefined);
});
afterAll(async () => {
  await desk.close();
  await api.stop();
  await closeBrowser();
});

async function open(role: Role, path: string, ready: string): Promise<void> {
  api.role = role;
  await openPage(desk, `${api.url}${path}`, ready);
}
const button = (name: string | RegExp) => desk.page.getByRole('button', { name, exact: true });

describe('whole in both languages, both themes and three widths, nothing for axe', () => {
  test.each([
    [
      'requests',
      'PO',
      '/requests',
      '.line',
      async () =>
        desk.page
          .locator('.line')
          .first()
          .click()
          .then(() => desk.page.waitForSelector('dl.facts')),
    ],
    ['requests empty', 'CL', '/requests', '.empty', undefined],
    ['retention', 'PO', '/retention', 'section .days', async () => button('改期限：出入记录').click()],
    ['retention empty', 'AU', '/retention', '.empty', undefined],
    ['holds of an officer', 'OF', '/retention', '.line', async () => desk.page.getByText('封存数据').click()],
    [
      'notices',
      'PO',
      '/notices',
      '.line',
      async () =>
        desk.page
          .getByText('出入记录的处理')
          .click()
          .then(() => desk.page.waitForSelector('dl.facts')),
    ],
    ['notices empty', 'AU', '/notices', '.empty', undefined],
    ['my data', 'TEN', '/my-data', '#consents-title', undefined],
    ['my data empty', 'TEN', '/my-data', '.empty', undefined],
  ] as const)('%s', async (...[name, role, path, ready, act]) => {
    if (name.endsWith('empty')) Object.assign(answers, nothingYet);
    await open(role, path, ready);
    await act?.();
    expect(await faults(desk, name)).toEqual([]);
    expect(desk.trouble).toEqual([]);
  });
});

describe('requests', () => {
  test('the late one is first and says so; an answer goes with the version that was on screen', async () => {
    await open('PO', '/requests', '.line');
    await expect.poll(() => desk.page.locator('.line').first().textContent()).toContain('过期了');
    await desk.page.locator('.line').nth(1).click();
    await desk.page.getByLabel('写给本人的话').fill('副本准备好了，请在页面上取。');
    answers['POST /requests/1/decide'] = detail(1, { state: 'answered' });
    await button('同意，副本可取 14 天').click();
    await expect.poll(() => sent.length).toBe(1);
    expect(sent[0]).toEqual({ what: 'POST /requests/1/decide', body: { decision: 'answered', words: '副本准备好了，请在页面上取。' }, ifMatch: '"4"' });
  });

  test('what must be kept says why and cannot be agreed to, only refused', async () => {
    answers['GET /requests/2'] = detail(2, { mustKeep: { zh: '他还住在这里。', en: 'The person lives here.' } });
    await open('PO', '/requests', '.line');
    await desk.page.locator('.line').nth(2).click();
    await desk.page.getByText('他还住在这里。').waitFor();
    await desk.page.getByLabel('写给本人的话').fill('您还住在这里。');
    await expect.poll(() => button('同意，马上匿名化').isDisabled()).toBe(true);
    await expect.poll(() => button('拒绝').isDisabled()).toBe(false);
  });

  test('what can be deleted asks for a deliberate yes', async () => {
    await open('PO', '/requests', '.line');
    await desk.page.locator('.line').nth(2).click();
    await desk.page.getByLabel('写给本人的话').fill('已经删了。');
    await expect.poll(() => button('同意，马上匿名化').isDisabled()).toBe(true);
    await desk.page.getByText('我知道不能撤销').click();
    await expect.poll(() => button('同意，马上匿名化').isDisabled()).toBe(false);
  });

  test('a clerk corrects the register and cannot decide; a stale version is told in words', async () => {
    await open('CL', '/requests', '.line');
    await desk.page.locator('.line').first().click();
    await desk.page.getByLabel('姓名').fill('张晓明');
    await desk.page.getByLabel('怎样核对的').fill('看了身份证');
    api.bend = (what) =>
      what === 'POST /requests/3/correction'
        ? { status: 412, body: { code: 'STALE_VERSION', message: { zh: '刚才有人改过这一项。', en: 'Somebody changed this just now.' } } }
        : what in answers
          ? { status: 200, body: answers[what] }
          : undefined;
    await button('改登记').click();
    await desk.page.getByText('刚才有人改过这一项。').waitFor();
    expect(sent[0]).toMatchObject({ body: { personVersion: 2, name: '张晓明', note: '看了身份证' }, ifMatch: '"4"' });
    await expect.poll(() => button('拒绝').count()).toBe(0);
  });
});

describe('retention', () => {
  test('thirty days for entries show the law set aside, and are saved only when it was read', async () => {
    await open('PO', '/retention', 'section .days');
    await button('改期限：出入记录').click();
    await button('30 天').click();
    await desk.page.getByText('GB 50396-2007 第 5.2.2 条（出入事件').waitFor();
    await expect.poll(() => button('保存').isDisabled()).toBe(true);
    await desk.page.getByText('我看过上面这条规定').click();
    answers['PUT /retention/entries'] = rules[0];
    await button('保存').click();
    await expect.poll(() => sent.length).toBe(1);
    expect(sent[0]).toEqual({ what: 'PUT /retention/entries', body: { days: 30, understood: true }, ifMatch: '"0"' });
  });

  test('a waiting run is approved from its line; a done one shows its receipt', async () => {
    await open('PO', '/retention', 'section .days');
    await expect.poll(() => desk.page.textContent('main')).toContain('第 40211 号记录');
    answers['POST /retention/runs/9/approve'] = run({ state: 'running' });
    await button('批准清理').click();
    await expect.poll(() => sent.map(({ what }) => what)).toEqual(['POST /retention/runs/9/approve']);
  });

  test('the auditor and the administrator see and do not touch; an officer has the holds alone', async () => {
    await open('AU', '/retention', 'section .days');
    await expect.poll(() => desk.page.getByRole('button', { name: /批准|改期限|准备清理|解除/ }).count()).toBe(0);
    await open('SA', '/retention', 'section .days');
    await expect.poll(() => desk.page.textContent('main')).not.toContain('罗*');
    api.asked.length = 0;
    await open('OF', '/retention', '.line');
    await expect.poll(() => desk.page.textContent('main')).toContain('罗*');
    expect(api.asked.filter((what) => what.includes('/retention'))).toEqual([]);
  });

  test('a hold is released with a note', async () => {
    await open('PO', '/retention', 'section .days');
    await button('解除').click();
    await desk.page.getByLabel('为什么解除').fill('调解完了，不再需要。');
    answers['POST /holds/5/release'] = hold;
    await button('解除封存').click();
    await expect.poll(() => sent).toEqual([{ what: 'POST /holds/5/release', body: { note: '调解完了，不再需要。' }, ifMatch: undefined }]);
  });
});

describe('notices and assessments', () => {
  test('a draft is published from the version that was read; a new one begins from the template', async () => {
    await open('PO', '/notices', '.line');
    answers['POST /notices/2/publish'] = notice;
    await button('发布').click();
    await expect.poll(() => sent[0]).toEqual({ what: 'POST /notices/2/publish', body: {}, ifMatch: '"99"' });
    Object.assign(answers, { 'GET /notices': { notices: [] }, 'GET /notices/template': DEFAULT_NOTICE });
    await open('PO', '/notices', '.empty');
    await button('写新版本').click();
    await expect.poll(() => desk.page.getByLabel('中文').inputValue()).toContain('184 天');
  });

  test('whoever wrote an assessment is told that somebody else must accept it', async () => {
    answers['GET /assessments/6'] = assessment({ own: true });
    await open('PO', '/notices', '.line');
    await desk.page.getByText('出入记录的处理').click();
    await desk.page.getByText('要另一个人来认可').waitFor();
    await expect.poll(() => button('认可').count()).toBe(0);
  });
});

describe("a tenant's own page", () => {
  test('files a request, says no to a switch, and fetches the copy as a file', async () => {
    await open('TEN', '/my-data', '#consents-title');
    await desk.page.getByText('登记写错了，请更正').click();
    await desk.page.getByLabel('想说明的话').fill('名字错了一个字。');
    answers['POST /me/requests'] = own({ kind: 'correct' });
    await button('提交').click();
    await expect.poll(() => sent[0]).toMatchObject({ what: 'POST /me/requests', body: { kind: 'correct', text: '名字错了一个字。' } });
    answers['POST /me/consents'] = consents({ doorLog: false });
    await desk.page
      .getByRole('group', { name: /用我的开门记录/ })
      .getByRole('button', { name: '不同意' })
      .click();
    await expect.poll(() => sent[1]).toMatchObject({ body: { purpose: 'doorLog', given: false } });
    answers['POST /me/requests/2/copy'] = { person: { name: '张一鸣' } };
    const [download] = await Promise.all([desk.page.waitForEvent('download'), button('取副本（JSON）').click()]);
    expect(download.suggestedFilename()).toBe('doorbook-my-data.json');
  });

  test('is reached from the navigation, works by keyboard alone, and says that refusing stops no key', async () => {
    await open('TEN', '/my-data', '#consents-title');
    await expect.poll(() => desk.page.getByRole('link', { name: '资料申请' }).getAttribute('href')).toBe('/my-data');
    const yes = desk.page.getByRole('group', { name: /身份证芯片/ }).getByRole('button', { name: '同意', exact: true });
    await yes.focus();
    answers['POST /me/consents'] = consents({ cardAsKey: true });
    await desk.page.keyboard.press('Enter');
    await expect.poll(() => yes.getAttribute('aria-pressed')).toBe('true');
    await expect.poll(() => desk.page.textContent('main')).toContain('不同意也能正常开门');
  });
});
