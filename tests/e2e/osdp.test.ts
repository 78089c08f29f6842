import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { StopReceipt } from '../../gateway/http/schemas/card-stops.ts';
import type { LedgerPage } from '../../gateway/http/schemas/ledger.ts';
import type { BuildingSummary, BuildingView } from '../../gateway/http/schemas/places.ts';
import type { LineDeviceView, LineList, LineView } from '../../gateway/http/schemas/serial-lines.ts';
import { createSimulator } from '../../gateway/http/demo-socket.ts';
import { openReadOnly } from '../../gateway/store/sqlite.ts';
import { closeBrowser, type Desk, openDesk } from '../console/browser.ts';
import { type GatewayProcess, startGateway } from '../helpers/gateway-process.ts';

/** The demo's door on a serial line, with nothing replaced: gateway, serial port or pty, the devices in their own process. */
const data = mkdtempSync(path.join(tmpdir(), 'doorbook-osdp-'));
let gateway: GatewayProcess;
const until = <T>(ask: () => Promise<T>): Promise<T> => vi.waitFor(ask, { timeout: 30_000, interval: 100 });
const post = <T>(where: string, body: object = {}, method = 'POST'): Promise<T> =>
  gateway.api<T>(where, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

async function line(): Promise<LineView> {
  const [only] = (await gateway.api<LineList>('/lines')).lines;
  if (only === undefined) throw new Error('no line');
  return only;
}
async function device(address: number): Promise<LineDeviceView> {
  const found = (await line()).devices.find((each) => each.address === address);
  if (found === undefined) throw new Error(`no device at ${address}`);
  return found;
}
/** The newest decision at the bike shed, and what came of it. */
async function ledger(): Promise<string[]> {
  const { lines } = await gateway.api<LedgerPage>('/entries?limit=40');
  return lines.filter(({ door }) => door.en === 'Bike shed').map(({ code }) => code);
}

const atWork = (): Promise<void> =>
  until(async () =>
    expect((await line()).devices.map(({ state, secured }) => [state, secured])).toEqual([
      ['up', true],
      ['up', true],
    ]),
  );

beforeAll(async () => {
  gateway = await startGateway({ data, demo: true });
  await atWork();
});
afterAll(async () => {
  await closeBrowser();
  await gateway?.kill('SIGTERM');
  rmSync(data, { recursive: true, force: true });
});

describe('the bike shed of the demo', () => {
  test('opens to a resident, by its own timer, and stays shut to a card that ended', async () => {
    const { granted, openMs } = await gateway.tap('D05', '1A2B3C4D');
    expect([granted, openMs > 4000 && openMs <= 5000]).toEqual([true, true]); // what was left of five seconds when it was looked at
    await until(async () => expect((await ledger()).slice(0, 2)).toEqual(['opened', 'OK'])); // somebody went in
    expect(await gateway.tap('D05', '0A0B0C0D')).toMatchObject({ granted: false, openMs: 0 });
    await until(async () => expect((await ledger())[1]).toBe('LEASE_ENDED'));
  });

  test('its door is online in the console, and its button opens', async () => {
    const [building] = await gateway.api<BuildingSummary[]>('/buildings');
    const { doorList } = await gateway.api<BuildingView>(`/buildings/${building?.id ?? 0}`);
    expect(doorList.find(({ nameEn }) => nameEn === 'Bike shed')?.live).toMatchObject({ online: true });
    const simulator = createSimulator(data);
    const doorCode = '890101001001B00042D05';
    expect(await simulator.ask({ act: 'push', doorCode })).toMatchObject({ ok: true });
    await until(async () => expect(await ledger()).toContain('exit'));
  });

  test('a card that is stopped is refused here at once, and the receipt says that this door takes it no more', async () => {
    expect(await gateway.tap('D05', '6D5E4F3A')).toMatchObject({ granted: true });
    const register = openReadOnly(path.join(data, 'register.sqlite'));
    const id = register.prepare<[], number>(`SELECT "id" FROM "Credential" WHERE "tail" = '4F3A'`).pluck().get();
    register.close();
    const desk = await openDesk(gateway.url);
    await desk.page.goto(gateway.url);
    await desk.page.locator('.entry').nth(1).click();
    await desk.page.waitForSelector('#ledger [data-link=live]');
    const ask = (at: string, method: string): Promise<StopReceipt> =>
      desk.page.evaluate(
        async ([where, how]) => {
          const { csrf } = await (await fetch('/api/v1/session')).json();
          const sent = how === 'GET' ? {} : { headers: { 'content-type': 'application/json', 'x-csrf-token': csrf }, body: '{"reason":"lost"}' };
          return (await fetch(`/api/v1${where}`, { method: how, ...sent })).json();
        },
        [at, method] as const,
      );
    const stop = await ask(`/credentials/${id}/stop`, 'POST');
    expect(stop, JSON.stringify(stop)).toHaveProperty('rows');
    await expect.poll(() => gateway.tap('D05', '6D5E4F3A'), { timeout: 3000 }).toMatchObject({ granted: false });
    const rowOf = async (): Promise<string | undefined> => (await ask(`/card-stops/${stop.id}`, 'GET')).rows.find(({ door }) => door.en === 'Bike shed')?.state;
    await expect.poll(rowOf, { timeout: 5000 }).toBe('stopped');
    await desk.close();
  });

  test('the adapter goes and comes back: found again without a restart, secured, and a card is read', async () => {
    execFileSync('pkill', ['-f', `socat.*${data}`]);
    await expect.poll(async () => (await line()).portUp, { timeout: 5000 }).toBe(false);
    expect((await line()).why).toMatch(/gone|no such port/i);
    await expect.poll(async () => (await line()).portUp, { timeout: 10_000 }).toBe(true);
    await atWork();
    expect(await gateway.tap('D05', '1A2B3C4D')).toMatchObject({ granted: true });
  }, 60_000);

  test('an operator gives the reader another key in the browser, under the one it has, and it goes on with that', async () => {
    const desk: Desk = await openDesk(gateway.url);
    const { page } = desk;
    await page.goto(gateway.url);
    await page.locator('.entry').first().click();
    await page.waitForSelector('#ledger [data-link=live]');
    const reader = await device(1);
    await page.goto(`${gateway.url}/line-device/${reader.id}`);
    await page.getByRole('button', { name: '开始', exact: true }).click();
    const given = page.locator('[data-giving=identity]');
    await given.waitFor({ timeout: 15_000 });
    expect(await given.textContent()).toContain('0D-B0-0C');
    await given.locator('button.act').click();
    await page.locator('[data-giving=done]').waitFor({ timeout: 15_000 });
    await atWork();
    expect(await device(1)).toMatchObject({ keyExposed: false, identity: reader.identity });
    expect(await gateway.tap('D05', '1A2B3C4D')).toMatchObject({ granted: true });
    expect(desk.trouble).toEqual([]);
    await desk.close();
  });

  test('a reader still in its box is added, given a key after a look at who it is, and is secure', async () => {
    const before = await line();
    await post(`/lines/${before.id}/devices`, { address: 0, name: '新读卡器' });
    const { id, state, hasKey } = await until(() => device(0));
    expect([state === 'up', hasKey]).toEqual([false, false]);
    await post(`/line-devices/${id}/key-giving`);
    const identity = await until(async () => {
      const { giving } = await device(0);
      expect(giving?.state).toBe('identity');
      return giving?.identity ?? '';
    });
    expect(identity.replaceAll('-', '')).toBe('0db00c01e8030000'); // serial number 1000, low byte first
    await post(`/line-devices/${id}/key-giving/confirm`, { identity });
    await until(async () => expect(await device(0)).toMatchObject({ state: 'up', secured: true, hasKey: true, keyExposed: true, identity, giving: { state: 'done' } }));
  });

  test('another address for the reader: it goes there and back, and its door with it', async () => {
    const { id } = await device(1);
    await post(`/line-devices/${id}/address`, { address: 40 });
    await until(async () => expect(await device(40)).toMatchObject({ id, nextAddress: null, state: 'up', secured: true, moving: { state: 'done' } }));
    expect(await gateway.tap('D05', '1A2B3C4D')).toMatchObject({ granted: true });
    await post(`/line-devices/${id}/address`, { address: 1 });
    await until(async () => expect(await device(1)).toMatchObject({ id, nextAddress: null, state: 'up', moving: { state: 'done' } }));
    expect(await gateway.tap('D05', '1A2B3C4D')).toMatchObject({ granted: true });
  });

  test('a device whose key is forgotten is not spoken to; in install mode it takes another, and the door works as before', async () => {
    const { id } = await device(1);
    await gateway.api(`/line-devices/${id}/key`, { method: 'DELETE' });
    await until(async () => expect(await device(1)).toMatchObject({ state: 'waiting', secured: false, hasKey: false }));
    await post(`/line-devices/${id}/key-giving`);
    // A reader that kept its own key does not answer to the public one: nothing is given to it.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect((await device(1)).giving?.state).not.toBe('identity');
    await gateway.api(`/line-devices/${id}/key-giving`, { method: 'DELETE' });
    const simulator = createSimulator(data);
    const fault: Parameters<typeof simulator.ask>[0] = JSON.parse('{"act":"fault","doorCode":"890101001001B00042D05","fault":"install"}');
    expect(await simulator.ask(fault)).toMatchObject({ ok: true });
    await post(`/line-devices/${id}/key-giving`);
    const identity = await until(async () => {
      const { giving } = await device(1);
      expect(giving?.state).toBe('identity');
      return giving?.identity ?? '';
    });
    await post(`/line-devices/${id}/key-giving/confirm`, { identity });
    await until(async () => expect(await device(1)).toMatchObject({ state: 'up', secured: true }));
    expect(await gateway.tap('D05', '1A2B3C4D')).toMatchObject({ granted: true });
  });
});
