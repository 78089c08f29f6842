import { beforeEach, describe, expect, test } from 'vitest';
import { DoorId } from '../../gateway/core/ids.ts';
import { buildList } from '../../gateway/doors/access-list.ts';
import { createDevice, type Device, doorStates, type LinkContext } from '../../gateway/doors/device.ts';
import { type ListSource, offerList, offerNewList, offerOnReturn, remindOfList } from '../../gateway/doors/lists.ts';
import { inTurns } from '../../gateway/doors/turns.ts';
import { record } from './harness.ts';

/** A context that writes down what is sent, on a clock that is set. */
function fakeContext() {
  const sent: { readonly tail: string; readonly n: number; readonly doors: readonly { readonly o: number }[] }[] = [];
  const context = {
    sent,
    at: 0,
    now: () => 1_795_000_000_000,
    uptime: () => context.at,
    calendar: { holidays: new Set<string>(), makeUpDays: new Set<string>() },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    random: (bytes: number) => Buffer.alloc(bytes),
    send: (_device: Device, tail: string, message: unknown) => sent.push({ tail, ...Object(message) }) > 0,
    refuse: () => undefined,
    note: () => undefined,
    announce: () => undefined,
  };
  return context as typeof context & LinkContext;
}

let context: ReturnType<typeof fakeContext>;
let device: Device;
const source = (n: number): ListSource => ({ version: () => ({ epoch: 1, n }), build: ({ listKey, version }) => buildList(listKey, [], version) });

beforeEach(async () => {
  context = fakeContext();
  device = createDevice(record(1), 0);
  device.greeted = true;
  await offerNewList(context, device, source(10));
  expect(context.sent).toHaveLength(1);
});

describe('a list that was offered', () => {
  test('is offered again every five seconds until the device says that it holds it', () => {
    for (context.at = 1000; context.at <= 20_000; context.at += 1000) remindOfList(context, device);
    expect(context.sent).toHaveLength(5);
    device.have = '1.10';
    for (; context.at <= 60_000; context.at += 1000) remindOfList(context, device);
    expect(context.sent).toHaveLength(5);
  });

  test('is offered again to a device that goes by an older one, also by an older epoch', () => {
    context.at = 5000;
    device.have = '1.9';
    remindOfList(context, device);
    expect(context.sent).toHaveLength(2);
    context.at = 10_000;
    device.have = '0.900';
    remindOfList(context, device);
    expect(context.sent).toHaveLength(3);
  });

  test('is not pressed on a device that holds a newer one, or that has not greeted', () => {
    context.at = 10_000;
    for (const have of ['1.11', '2.1']) {
      device.have = have;
      remindOfList(context, device);
    }
    device.have = '';
    device.greeted = false;
    remindOfList(context, device);
    expect(context.sent).toHaveLength(1);
  });

  test('is offered again, as another version, when only an open time changed, and not when nothing did', async () => {
    await offerNewList(context, device, source(11));
    expect(context.sent).toHaveLength(1);
    device.record = record(1, { doors: new Map([[1, { doorId: DoorId(101), openMs: 9000 }]]) });
    await offerNewList(context, device, source(12));
    expect(context.sent.map(({ n, doors }) => [n, doors.map(({ o }) => o)])).toEqual([
      [10, [5000]],
      [12, [9000]],
    ]);
    offerList(context, device);
    await offerNewList(context, device, source(13));
    expect(context.sent).toHaveLength(3);
  });

  test('has its end said again within ten minutes, each device at a time of its own', async () => {
    device.have = '1.10';
    const others = await Promise.all(
      [2, 3, 4].map(async (number) => {
        const other = createDevice(record(number), 0);
        Object.assign(other, { greeted: true, have: '1.10' });
        await offerNewList(context, other, source(10));
        return other;
      }),
    );
    context.sent.length = 0;
    const times: number[] = [];
    for (context.at = 1000; context.at <= 600_000; context.at += 1000) {
      for (const each of [device, ...others]) remindOfList(context, each);
      while (times.length < context.sent.length) times.push(context.at);
    }
    expect(times.length).toBe(4);
    expect(new Set(times).size).toBe(4);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(300_000);
  });

  test('a device that comes back with it is told its end within half a minute, one with another at once', () => {
    device.have = '1.10';
    offerOnReturn(context, device);
    expect(context.sent).toHaveLength(1);
    for (; context.at <= 30_000; context.at += 1000) remindOfList(context, device);
    expect(context.sent).toHaveLength(2);
    device.have = '1.9';
    offerOnReturn(context, device);
    expect(context.sent).toHaveLength(3);
  });
});

describe('what may wait a turn', () => {
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  test('runs in order, so many at a time, whatever one of them throws', async () => {
    const [done, failed]: [number[], string[]] = [[], []];
    const later = inTurns(2, (error) => failed.push(String(error)));
    for (const at of [1, 2, 3, 4, 5])
      later(() => {
        if (at === 2) throw new Error('second');
        done.push(at);
        if (at === 5) later(() => done.push(6));
      });
    expect(done).toEqual([]);
    const seen: number[] = [];
    for (let turns = 0; turns < 5; turns += 1) {
      await turn();
      seen.push(done.length);
    }
    expect(done).toEqual([1, 3, 4, 5, 6]);
    expect(seen).toEqual([1, 3, 4, 5, 5]);
    expect(failed).toEqual(['Error: second']);
  });
});

describe('what a door says of its list to whoever stopped a card', () => {
  const state = () => doorStates(device)[0];

  test('how far the list reaches, also when nothing in it changed, and not when it could not be made', async () => {
    expect(state()).toMatchObject({ want: '1.10', covers: 10 });
    await offerNewList(context, device, source(12));
    expect(state()).toMatchObject({ want: '1.10', covers: 12 });
    await offerNewList(context, device, { ...source(15), build: () => Promise.reject(new Error('no thread')) });
    expect(state()).toMatchObject({ want: '1.10', covers: 12 });
  });

  test('not of a list that is overtaken while it is made', async () => {
    const slow: ListSource = {
      ...source(20),
      async build(order) {
        device.listSource = '1.21';
        return source(20).build(order);
      },
    };
    await offerNewList(context, device, slow);
    expect(state()).toMatchObject({ want: '1.10', covers: 10 });
  });

  test('until when it was told that it holds, and only what was sent', () => {
    const told = context.now() + 30 * 86_400_000;
    expect(state()).toMatchObject({ listUntil: told });
    const away = createDevice(record(1), 0);
    away.list = device.list;
    away.rules = device.rules;
    offerList({ ...context, send: () => false }, away);
    expect(doorStates(away)[0]).toMatchObject({ listUntil: 0 });
  });
});
