import { plainRow, settings } from '../helpers/lists.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ControllerId, DoorId } from '../../gateway/core/ids.ts';
import { COMMAND_MS } from '../../gateway/doors/commands.ts';
import { createListBuilder, type ListEntry } from '../../gateway/doors/access-list.ts';
import { canonicalReading, listDigest, listFingerprint } from '../../gateway/wire/mqtt/list.ts';
import { encode } from '../../gateway/wire/mqtt/messages.ts';
import { deviceKeys, seal } from '../../gateway/wire/mqtt/seal.ts';
import { deviceTopic } from '../../gateway/wire/mqtt/topics.ts';
import { arrive, CARD, deviceOf, eventually, greet, INSTANCE, openRig, type Player, type Rig, runningTime, SITE } from './harness.ts';

const UNLOCK = { what: 'unlock', openMs: 3000 } as const;

let rig: Rig;
let door: Player;
/** What the lists of the tests are made of. */
const source = { n: 7, rows: [] as ListEntry[], asked: 0 };
beforeEach(async () => {
  Object.assign(source, { n: 7, asked: 0, rows: [{ bits: 32, hex: '1A2B3C4D', doors: 1, until: 0 }] });
  const build = createListBuilder();
  rig = await openRig(2, {
    lists: {
      version: () => ({ epoch: 1, n: source.n }),
      build: ({ controllerId, listKey, version }) => {
        source.asked += 1;
        return build(controllerId, listKey, source.rows, version);
      },
    },
  });
  door = await greet(rig, deviceOf(rig, 1));
});
afterEach(() => rig.link.close());

const stateOf = (number: number) => rig.link.states().find(({ doorId }) => doorId === 100 + number);
const head = (n: number) => ({ v: 1, i: INSTANCE, b: 1, n, u: runningTime(), t: 0 }) as const;
const outcome = (n: number) =>
  ({
    ...head(n),
    k: 'outcome',
    d: 1,
    rb: 1,
    rn: 4,
    c: CARD,
    m: 'card',
    rt: 1_795_000_000_000,
    f: 'local',
    g: true,
    r: 'OK',
    o: 'opened',
    l: '1.7',
  }) as const;

describe('an event', () => {
  test('of an outcome is passed on whole, and acknowledged', async () => {
    door.say('evt', outcome(12));
    expect(await door.hear('evt/ack')).toEqual({ v: 1, i: INSTANCE, b: 1, n: 12 });
    expect(rig.side.outcomes).toEqual([
      {
        key: { controllerId: 1, instance: INSTANCE, boot: 1, seq: 12 },
        request: { boot: 1, seq: 4 },
        final: 'local',
        granted: true,
        reason: 'OK',
        opened: 'opened',
        tap: {
          key: { controllerId: 1, instance: INSTANCE, boot: 1, seq: 4 },
          doorId: 101,
          method: 'card',
          credential: { bits: 32, hex: '1A2B3C4D' },
          deviceTime: 1_795_000_000_000,
          ageMs: 0,
          budgetMs: 0,
          list: '1.7',
        },
      },
    ]);
  });

  test('of a door is passed on and acknowledged', async () => {
    door.say('evt', { ...head(13), k: 'door', d: 1, w: 'forced', off: true });
    await door.hear('evt/ack');
    expect(rig.side.happenings).toEqual([{ key: { controllerId: 1, instance: INSTANCE, boot: 1, seq: 13 }, doorId: 101, what: 'forced', deviceTime: 0, offline: true }]);
  });

  test('is acknowledged only when it is durable', async () => {
    let release = (): void => undefined;
    rig.side.keep = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    door.say('evt', outcome(12));
    await expect(door.hear('evt/ack', 100)).rejects.toThrow('no packet');
    release();
    expect((await door.hear('evt/ack')).n).toBe(12);
  });

  test('that could not be stored is not acknowledged, so the device keeps it', async () => {
    rig.side.keep = async () => {
      throw new Error('disk full');
    };
    door.say('evt', outcome(12));
    await door.acknowledged();
    await expect(door.hear('evt/ack', 100)).rejects.toThrow('no packet');
    expect(rig.lines.join()).toContain('disk full');
  });

  test('of an older boot is welcome: it waited on the device', async () => {
    door.say('state', door.state({ b: 3, u: 10 }));
    door.say('evt', outcome(5));
    expect((await door.hear('evt/ack')).b).toBe(1);
  });

  test('with a reason this gateway does not know is stored all the same', async () => {
    door.say('evt', { ...outcome(6), r: 'FROM_THE_FUTURE' });
    await door.hear('evt/ack');
    expect(rig.side.outcomes[0]?.reason).toBe('DEVICE_FAULT');
  });
});

describe('what is wrong with a message', () => {
  const wrong = (put: () => void, line: string, why: string) => async () => {
    put();
    await door.acknowledged();
    expect(rig.lines.join('\n')).toContain(line);
    expect(rig.side.links).toContainEqual({ controllerId: 1, what: 'refused', why });
    door.say('req', door.request(1));
    expect((await door.hear('res')).g).toBe(true);
  };
  test('not sealed at all', () => wrong(() => door.put('req', Buffer.from('{"v":1}')), 'refused: unsealed (req)', 'unsealed')());
  test('empty', () => wrong(() => door.put('req', Buffer.alloc(0)), 'refused: unsealed (req)', 'unsealed')());
  test('sealed for another topic', () => wrong(() => door.put('evt', door.seal('req', door.request(1))), 'refused: unsealed (evt)', 'unsealed')());
  test('a field that does not fit is named', () => wrong(() => door.say('req', { ...door.request(1), d: 99 }), 'req: d: expected a whole number from 1 to 8', 'malformed')());
  test('a field inside another is named', () =>
    wrong(() => door.say('req', { ...door.request(1), c: { w: 32, x: 'zz' } }), 'req: c.x: expected up to 64 hex digits', 'malformed')());
  test('a reused sequence of 0 is named', () => wrong(() => door.say('req', door.request(0)), 'req: n: expected a whole number from 1 to 4294967295', 'malformed')());

  test('is told once a minute', async () => {
    for (let n = 0; n < 30; n++) door.put('req', Buffer.alloc(3));
    for (let n = 0; n < 30; n++) await door.acknowledged();
    expect(rig.side.links.filter(({ what }) => what === 'refused')).toHaveLength(1);
    expect(rig.lines.filter((line) => line.startsWith('refused'))).toHaveLength(10);
    rig.skip = 61_000;
    door.put('req', Buffer.alloc(3));
    await door.acknowledged();
    expect(rig.side.links.filter(({ what }) => what === 'refused')).toHaveLength(2);
  });
});

describe('presence', () => {
  test('begins with a state message, not with a login', async () => {
    await arrive(rig, deviceOf(rig, 2));
    expect(stateOf(2)).toMatchObject({ online: false, contact: 'unknown', lock: 'unknown' });
    expect(rig.side.links.filter(({ controllerId }) => controllerId === 2)).toEqual([]);
  });

  test('shows what the device said', async () => {
    door.say('state', door.state({ d: [{ d: 1, c: 'open', l: 'unlocked' }], p: false, q: 9, l: '1.6' }));
    await door.acknowledged();
    expect(stateOf(1)).toMatchObject({ online: true, contact: 'open', lock: 'unlocked', power: false, queued: 9, have: '1.6', want: '1.7' });
    expect(rig.side.states.at(-1)).toEqual(stateOf(1));
  });

  test('ends after 15 s of silence and comes back with a ping', async () => {
    rig.skip = 15_500;
    await eventually(() => stateOf(1)?.online === false, 'offline');
    expect(await rig.link.command(DoorId(101), UNLOCK)).toBe('offline');
    door.raw.send('c000');
    await eventually(() => stateOf(1)?.online === true, 'back');
    expect(rig.side.links.filter(({ controllerId }) => controllerId === 1).map(({ what, why }) => `${what} ${why}`)).toEqual([
      'online connected',
      'offline silent',
      'online heard',
    ]);
  });

  test('is asked for: who logs in and says no state for ten seconds is put out, so that it begins again', async () => {
    const silent = await arrive(rig, deviceOf(rig, 2));
    rig.skip = 10_500;
    door.raw.send('c000');
    await silent.raw.closed();
    expect(stateOf(1)?.online).toBe(true);
  });

  test('ends when the device says off, and a state of an older boot changes nothing', async () => {
    door.say('state', door.state({ b: 2, u: 5 }));
    door.say('state', door.state({ b: 1, s: 'off' }));
    await door.acknowledged();
    await door.acknowledged();
    expect(stateOf(1)?.online).toBe(true);
    door.say('state', door.state({ b: 2, u: 9, s: 'off' }));
    await eventually(() => stateOf(1)?.online === false, 'offline');
  });

  test('of a broken connection ends once, though its will says so too', async () => {
    const device = deviceOf(rig, 2);
    const topic = deviceTopic(SITE, device.deviceId, 'state');
    const payload = seal(deviceKeys(device.secret).up, topic, encode('state', door.state({ s: 'off' })));
    const other = await greet(rig, device, { will: { topic, payload, retain: true } });
    other.raw.socket.destroy();
    await eventually(() => stateOf(2)?.online === false, 'offline');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(rig.side.links.filter(({ controllerId }) => controllerId === 2).map(({ what }) => what)).toEqual(['online', 'offline']);
  });

  test('that flaps is written down ten times a minute at most', async () => {
    for (let n = 0; n < 15; n++) {
      door.say('state', door.state({ s: 'off' }));
      door.say('state', door.state());
    }
    for (let n = 0; n < 30; n++) await door.acknowledged();
    expect(rig.side.links.filter(({ controllerId }) => controllerId === 1)).toHaveLength(10);
    expect(stateOf(1)?.online).toBe(true);
  });
});

describe('a command', () => {
  test('carries its end in the running time of the device, and ends with the answer', async () => {
    const result = rig.link.command(DoorId(101), UNLOCK);
    const command = await door.hear('cmd');
    expect(command).toMatchObject({ v: 1, d: 1, a: 'unlock', o: 3000, b: 1 });
    expect(command.x - runningTime()).toBeGreaterThan(COMMAND_MS - 500);
    expect(command.x - runningTime()).toBeLessThanOrEqual(COMMAND_MS + 5);
    door.say('cmd/ack', { v: 1, id: command.id, st: 'done' });
    expect(await result).toBe('done');
  });

  test('of 0 ms opens for as long as the door usually does', async () => {
    void rig.link.command(DoorId(101), { what: 'unlock', openMs: 0 });
    expect((await door.hear('cmd')).o).toBe(5000);
  });

  test.each(['refused', 'expired'] as const)('answered %s says so', async (st) => {
    const result = rig.link.command(DoorId(101), UNLOCK);
    door.say('cmd/ack', { v: 1, id: (await door.hear('cmd')).id, st });
    expect(await result).toBe(st);
  });

  test('is not settled by an answer to another', async () => {
    const result = rig.link.command(DoorId(101), UNLOCK);
    door.say('cmd/ack', { v: 1, id: '0000000000000000', st: 'done' });
    await door.acknowledged();
    door.say('cmd/ack', { v: 1, id: (await door.hear('cmd')).id, st: 'refused' });
    expect(await result).toBe('refused');
  });

  test('nobody answers is expired after its time', async () => {
    const started = performance.now();
    expect(await rig.link.command(DoorId(101), UNLOCK)).toBe('expired');
    expect(performance.now() - started).toBeGreaterThan(COMMAND_MS);
  }, 8000);

  test('to a door that is away, not greeted or not known is offline at once', async () => {
    await arrive(rig, deviceOf(rig, 2));
    expect(await rig.link.command(DoorId(102), UNLOCK)).toBe('offline');
    expect(await rig.link.command(DoorId(999), UNLOCK)).toBe('offline');
    door.raw.socket.destroy();
    await eventually(() => stateOf(1)?.online === false, 'gone');
    expect(await rig.link.command(DoorId(101), UNLOCK)).toBe('offline');
  });

  test('still open when the link closes is expired', async () => {
    const result = rig.link.command(DoorId(101), UNLOCK);
    await door.hear('cmd');
    await rig.link.close();
    expect(await result).toBe('expired');
  });
});

test('time is told with the nonce of the question', async () => {
  rig.wall = 1_795_111_111_111;
  door.say('time/ask', { v: 1, no: '0123456789abcdef' });
  expect(await door.hear('time')).toEqual({ v: 1, no: '0123456789abcdef', t: 1_795_111_111_111 });
});

describe('an access list', () => {
  test('is offered on arrival, fetched in chunks and reported as held', async () => {
    const want = await door.hear('acl/want');
    const canonical = canonicalReading({ w: 32, x: '1A2B3C4D' }) ?? Buffer.alloc(0);
    const rows = [plainRow(listFingerprint(deviceKeys(deviceOf(rig, 1).secret).list, canonical))];
    expect(want).toMatchObject({ e: 1, n: 7, count: 1, of: 1, dig: listDigest(rows), doors: [settings()], d: 'yc42-d01', until: rig.wall + 30 * 86_400_000 });
    door.say('acl/get', { v: 1, i: INSTANCE, b: 1, e: 1, n: 7, f: '' });
    expect(await door.hear('acl/c')).toEqual({ e: 1, n: 7, at: 0, rows });
    door.say('acl/have', { v: 1, i: INSTANCE, b: 1, l: '1.7' });
    await eventually(() => rig.side.states.at(-1)?.have === '1.7', 'reported');
    expect(rig.side.states.at(-1)).toMatchObject({ have: '1.7', want: '1.7' });
  });

  test('that changed is offered under its new version, to the controllers named', async () => {
    await door.hear('acl/want');
    Object.assign(source, { n: 9, rows: [] });
    rig.link.refreshLists([ControllerId(2)]);
    await expect(door.hear('acl/want', 50)).rejects.toThrow('no packet');
    rig.link.refreshLists([ControllerId(1)]);
    expect(await door.hear('acl/want')).toMatchObject({ e: 1, n: 9, count: 0, of: 0, dig: listDigest([]) });
    expect(stateOf(1)?.want).toBe('1.9');
  });

  test('whose rows are the same keeps its version and is not offered again', async () => {
    await door.hear('acl/want');
    source.n = 8;
    rig.link.refreshLists([ControllerId(1)]);
    await expect(door.hear('acl/want', 50)).rejects.toThrow('no packet');
    expect(stateOf(1)?.want).toBe('1.7');
  });

  test('of the same version is not made again when the device comes back', async () => {
    const asked = source.asked;
    const again = await greet(rig, deviceOf(rig, 1));
    expect((await again.hear('acl/want')).n).toBe(7);
    expect(source.asked).toBe(asked);
  });

  test('that differs little from the one held comes as the difference, to who asks for it', async () => {
    const cards = Array.from({ length: 10 }, (_, n) => ({ bits: 32, hex: n.toString(16).padStart(8, '0'), doors: 1, until: 0 }));
    Object.assign(source, { n: 8, rows: cards });
    rig.link.refreshLists([ControllerId(1)]);
    await door.hear('acl/want');
    await door.hear('acl/want');
    Object.assign(source, { n: 9, rows: cards.slice(1) });
    rig.link.refreshLists([ControllerId(1)]);
    expect(await door.hear('acl/want')).toMatchObject({ n: 9, count: 9 });
    const get = { v: 1, i: INSTANCE, b: 1, e: 1, n: 9 } as const;
    door.say('acl/get', { ...get, f: '1.8' });
    const piece = await door.hear('acl/c');
    expect([piece.base?.n, piece.base?.gone.length, piece.rows.length]).toEqual([8, 1, 0]);
    for (const f of ['', '1.7', '2.8']) {
      door.say('acl/get', { ...get, f });
      expect((await door.hear('acl/c')).rows, String(f)).toHaveLength(9);
    }
  });

  test('asked for by an old version is answered with the one wanted now', async () => {
    await door.hear('acl/want');
    door.say('acl/get', { v: 1, i: INSTANCE, b: 1, e: 1, n: 6, f: '' });
    expect((await door.hear('acl/want')).n).toBe(7);
  });

  test('of 650 rows comes in three chunks, in order', async () => {
    Object.assign(source, { n: 10, rows: Array.from({ length: 650 }, (_, n) => ({ bits: 32, hex: n.toString(16).padStart(8, '0'), doors: 1, until: n })) });
    rig.link.refreshLists([ControllerId(1)]);
    await door.hear('acl/want');
    const want = await door.hear('acl/want');
    door.say('acl/get', { v: 1, i: INSTANCE, b: 1, e: 1, n: 10, f: '' });
    const chunks = [await door.hear('acl/c'), await door.hear('acl/c'), await door.hear('acl/c')];
    expect(chunks.map(({ at, rows }) => [at, rows.length])).toEqual([
      [0, 300],
      [1, 300],
      [2, 50],
    ]);
    expect(listDigest(chunks.flatMap(({ rows }) => rows))).toBe(want.dig);
  });
});
