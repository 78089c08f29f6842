import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { badPreview, FakeApi } from './fake-api.ts';

let api: FakeApi;
let desk: Desk;
const sent: unknown[] = [];
beforeEach(async () => {
  api = new FakeApi();
  api.role = 'LL';
  api.preview = badPreview;
  sent.length = 0;
  desk = await openDesk(await api.start());
  desk.page.on('request', (request) => {
    if (request.url().endsWith('/apply')) sent.push(request.postDataJSON());
  });
  await desk.page.goto(`${api.url}/building/1/import`);
  await desk.page.waitForSelector('.zone');
});
afterEach(async () => {
  await desk.close();
  await api.stop();
});
afterAll(closeBrowser);

const give = (size = 20): Promise<void> => desk.page.setInputFiles('input[type=file]', { name: '名单 1.csv', mimeType: 'text/csv', buffer: Buffer.alloc(size, 'a') });
const button = (name: string) => desk.page.getByRole('button', { name, exact: true });

describe('the import page', () => {
  test('every bad cell is shown with row, column, value and reason; nothing can be applied until a choice is made', async () => {
    await give();
    await desk.page.waitForSelector('tbody tr');
    const rows = await desk.page.$$eval('tbody tr', (items) => items.map((item) => [...item.querySelectorAll('td')].map((cell) => cell.textContent?.trim())));
    expect(rows[0]).toEqual(['4', '证件号码', '890101199001010110', '最后一位校验不对，请对照证件再抄一遍。', '错']);
    expect(rows.map((row) => row.at(-1))).toEqual(['错', '错', '提醒']);
    await expect.poll(() => button('导入').isDisabled()).toBe(true);
  });

  test('good rows only, documents checked: applied, with what was left out', async () => {
    await give();
    await desk.page.getByText('只导入没错的 11 行').click();
    await desk.page.check('input[name=attested]');
    await button('导入').click();
    await desk.page.getByText('2 行有错，没有导入。').waitFor();
    expect(sent).toEqual([{ goodRowsOnly: true, attested: true }]);
    await expect.poll(() => desk.page.textContent('main')).toContain('同一份文件再导入一次，什么都不会变。');
  });

  test('a file without mistakes goes in without a choice, and without the statement when it is not made', async () => {
    api.preview = { ...badPreview, bad: 0, good: 13, findings: [] };
    await give();
    await button('导入').click();
    await desk.page.getByText('导入好了').waitFor();
    expect(sent).toEqual([{ goodRowsOnly: false, attested: false }]);
  });

  test('an empty or too large file is refused before it is sent', async () => {
    await give(0);
    await desk.page.getByText('这个文件是空的').waitFor();
    await give(9 * 1024 * 1024);
    await desk.page.getByText('文件有 9.0 MB').waitFor();
    expect(api.csrfSeen).toEqual([]);
  });

  test('a refusal of the gateway names the field', async () => {
    api.bend = (what) =>
      what === 'POST /imports'
        ? { status: 400, body: { code: 'BAD_INPUT', message: { zh: '这不是一份名单。', en: 'Not a roster.' }, field: '房号', expected: '0503' } }
        : undefined;
    await give();
    const said = await desk.page.locator('[role=alert]').textContent();
    expect(said).toContain('这不是一份名单。');
    expect(said).toContain('要改的地方：房号');
  });
});
