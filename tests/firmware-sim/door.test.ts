import { describe, expect, test } from 'vitest';
import { ackOf, answers, CARD, giveList, INSTANCE, of, online, OTHER_CARD, published, pulses, rig, row, START, verdict } from './rig.ts';

describe('a request at a door with a gateway', () => {
  test('is in the store before it is asked', () => {
    const device = online();
    const outputs = device.tap();
    expect(outputs.map(({ t }) => t)).toEqual(['store', 'publish']);
    expect(of(outputs, 'store')[0]?.change.put?.[0]).toMatchObject({ kind: 'request', n: 1, claim: null });
    expect(published(outputs, 'req')).toEqual([{ v: 1, i: INSTANCE, b: 1, n: 1, u: 0, t: START, d: 1, k: 'card', c: CARD, ms: 400, l: '' }]);
  });

  test('is repeated byte for byte at 150 ms, once', () => {
    const device = online();
    const [first] = published(device.tap(), 'req');
    device.run(149);
    expect(published(device.out, 'req')).toHaveLength(1);
    device.run(1);
    expect(published(device.out, 'req')).toEqual([first, first]);
    device.run(200);
    expect(published(device.out, 'req')).toHaveLength(2);
  });

  test('granted: claimed in one write with source and verdict, and only then the lock moves', () => {
    const device = online();
    device.tap(CARD, 9);
    device.now += 20;
    const outputs = device.say(verdict(device, 1));
    expect(outputs.slice(0, 3).map(({ t }) => t)).toEqual(['store', 'pulse', 'lamp']);
    expect(of(outputs, 'store')[0]?.change).toMatchObject({ put: [{ n: 1, claim: { source: 'gateway', granted: true, reason: 'OK', openMs: 3000 } }] });
    expect(pulses(outputs)).toEqual([{ t: 'pulse', door: 1, until: 3020, cause: { by: 'request', n: 1 } }]);
    expect(answers(outputs)).toEqual([{ n: 1, tag: 9, granted: true, reason: 'OK', openMs: 3000, entry: 41, local: false }]);
  });

  test('granted and gone through: the outcome takes the place of the request in one write', () => {
    const device = online();
    device.tap();
    device.say(verdict(device, 1));
    device.now += 900;
    const outputs = device.do({ t: 'contact', door: 1, contact: 'open' });
    expect(of(outputs, 'store')).toEqual([
      {
        t: 'store',
        change: { put: [{ kind: 'event', n: 2, body: expect.objectContaining({ k: 'outcome', n: 2, rb: 1, rn: 1, f: 'executed', g: true, r: 'OK', o: 'opened' }) }], erase: [1] },
      },
    ]);
    expect(published(outputs, 'evt')).toHaveLength(1);
  });

  test('granted and not gone through: unopened when the open time is over, and the lock closes', () => {
    const device = online();
    device.tap();
    device.say(verdict(device, 1));
    const outputs = device.run(3000);
    expect(published(outputs, 'evt')).toMatchObject([{ k: 'outcome', f: 'executed', o: 'unopened' }]);
    expect(of(outputs, 'relock')).toEqual([{ t: 'relock', door: 1 }]);
  });

  test('granted at a door whose contact stood open: nobody can say whether it was used', () => {
    const device = online();
    device.do({ t: 'exit', door: 1 });
    device.do({ t: 'contact', door: 1, contact: 'open' });
    device.tap();
    device.say(verdict(device, 3));
    expect(published(device.run(3000), 'evt').filter(({ k }) => k === 'outcome')).toMatchObject([{ o: 'unknown' }]);
  });

  test('refused: no pulse, and claim and outcome are one write', () => {
    const device = online();
    device.tap();
    const outputs = device.say(verdict(device, 1, { g: false, r: 'LEASE_ENDED', o: 0 }));
    expect(pulses(outputs)).toEqual([]);
    expect(of(outputs, 'store')).toHaveLength(1);
    expect(published(outputs, 'evt')).toMatchObject([{ f: 'executed', g: false, r: 'LEASE_ENDED', o: 'unopened' }]);
    expect(answers(outputs)).toMatchObject([{ granted: false, reason: 'LEASE_ENDED', openMs: 0 }]);
  });

  test('a second, contrary and late verdict changes nothing', () => {
    const device = online();
    device.tap();
    device.say(verdict(device, 1));
    expect(device.say(verdict(device, 1))).toEqual([]);
    expect(device.say(verdict(device, 1, { g: false, r: 'REVOKED', o: 0 }))).toEqual([]);
    device.run(4000);
    expect(pulses(device.say(verdict(device, 1)))).toEqual([]);
  });

  test('a verdict for another boot, instance or number moves nothing', () => {
    const device = online();
    device.tap();
    for (const wrong of [{ b: 2 }, { i: 'ffffffffffffffff' }, { n: 7 }]) expect(device.say(verdict(device, 1, wrong))).toEqual([]);
  });

  test('an answer after the budget is late even when the timer was later still', () => {
    const device = online();
    device.tap();
    device.now += 401;
    const outputs = device.say(verdict(device, 1));
    expect(pulses(outputs)).toEqual([]);
    expect(answers(outputs)).toMatchObject([{ granted: false, reason: 'OFFLINE_NO_LIST', local: true }]);
  });

  test('UNAVAILABLE lets the door decide by its list', () => {
    const device = online();
    giveList(device, [row(CARD)]);
    device.tap();
    const outputs = device.say(verdict(device, 1, { g: false, r: 'UNAVAILABLE', o: 0, e: 0 }));
    expect(answers(outputs)).toMatchObject([{ granted: true, reason: 'OK', openMs: 4000, local: true }]);
  });

  test('a missed budget is decided by the list, and for 30 s the list comes first', () => {
    const device = online();
    giveList(device, [row(CARD)]);
    device.tap();
    expect(answers(device.run(400))).toMatchObject([{ granted: true, local: true }]);
    device.run(29_000);
    expect(published(device.tap(), 'req')).toEqual([]);
    device.run(1001);
    expect(published(device.tap(), 'req')).toHaveLength(1);
  });

  test('without a list a missed budget does not keep the door from asking again', () => {
    const device = online();
    device.tap();
    device.run(500);
    expect(published(device.tap(), 'req')).toHaveLength(1);
  });

  test('a device that stood still for a minute does not open for somebody long gone', () => {
    const device = online();
    giveList(device, [row(CARD)]);
    device.tap();
    device.now += 60_000;
    const outputs = device.do({ t: 'tick' });
    expect(pulses(outputs)).toEqual([]);
    expect(published(outputs, 'evt')).toMatchObject([{ f: 'not-executed', g: false }]);
  });

  test('a second grant while open extends and never shortens', () => {
    const device = online();
    device.tap();
    device.say(verdict(device, 1, { o: 9000 }));
    device.tap(OTHER_CARD);
    expect(pulses(device.say(verdict(device, 2, { o: 1000 })))).toMatchObject([{ until: 9000 }]);
    device.now += 5000;
    device.tap();
    const [, n] = published(device.out, 'req')
      .map((body) => body.n)
      .slice(-2);
    expect(pulses(device.say(verdict(device, n ?? 0, { o: 9000 })))).toMatchObject([{ until: 14_000 }]);
  });
});

describe('without a gateway', () => {
  test('the door decides at once by its list and reports "local"', () => {
    const device = online();
    giveList(device, [row(CARD)]);
    device.do({ t: 'disconnected' });
    const outputs = device.tap();
    expect(outputs.map(({ t }) => t)).toEqual(['store', 'pulse', 'lamp']);
    expect(answers(outputs)).toMatchObject([{ granted: true, local: true, entry: 0 }]);
    device.run(4000);
    expect([...device.image.records.values()]).toMatchObject([{ kind: 'event', body: { k: 'outcome', f: 'local', g: true, o: 'unopened', l: '1.1' } }]);
  });

  test('with no list it refuses, and keeps the line', () => {
    const device = rig();
    device.powerOn(device.now);
    expect(answers(device.tap())).toMatchObject([{ granted: false, reason: 'OFFLINE_NO_LIST' }]);
    expect(device.image.records.size).toBe(1);
  });

  test('whoever is waiting when the link breaks gets the own decision of the door', () => {
    const device = online();
    giveList(device, [row(CARD)]);
    device.tap();
    expect(answers(device.do({ t: 'disconnected' }))).toMatchObject([{ granted: true, local: true }]);
  });

  test('what happened offline is handed over in order, once, in windows of eight', () => {
    const device = rig();
    device.powerOn(device.now);
    for (let at = 0; at < 20; at += 1) {
      device.run(1000);
      device.tap();
    }
    const first = published(device.do({ t: 'connected', nonce: '0000000000000001' }), 'evt');
    expect(first.map(({ n }) => n)).toEqual([2, 4, 6, 8, 10, 12, 14, 16]);
    const got: number[] = [];
    for (const waiting = [...first]; waiting.length > 0; ) {
      const event = waiting.shift();
      if (event === undefined) break;
      got.push(event.n);
      waiting.push(...published(device.say(ackOf(event)), 'evt'));
    }
    expect(got).toEqual(Array.from({ length: 20 }, (_, at) => 2 * at + 2));
    expect(device.image.records.size).toBe(0);
    expect(published(device.run(10_000), 'evt')).toEqual([]);
  });

  test('an event without acknowledgement is sent again after 2 s, and only its own acknowledgement erases it', () => {
    const device = online();
    const [event] = published(device.do({ t: 'exit', door: 1 }), 'evt');
    if (event === undefined) throw new Error('nothing sent');
    expect(published(device.run(1999), 'evt')).toEqual([]);
    expect(published(device.run(1), 'evt')).toEqual([event]);
    device.say({ tail: 'evt/ack', body: { v: 1, i: INSTANCE, b: 2, n: event.n } });
    device.say({ tail: 'evt/ack', body: { v: 1, i: 'ffffffffffffffff', b: 1, n: event.n } });
    expect(device.image.records.size).toBe(1);
    device.say(ackOf(event));
    expect(device.image.records.size).toBe(0);
    expect(published(device.run(10_000), 'evt')).toEqual([]);
  });

  test('a full store keeps the oldest, counts what it drops, leaves no gap and still opens', () => {
    const device = online({ queueMax: 3 });
    giveList(device, [row(CARD)]);
    device.do({ t: 'disconnected' });
    for (let at = 0; at < 5; at += 1) device.do({ t: 'exit', door: 1 });
    expect(answers(device.tap())).toMatchObject([{ granted: true, n: 0 }]);
    expect([...device.image.records.keys()]).toEqual([1, 2, 3]);
    expect(device.controller.run?.dropped).toBe(3);
    for (const event of published(device.do({ t: 'connected', nonce: '0000000000000001' }), 'evt')) device.say(ackOf(event));
    expect(published(device.do({ t: 'exit', door: 1 }), 'evt')).toMatchObject([{ n: 4 }]);
  });
});

describe('loss of power', () => {
  test('a request nobody decided ends not-executed, and the boot never pulses', () => {
    const device = online();
    device.tap();
    device.powerOff(device.now);
    device.now += 50;
    const outputs = device.powerOn(device.now, 'power-lost');
    expect(pulses(outputs)).toEqual([]);
    expect([...device.image.records.values()]).toMatchObject([
      { kind: 'event', n: 2, body: { k: 'outcome', b: 2, rb: 1, rn: 1, f: 'not-executed', g: false } },
      { kind: 'event', n: 3, body: { k: 'door', w: 'power-back' } },
    ]);
    expect(device.do({ t: 'connected', nonce: '0000000000000001' }).filter(({ t }) => t === 'pulse')).toEqual([]);
    expect(pulses(device.say(verdict(device, 1, { b: 1 })))).toEqual([]);
    expect(pulses(device.say(verdict(device, 1)))).toEqual([]);
  });

  test('a claimed grant without outcome ends unknown, and is not opened a second time', () => {
    const device = online();
    device.tap();
    device.say(verdict(device, 1));
    device.powerOff(device.now);
    expect(pulses(device.powerOn(device.now, 'power-lost'))).toEqual([]);
    expect([...device.image.records.values()][0]).toMatchObject({ body: { f: 'unknown', g: true, r: 'OK', o: 'unknown' } });
    expect(pulses(device.run(60_000))).toEqual([]);
  });

  test('an ordinary start is no loss of power', () => {
    const device = rig();
    expect(device.powerOn(device.now)).toEqual([
      { t: 'relock', door: 1 },
      { t: 'relock', door: 2 },
    ]);
  });

  test('without power a card does nothing, and the exit button and the fire input still cut the lock', () => {
    const device = online();
    device.powerOff(device.now);
    expect(device.tap()).toEqual([]);
    expect(pulses(device.do({ t: 'exit', door: 1 }))).toMatchObject([{ door: 1, cause: { by: 'exit' } }]);
    expect(pulses(device.do({ t: 'fire', on: true }))).toHaveLength(2);
    expect(pulses(device.do({ t: 'exit', door: 1 })), 'the fire input goes on holding the lock').toMatchObject([{ door: 1, until: Number.POSITIVE_INFINITY }]);
    expect(pulses(device.powerOn(device.now, 'power-lost'))).toHaveLength(2);
  });
});

test('an input for a door the device does not have is refused by name', () => {
  const device = online();
  expect(() => device.do({ t: 'exit', door: 3 })).toThrow('door: expected 1 to 2, got 3');
});
