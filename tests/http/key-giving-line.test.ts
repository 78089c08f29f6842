import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LineRecord } from '../../gateway/doors/serial/registry.ts';
import { openIndexSource } from '../../gateway/store/index-source.ts';
import { closeRigs, type LineRig, openLineRig } from '../doors/serial/line-rig.ts';
import { type Browser, signedIn, type World, world } from './fixture.ts';

let here: World;
let operator: Browser;
let rig: LineRig;
/** What of either side the other has been told. */
let [asked, told] = [0, 0];
beforeEach(async () => {
  here = await world();
  // Both halves go by one clock.
  here.time.now = Date.now();
  operator = await signedIn(here, 'SA', []);
  await operator.ask('POST', 'lines', { name: '一号线', port: '/dev/made-up', baud: 115_200 });
  await operator.ask('POST', 'lines/1/devices', { name: '大门读卡器', address: 1 });
  [asked, told] = [0, 0];
});
afterEach(async () => {
  await closeRigs();
  await here.close();
});

/** The line as the door side has it from the register. */
function record(): LineRecord {
  const source = openIndexSource(here.register.file);
  const [line] = source.fitted().lines;
  source.close();
  if (line === undefined) throw new Error('no line');
  const open = (sealed: Uint8Array | null) => (sealed === null ? undefined : here.register.register.vault.openBytes('line.key', sealed));
  return { ...line, devices: line.devices.map(({ keySealed, nextKeySealed, ...device }) => ({ ...device, key: open(keySealed), nextKey: open(nextKeySealed) })) };
}

/** Carries messages between the halves; the device as the console is shown it then. */
async function device(): Promise<Record<string, unknown>> {
  for (const { deviceRow, act } of here.commissions.slice(asked)) {
    asked += 1;
    rig.link.commission(deviceRow, act);
  }
  rig.set(record());
  for (const { row, news } of rig.news.slice(told)) {
    told += 1;
    await here.site.serial.acted(row, news);
  }
  here.lines.splice(0, 1, ...rig.link.lines());
  return Object(Object((await operator.ask('GET', 'lines')).json['lines'])[0].devices[0]);
}
const giving = async (): Promise<unknown> => Object((await device())['giving']).state;
const until = (state: string) => expect.poll(giving, { timeout: 8000 }).toBe(state);

const OWN_KEY = '8f1c5a0e77d3429bb6e0c4d1f2a39857';

/** Two halves with handshakes between them, on a machine that may have other work. */
const LONG_MS = 30_000;

test('a key goes from the operator’s yes to the device, which then speaks under it alone', { timeout: LONG_MS }, async () => {
  rig = await openLineRig(record());
  const { peripheral } = rig.add({ address: 1, mode: 'install', serial: 0xaa });
  expect(await device()).toMatchObject({ state: 'waiting', hasKey: false, secured: false });
  await operator.ask('POST', 'line-devices/1/key-giving', {});
  await until('identity');
  const { identity } = Object((await device())['giving']);
  expect(identity).toMatch(/^[0-9a-f]{6}-[0-9a-f]{2}-[0-9a-f]{8}$/);
  expect((await operator.ask('POST', 'line-devices/1/key-giving/confirm', { identity })).status).toBe(200);
  await until('done');
  await expect.poll(async () => (await device())['secured'], { timeout: 8000 }).toBe(true);
  expect(await device()).toMatchObject({ state: 'up', hasKey: true, identity, reported: '', keyExposed: false });
  expect(Buffer.from(record().devices[0]?.key ?? []).toString('hex')).toBe(Buffer.from(peripheral.key ?? []).toString('hex'));
  expect(record().devices[0]?.nextKey).toBeUndefined();
});

test('a key that was sent before the gateway stopped is the device’s after it, unasked', { timeout: LONG_MS }, async () => {
  rig = await openLineRig(record());
  const { peripheral } = rig.add({ address: 1, mode: 'install', serial: 0xaa });
  await operator.ask('POST', 'line-devices/1/key-giving', {});
  await until('identity');
  const { identity } = Object((await device())['giving']);
  await operator.ask('POST', 'line-devices/1/key-giving/confirm', { identity });
  // Power off on both sides, the key just sent: nobody has heard how it went.
  await closeRigs();
  const waiting = record().devices[0]?.nextKey;
  expect(waiting).toBeDefined();
  rig = await openLineRig(record());
  [asked, told] = [here.commissions.length, 0];
  const after = rig.add({ address: 1, mode: 'full', key: Buffer.from(waiting ?? []), serial: 0xaa });
  await expect.poll(async () => (await device())['hasKey'], { timeout: 8000 }).toBe(true);
  expect([record().devices[0]?.nextKey, Buffer.from(after.peripheral.key ?? []).equals(Buffer.from(waiting ?? [])), peripheral === after.peripheral]).toEqual([
    undefined,
    true,
    false,
  ]);
  expect(await device()).toMatchObject({ identity });
});

describe('another address', () => {
  const shown = async (...fields: readonly string[]) => {
    const now = await device();
    return fields.map((field) => now[field]);
  };
  const state = async (): Promise<unknown> => Object((await device())['moving']).state;
  const wish = (address: number) => operator.ask('POST', 'line-devices/1/address', { address });
  /** One device at work under its key. */
  async function atWork(): Promise<ReturnType<LineRig['add']>> {
    await operator.ask('PUT', 'line-devices/1/key', { key: OWN_KEY });
    rig = await openLineRig(record());
    const added = rig.add({ address: 1, key: Buffer.from(OWN_KEY, 'hex'), mode: 'full', serial: 0xaa });
    await expect.poll(async () => (await device())['state'], { timeout: 8000 }).toBe('up');
    return added;
  }
  /** The gateway ends as if it lost its power, and starts again; what was told meanwhile is lost. */
  async function again(address: number): Promise<void> {
    await closeRigs();
    rig = await openLineRig(record());
    [asked, told] = [here.commissions.length, 0];
    rig.add({ address, key: Buffer.from(OWN_KEY, 'hex'), mode: 'full', serial: 0xaa });
  }

  test('goes from the operator to the device, which proves its key there', { timeout: LONG_MS }, async () => {
    const { peripheral } = await atWork();
    expect((await wish(5)).status).toBe(200);
    await expect.poll(state, { timeout: 8000 }).toBe('done');
    expect([await shown('address', 'nextAddress'), peripheral.address]).toEqual([[5, null], 5]);
    await expect.poll(async () => (await device())['state'], { timeout: 8000 }).toBe('up');
    expect(here.journal.entries.map(({ event }) => event.what).filter((what) => what?.startsWith('line-address'))).toEqual(['line-address-sent', 'line-address-changed']);
  });

  test.each([1, 5])('stored, and the gateway gone before it heard how it went: found at %i, it is so', { timeout: LONG_MS }, async (at) => {
    await atWork();
    await wish(5);
    expect((({ address, nextAddress }) => [address, nextAddress])(Object(record().devices[0]))).toEqual([1, 5]);
    // Between "stored" and "told", or between "told" and "heard": the register looks the same.
    await again(at);
    here.time.now += 60_000;
    await expect.poll(() => shown('address', 'nextAddress'), { timeout: 8000 }).toEqual([at, null]);
  });

  test('a device that went, and whose news were lost, is found by the next start', { timeout: LONG_MS }, async () => {
    const { peripheral } = await atWork();
    await wish(5);
    for (const { deviceRow, act } of here.commissions.slice(asked)) rig.link.commission(deviceRow, act);
    rig.set(record());
    await expect.poll(() => peripheral.address, { timeout: 8000 }).toBe(5);
    await again(5);
    here.time.now += 60_000;
    await expect.poll(() => shown('address', 'nextAddress'), { timeout: 8000 }).toEqual([5, null]);
  });
});
