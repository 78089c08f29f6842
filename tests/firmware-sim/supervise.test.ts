import { describe, expect, test } from 'vitest';
import { answers, CARD, INSTANCE, of, online, published, pulses, rig, verdict } from './rig.ts';

const words = (device: ReturnType<typeof online>): string[] => published(device.out, 'evt').flatMap((event) => (event.k === 'door' ? [event.w] : []));

describe('exit button and fire input', () => {
  test('the exit button releases before anything is written', () => {
    const device = online();
    expect(
      device
        .do({ t: 'exit', door: 1 })
        .slice(0, 2)
        .map(({ t }) => t),
    ).toEqual(['pulse', 'store']);
    device.run(4999);
    expect(of(device.out, 'relock')).toEqual([]);
    device.run(1);
    expect(of(device.out, 'relock')).toEqual([{ t: 'relock', door: 1 }]);
  });

  test('both work offline, and say so', () => {
    const device = rig();
    device.powerOn(device.now);
    device.do({ t: 'exit', door: 1 });
    device.do({ t: 'fire', on: true });
    expect(pulses(device.out).map(({ cause }) => cause.by)).toEqual(['exit', 'fire', 'fire']);
    expect([...device.image.records.values()]).toMatchObject([{ body: { w: 'exit', off: true } }, { body: { w: 'fire' } }, { body: { w: 'fire' } }]);
  });

  test('nothing locks while the fire input is on: not a timer, not a command', () => {
    const device = online();
    device.do({ t: 'exit', door: 1 });
    device.do({ t: 'fire', on: true });
    device.say({ tail: 'cmd', body: { v: 1, id: '0000000000000001', d: 1, a: 'lock', o: 0, b: 1, x: 60_000 } });
    device.run(120_000);
    expect(of(device.out, 'relock')).toEqual([]);
    expect(of(device.do({ t: 'fire', on: false }), 'relock')).toHaveLength(2);
  });
});

describe('the contact', () => {
  test('opened without a release is forced, and its closing is told', () => {
    const device = online();
    expect(of(device.do({ t: 'contact', door: 1, contact: 'open' }), 'lamp')).toMatchObject([{ show: 'alarm' }]);
    device.do({ t: 'contact', door: 1, contact: 'closed' });
    expect(words(device)).toEqual(['forced', 'closed']);
  });

  test('open for a minute is held, told once, and its closing is told', () => {
    const device = online();
    device.do({ t: 'exit', door: 1 });
    device.do({ t: 'contact', door: 1, contact: 'open' });
    device.run(59_999);
    expect(words(device).filter((word) => word === 'held')).toEqual([]);
    device.run(600_000);
    device.do({ t: 'contact', door: 1, contact: 'closed' });
    expect([...new Set(words(device))]).toEqual(['exit', 'opened', 'held', 'closed']);
    expect([...device.image.records.values()].filter((record) => record.kind === 'event' && record.body.k === 'door' && record.body.w === 'held')).toHaveLength(1);
  });

  test('an ordinary passage leaves no lines but its outcome', () => {
    const device = online();
    device.tap();
    device.say(verdict(device, 1));
    device.do({ t: 'contact', door: 1, contact: 'open' });
    device.do({ t: 'contact', door: 1, contact: 'closed' });
    expect(words(device)).toEqual([]);
  });

  test('the same contact twice is told once', () => {
    const device = online();
    device.do({ t: 'contact', door: 1, contact: 'open' });
    expect(device.do({ t: 'contact', door: 1, contact: 'open' })).toEqual([]);
  });
});

describe('commands', () => {
  const command = (more: object = {}): Parameters<ReturnType<typeof online>['say']>[0] => ({
    tail: 'cmd',
    body: { v: 1, id: '00000000000000aa', d: 1, a: 'unlock', o: 2000, b: 1, x: 5000, ...more },
  });

  test('unlock is done once for each id, and a repeat gets the same answer', () => {
    const device = online();
    const outputs = device.say(command());
    expect(pulses(outputs)).toMatchObject([{ until: 2000, cause: { by: 'command' } }]);
    expect(published(outputs, 'cmd/ack')).toEqual([{ v: 1, id: '00000000000000aa', st: 'done' }]);
    device.now += 3000;
    const again = device.say(command());
    expect(pulses(again)).toEqual([]);
    expect(published(again, 'cmd/ack')).toEqual([{ v: 1, id: '00000000000000aa', st: 'done' }]);
  });

  test.each([
    ['past its end', { x: 5000 }, 5001],
    ['for another boot', { b: 2 }, 0],
  ])('%s it is refused as expired', (_, more, after) => {
    const device = online();
    device.now += after;
    const outputs = device.say(command(more));
    expect(pulses(outputs)).toEqual([]);
    expect(published(outputs, 'cmd/ack')).toMatchObject([{ st: 'expired' }]);
  });

  test('a command replayed after a restart does nothing', () => {
    const device = online();
    device.say(command());
    device.powerOff(device.now);
    device.powerOn(device.now, 'power-lost');
    device.do({ t: 'connected', nonce: '0000000000000001' });
    expect(pulses(device.say(command()))).toEqual([]);
  });

  test('for a door that is not there it is refused', () => {
    expect(published(online().say(command({ d: 5 })), 'cmd/ack')).toMatchObject([{ st: 'refused' }]);
  });

  test('restart is acknowledged first; identify lights the lamp; lock ends a release', () => {
    const device = online();
    expect(device.say(command({ id: '0000000000000001', a: 'restart' })).map(({ t }) => t)).toEqual(['publish', 'restart']);
    expect(of(device.say(command({ id: '0000000000000002', a: 'identify' })), 'lamp')).toMatchObject([{ show: 'identify' }]);
    device.do({ t: 'exit', door: 1 });
    expect(of(device.say(command({ id: '0000000000000003', a: 'lock' })), 'relock')).toHaveLength(1);
  });
});

describe('state messages', () => {
  test('a connection begins with state, info, the question for the time and the list held', () => {
    const device = rig();
    device.powerOn(device.now);
    const outputs = device.do({ t: 'connected', nonce: '0123456789abcdef' });
    expect(outputs.map((output) => (output.t === 'publish' ? output.tail : output.t))).toEqual(['state', 'info', 'time/ask', 'acl/have']);
    expect(published(outputs, 'state')).toEqual([
      {
        v: 1,
        i: INSTANCE,
        b: 1,
        u: 0,
        s: 'on',
        d: [
          { d: 1, c: 'closed', l: 'locked' },
          { d: 2, c: 'closed', l: 'locked' },
        ],
        p: true,
        bt: 'ok',
        q: 0,
        l: '',
      },
    ]);
  });

  test('changes are published, at most one each 200 ms, the last one always', () => {
    const device = online();
    device.now += 1000;
    expect(published(device.do({ t: 'exit', door: 1 }), 'state')).toMatchObject([{ d: [{ l: 'unlocked' }, {}] }]);
    for (const contact of ['open', 'closed', 'open'] as const) expect(published(device.do({ t: 'contact', door: 1, contact }), 'state')).toEqual([]);
    expect(published(device.run(200), 'state')).toMatchObject([{ d: [{ c: 'open' }, {}] }]);
  });
});

test('the device clock is passed on as it is, from 1970 to 2100', () => {
  for (const wall of [0, 1, Date.UTC(2100, 0, 1)]) {
    const device = online({ wall: () => wall });
    expect(published(device.tap(CARD), 'req')).toMatchObject([{ t: wall }]);
    expect(answers(device.say(verdict(device, 1)))).toMatchObject([{ granted: true }]);
  }
});
