import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FloorsPreview, HomeFacts } from '../../gateway/http/schemas/homes.ts';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { building } from './demo-data.ts';
import { FakeApi } from './fake-api.ts';
import { faults, openPage } from './whole.ts';

let api: FakeApi;
let desk: Desk;
let acts: { readonly what: string; readonly body: unknown; readonly version: string | undefined }[];
let empty: boolean;
let facts: HomeFacts;
beforeEach(async () => {
  api = new FakeApi();
  api.role = 'LL';
  await api.start();
  desk = await openDesk(api.url);
  [acts, empty] = [[], true];
  facts = { id: 12, buildingId: 1, code: '890101001001B00042-0503', floor: 5, room: '0503', use: 'let', version: 4 };
  api.bend = answer;
  desk.page.on('request', (request) => {
    if (request.method() === 'GET') return;
    const what = `${request.method()} ${new URL(request.url()).pathname.replace('/api/v1', '')}`;
    acts.push({ what, body: request.postDataJSON(), version: request.headers()['if-match'] });
  });
});
afterEach(async () => {
  await desk.close();
  await api.stop();
});
afterAll(closeBrowser);

const PREVIEW: FloorsPreview = {
  fresh: 3,
  there: 1,
  floors: [
    { floor: 1, rooms: ['0101', '0102'] },
    { floor: 2, rooms: ['0201', '0202'] },
  ],
};

function answer(what: string, sent?: string): { status: number; body: unknown } | undefined {
  const ok = (body: unknown): { status: number; body: unknown } => ({ status: 200, body });
  if (what === 'GET /buildings/1' && empty) return ok({ ...building(Date.now(), 'LL'), units: 0, floors: [] });
  if (what === 'GET /buildings/1/floors') return ok(PREVIEW);
  if (what === 'POST /buildings/1/floors') {
    empty = false;
    return ok({ made: 3 });
  }
  if (what === 'GET /buildings/1/address') return ok({ text: '迎春路 42 号', divisions: ['示范市', '示范社区'], parts: null, version: 7 });
  if (what === 'PUT /buildings/1/address')
    return sent?.includes('"unlisted":true') === true
      ? ok({})
      : {
          status: 409,
          body: { code: 'ADDRESS_UNKNOWN', message: { zh: '街路字典里没有这个地址。', en: 'The street dictionary does not have this address.' }, field: 'doorNumber' },
        };
  if (what === 'GET /units/12/facts') return ok(facts);
  if (what === 'PUT /units/12/room') facts = { ...facts, room: '0605', version: 5 };
  else if (what === 'PUT /units/12/use')
    return { status: 409, body: { code: 'TENANCY_RUNS', message: { zh: '这里还有租约。先办退租，再改成自住或空置。', en: 'A tenancy runs here.' }, field: 'use' } };
  else return undefined;
  return ok(facts);
}

const press = (name: string) => desk.page.getByRole('button', { name, exact: true }).click();

describe('homes', () => {
  test('an empty building has its floors after two presses, and their numbers were seen before', async () => {
    await openPage(desk, `${api.url}/building/1`, '#rooms-title');
    await press('按层登记房间');
    await expect.poll(() => desk.page.getByRole('group', { name: '会登记这些房间' }).textContent()).toContain('0201 0202');
    await expect.poll(() => desk.page.getByRole('group', { name: '会登记这些房间' }).textContent()).toContain('另有 1 间已经有了');
    await desk.page.getByLabel('最高层').fill('2');
    await desk.page.getByLabel('每层几间').fill('2');
    await desk.page.getByLabel('不要 4、13、14 层').check();
    await expect.poll(() => api.asked.at(-1)).toContain('to=2&perFloor=2&digits=2&skip=4,13,14');
    expect(await faults(desk, 'adding homes floor by floor')).toEqual([]);
    await desk.page.click('.lang');
    await press('登记这 3 间');
    await expect.poll(() => desk.page.getByRole('status').allTextContents()).toContain('登记了 3 间。');
    expect(acts).toEqual([{ what: 'POST /buildings/1/floors', body: { from: 1, to: 2, perFloor: 2, digits: 2, skip: [4, 13, 14], use: 'let' }, version: undefined }]);
    await expect.poll(() => desk.page.locator('.house').count()).toBe(1);
    expect(desk.trouble).toEqual([]);
  });

  test('a number is put right on the page of the home; a use that cannot be says why', async () => {
    await openPage(desk, `${api.url}/unit/12`, 'h1');
    expect(api.asked.filter((what) => what.includes('/facts'))).toEqual([]);
    await desk.page.getByText('房号和用途', { exact: true }).click();
    await desk.page.getByLabel('房号', { exact: true }).fill('605');
    await press('改房号');
    await expect.poll(() => desk.page.getByRole('status').allTextContents()).toContain('改好了。');
    await desk.page.getByLabel('空着').check();
    expect(await faults(desk, 'number and use of a home')).toEqual([]);
    await desk.page.click('.lang');
    await press('改用途');
    await expect.poll(() => desk.page.getByRole('alert').textContent()).toContain('先办退租');
    expect(acts).toEqual([
      { what: 'PUT /units/12/room', body: { room: '605' }, version: '"4"' },
      { what: 'PUT /units/12/use', body: { use: 'vacant' }, version: '"5"' },
    ]);
    await expect.poll(() => desk.page.getByLabel('出租').isChecked()).toBe(true);
  });

  test('an address is filled in by its parts, and what the dictionary lacks is asked about once', async () => {
    await openPage(desk, `${api.url}/building/1`, '#rooms-title');
    await desk.page.getByText('地址', { exact: true }).click();
    await desk.page.getByLabel('街路巷').fill('迎春路');
    await desk.page.getByLabel('门牌号').fill('42');
    await desk.page.getByRole('button', { name: '存地址' }).click();
    await desk.page.getByLabel('地址没错，字典里还没有').check();
    expect(await faults(desk, 'the address of a building')).toEqual([]);
    await desk.page.click('.lang');
    await desk.page.getByRole('button', { name: '存地址' }).click();
    await expect.poll(() => desk.page.getByRole('status').allTextContents()).toContain('改好了。');
    const parts = { street: '迎春路', doorNumber: '42', compound: '', block: '', entrance: '', group: '' };
    expect(acts).toEqual([false, true].map((unlisted) => ({ what: 'PUT /buildings/1/address', body: { ...parts, unlisted }, version: '"7"' })));
  });

  test('who may not make homes is not asked to', async () => {
    api.role = 'OF';
    await openPage(desk, `${api.url}/building/1`, '#rooms-title');
    await expect.poll(() => desk.page.getByText('还没有房间').count()).toBe(1);
    await expect.poll(() => desk.page.getByRole('button', { name: '按层登记房间' }).count()).toBe(0);
  });
});
