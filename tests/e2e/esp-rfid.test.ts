import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import type { BuildingAdded, BuildingView } from '../../gateway/http/schemas/places.ts';
import type { RosterApplied, RosterPreview } from '../../gateway/http/schemas/roster.ts';
import { type Board, connectBoard } from '../doors/esp-rfid/rig.ts';
import { freePort, type GatewayProcess, startGateway } from '../helpers/gateway-process.ts';
import { journalOf } from './load-door.ts';

const CODE = '890101001001B00077';
const ROSTER = '姓名,证件类型,证件号码,房号,起租日期,卡号\n李雷,居民身份证,890101199003070118,0503,2026-03-01,1B07EC04\n';

const data = mkdtempSync(path.join(tmpdir(), 'doorbook-esp-rfid-'));
let here: GatewayProcess | undefined;
let board: Board | undefined;
afterAll(async () => {
  await board?.client.endAsync(true);
  await here?.kill('SIGKILL');
  rmSync(data, { recursive: true, force: true });
});

test('a board that is on the wall already gets the tenants of the register, opens for them, and its log is ours', async () => {
  const port = await freePort();
  const env = { ESP_RFID_PORT: String(port), ESP_RFID_HOST: '127.0.0.1' };
  const gateway = await startGateway({ data, env });
  here = gateway;
  const send = <T>(where: string, body: object): Promise<T> => gateway.api(where, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const run = async (...args: string[]): Promise<string> => {
    const program = [path.resolve('dist/gateway/doorbook.js'), ...args, '--lang', 'en'];
    return (await promisify(execFile)(process.execPath, program, { env: { ...process.env, ...env, PORT: '0', MQTT_PORT: '0', MQTTS_PORT: '0', DOORBOOK_DATA: data } })).stdout;
  };
  expect(gateway.output()).toContain(`! ESP_RFID_PORT ${port} on 127.0.0.1: esp-rfid boards connect here unencrypted`);
  const { building } = await send<BuildingAdded>('/buildings', { code: CODE, name: '迎春路 77 号' });
  const preview = await gateway.api<RosterPreview>(`/imports?building=${building.id}&name=r.csv`, { method: 'POST', headers: { 'content-type': 'text/csv' }, body: ROSTER });
  expect(await send<RosterApplied>(`/imports/${preview.id}/apply`, { goodRowsOnly: false, attested: true })).toMatchObject({ credentials: 1 });

  // By the command line, as an operator does it; what it prints is what goes into the board.
  const said = await run('add-door', CODE, '--kind', 'street', '--name', '大门', '--board', 'esp-rfid', '--cards', 'uid-short');
  const line = (name: string): string => new RegExp(`^ {2}${name}: (.+)$`, 'm').exec(said)?.[1] ?? '';
  expect([line('Server'), line('Port')]).toEqual(['127.0.0.1', String(port)]);
  expect(said).toContain('ESP_RFID_HOST is reached from this computer only');
  expect(said).toContain('Weak link');
  const login = { user: line('User'), password: line('Password'), topic: line('Topic') };
  const doorNow = async () => (await gateway.api<BuildingView>(`/buildings/${building.id}`)).doorList[0];
  await expect.poll(async () => (await doorNow())?.live, { timeout: 5000 }).toMatchObject({ online: false, weak: true });

  board = await connectBoard({ link: { port } }, login, { ip: '127.0.0.1' });
  const { users } = board;
  await expect.poll(() => [...users.keys()], { timeout: 10_000 }).toEqual(['1b7ec4']);
  expect(users.get('1b7ec4')?.['user']).toMatch(/^c\d+$/);
  await expect.poll(async () => (await doorNow())?.live?.have, { timeout: 10_000 }).toMatch(/^1\.\d+$/);

  const time = Math.floor(Date.now() / 1000);
  for (const uid of ['1b7ec4', '1b7ec4', '22d3dad6']) await board.tap(uid, { time });

  // Another password: the board with the old one is out, and its old login is worth nothing.
  const again = await run('add-code', `${CODE}D01`);
  expect(again).toMatch(/^ {2}Password: [0-9a-f]{24}$/m);
  expect(again).not.toContain(login.password);
  await expect.poll(() => board?.client.connected, { timeout: 5000 }).toBe(false);
  await expect(connectBoard({ link: { port } }, login)).rejects.toThrow();
  expect(await run('doctor').catch((error: { stdout: string }) => error.stdout)).toContain('Weak link: 1 doors have esp-rfid boards');

  expect(await gateway.kill('SIGTERM')).toBe(0);
  const entries = journalOf(data);
  const taps = entries.filter(({ event }) => event.kind === 'access');
  expect(taps.map(({ event, person }) => [event.granted, event.reason, event.offline, event.method, person.personId > 0])).toEqual([
    [true, 'OK', true, 'card', true],
    [false, 'UNKNOWN_CREDENTIAL', true, 'card', false],
  ]);
  expect(entries.filter(({ event }) => event.kind === 'outcome').map(({ event }) => [event.final, event.what])).toEqual([
    ['local', 'unknown'],
    ['local', 'unopened'],
  ]);
  expect(gateway.output()).not.toMatch(/1b7ec4|1B07EC04|22d3dad6/i);
});
