import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { KeyGiving, LineDeviceView, LineList } from '../../gateway/http/schemas/serial-lines.ts';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { FakeApi } from './fake-api.ts';
import { lineDevice, serialLine, troubledLines } from './lines-data.ts';
import { faults, faultsInBrief, openPage } from './whole.ts';

interface Sent {
  readonly what: string;
  readonly body: unknown;
}
let api: FakeApi;
let desk: Desk;
let list: LineList;
let refused: { status: number; body: unknown } | undefined;
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
  api.role = 'SA';
  refused = undefined;
  list = { lines: [serialLine()], ports: [] };
  api.bend = answer;
});
afterEach(() => desk.close());

function answer(what: string): { status: number; body: unknown } | undefined {
  const ok = (body: unknown): { status: number; body: unknown } => ({ status: 200, body });
  if (what === 'GET /lines') return ok(list);
  if (!/^(POST|PUT|DELETE) \/(lines|line-devices|doors)/.test(what)) return undefined;
  return refused ?? ok({});
}

const open = (path: string, ready: string) => openPage(desk, api.url + path, ready);
const press = (name: string) => desk.page.getByRole('button', { name, exact: true }).click();
const fold = (name: string) => desk.page.locator('summary', { hasText: name }).first().click();
/** What the page sends while `act` is done: the first request that changes something. */
async function sentBy(act: () => Promise<unknown>): Promise<Sent> {
  const sent = desk.page.waitForRequest((request) => request.method() !== 'GET');
  await act();
  const request = await sent;
  return { what: `${request.method()} ${new URL(request.url()).pathname.replace('/api/v1', '')}`, body: request.postDataJSON() };
}
/** The device as the gateway says it is from now on; the page hears that it changed. */
function becomes(change: Partial<LineDeviceView>): void {
  list = { ...list, lines: [serialLine({ devices: [lineDevice(change), lineDevice({ id: 2, address: 2, name: '车棚门模块' })] })] };
  api.send({ t: 'serial' });
}
const giving = (state: KeyGiving['state'], identity = ''): Pick<LineDeviceView, 'giving'> => ({ giving: { state, identity, until: Date.now() + 290_000 } });
const card = () => desk.page.locator('section[aria-labelledby=give-title]');

describe('serial lines', () => {
  test('with all that can be wrong the page is whole, readable and clean', { timeout: 120_000 }, async () => {
    list = troubledLines(Date.now());
    await open('/lines', '[data-line="3"]');
    expect(await faults(desk, 'serial lines')).toEqual([]);
    expect(desk.trouble).toEqual([]);
  });

  test('what is not secured, overheard, swapped or in clear says so, and each trouble what to do', async () => {
    list = troubledLines(Date.now());
    await open('/lines', '[data-line="3"]');
    const [first, second, third] = await Promise.all([1, 2, 3].map((id) => desk.page.textContent(`[data-line="${id}"]`)));
    expect(first).toMatch(/时好时坏.*没有加密.*密钥可能被听到过.*为止不加密/s);
    expect(first).toMatch(/换了一台设备.*接上来的不是登记的那台设备/s);
    expect(first).toMatch(/重发25%（1,000 次里 250 次）.*校验错9\.0%（1,000 次里 90 次）/s);
    expect(first).toContain('有 30 次没人问就说话的');
    expect(second).toMatch(/\/dev\/ttyUSB7：没有这个串口。看看转接器有没有插好/);
    expect(second).not.toContain('There is no such port');
    expect(third).toMatch(/线上没有一台回答.*A、B 两根线接反/s);
  });

  test('an empty page offers the first line, and its port is chosen from those that are free', async () => {
    list = { lines: [], ports: ['/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0'] };
    await open('/lines', '.empty');
    expect(await faultsInBrief(desk, 'no serial line')).toEqual([]);
    await desk.page.click('.lang');
    await desk.page.fill('input[name=line-name]', '一号线');
    await press('/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0');
    expect(await sentBy(() => press('加一条线'))).toEqual({
      what: 'POST /lines',
      body: { name: '一号线', port: '/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0', baud: 9600, floorMs: 10, adapterMs: 16 },
    });
  });

  test('a device is added with the lowest free address; what is refused says why', async () => {
    await open('/lines', '[data-line="1"]');
    await fold('加一台设备');
    await desk.page.fill('input[name=device-name]', '新的');
    refused = { status: 409, body: { code: 'ADDRESS_TAKEN', message: { zh: '这个地址已经有一台了。', en: 'Another device has this address.' } } };
    expect(await sentBy(() => press('加一台设备'))).toEqual({ what: 'POST /lines/1/devices', body: { address: 0, name: '新的' } });
    await desk.page.getByText('这个地址已经有一台了。').waitFor();
  });

  test('a door of the building comes to the line with its reader, relay and contact', async () => {
    await open('/lines', '[data-line="1"]');
    await fold('接一扇门');
    const form = desk.page.locator('details:has(> summary:text-is("接一扇门"))');
    await form.locator('select[name=door]').selectOption({ index: 1 });
    await form.getByLabel('门磁在').selectOption('车棚门模块');
    const { what, body } = await sentBy(() => form.getByRole('button', { name: '存接线' }).click());
    expect(what).toMatch(/^PUT \/doors\/\d+\/wiring$/);
    expect(body).toEqual({ readerId: 1, readerNumber: 0, relayId: 2, relayOutput: 0, contact: { deviceId: 2, input: 0, activeLow: false }, exit: null });
  });

  test('retiring a line says what stops working and asks once more', async () => {
    await open('/lines', '[data-line="1"]');
    await fold('改这条线');
    await press('停用这条线');
    await desk.page.getByText(/线上的门全都刷不了卡.*出门按钮也按不开.*密钥和门都留着/).waitFor();
    expect(await sentBy(() => press('停用它'))).toEqual({ what: 'POST /lines/1/retire', body: {} });
  });

  test('a landlord reads them and is offered nothing to change', async () => {
    api.role = 'LL';
    await open('/lines', '[data-line="1"]');
    expect(await desk.page.locator('[data-line="1"] details').count()).toBe(0);
    await open('/line-device/1', 'dl.facts');
    expect(await desk.page.locator('#give-title, details').count()).toBe(0);
  });

  test('a device with a key that is only silent is not called insecure', async () => {
    list = { ports: [], lines: [serialLine({ devices: [lineDevice({ state: 'offline', secured: false, pollsPerSecond: 0 })] })] };
    await open('/lines', '[data-line="1"]');
    expect(await desk.page.textContent('[data-line="1"] .rows')).toMatch(/没有回答/);
    expect(await desk.page.textContent('[data-line="1"] .rows')).not.toMatch(/没有加密/);
  });

  test('the other language brings its own words to the page', async () => {
    await open('/lines', '[data-line="1"]');
    await desk.page.click('.lang');
    await desk.page.getByRole('heading', { name: 'Serial lines' }).waitFor();
    expect(await desk.page.textContent('[data-line="1"]')).toMatch(/encrypted.*asked 27 times a second/s);
  });
});

describe('giving a device its key', () => {
  test('begin, is it this one, sent, done: each as the gateway says it', { timeout: 120_000 }, async () => {
    becomes({ state: 'waiting', secured: false, hasKey: false, identity: '', enrolledAt: null, pollsPerSecond: 0 });
    await open('/line-device/1', '#give-title');
    expect(await card().textContent()).toMatch(/最好在工作台上做.*地址 1，速率 9600.*线上现在还有 1 台设备/s);
    expect(await sentBy(() => press('开始'))).toEqual({ what: 'POST /line-devices/1/key-giving', body: {} });
    becomes({ state: 'commissioning', identity: '', ...giving('begun') });
    await card().getByText('正在问它是谁…').waitFor();
    await expect.poll(() => card().locator('[role=timer]').textContent()).toMatch(/还剩 4:\d\d/);
    becomes({ state: 'commissioning', identity: '', ...giving('identity', '0db00c0101000000') });
    await card().getByText('和设备背面的标签对一下，是这台吗？').waitFor();
    expect(await card().textContent()).toMatch(/厂家0D-B0-0C型号1序列号01000000 \(1\)/);
    expect(await faults(desk, 'is it this device')).toEqual([]);
    await desk.page.click('.lang');
    expect(await sentBy(() => press('是这台，给它密钥'))).toEqual({ what: 'POST /line-devices/1/key-giving/confirm', body: { identity: '0db00c0101000000' } });
    becomes({ state: 'commissioning', ...giving('sent', '0db00c0101000000') });
    await card()
      .getByText(/密钥已经发出/)
      .waitFor();
    becomes({ ...giving('done', '0db00c0101000000'), keyExposed: true });
    await card().getByText('好了，车棚读卡器 有自己的密钥了。').waitFor();
    await desk.page.getByText(/给密钥的时候线上还有别的设备/).waitFor();
    expect(desk.trouble).toEqual([]);
  });

  test('another device than was enrolled is pointed out before it is given anything, and can be stopped', async () => {
    becomes({ state: 'commissioning', ...giving('identity', '0db00c-01-05000000') });
    await open('/line-device/1', '#give-title');
    await card()
      .getByText(/和上次登记的不一样/)
      .waitFor();
    expect((await sentBy(() => press('不是，停下'))).what).toBe('DELETE /line-devices/1/key-giving');
  });

  test.each(['late', 'weak-key', 'same-key', 'unproven', 'not-ready', 'cancelled'] as const)(
    '%s: what went wrong, what to do next, and a way back to the beginning',
    async (state) => {
      becomes({ state: 'waiting', ...giving(state) });
      await open('/line-device/1', '#give-title');
      await expect.poll(() => card().locator('[role=status]').textContent()).toMatch(/.{6,}/);
      expect(await card().textContent()).not.toContain('lines.give');
      await press('再来一次');
      await card().getByRole('button', { name: '开始' }).waitFor();
    },
  );
});

describe('one device', () => {
  test('swapped, in clear and overheard: the page is whole and says what each means', { timeout: 120_000 }, async () => {
    list = {
      ports: [],
      lines: [
        serialLine({
          devices: [
            lineDevice({
              reported: '0db00c-01-07000000',
              keyExposed: true,
              secured: false,
              clearUntil: Date.now() + 3_600_000,
              state: 'waiting',
              alarm: { what: 'bad-mac', at: Date.now() },
            }),
          ],
        }),
      ],
    };
    await open('/line-device/1', '#give-title');
    expect(await faults(desk, 'a device of a line')).toEqual([]);
    expect(desk.trouble).toEqual([]);
  });

  test('a key by hand is taken with spaces, and is gone from the page', async () => {
    await open('/line-device/1', '#give-title');
    await fold('手工填密钥');
    await desk.page.fill('input[name=device-key]', '00112233 44556677 8899aabb ccddee01');
    expect(await sentBy(() => press('用这把密钥'))).toEqual({ what: 'PUT /line-devices/1/key', body: { key: '00112233445566778899aabbccddee01' } });
    await desk.page.getByText('存好了。设备上线就知道对不对。').waitFor();
    await expect.poll(() => desk.page.inputValue('input[name=device-key]')).toBe('');
  });

  test('speaking in clear needs hours and a reason, and is ended at once', async () => {
    await open('/line-device/1', '#give-title');
    await fold('暂时不加密');
    await desk.page.fill('input[name=clear-hours]', '2');
    await desk.page.fill('input[name=clear-reason]', '查故障');
    await press('允许不加密'); // three letters are too few: nothing is sent
    await desk.page.fill('input[name=clear-reason]', '查一个故障');
    expect(await sentBy(() => press('允许不加密'))).toEqual({ what: 'PUT /line-devices/1/clear', body: { hours: 2, reason: '查一个故障' } });
    becomes({ clearUntil: Date.now() + 7_200_000, secured: false });
    expect((await sentBy(() => press('现在就结束'))).what).toBe('DELETE /line-devices/1/clear');
  });

  test('forgetting the key and taking the device off say what stops working first', async () => {
    await open('/line-device/1', '#give-title');
    await press('忘掉密钥');
    await desk.page.getByText(/用它的门刷不了卡/).waitFor();
    expect((await sentBy(() => press('忘掉它'))).what).toBe('DELETE /line-devices/1/key');
    await press('从线上去掉');
    await desk.page.getByText(/网关忘掉它和它的密钥/).waitFor();
    expect((await sentBy(() => press('从线上去掉'))).what).toBe('DELETE /line-devices/1');
    await desk.page.waitForURL('**/lines');
  });

  test('another address: told, looked for at both, and each end said with what to do', { timeout: 120_000 }, async () => {
    await open('/line-device/1', '#give-title');
    await fold('给它换个地址');
    const field = desk.page.locator('input[name=new-address]');
    await expect.poll(() => field.inputValue()).toBe('0');
    await field.fill('7');
    expect(await sentBy(() => press('告诉设备'))).toEqual({ what: 'POST /line-devices/1/address', body: { address: 7 } });
    const said = (state: NonNullable<LineDeviceView['moving']>['state'], other: NonNullable<LineDeviceView['moving']>['said'] = null) => ({
      moving: { state, address: 7, said: other },
    });
    const card = () => desk.page.locator('[data-moving]').textContent();
    becomes({ nextAddress: 7, ...said('asked') });
    await expect.poll(card).toContain('正在让设备换到地址 7');
    becomes({ nextAddress: 7, ...said('sent') });
    await expect.poll(card).toContain('它可能在地址 1，也可能在 7');
    await expect.poll(() => desk.page.locator('.title').textContent()).toContain('地址 1 或 7');
    await press('不再到新地址找');
    await expect.poll(card).toContain('算它还在地址 1');
    expect((await sentBy(() => desk.page.locator('button.stop').click())).what).toBe('DELETE /line-devices/1/address');
    becomes({ nextAddress: 9, ...said('elsewhere', { address: 9, baud: 19_200 }) });
    await expect.poll(card).toContain('地址 9、速率 19200');
    for (const [state, words] of [
      ['unsent', '没能告诉它，它还在地址 1'],
      ['refused', '它不肯用地址 7'],
      ['occupied', '已经有一台没登记的设备'],
      ['kept', '告诉了它，可它还在地址 1'],
    ] as const) {
      becomes(said(state));
      await expect.poll(card).toContain(words);
    }
    becomes({ address: 7, ...said('done') });
    await expect.poll(card).toContain('好了：它在地址 7');
    becomes({ hasKey: false, state: 'waiting', ...said('unsent') });
    await expect.poll(card).toContain('先给它密钥');
    becomes({ state: 'offline', ...said('unsent') });
    await expect.poll(() => desk.page.getByRole('button', { name: '告诉设备' }).isDisabled()).toBe(true);
    expect(await faultsInBrief(desk, 'another address')).toEqual([]);
  });

  test('a door on a line is not offered a code for a controller', async () => {
    const usual = api.bend;
    api.bend = (what, body) =>
      what === 'GET /doors/1/controller'
        ? { status: 200, body: { device: 'line-1', enrolledAt: null, retiredAt: null, model: 'osdp', firmware: '', codeUntil: null, boardCards: '' } }
        : usual(what, body);
    await open('/door/1', 'text=这扇门接在串口线上');
    expect(await desk.page.getByRole('button', { name: /装机码|换一个控制器/ }).count()).toBe(0);
  });
});
