import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readFleetWish } from '../../firmware-sim/fleet-command.ts';
import { type LoadFleet, startLoadFleet } from '../../firmware-sim/load-fleet.ts';
import { framed, publishPacket, readPublish } from '../../firmware-sim/mqtt-packets.ts';
import { seeded } from '../../firmware-sim/random.ts';
import { jittered } from '../../firmware-sim/back-off.ts';
import { wordsOf } from '../../firmware-sim/options.ts';
import { buildList } from '../../gateway/doors/access-list.ts';
import { LIST_SIGNER, CARD, eventually as within, openRig, type Rig } from '../doors/harness.ts';

const COUNT = 20;
/** Other tests share the machine. */
const PATIENCE_MS = 15_000;
const eventually = (test: () => boolean, what: string): Promise<void> => within(test, what, PATIENCE_MS);
let rig: Rig;
let fleet: LoadFleet | undefined;
const start = (rate: number, cards = [CARD], random = seeded(1)): LoadFleet => {
  const devices = [...rig.records.values()].map(({ deviceId, site, secret }) => ({
    device: deviceId,
    site,
    secretHex: Buffer.from(secret).toString('hex'),
    listKeyHex: LIST_SIGNER.publicKey,
  }));
  fleet = startLoadFleet({ mqtt: { host: '127.0.0.1', port: rig.link.port, pin: undefined }, devices, cards, rate, spreadMs: 100, random });
  return fleet;
};
beforeEach(async () => {
  rig = await openRig(COUNT, {
    lists: { version: () => ({ epoch: 1, n: 7 }), build: ({ listKey, version }) => buildList(listKey, [{ bits: 32, hex: '1A2B3C4D', doors: 1, until: 0 }], version) },
  });
});
afterEach(async () => {
  fleet?.stop();
  fleet = undefined;
  await rig.link.close();
});

describe('a light fleet and the gateway’s own broker', { timeout: 40_000 }, () => {
  test('all come, hold their lists, and their taps are answered and counted', async () => {
    const { devices, total, take } = start(100);
    await eventually(() => rig.link.states().every(({ online, have }) => online && have === '1.7'), 'all online with their list');
    expect(devices.every(({ list }) => list === '1.7')).toBe(true);
    await eventually(() => total().answered >= 60, 'sixty answers');
    const { connected, taps, answered, refused, local, p50, p99 } = total();
    expect(connected).toBe(COUNT);
    // On a busy machine a budget may be missed: then the door decides, refusing only while it has no list.
    expect(refused).toBeLessThanOrEqual(local);
    expect(rig.side.taps.length).toBeGreaterThanOrEqual(answered);
    expect(taps - answered - local).toBeGreaterThanOrEqual(0);
    expect(taps - answered - local).toBeLessThan(200);
    expect(p99).toBeGreaterThanOrEqual(p50);
    expect(p50).toBeGreaterThan(0);
    expect(take().answered).toBeGreaterThanOrEqual(60);
    expect(take().answered).toBeLessThan(60);
  });

  test('a gateway that does not answer costs the budget, and the door decides and counts as local', async () => {
    rig.side.decide = () => new Promise(() => undefined);
    const { total } = start(50, [{ w: 32, x: 'DEADBEEF' }]);
    await eventually(() => total().local >= 5, 'five decisions of doors');
    expect(total()).toMatchObject({ answered: 0 });
    expect(total().refused).toBe(total().local);
    expect(total().p99).toBeGreaterThanOrEqual(400);
  });

  test('after all connections broke they come back by themselves', async () => {
    const { cut, total } = start(0, [], () => 0.05);
    await eventually(() => total().connected === COUNT, 'all connected');
    cut();
    expect(total()).toMatchObject({ connected: 0, lost: COUNT });
    await eventually(() => rig.link.states().every(({ online }) => !online), 'the gateway saw it');
    await eventually(() => total().connected === COUNT, 'all back');
    await eventually(() => rig.link.states().every(({ online }) => online), 'and the gateway knows');
  });
});

test('a pause before the next attempt is random, grows, and is never over two minutes', () => {
  const longest = jittered(() => 1);
  expect([0, 1, 2, 20].map((failures) => longest(failures))).toEqual([5000, 9500, 18_500, 120_000]);
  expect(jittered(() => 0)(3)).toBe(500);
});

test('packets are found whole however the bytes come', () => {
  const packets = [publishPacket('a/b', Buffer.alloc(300, 7), { id: 513, retain: true }), publishPacket('c', Buffer.of(), { id: 1, retain: false })];
  const bytes = Buffer.concat(packets);
  for (const step of [1, 2, 3, 150, bytes.length]) {
    const found: unknown[] = [];
    const feed = framed((first, body) => void found.push({ first, ...readPublish(first, Buffer.from(body)) }));
    for (let at = 0; at < bytes.length; at += step) feed(bytes.subarray(at, at + step));
    expect(found).toEqual([
      { first: 0x33, topic: 'a/b', id: 513, payload: Buffer.alloc(300, 7) },
      { first: 0x32, topic: 'c', id: 1, payload: Buffer.of() },
    ]);
  }
});

test('somebody at the other end who does not speak MQTT is left, and tried again later', async () => {
  const server = createServer((socket) => void socket.end(Buffer.of(0x30, 0x00)).on('error', () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const [record] = rig.records.values();
  if (record === undefined || typeof address !== 'object' || address === null) throw new Error('no place');
  const device = { device: record.deviceId, site: record.site, secretHex: Buffer.from(record.secret).toString('hex'), listKeyHex: LIST_SIGNER.publicKey };
  const lonely = startLoadFleet({ mqtt: { host: '127.0.0.1', port: address.port, pin: undefined }, devices: [device], cards: [], rate: 0, spreadMs: 0, random: () => 0 });
  await eventually(() => lonely.total().lost >= 2, 'two attempts');
  expect(lonely.total().connected).toBe(0);
  lonely.stop();
  server.close();
});

describe('words of the command', () => {
  test.each([
    [[], '--data: expected the data directory'],
    [['--data', '/nowhere'], 'There is no crowd.json in /nowhere'],
    [['--dta', 'x'], '--dta: expected one of --data'],
    [['--data'], '--data: expected a value after it'],
    [['5000'], 'fleet: expected options alone, got 5000'],
  ])('%j', (args, said) => {
    expect(() => readFleetWish(args)).toThrow(said);
  });

  test('a number out of its bounds is refused by name', () => {
    const words = wordsOf(['--rate', 'x', '--seconds=0'], { values: ['rate', 'seconds'], flags: [] });
    expect(() => words.number('rate', [0, 10])).toThrow('--rate: expected a whole number from 0 to 10, got x');
    expect(() => words.number('seconds', [1, 10])).toThrow('--seconds: expected a whole number from 1 to 10, got 0');
  });
});
