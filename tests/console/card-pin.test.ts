import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { FakeApi } from './fake-api.ts';
import { faultsInBrief, openPage } from './whole.ts';

let api: FakeApi;
let desk: Desk;
let acts: string[];
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
  api.bend = (what) => {
    if (!/^(POST|DELETE) \/credentials\/\d+\/(pin|code)$/.test(what)) return undefined;
    acts.push(what.replace(/\d+/, 'N'));
    return { status: 200, body: what.startsWith('DELETE') ? { dropped: true } : what.endsWith('code') ? { credentialId: 9, code: '481519' } : { pin: '704193' } };
  };
});
afterEach(() => desk.close());

const press = (name: string) => desk.page.getByRole('button', { name, exact: true }).click();
const panel = () => desk.page.getByRole('group', { name: /的密码$/ });

test('a card’s PIN is made, shown once with what to type under threat, and gone when the panel is closed', async () => {
  await openPage(desk, `${api.url}/unit/8`, '.card-row');
  await desk.page
    .getByRole('button', { name: /的密码$/ })
    .first()
    .click();
  await press('生成密码');
  await panel().getByText('密码只显示这一次：704193').waitFor();
  await expect.poll(() => panel().textContent()).toContain('704194');
  expect(await faultsInBrief(desk, 'the PIN of a card')).toEqual([]);
  await desk.page.click('.lang');
  await press('关上');
  expect(await desk.page.content()).not.toContain('704193');
  expect(acts).toEqual(['POST /credentials/N/pin']);
  expect(desk.trouble).toEqual([]);
});

test('the holder may choose one, have none any more, or a code that needs no card; nine becomes nought', async () => {
  await openPage(desk, `${api.url}/unit/8`, '.card-row');
  await desk.page
    .getByRole('button', { name: /的密码$/ })
    .first()
    .click();
  await panel()
    .getByLabel(/持卡人自己定/)
    .fill('9173');
  const sent = desk.page.waitForRequest((request) => request.method() === 'POST');
  await press('用这个密码');
  expect(JSON.parse((await sent).postData() ?? '')).toEqual({ pin: '9173' });
  await panel().getByText('密码只显示这一次：704193').waitFor();
  await press('不用卡的开门密码');
  await panel()
    .getByText(/开门密码只显示这一次：481519/)
    .waitFor();
  await expect.poll(() => panel().textContent()).toContain('481510');
  await press('去掉密码');
  await panel()
    .getByText(/密码去掉了/)
    .waitFor();
  expect(acts).toEqual(['POST /credentials/N/pin', 'POST /credentials/N/code', 'DELETE /credentials/N/pin']);
  expect(desk.trouble).toEqual([]);
});
