import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LineList, LineView } from '../../gateway/http/schemas/serial-lines.ts';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { FakeApi } from './fake-api.ts';
import { lineDevice, serialLine } from './lines-data.ts';
import { faults, openPage } from './whole.ts';

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
  is({});
  api.bend = (what) => {
    if (what === 'GET /lines') return { status: 200, body: list };
    return what.startsWith('POST /lines') ? (refused ?? { status: 200, body: {} }) : undefined;
  };
});
afterEach(() => desk.close());

function is(change: Partial<LineView>): void {
  list = { lines: [serialLine(change)], ports: [] };
}
const open = (ready = '[data-line="1"]') => openPage(desk, `${api.url}/lines`, ready);
const fold = () => desk.page.locator('summary', { hasText: '整条线换速率' }).first().click();
const text = () => desk.page.textContent('[data-line="1"]');

describe('moving a line to another speed', () => {
  test('names the doors that stand still and who stays behind, and sends both as they were read', async () => {
    is({ devices: [lineDevice(), lineDevice({ id: 2, address: 2, name: '车棚门模块', state: 'offline' })] });
    await open();
    await fold();
    await expect.poll(text).toMatch(/开不了：车棚。.*会留在原速率：车棚门模块/s);
    expect(await faults(desk, 'moving a line')).toEqual([]);
    // It was looked at in English last.
    await desk.page.click('.lang');
    await desk.page.selectOption('select[name=next-speed]', '38400');
    await desk.page.fill('input[name=speed-reason]', '读卡太慢');
    await desk.page.check('input[name=speed-sure]');
    const sent = desk.page.waitForRequest((request) => request.method() === 'POST');
    await desk.page.getByRole('button', { name: '换速率', exact: true }).click();
    const request = await sent;
    expect([new URL(request.url()).pathname, request.postDataJSON()]).toEqual(['/api/v1/lines/1/speed', { baud: 38_400, reason: '读卡太慢', doors: [1], away: [2] }]);
  });

  test('what the gateway refuses is said', async () => {
    await open();
    await fold();
    await desk.page.fill('input[name=speed-reason]', '读卡太慢');
    await desk.page.check('input[name=speed-sure]');
    refused = { status: 409, body: { code: 'LINE_TEST_OPEN', message: { zh: '线上有门现在开着。', en: 'A door of this line is unlocked now.' } } };
    await desk.page.getByRole('button', { name: '换速率', exact: true }).click();
    await desk.page.getByText('线上有门现在开着。').waitFor();
  });

  test('is not offered where a device has no key, which is named', async () => {
    is({ devices: [lineDevice(), lineDevice({ id: 2, address: 2, name: '新的', hasKey: false })] });
    await open();
    await fold();
    await expect.poll(text).toMatch(/先给每台设备发密钥.*新的/s);
    await expect.poll(() => desk.page.locator('select[name=next-speed]').count()).toBe(0);
  });

  test('says where the line may be, then where it was met, and who is not there', async () => {
    is({ nextBaud: 38_400 });
    await open('[data-speed=sent]');
    await expect.poll(text).toMatch(/在 9600 或 38400 bit/);
    await expect.poll(() => desk.page.locator('summary', { hasText: '整条线换速率' }).count()).toBe(0);
    const devices = [lineDevice(), lineDevice({ id: 2, address: 2, name: '车棚门模块', state: 'offline' })];
    is({ baud: 38_400, devices, moving: { state: 'done', baud: 38_400, refused: [2] } });
    api.send({ t: 'serial' });
    await desk.page.locator('[data-speed=done]').waitFor();
    await expect.poll(text).toMatch(/换好了：这条线现在是 38400.*不肯换，或换到了别处：车棚门模块.*还没应答：车棚门模块/s);
    is({ moving: { state: 'kept', baud: 38_400, refused: [] } });
    api.send({ t: 'serial' });
    await desk.page.locator('[data-speed=kept]').waitFor();
    await expect.poll(text).toMatch(/还是 9600 bit\/s，没有换到 38400/);
    expect(desk.trouble).toEqual([]);
  });
});
