import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import type { BuildingAdded, DoorFitted } from '../../gateway/http/schemas/places.ts';
import type { RosterApplied, RosterPreview } from '../../gateway/http/schemas/roster.ts';
import { enrol } from '../../firmware-sim/enrol.ts';
import type { EnrolOffer } from '../../gateway/http/schemas/enrolment.ts';
import type { AlarmList } from '../../gateway/http/schemas/health.ts';
import { readOffer } from '../../gateway/wire/mqtt/enrol.ts';
import { type DeviceSelf, greet } from '../doors/harness.ts';
import type { SessionView } from '../../gateway/http/schemas/session.ts';
import type { FactorAdded, TotpBegun } from '../../gateway/http/schemas/own-account.ts';
import { freePort, type GatewayProcess, startGateway } from '../helpers/gateway-process.ts';
import { codeNow, visitor } from '../helpers/visitor.ts';
import { journalOf } from './load-door.ts';

const CODE = '890101001001B00077';
const ROSTER = '姓名,证件类型,证件号码,房号,起租日期,卡号\n李雷,居民身份证,890101199003070118,0503,2026-03-01,1A2B3C4D\n';

const data = mkdtempSync(path.join(tmpdir(), 'doorbook-real-site-'));
let gateway: GatewayProcess | undefined;
afterAll(async () => {
  await gateway?.kill('SIGKILL');
  rmSync(data, { recursive: true, force: true });
});

/** The first administrator by the printed link, with a second factor set up, signed out and in again. */
async function firstAdministrator(here: GatewayProcess): Promise<ReturnType<typeof visitor>> {
  const token = /\/setup\?token=(\S+)/.exec(here.output())?.[1] ?? '';
  const boss = visitor(here.url);
  expect(await boss.get<SessionView>('/session')).toMatchObject({ account: null, setup: true });
  const password = 'seven kettles by the sea';
  expect(await boss.post<SessionView>('/setup', { token, login: 'boss', password, displayName: '王主任' })).toMatchObject({ account: { step: 'enrol' }, may: [] });
  await expect(boss.post('/buildings', { code: CODE, name: '迎春路 77 号' })).rejects.toThrow('SECOND_FACTOR');
  const { id, secret } = await boss.post<TotpBegun>('/session/factors/totp', { label: '手机' });
  const added = await boss.post<FactorAdded>(`/session/factors/totp/${id}/confirm`, { code: codeNow(secret) });
  expect([added.session.account?.step, added.recoveryCodes.length]).toEqual(['full', 10]);
  const again = visitor(here.url);
  await again.get('/session');
  expect(await again.post<SessionView>('/session', { login: 'boss', password })).toMatchObject({ account: { step: 'factor' } });
  // The code of this half minute was used: the next one counts already.
  expect(await again.post<SessionView>('/session/factor', { code: codeNow(secret, 1) })).toMatchObject({ account: { step: 'full' } });
  return again;
}

/** A device of its own key that trades the code of this offer. */
async function deviceWith(text: string, key: number): Promise<DeviceSelf> {
  const { device, site, secret } = await enrol(readOffer(text), { privateKey: Buffer.alloc(32, key), model: 'test', fw: '1', doors: 1 });
  return { deviceId: device, site, secret: Buffer.from(secret, 'hex') };
}

test('an empty site gets an administrator, a building, a door, a tenant and a controller, and the card opens the door', async () => {
  const port = await freePort();
  const here = await startGateway({ data, env: { MQTT_PORT: String(port), MQTTS_PORT: '0' } });
  gateway = here;
  const send = <T>(where: string, body: object): Promise<T> => here.api(where, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

  const boss = await firstAdministrator(here);
  const { building, site } = await boss.post<BuildingAdded>('/buildings', { code: CODE, name: '迎春路 77 号' });
  const fitted = await send<DoorFitted>(`/buildings/${building.id}/doors`, { kind: 'street', name: '大门' });
  const preview = await here.api<RosterPreview>(`/imports?building=${building.id}&name=r.csv`, { method: 'POST', headers: { 'content-type': 'text/csv' }, body: ROSTER });
  expect([preview.good, preview.findings.filter(({ warning }) => !warning)]).toEqual([1, []]);
  expect(await send<RosterApplied>(`/imports/${preview.id}/apply`, { goodRowsOnly: false, attested: true })).toMatchObject({ people: 1, credentials: 1, units: 1 });

  // From the page: a code, traded over TLS by a device that knows the gateway by its pin alone.
  const offer = await boss.post<EnrolOffer>(`/doors/${fitted.door.id}/controller/codes`, {});
  const controller = await greet({ link: { port } }, await deviceWith(offer.text, 0x11));
  await expect(deviceWith(offer.text, 0x12)).rejects.toThrow('Another controller has used this code');
  await expect.poll(async () => (await here.api<AlarmList>('/alarms')).alarms.map(({ what }) => what), { timeout: 5000 }).toContain('code-refused');
  controller.say('req', controller.request(1, { c: { w: 32, x: '1A2B3C4D' }, ms: 5000 }));
  expect(await controller.hear('res')).toMatchObject({ n: 1, g: true, r: 'OK' });
  controller.say('req', controller.request(2, { c: { w: 32, x: 'DEADBEEF' }, ms: 5000 }));
  expect(await controller.hear('res')).toMatchObject({ n: 2, g: false, r: 'UNKNOWN_CREDENTIAL' });

  // A door of a home, now that the roster has brought the home; by the command line, as an operator does it.
  const program = [path.resolve('dist/gateway/doorbook.js'), 'add-door', CODE, '--kind', 'unit', '--name', '0503', '--room', '503', '--lang', 'en'];
  const { stdout } = await promisify(execFile)(process.execPath, program, { env: { ...process.env, DOORBOOK_DATA: data } });
  const second = await greet({ link: { port } }, await deviceWith(/^doorbook:enrol\S+$/m.exec(stdout)?.[0] ?? '', 0x12));
  expect(second.id).toBe(`${site}-d02`);
  second.say('req', second.request(1, { c: { w: 32, x: '1A2B3C4D' }, ms: 5000 }));
  expect(await second.hear('res')).toMatchObject({ g: true, r: 'OK' });

  for (const door of [controller, second]) door.raw.socket.destroy();
  expect(await here.kill('SIGTERM')).toBe(0);
  const written = journalOf(data).filter(({ event }) => event.kind === 'register');
  expect(written.map(({ event, person }) => [event.what, person.words])).toEqual([
    ['building-added', CODE],
    ['door-fitted', `${CODE}D01`],
    ['import', 'r.csv'],
    ['code-made', `${site}-d01`],
    ['controller-enrolled', expect.stringMatching(/^n=\d+ controller=1$/)],
    ['door-fitted', `${CODE}D02`],
    ['code-made', `${site}-d02`],
    ['controller-enrolled', expect.stringMatching(/^n=\d+ controller=2$/)],
  ]);
});
