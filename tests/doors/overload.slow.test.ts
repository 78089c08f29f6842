import { expect, test } from 'vitest';
import { decode } from '../../gateway/wire/mqtt/messages.ts';
import { deviceKeys, open } from '../../gateway/wire/mqtt/seal.ts';
import { deviceOf, GRANTED, greet, openRig, type Player, type Rig } from './harness.ts';
import { openRaw, packet, published } from './raw-mqtt.ts';

const CLIENTS = 50;
const EACH = 100;

/** Asks `EACH` times in one segment, as a door does that comes back with a full queue; `count` hears the reason of each answer. */
async function storm(rig: Rig, door: Player, number: number, count: (reason: string) => void): Promise<void> {
  const { down } = deviceKeys(deviceOf(rig, number).secret);
  door.raw.socket.cork();
  for (let n = 1; n <= EACH; n++) door.say('req', door.request(n));
  door.raw.socket.uncork();
  for (let n = 0; n < EACH; n++) {
    const bytes = await door.raw.next(3, 30_000);
    const { topic, payload } = published(bytes);
    count(decode('res', open(down, topic, payload) ?? Buffer.alloc(0)).r);
    const at = bytes.length - payload.length - 2;
    door.raw.send(packet(0x40, bytes.subarray(at, at + 2)));
  }
}

test('50 controllers with 100 requests each outstanding are all answered, and another door does not wait for them', async () => {
  const rig = await openRig(CLIENTS + 1);
  rig.side.decide = (tap) => new Promise((resolve) => setTimeout(resolve, 3, { ...GRANTED, entry: tap.key.seq }));
  const doors: Player[] = [];
  for (let n = 1; n <= CLIENTS; n++) doors.push(await greet(rig, deviceOf(rig, n)));
  const calm = await greet(rig, deviceOf(rig, CLIENTS + 1));
  const before = process.memoryUsage().rss;

  const reasons: string[] = [];
  const storms = Promise.all(doors.map((door, at) => storm(rig, door, at + 1, (reason) => void reasons.push(reason))));
  // Work of this process, gateway and all 51 controllers, until the one that asked last is served: other load does not count.
  const asked = process.cpuUsage();
  calm.say('req', calm.request(1));
  expect(await calm.hear('res', 30_000)).toMatchObject({ n: 1, r: 'OK' });
  const { user, system } = process.cpuUsage(asked);
  await storms;

  expect((user + system) / 1000).toBeLessThan(2000);
  expect(reasons).toHaveLength(CLIENTS * EACH);
  expect(new Set(reasons)).toEqual(new Set(['OK', 'UNAVAILABLE']));
  expect(reasons.filter((reason) => reason === 'OK').length).toBeGreaterThanOrEqual(CLIENTS * 32);
  expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(150);
  // Nobody was put out, and everybody is served again.
  for (const door of doors) {
    door.say('req', door.request(1000));
    expect((await door.hear('res', 10_000)).r).toBe('OK');
  }
  await rig.link.close();
});

test('fifty strangers, each announcing 256 MiB and sending 4 MiB, cost no memory and are gone within 5 s', async () => {
  const rig = await openRig();
  const block = Buffer.alloc(64 * 1024);
  const raws = await Promise.all(Array.from({ length: 50 }, () => openRaw(rig.link.port)));
  const before = process.memoryUsage().rss;
  const started = performance.now();
  let peak = before;
  await Promise.all(
    raws.map(async (raw) => {
      raw.send('10ffffff7f');
      for (let n = 0; n < 64 && !raw.socket.destroyed; n++) {
        if (!raw.socket.write(block)) await Promise.race([new Promise((resolve) => raw.socket.once('drain', resolve)), raw.closed(5000)]);
        peak = Math.max(peak, process.memoryUsage().rss);
      }
      await raw.closed(5000);
    }),
  );
  expect(performance.now() - started).toBeLessThan(5000);
  expect((peak - before) / 2 ** 20).toBeLessThan(30);
  const door = await greet(rig, deviceOf(rig, 1));
  door.say('req', door.request(1));
  expect((await door.hear('res')).g).toBe(true);
  await rig.link.close();
});
