import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectAsync, type MqttClient } from 'mqtt';
import { DoorId } from '../../../gateway/core/ids.ts';
import { boardLogin } from '../../../gateway/wire/esp-rfid/login.ts';
import { eventually } from '../harness.ts';
import { connectPacket, openRaw } from '../raw-mqtt.ts';
import { type Board, boardRecord, connectBoard, openRig, type Rig, SECOND, user } from './rig.ts';

let rig: Rig;
let [one, two]: Board[] = [];
const others: MqttClient[] = [];
beforeEach(async () => {
  rig = await openRig(2);
  rig.wanted.set(1, [user(1, '1BEC07EC')]);
  rig.wanted.set(2, [user(2, '22D3DAD6')]);
  one = await connectBoard(rig, boardRecord(1));
  two = await connectBoard(rig, boardRecord(2));
  await eventually(() => rig.link.states().every(({ have }) => have === '1.1'), 'both in step');
});
afterEach(async () => {
  await Promise.all([one?.client, two?.client, ...others.splice(0)].map((client) => client?.endAsync(true)));
  await rig.link.close();
});

const second = (): Board => {
  if (two === undefined) throw new Error('no second board');
  return two;
};
const first = (): Board => {
  if (one === undefined) throw new Error('no first board');
  return one;
};

describe('two boards on one port', () => {
  test('have users of their own, though both call themselves by one client id, address and host name', () => {
    expect([[...first().users.keys()], [...second().users.keys()]]).toEqual([['1bec07ec'], ['22d3dad6']]);
    expect([first().client.connected, second().client.connected]).toEqual([true, true]);
  });

  test('an order goes to the board of the door alone, whatever address the other claims', async () => {
    await first().say('send', { type: 'heartbeat', time: SECOND, ip: '192.168.1.50', hostname: 'the other board' });
    expect(await rig.link.command(DoorId(102), { what: 'unlock', openMs: 0 })).toBe('done');
    expect(first().told.some(({ cmd }) => cmd === 'opendoor')).toBe(false);
  });

  test('a line that names another host or door is of the board whose login it came under', async () => {
    await first().tap('22d3dad6', { hostname: 'yc42-d02', door: 'yc42-d02', doorName: 'door 102', ip: '192.168.1.51' });
    await eventually(() => rig.side.outcomes.length === 1, 'an outcome');
    expect(rig.side.outcomes[0]).toMatchObject({ key: { controllerId: 1 }, tap: { doorId: 101 } });
  });

  test.each(['/cmd', '/send', ''])('nothing may be said on TOPIC%s of the other: who tries is put out, and nobody hears it', async (tail) => {
    const before = second().told.length;
    const closed = new Promise<void>((resolve) => void first().client.once('close', () => resolve()));
    first().client.publish(`${second().topic}${tail}`, '{"cmd":"opendoor","doorip":"192.168.1.50"}');
    await closed;
    await eventually(() => rig.link.numbers().refused.get('topic') === 1, 'told');
    expect([second().told.length, rig.side.outcomes.length]).toEqual([before, 0]);
    expect(rig.side.links).toContainEqual({ controllerId: 1, what: 'refused', why: 'topic' });
  });

  test('nor on its own command topic, where only the gateway speaks', async () => {
    const closed = new Promise<void>((resolve) => void first().client.once('close', () => resolve()));
    first().client.publish(`${first().topic}/cmd`, '{"cmd":"opendoor","doorip":"192.168.1.50"}');
    await closed;
    expect(first().told.some(({ cmd }) => cmd === 'opendoor')).toBe(false);
  });

  test.each(['#', '+/+/cmd', 'doorbook/#', 'doorbook/yc42-d02/cmd', 'doorbook/yc42-d01/#', '$SYS/#', 'doorbook/yc42-d01/send', '$share/a/doorbook/yc42-d01/cmd'])(
    'the filter %s is not granted',
    async (filter) => {
      const granted = await first()
        .client.subscribeAsync(filter)
        .catch(() => []);
      expect(granted.every(({ qos }) => qos >= 128)).toBe(true);
      const before = first().told.length;
      expect(await rig.link.command(DoorId(102), { what: 'unlock', openMs: 0 })).toBe('done');
      expect(first().told.length).toBe(before);
    },
  );

  test('a board of firmware 1 does not hear its own words back', async () => {
    rig.records.set('yc42-d03', boardRecord(3));
    const old = await connectBoard(rig, boardRecord(3), { firmware: 1 });
    others.push(old.client);
    await old.say('', { type: 'heartbeat', time: SECOND });
    await eventually(() => old.told.some(({ doorip }) => doorip === '192.168.1.50'), 'its address known');
    // Whatever came back of it came before the order does.
    expect(await rig.link.command(DoorId(103), { what: 'unlock', openMs: 0 })).toBe('done');
    expect(old.told.every(({ cmd }) => typeof cmd === 'string')).toBe(true);
  });
});

describe('the port for boards', () => {
  const { user: username, password } = boardLogin('yc42-d01', boardRecord(1).secret);
  const connack = async (says: Parameters<typeof connectPacket>[0]): Promise<number | undefined> => {
    const raw = await openRaw(rig.link.port);
    raw.send(connectPacket(says));
    const answer = (await raw.next(2))[3];
    raw.socket.destroy();
    return answer;
  };

  test.each([
    ['a wrong password', { password: 'x'.repeat(24) }, 4],
    ['the password of another', { password: boardLogin('yc42-d02', boardRecord(2).secret).password }, 4],
    ['a name nobody has', { user: 'yc42-d99' }, 4],
    ['an empty password', { password: '' }, 4],
    ['a session that is kept', { clean: false }, 5],
    ['no keepalive', { keepalive: 0 }, 5],
    ['a will on the topic of another', { will: { topic: 'doorbook/yc42-d02/cmd', payload: Buffer.from('{"cmd":"opendoor"}') } }, 5],
    ['a will on any other topic', { will: { topic: 'homeassistant/lock', payload: Buffer.from('x'), retain: true } }, 5],
  ])('takes nobody with %s', async (_, over, code) => {
    expect(await connack({ id: 'ESP8266', user: username, password, ...over })).toBe(code);
    expect([first().client.connected, second().client.connected]).toEqual([true, true]);
  });

  test('takes its own availability as a will, and tells nobody', async () => {
    const client = await connectAsync({
      host: '127.0.0.1',
      port: rig.link.port,
      clientId: 'x',
      username,
      password,
      keepalive: 15,
      reconnectPeriod: 0,
      will: { topic: 'doorbook/yc42-d01/avty', payload: Buffer.from('offline'), qos: 0, retain: true },
    });
    others.push(client);
    expect(client.connected).toBe(true);
  });

  test('closes on whoever announces a packet larger than a board ever sends', async () => {
    const raw = await openRaw(rig.link.port);
    raw.send(Buffer.from([0x10, 0xff, 0xff, 0x7f]));
    await raw.closed();
    await eventually(() => (rig.link.numbers().refused.get('oversize') ?? 0) > 0, 'counted');
  });

  test('without a port in the settings there is none, and doors with boards stand there offline', async () => {
    const off = await openRig(1, { at: undefined });
    expect([off.link.port, off.link.states()]).toMatchObject([0, [{ doorId: 101, online: false, weak: true }]]);
    expect(await off.link.command(DoorId(101), { what: 'unlock', openMs: 0 })).toBe('offline');
    await off.link.close();
  });
});
