import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deviceKeys } from '../../gateway/wire/mqtt/seal.ts';
import { deviceTopic } from '../../gateway/wire/mqtt/topics.ts';
import { arrive, deviceOf, eventually, greet, openRig, type Player, type Rig, SITE } from './harness.ts';
import { connectPacket, type ConnectSays, openRaw, packet, published, publishPacket, subscribePacket } from './raw-mqtt.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await openRig();
});
afterEach(() => rig.link.close());

const passwordOf = (number: number): string => deviceKeys(deviceOf(rig, number).secret).password;

/** CONNACK code, or undefined when the connection closed without one. */
async function knock(says: Partial<ConnectSays>): Promise<number | undefined> {
  const raw = await openRaw(rig.link.port);
  raw.send(connectPacket({ id: 'yc42-d01', password: passwordOf(1), ...says }));
  const connack = await raw.next(2).catch(() => undefined);
  if (connack === undefined || connack[3] !== 0) await raw.closed();
  raw.socket.destroy();
  return connack?.[3];
}

describe('a login', () => {
  const will = (topic: string, over = {}) => ({ will: { topic, payload: Buffer.from('x'), ...over } });
  const own = deviceTopic(SITE, 'yc42-d01', 'state');
  test.each<[string, Partial<ConnectSays>, number]>([
    ['with everything right', {}, 0],
    ['with a will on its own state, retained', will(own, { retain: true }), 0],
    ['with a will on its own state, not retained', will(own), 0],
    ['with the longest keepalive', { keepalive: 120 }, 0],
    ['with an empty id', { id: '' }, 2],
    ['with an id of 25 characters', { id: 'a'.repeat(25) }, 2],
    ['with capitals in its id', { id: 'YC42-D01' }, 2],
    ['with the name of a prototype as id', { id: '__proto__' }, 2],
    ['of a device nobody registered', { id: 'yc42-d77' }, 4],
    ['with a wrong password', { password: '0'.repeat(64) }, 4],
    ['with a short password', { password: '0' }, 4],
    ['with another username than its id', { user: 'yc42-d02' }, 4],
    ['with the password of its neighbour', { id: 'yc42-d02' }, 4],
    ['with keepalive 0', { keepalive: 0 }, 5],
    ['with keepalive 121', { keepalive: 121 }, 5],
    ['that wants its session kept', { clean: false }, 5],
    ['with MQTT 3.1', { level: 3 }, 5],
    ['with a will on its own request topic', will(deviceTopic(SITE, 'yc42-d01', 'req')), 5],
    ['with a will on its neighbour', will(deviceTopic(SITE, 'yc42-d02', 'state')), 5],
    ['with a will under $SYS', will('$SYS/x/heartbeat'), 5],
    ['with a will of QoS 2', will(own, { qos: 2 }), 5],
    ['with a will of more than 1 KiB', will(own, { payload: Buffer.alloc(1025) }), 5],
  ])('%s is answered with its code', async (_name, says, code) => {
    expect(await knock(says)).toBe(code);
  });

  test('with MQTT 5 is told the version is not spoken', async () => {
    const raw = await openRaw(rig.link.port);
    raw.send('101400044d51545405c2000a00000161000161000161');
    expect((await raw.next(2))[3]).toBe(1);
    await raw.closed();
  });

  test('that failed ten times gets no more answers, and the right password still comes in', async () => {
    for (let n = 0; n < 10; n++) expect(await knock({ password: 'f'.repeat(64) })).toBe(4);
    expect(await knock({ password: 'f'.repeat(64) })).toBeUndefined();
    expect(await knock({})).toBe(0);
    expect(rig.side.links.filter(({ why }) => why === 'password')).toEqual([{ controllerId: 1, what: 'refused', why: 'password' }]);
    expect(rig.lines.filter((line) => line.includes('refused: password')).length).toBeLessThanOrEqual(10);
    expect(rig.lines.join()).not.toContain('ffffffff');
  });

  test('a second time takes the place of the first, and the first one going does not put it offline', async () => {
    const first = await greet(rig, deviceOf(rig, 1), { will: { topic: deviceTopic(SITE, 'yc42-d01', 'state'), payload: Buffer.from('gone') } });
    const second = await greet(rig, deviceOf(rig, 1));
    await first.raw.closed();
    second.say('req', second.request(1));
    expect((await second.hear('res')).g).toBe(true);
    expect(rig.link.states().find(({ doorId }) => doorId === 101)?.online).toBe(true);
    expect(rig.side.links.filter(({ what }) => what === 'offline')).toEqual([]);
  });
});

describe('a logged-in device', () => {
  let door: Player;
  beforeEach(async () => {
    door = await greet(rig, deviceOf(rig, 1));
  });

  test.each([
    ['its neighbour', deviceTopic(SITE, 'yc42-d02', 'req')],
    ['another site', deviceTopic('other', 'yc42-d01', 'req')],
    ['a downward topic of its own', deviceTopic(SITE, 'yc42-d01', 'cmd')],
    ['a downward topic of its neighbour', deviceTopic(SITE, 'yc42-d02', 'cmd')],
    ['$SYS', '$SYS/x/new/clients'],
    ['a tail that is none', `ac/1/${SITE}/d/yc42-d01/other`],
    ['its own prefix and more', `ac/1/${SITE}/d/yc42-d01/req/x`],
    ['another protocol version', `ac/2/${SITE}/d/yc42-d01/req`],
    ['a wildcard', `ac/1/${SITE}/d/+/req`],
    ['a topic of 200 bytes', `ac/1/${'a'.repeat(200)}`],
    ['a topic of 60 levels', 'a/'.repeat(60)],
    ['the gateway itself', `ac/1/${SITE}/gw/state`],
  ])('that publishes to %s is put out, and nothing of it arrives', async (_name, topic) => {
    const neighbour = await greet(rig, deviceOf(rig, 2));
    door.raw.send(publishPacket(topic, door.seal('req', door.request(1))));
    await door.raw.closed();
    await expect(neighbour.raw.next(3, 50)).rejects.toThrow('no packet');
    expect(rig.side.taps).toEqual([]);
  });

  test.each([
    ['of QoS 2', { qos: 2 }, 'req', 10],
    ['of QoS 3', { qos: 3 }, 'req', 10],
    ['a retained request', { retain: true }, 'req', 10],
    ['a retained event', { retain: true }, 'evt', 10],
    ['of more than 4 KiB', {}, 'req', 4097],
  ] as const)('that publishes %s is put out', async (_name, how, tail, size) => {
    door.raw.send(publishPacket(door.topic(tail), Buffer.alloc(size), how));
    await door.raw.closed();
    expect(rig.side.taps).toEqual([]);
  });

  test('may retain its state, and nobody gets a copy by coming later', async () => {
    door.raw.send(publishPacket(door.topic('state'), door.seal('state', door.state()), { id: 9, retain: true }));
    expect((await door.acknowledged()).subarray(2)).toEqual(Buffer.of(0, 9));
    const later = await arrive(rig, deviceOf(rig, 2));
    await expect(later.raw.next(3, 50)).rejects.toThrow('no packet');
  });

  test('gets 0x80 for every filter that is not exactly its own', async () => {
    const filters = [
      door.topic('res'),
      '#',
      '+/#',
      '$SYS/#',
      door.topic('req'),
      deviceTopic(SITE, 'yc42-d02', 'res'),
      `ac/1/${SITE}/d/yc42-d01/#`,
      `ac/1/${SITE}/d/+/res`,
      door.topic('cmd'),
    ];
    door.raw.send(subscribePacket(filters, 5));
    expect([...(await door.raw.next(9)).subarray(4)]).toEqual([1, 128, 128, 128, 128, 128, 128, 128, 1]);
  });

  test('that keeps asking for filters it may not have is put out', async () => {
    door.raw.send(
      subscribePacket(
        Array.from({ length: 17 }, (_, n) => `x/${n}`),
        5,
      ),
    );
    await door.raw.closed();
  });

  test('hears nothing of another device', async () => {
    const neighbour = await greet(rig, deviceOf(rig, 2));
    door.raw.send(subscribePacket([neighbour.topic('res')], 6));
    await door.raw.next(9);
    neighbour.say('req', neighbour.request(1));
    await neighbour.hear('res');
    await expect(door.raw.next(3, 50)).rejects.toThrow('no packet');
  });

  test('may ping, and is answered', async () => {
    door.raw.send('c000');
    expect((await door.raw.next(13)).toString('hex')).toBe('d000');
  });

  test.each([
    ['a packet only a broker sends', packet(0x20, Buffer.of(0, 0))],
    ['a PUBLISH without a topic', packet(0x32, Buffer.of(0, 0, 0, 1))],
    ['a topic length beyond the packet', packet(0x32, Buffer.of(0xff, 0xff, 0, 1))],
    ['a SUBSCRIBE with nothing in it', packet(0x82, Buffer.of(0, 1))],
  ])('that sends %s is put out and the broker lives', async (_name, bytes) => {
    door.raw.send(bytes);
    await door.raw.closed();
    expect((await greet(rig, deviceOf(rig, 2))).id).toBe('yc42-d02');
  });

  test('is put out as soon as its record gets another secret', async () => {
    const { secret: _old, ...rest } = deviceOf(rig, 1);
    rig.records.set(door.id, { ...rest, secret: Buffer.alloc(32, 7) });
    await door.raw.closed(2500);
    await eventually(() => rig.side.links.some(({ what }) => what === 'offline'), 'offline');
    expect((await greet(rig, deviceOf(rig, 1))).id).toBe('yc42-d01');
  });

  test('that disconnects is offline at once', async () => {
    door.raw.send('e000');
    await eventually(() => rig.side.links.some(({ what, why }) => what === 'offline' && why === 'disconnected'), 'offline');
    expect(rig.side.states.at(-1)).toMatchObject({ doorId: 101, online: false });
  });
});

test('payloads go to nobody else: what the gateway publishes is for its device alone', async () => {
  const door = await greet(rig, deviceOf(rig, 1));
  door.say('req', door.request(1));
  const { topic } = published(await door.raw.next(3));
  expect(topic).toBe(door.topic('res'));
});
