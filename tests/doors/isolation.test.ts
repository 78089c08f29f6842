import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DoorId } from '../../gateway/core/ids.ts';
import { deviceKeys } from '../../gateway/wire/mqtt/seal.ts';
import { deviceTopic, DOWN_TAILS, UP_TAILS } from '../../gateway/wire/mqtt/topics.ts';
import { arrive, greet, openRig, type Player, record, type Rig } from './harness.ts';
import { connectPacket, openRaw, packet, publishPacket, subscribePacket } from './raw-mqtt.ts';

/** Device 1 has its own right name and password, and tries everything that belongs to others: two of its site, one of another. */
const ME = record(1);
const OTHERS = [record(2), record(3), record(4, { deviceId: 'other-d01', site: 'other' })];
const TAILS = [...UP_TAILS, ...DOWN_TAILS];
const FOREIGN = OTHERS.flatMap(({ site, deviceId }) => TAILS.map((tail) => deviceTopic(site, deviceId, tail)));
const WILD = [
  ...['#', '+', '/#', '+/+/+/+/+/+', 'ac/#', 'ac/1/+/d/+/res', 'ac/1/yc42/#', 'ac/1/yc42/d/+/cmd', 'ac/1/yc42/d/yc42-d02/#', 'ac/1/yc42/d/yc42-d01/#', 'ac/1/yc42/d/yc42-d01/+'],
  ...[
    '$SYS/#',
    '$SYS/+/new/clients',
    '$SYS/x/disconnect/clients',
    '$share/g/ac/1/yc42/d/yc42-d02/cmd',
    '$share/g/#',
    'ac/1/yc42/gw/state',
    'ac/2/yc42/d/yc42-d02/res',
    'AC/1/yc42/d/yc42-d02/res',
  ],
  ...['ac/1/enrol/d/new-0123456789abcdef/given', 'ac/1/yc42/d/yc42-d02/../yc42-d01/res', 'ac/1/yc42/d/yc42-d01/res/', '/ac/1/yc42/d/yc42-d01/res'],
];
/** One connection is put out after 16 refused filters. */
const AT_ONCE = 16;

let rig: Rig;
let others: Player[];
beforeEach(async () => {
  rig = await openRig(0);
  for (const each of [ME, ...OTHERS]) rig.records.set(each.deviceId, each);
  others = await Promise.all(OTHERS.map((other) => greet(rig, other)));
});
afterEach(async () => {
  for (const { raw } of others) raw.socket.destroy();
  await rig.link.close();
});

/** The others are as they were: each is online and answers a command, which it alone hears. */
async function untouched(): Promise<void> {
  for (const [at, player] of others.entries()) {
    const doorId = [...(OTHERS[at]?.doors.values() ?? [])][0]?.doorId ?? DoorId(1);
    const result = rig.link.command(doorId, { what: 'identify', openMs: 0 });
    player.say('cmd/ack', { v: 1, id: (await player.hear('cmd')).id, st: 'done' });
    expect(await result).toBe('done');
  }
}

const batches = (filters: readonly string[]): string[][] => Array.from({ length: Math.ceil(filters.length / AT_ONCE) }, (_, at) => filters.slice(at * AT_ONCE, (at + 1) * AT_ONCE));

describe('a device with its own right password', () => {
  test.each([
    ['every topic of every other device', FOREIGN],
    ['wildcards, $SYS, shared and misspelt filters', WILD],
  ])('may hear none of %s, and hears nothing', async (_, filters) => {
    const mine: Player[] = [];
    for (const batch of batches(filters)) {
      const me = await arrive(rig, ME);
      me.raw.send(subscribePacket(batch));
      expect([...(await me.raw.next(9)).subarray(4)]).toEqual(batch.map(() => 0x80));
      mine.push(me);
      await untouched();
      await expect(me.raw.next(3, 50)).rejects.toThrow();
      me.raw.socket.destroy();
    }
  });

  test.each([
    ...FOREIGN,
    '$SYS/x/disconnect/clients',
    'ac/1/yc42/gw/state',
    'ac/1/enrol/d/new-0123456789abcdef/given',
    ...DOWN_TAILS.map((tail) => deviceTopic(ME.site, ME.deviceId, tail)),
  ])('is put out for a word on %s, which nobody hears', async (topic) => {
    const me = await arrive(rig, ME);
    const states = rig.side.states.length;
    me.raw.send(publishPacket(topic, me.seal('state', me.state({ s: 'off' })), { retain: topic.endsWith('state') }));
    await me.raw.closed();
    expect([rig.side.taps, rig.side.outcomes, rig.side.happenings, rig.side.states.slice(states).filter(({ doorId }) => doorId !== 101)]).toEqual([[], [], [], []]);
  });

  test('cannot speak for another under the topics of its own', async () => {
    const me = await greet(rig, ME);
    const [other] = others;
    if (other === undefined) throw new Error('nobody else');
    me.put('req', other.seal('req', other.request(1)));
    me.put('state', other.seal('state', other.state({ s: 'off' })));
    await me.acknowledged();
    await untouched();
    expect(rig.side.taps).toEqual([]);
    me.raw.socket.destroy();
  });

  test('cannot take the place of another, nor end its connection', async () => {
    for (const { deviceId } of OTHERS) {
      for (const user of [deviceId, ME.deviceId]) {
        const raw = await openRaw(rig.link.port);
        raw.send(connectPacket({ id: deviceId, user, password: deviceKeys(ME.secret).password }));
        expect((await raw.next(2))[3]).toBe(4);
      }
    }
    await untouched();
  });

  test.each(OTHERS.map(({ site, deviceId }) => [deviceTopic(site, deviceId, 'state')]))('cannot leave a will on %s', async (topic) => {
    const raw = await openRaw(rig.link.port);
    raw.send(connectPacket({ id: ME.deviceId, password: deviceKeys(ME.secret).password, will: { topic, payload: Buffer.from('x'), retain: true } }));
    expect((await raw.next(2))[3]).toBe(5);
    await untouched();
  });

  test('leaves nothing behind for whoever comes later', async () => {
    const me = await greet(rig, ME);
    me.raw.send(publishPacket(me.topic('state'), me.seal('state', me.state()), { id: 7, retain: true }));
    me.raw.send(publishPacket(me.topic('info'), Buffer.from('anything'), { id: 8, retain: true }));
    await me.acknowledged();
    me.raw.socket.destroy();
    const again = await arrive(rig, ME);
    await expect(again.raw.next(3, 100)).rejects.toThrow();
    again.raw.socket.destroy();
  });
});

test('an empty client id is nobody, with a session to be kept or without', async () => {
  for (const clean of [true, false]) {
    const raw = await openRaw(rig.link.port);
    raw.send(connectPacket({ id: '', user: ME.deviceId, password: deviceKeys(ME.secret).password, clean }));
    expect((await raw.next(2))[3]).toBe(2);
  }
  const raw = await openRaw(rig.link.port);
  raw.send(packet(0xc0));
  await raw.closed();
});
