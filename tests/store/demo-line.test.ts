import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPeripheral } from '../../firmware-sim/osdp/peripheral-model.ts';
import { ControllerId } from '../../gateway/core/ids.ts';
import type { LineRecord } from '../../gateway/doors/serial/registry.ts';
import { serialLinesOf } from '../../gateway/store/line-list.ts';
import { weakness } from '../../gateway/wire/osdp/keys.ts';
import { DEMO_LINE, DEMO_LINE_PORT } from '../../prisma/demo/building.ts';
import { layDemoWire } from '../../prisma/demo/line.ts';
import { loadDemo } from '../../prisma/demo/load.ts';
import { DAY, NOON, temporaryRegister, type TestRegister } from '../helpers/register.ts';

let made: TestRegister;
const dir = mkdtempSync(path.join(tmpdir(), 'doorbook-demo-line-'));
beforeAll(async () => {
  made = await temporaryRegister();
  await loadDemo(made.register, NOON, NOON - DAY / 2);
});
afterAll(async () => {
  await made.close();
  rmSync(dir, { recursive: true, force: true });
});

test('the bike shed of the demo hangs on a serial line: a reader, a door unit, contact, exit and fire', async () => {
  const [line, ...others] = await serialLinesOf(made.register).all();
  expect(others).toEqual([]);
  const [reader, unit] = line?.devices ?? [];
  expect([reader?.address, unit?.address]).toEqual([1, 2]);
  expect(line).toMatchObject({ port: DEMO_LINE_PORT, baud: 38_400, fire: { deviceId: unit?.id, input: 2 } });
  expect(line?.doors).toMatchObject([
    {
      code: '890101001001B00042D05',
      nameEn: 'Bike shed',
      wiring: { readerId: reader?.id, relayId: unit?.id, contact: { deviceId: unit?.id, input: 0 }, exit: { deviceId: unit?.id, input: 1 } },
    },
  ]);
});

test('each device has a key of its own, made for this demo, and the identity it will say', async () => {
  const rows = await made.register.read.lineDevice.findMany({ orderBy: { address: 'asc' } });
  const keys = rows.map(({ keySealed }) => made.register.vault.openBytes('line.key', keySealed ?? new Uint8Array()));
  expect(keys.map((key) => [key.length, weakness(key)])).toEqual([
    [16, undefined],
    [16, undefined],
  ]);
  expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(2);
  for (const { address, identity } of rows) {
    const serial = DEMO_LINE.devices.find((each) => each.address === address)?.serial ?? 0;
    const said = createPeripheral({ address, mode: 'full', serial, random: randomBytes }).identity;
    expect(identity).toBe(Buffer.concat([said.vendor, Buffer.from([said.model]), said.serial]).toString('hex'));
  }
});

const record = (port: string, key: Uint8Array | undefined): LineRecord => ({
  id: 1,
  controllerId: ControllerId(5),
  name: 'line-1',
  port,
  baud: 38_400,
  floorMs: 10,
  adapterMs: 0,
  retired: false,
  doors: [],
  schedules: [],
  devices: [{ id: 1, address: 1, name: '', key, identity: '0db00c01ff000000', clearUntil: 0 }],
});

test('its devices are played with the keys of the register; one that is in its box takes any, and lines of this machine are let alone', () => {
  const wire = layDemoWire(dir, false);
  const lines = [record(DEMO_LINE_PORT, Buffer.alloc(16, 7)), record('/dev/ttyS1', undefined)];
  const [line, ...others] = wire.fleetLines({ all: () => lines });
  expect([line?.port, others]).toEqual([undefined, []]);
  expect(line?.devices.map(({ address, keyHex, serial }) => [address, keyHex, serial])).toEqual([
    [0, undefined, 1000],
    [1, '07'.repeat(16), 255],
    [2, undefined, 1002],
  ]);
});

test('where there are no ptys the bytes go by messages to the process that plays it, also after another took its place', async () => {
  const wire = layDemoWire(dir, false);
  const heard: string[] = [];
  const port = await wire.openPort(DEMO_LINE_PORT, 38_400)({ heard: (bytes) => void heard.push(Buffer.from(bytes).toString('hex')), gone: () => undefined });
  const sent: unknown[] = [];
  const child = () => Object.assign(new EventEmitter(), { connected: true, send: (message: object) => sent.push(message) > 0 });
  const [first, second] = [child(), child()];
  wire.join(first);
  port.write(Buffer.from('5301', 'hex'));
  first.emit('message', { t: 'line', bytes: Buffer.from('ff53', 'hex').toString('base64') });
  wire.join(second);
  second.emit('message', { t: 'ready', devices: 4 });
  second.emit('message', { t: 'line', bytes: Buffer.from('81', 'hex').toString('base64') });
  expect([heard, sent]).toEqual([['ff53', '81'], [{ t: 'line', bytes: 'UwE=' }]]);
  port.close();
  second.emit('message', { t: 'line', bytes: 'gQ==' });
  expect(heard).toHaveLength(2);
});
