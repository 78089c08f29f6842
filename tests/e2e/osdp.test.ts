import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { StopReceipt } from '../../gateway/http/schemas/card-stops.ts';
import type { LedgerPage } from '../../gateway/http/schemas/ledger.ts';
import type { LineDeviceView, LineList } from '../../gateway/http/schemas/serial-lines.ts';
import { openReadOnly } from '../../gateway/store/sqlite.ts';
import { closeBrowser, type Desk, openDesk } from '../console/browser.ts';
import { type GatewayProcess, startGateway } from '../helpers/gateway-process.ts';

/** The demo's bike shed: an OSDP reader and a door unit at the other end of a pair of ptys, on a real gateway. */
const SHED = 'D05';
const data = mkdtempSync(path.join(tmpdir(), 'doorbook-osdp-'));
let gateway: GatewayProcess;

const lines = (): Promise<LineList> => gateway.api<LineList>('/lines');
const devices = async (): Promise<readonly LineDeviceView[]> => (await lines()).lines[0]?.devices ?? [];
const states = async (): Promise<string[]> => (await devices()).map(({ state, secured }) => `${state}${secured ? ' secured' : ''}`);
const atWork = (ms = 10_000): Promise<void> => vi.waitFor(async () => expect(await states()).toEqual(['up secured', 'up secured']), { timeout: ms, interval: 100 });
const ledger = (): Promise<LedgerPage> => gateway.api<LedgerPage>('/entries?limit=20');

beforeAll(async () => {
  gateway = await startGateway({ data, demo: true });
  await atWork(20_000);
});
afterAll(async () => {
  await closeBrowser();
  await gateway.kill('SIGTERM');
  rmSync(data, { recursive: true, force: true });
});

describe('a door on a serial line', () => {
  test('opens to a tenant’s card and not to an old one; both stand in the log, and the door says what came of it', async () => {
    expect(await gateway.tap(SHED, '1A2B3C4D')).toMatchObject({ granted: true });
    expect(await gateway.tap(SHED, '0A0B0C0D')).toMatchObject({ granted: false });
    const of = async (): Promise<string[]> => (await ledger()).lines.filter(({ door }) => door.en === 'Bike shed').map(({ code }) => code);
    await expect.poll(of, { timeout: 5000 }).toEqual(expect.arrayContaining(['OK', 'LEASE_ENDED']));
  });

  test('a card that is stopped is refused here at once, and the receipt says that this door takes it no more', async () => {
    expect(await gateway.tap(SHED, '6D5E4F3A')).toMatchObject({ granted: true });
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
    await expect.poll(() => gateway.tap(SHED, '6D5E4F3A'), { timeout: 3000 }).toMatchObject({ granted: false });
    const rowOf = async (): Promise<string | undefined> => (await ask(`/card-stops/${stop.id}`, 'GET')).rows.find(({ door }) => door.en === 'Bike shed')?.state;
    await expect.poll(rowOf, { timeout: 5000 }).toBe('stopped');
    await desk.close();
  });

  test('the adapter goes and comes back: found again without a restart, secured, and a card is read', async () => {
    execFileSync('pkill', ['-f', `socat.*${data}`]);
    await expect.poll(async () => (await lines()).lines[0]?.portUp, { timeout: 5000 }).toBe(false);
    expect((await lines()).lines[0]?.why).toMatch(/gone|no such port/i);
    await expect.poll(async () => (await lines()).lines[0]?.portUp, { timeout: 10_000 }).toBe(true);
    await atWork(20_000);
    expect(await gateway.tap(SHED, '1A2B3C4D')).toMatchObject({ granted: true });
  }, 60_000);
});

test('an operator gives the reader another key in the browser, under the one it has, and it goes on with that', async () => {
  const desk: Desk = await openDesk(gateway.url);
  const { page } = desk;
  await page.goto(gateway.url);
  await page.locator('.entry').first().click();
  await page.waitForSelector('#ledger [data-link=live]');
  const [reader] = await devices();
  await page.goto(`${gateway.url}/line-device/${reader?.id}`);
  await page.getByRole('button', { name: '开始', exact: true }).click();
  const given = page.locator('[data-giving=identity]');
  await given.waitFor({ timeout: 15_000 });
  expect(await given.textContent()).toContain('0D-B0-0C');
  await given.locator('button.act').click();
  await page.locator('[data-giving=done]').waitFor({ timeout: 15_000 });
  await atWork();
  const [after] = await devices();
  expect(after).toMatchObject({ keyExposed: false, identity: reader?.identity });
  expect(await gateway.tap(SHED, '1A2B3C4D')).toMatchObject({ granted: true });
  expect(desk.trouble).toEqual([]);
  await desk.close();
});
