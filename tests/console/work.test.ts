import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { WorkPage, WorkView } from '../../gateway/http/schemas/work-grants.ts';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { FakeApi } from './fake-api.ts';
import { faults, openPage } from './whole.ts';

const DAY = 86_400_000;
let api: FakeApi;
let desk: Desk;
let page: WorkPage;
let acts: { readonly what: string; readonly body: unknown }[];
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
  acts = [];
  page = { people: [], next: null, schedules: [{ number: 1, name: '上午' }], mayWrite: true, mayEnd: true };
  api.bend = answer;
  desk.page.on('request', (request) => {
    if (request.method() !== 'GET') acts.push({ what: `${request.method()} ${new URL(request.url()).pathname.replace('/api/v1', '')}`, body: request.postDataJSON() });
  });
});
afterEach(() => desk.close());

const worker = (about: Partial<WorkView> = {}): WorkView => ({
  ...{ id: 5, person: { id: 9, name: '周敏', phoneMasked: '120****0077', documentMasked: '890101********0037' }, purpose: 'cleaning', fromAt: 0, untilAt: Date.now() + 90 * DAY },
  ...{ lastDay: '2099-12-31', schedule: null, duty: false, mayBeOnDuty: false, state: 'running', cards: [], stopId: null, version: 3, ...about },
});

function answer(what: string): { status: number; body: unknown } | undefined {
  const ok = (body: unknown): { status: number; body: unknown } => ({ status: 200, body });
  if (what === 'GET /buildings/1/work-rights') return ok(page);
  if (what === 'POST /buildings/1/work-rights') page = { ...page, people: [worker()] };
  else if (what === 'POST /work-rights/5/cards') page = { ...page, people: [worker({ cards: [{ id: 3, tail: '3C4D', status: 'active' }] })] };
  else if (what === 'PUT /work-rights/5/duty') page = { ...page, people: [worker({ purpose: 'watch', mayBeOnDuty: true, duty: true, version: 4 })] };
  else if (what === 'POST /work-rights/5/end') return ok({ stopId: 7 });
  else return undefined;
  return ok(page.people[0]);
}

const press = (name: string) => desk.page.getByRole('button', { name, exact: true }).click();
const section = () => desk.page.locator('details', { hasText: '在这里工作的人' });
async function open(): Promise<void> {
  api.asked.length = 0;
  await openPage(desk, `${api.url}/building/1`, '#doors-title');
  expect(api.asked.filter((what) => what.includes('/work'))).toEqual([]);
  await desk.page.getByText('在这里工作的人', { exact: true }).click();
  await section()
    .getByText(/保洁、护工/)
    .waitFor();
}

describe('people who work in a building', () => {
  test('are added with their document, and given a card; nobody is looked up before the part is opened', async () => {
    await open();
    await press('加一个人');
    await section().getByLabel('姓名').fill('周敏');
    await section().getByLabel('证件号码').fill('890101198505120037');
    await section().getByLabel('最后一天').fill('2099-12-31');
    await section().getByLabel('几点能进').selectOption('上午');
    expect(await faults(desk, 'adding somebody who works here')).toEqual([]);
    await desk.page.click('.lang');
    await section()
      .locator('input[type=date]')
      .evaluate((field) => field.removeAttribute('max'));
    await press('登记');
    expect(acts).toEqual([]);
    await section().getByLabel('我当面看过证件原件').check();
    await press('登记');
    await section().getByText('还没有卡，进不来').waitFor();
    expect(acts).toEqual([
      {
        what: 'POST /buildings/1/work-rights',
        body: { purpose: 'cleaning', lastDay: '2099-12-31', schedule: 1, name: '周敏', documentType: '111', documentNumber: '890101198505120037', checked: true },
      },
    ]);
    await press('发卡');
    await section().getByLabel('卡号').fill('1A2B3C4D');
    await press('发这张');
    await section().getByText('卡 ···3C4D').waitFor();
    expect(acts.at(-1)).toEqual({ what: 'POST /work-rights/5/cards', body: { number: '1A2B3C4D' } });
    expect(desk.trouble).toEqual([]);
  });

  test('a duty card is given after a sentence that says what it does; the end of a right leads to its receipt', async () => {
    page = { ...page, people: [worker({ purpose: 'watch', mayBeOnDuty: true })] };
    await open();
    await press('发值班卡');
    await section()
      .getByText(/只发给您认识、信得过的人/)
      .waitFor();
    await press('确定发值班卡');
    await section().getByRole('button', { name: '收回值班卡' }).waitFor();
    expect(acts).toEqual([{ what: 'PUT /work-rights/5/duty', body: { duty: true } }]);
    await press('不在这里工作了');
    await section()
      .getByText(/打不开这栋楼的公共门/)
      .waitFor();
    expect(await faults(desk, 'ending a right to work here')).toEqual([]);
    await desk.page.click('.lang');
    await press('马上结束');
    await desk.page.waitForURL('**/card-stop/7');
  });

  test('one that ends soon is renewed by one press; an officer may only end one', async () => {
    page = { ...page, people: [worker({ state: 'soon', untilAt: Date.now() + 5 * DAY })] };
    await open();
    await press('续一年');
    await expect.poll(() => acts.map(({ what }) => what)).toEqual(['PUT /work-rights/5']);
    api.role = 'OF';
    page = { ...page, mayWrite: false, people: [worker({ person: { id: 9, name: '周*', phoneMasked: '', documentMasked: '' }, cards: [{ id: 3, tail: '', status: 'active' }] })] };
    await open();
    await section().getByText('有 1 张卡').waitFor();
    await expect.poll(() => section().getByRole('button').allTextContents()).toEqual(['不在这里工作了', '以前的']);
  });
});
