import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deviceKeys, seal } from '../../gateway/wire/mqtt/seal.ts';
import { type BenchSite, makeSite } from '../bench/site.ts';
import { type DeviceSelf, greet, type Player } from '../doors/harness.ts';
import { connectPacket, openRaw } from '../doors/raw-mqtt.ts';
import { freePort, type GatewayProcess, startGateway } from '../helpers/gateway-process.ts';
import { compareWithLog, devicesOf, journalOf, type LoadDoor, loadDoor } from './load-door.ts';

/** The whole process under bad input, while an honest door goes on being tapped. */
const YEAR_1970 = 86_400_000;
const YEAR_2100 = Date.UTC(2100, 0, 1);
const HONEST_EVERY_MS = 40;
let site: BenchSite;
let port: number;
let gateway: GatewayProcess;
let honest: LoadDoor;
let tapping: NodeJS.Timeout;
let devices: DeviceSelf[];
const device = (number: number): DeviceSelf => devices[number - 1] ?? { deviceId: '', site: '', secret: Buffer.alloc(32) };
const card = () => ({ w: 32, x: site.cards[0] ?? '' });

beforeAll(async () => {
  site = await makeSite(5, 5);
  devices = devicesOf(site);
  port = await freePort();
  gateway = await startGateway({ data: site.data, env: { MQTT_PORT: String(port) } });
  honest = loadDoor(device(1));
  await honest.connect(port);
  tapping = setInterval(() => honest.tap(card().x), HONEST_EVERY_MS);
});
afterAll(async () => {
  clearInterval(tapping);
  honest.leave();
  await gateway.kill('SIGKILL');
  rmSync(site.data, { recursive: true, force: true });
});

const logged = (words: string) => expect.poll(() => gateway.errors(), { timeout: 3000 }).toContain(words);
const silent = (door: Player) => expect(door.hear('res', 150)).rejects.toThrow('no packet');

describe('the running gateway is sent', () => {
  test('what is no MQTT, an unknown controller and a wrong password: each is turned away', async () => {
    for (const bytes of [randomBytes(600), Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), Buffer.from('10ffffffff7f', 'hex')]) {
      const raw = await openRaw(port);
      raw.send(bytes);
      await raw.closed(6000);
    }
    const { password } = deviceKeys(device(5).secret);
    for (const says of [
      { id: 'bench-d99', password },
      { id: 'bench-d5', password: password.replace(/./g, '0') },
    ]) {
      const raw = await openRaw(port);
      raw.send(connectPacket(says));
      expect((await raw.next(2))[3]).toBe(4);
      raw.socket.destroy();
    }
    await logged('refused: password');
  });

  test('payloads that are unsealed, sealed with another key or for another topic, and a body with a wrong field: acknowledged, dropped, logged by name', async () => {
    const door = await greet({ link: { port } }, device(2));
    const body = Buffer.from(JSON.stringify(door.request(1, { c: card() })));
    const { up, down } = deviceKeys(device(2).secret);
    for (const payload of [body, randomBytes(200), Buffer.alloc(0), seal(down, door.topic('req'), body), seal(up, door.topic('evt'), body)]) {
      door.put('req', payload);
      await door.acknowledged();
    }
    await logged('refused: unsealed (req)');
    const other = await greet({ link: { port } }, device(3));
    for (const words of ['not JSON', '[]', '{"v":1}', JSON.stringify(other.request(1, { d: 9 }))]) {
      other.put('req', seal(deviceKeys(device(3).secret).up, other.topic('req'), Buffer.from(words)));
      await other.acknowledged();
    }
    await logged('req: d: expected');
    await silent(door);
    await silent(other);
  });

  test('a card of 0 bytes and of 32, refused with an entry; one of 64, dropped and logged by the name of the field', async () => {
    const door = await greet({ link: { port } }, device(4));
    for (const [n, c] of [
      [1, { w: 0, x: '' }],
      [2, { w: 255, x: 'AB'.repeat(32) }],
    ] as const) {
      door.say('req', door.request(n, { c }));
      expect(await door.hear('res')).toMatchObject({ n, g: false, r: 'CREDENTIAL_FORMAT', e: expect.any(Number) });
    }
    door.say('req', door.request(3, { c: { w: 255, x: 'AB'.repeat(64) } }));
    await silent(door);
    await logged('req: c.x: expected up to 64 hex digits');
  });

  test('a repeat, answered by the stored entry; another request under a used number, refused and alarmed; clocks of 1970 and 2100, recorded and not believed', async () => {
    const door = await greet({ link: { port } }, device(5));
    const ask = (n: number, over: Parameters<Player['request']>[1] = {}) => {
      door.say('req', door.request(n, { c: card(), ms: 5000, ...over }));
      return door.hear('res');
    };
    const first = await ask(1);
    expect(first).toMatchObject({ g: true, r: 'OK' });
    expect(await ask(1)).toEqual(first);
    expect(await ask(1, { c: { w: 32, x: 'DEADBEEF' } })).toMatchObject({ g: false, r: 'TOKEN_REPLAY' });
    await logged('alarm: key-reused');
    for (const [n, t] of [
      [2, 0],
      [3, YEAR_1970],
      [4, YEAR_2100],
    ] as const)
      expect(await ask(n, { t })).toMatchObject({ n, g: true, r: 'OK' });
  });

  test('and afterwards: honest taps were all answered, and the log holds every refusal', async () => {
    clearInterval(tapping);
    await expect.poll(() => honest.open()).toEqual([]);
    expect(honest.answers.size).toBeGreaterThan(10);
    expect(new Set([...honest.answers.values()].map(({ r }) => r))).toEqual(new Set(['OK']));
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    expect(await gateway.kill('SIGTERM')).toBe(0);
    const entries = journalOf(site.data);
    expect(compareWithLog([honest], entries, () => 1)).toEqual([]);
    const refused = entries.filter(({ event }) => event.kind === 'link' && event.what === 'refused').map(({ person }) => person.words);
    expect(refused).toEqual(expect.arrayContaining(['not-connect', 'password', 'unsealed', 'malformed']));
    const last = entries.filter(({ event }) => event.kind === 'access' && event.key?.controllerId === 5).map(({ event }) => [event.key?.seq, event.reason, event.deviceTime]);
    expect(last.slice(1)).toEqual([
      [2, 'OK', 0],
      [3, 'OK', YEAR_1970],
      [4, 'OK', YEAR_2100],
    ]);
    expect(last).toHaveLength(4);
    expect(entries.filter(({ event }) => event.what === 'key-reused')).toHaveLength(1);
    expect(entries.filter(({ event }) => event.reason === 'CREDENTIAL_FORMAT')).toHaveLength(2);
    expect(gateway.errors()).not.toMatch(/stopped:|desk-ended|UnhandledPromise/);
  });
});
