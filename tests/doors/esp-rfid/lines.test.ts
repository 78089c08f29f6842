import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DoorId } from '../../../gateway/core/ids.ts';
import { eventually } from '../harness.ts';
import { type Board, boardRecord, connectBoard, NOW, openRig, type Rig, SECOND, user } from './rig.ts';

let rig: Rig;
let board: Board;
beforeEach(async () => {
  rig = await openRig(1);
  rig.wanted.set(1, [user(17, '1BEC07EC')]);
  board = await connectBoard(rig, boardRecord(1));
  await eventually(() => rig.link.states()[0]?.have === '1.1', 'in step');
});
afterEach(async () => {
  await board.client.endAsync(true);
  await rig.link.close();
});
const outcomes = (count: number) => eventually(() => rig.side.outcomes.length === count, `${count} outcomes`);
const open = (openMs = 0) => rig.link.command(DoorId(101), { what: 'unlock', openMs });

describe('a line of an esp-rfid board’s access log', () => {
  test('is a decision the board made by itself, with the card of our register', async () => {
    await board.tap('1bec07ec');
    await outcomes(1);
    expect(rig.side.outcomes[0]).toMatchObject({
      final: 'local',
      granted: true,
      reason: 'OK',
      opened: 'unknown',
      tap: { doorId: 101, method: 'card', credential: { bits: 32, hex: '1BEC07EC' }, deviceTime: NOW, list: '1.1' },
    });
  });

  test.each([
    ['Admin', true, 'OK', 'unknown'],
    ['Expired', false, 'EXPIRED', 'unopened'],
    ['Disabled', false, 'SUSPENDED', 'unopened'],
    ['Wrong pin code', false, 'PIN_WRONG', 'unopened'],
    ['Something new', false, 'DEVICE_FAULT', 'unopened'],
  ] as const)('that says %s', async (access, granted, reason, opened) => {
    await board.tap('1bec07ec', { access });
    await outcomes(1);
    expect(rig.side.outcomes[0]).toMatchObject({ granted, reason, opened });
  });

  test('of a card it does not know keeps the reading, so that it can be given to somebody', async () => {
    await board.tap('22d3dad6');
    await outcomes(1);
    expect(rig.side.outcomes[0]).toMatchObject({ granted: false, reason: 'UNKNOWN_CREDENTIAL', tap: { credential: { bits: 32, hex: '22D3DAD6' } } });
  });

  test('that comes twice has one key and cannot be two entries; another second, card or word has another', async () => {
    for (const over of [{}, {}, { time: SECOND + 1 }, { access: 'Expired' }]) await board.tap('1bec07ec', over);
    await board.tap('22d3dad6');
    await outcomes(5);
    const keys = rig.side.outcomes.map(({ key }) => `${key.instance}.${key.boot}.${key.seq}`);
    expect(keys[0]).toBe(keys[1]);
    expect(new Set(keys).size).toBe(4);
    for (const { key, request } of rig.side.outcomes) expect([request.boot, request.seq]).toEqual([key.boot, key.seq - 1]);
    // The key is stored where officers' evidence opens it: nobody may try card numbers against it.
    expect(rig.side.outcomes[0]?.key.seq).not.toBe(rig.side.outcomes[2]?.key.seq);
  });

  test('of a board whose clock was never set is given our second and no time of its own', async () => {
    await board.tap('1bec07ec', { time: 12 });
    await outcomes(1);
    expect(rig.side.outcomes[0]).toMatchObject({ key: { boot: SECOND }, tap: { deviceTime: 0 } });
  });

  test('with a dropped zero is the one card the register has, and nobody when it may be several', async () => {
    rig.records.set('yc42-d01', boardRecord(1, { cards: 'uid-short' }));
    rig.known.add('32 22D30AD6');
    await board.tap('22d3ad6');
    await outcomes(1);
    expect(rig.side.outcomes[0]?.tap.credential).toEqual({ bits: 32, hex: '22D30AD6' });
    rig.known.add('32 022D3AD6');
    await board.tap('22d3ad6', { time: SECOND + 1 });
    await outcomes(2);
    expect(rig.side.outcomes[1]?.tap.credential).toBeUndefined();
  });

  test('that cannot be stored is said to be lost, and the board goes on', async () => {
    rig.side.keep = () => Promise.reject(new Error('disk full'));
    await board.tap('1bec07ec');
    await eventually(() => rig.lines.some((line) => line.includes('is lost')), 'said');
    rig.side.keep = async () => undefined;
    await board.tap('1bec07ec', { time: SECOND + 1 });
    await outcomes(2);
    expect(board.client.connected).toBe(true);
    expect(rig.lines.join('\n')).not.toContain('1bec07ec');
  });

  test('more than 32 at once are turned away', async () => {
    let free = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      free = resolve;
    });
    rig.side.keep = () => gate;
    await Promise.all(Array.from({ length: 40 }, (_, at) => board.tap('1bec07ec', { time: SECOND + at })));
    await eventually(() => rig.link.numbers().refused.get('flood') === 8, 'eight turned away');
    free();
    expect(rig.side.outcomes.length).toBe(32);
  });
});

test('a board writes at most 600 lines a minute', async () => {
  rig.side.outcomes.length = 0;
  for (let at = 0; at < 25; at += 1) await Promise.all(Array.from({ length: 25 }, (_, n) => board.tap('1bec07ec', { time: SECOND + at * 25 + n })));
  await eventually(() => (rig.link.numbers().refused.get('flood') ?? 0) >= 25, 'turned away');
  expect(rig.side.outcomes.length).toBeLessThanOrEqual(600);
});

describe('an esp-rfid board', () => {
  test('opens by an order, and its own line in the log is the answer and no second entry', async () => {
    expect(await open()).toBe('done');
    expect(board.told.at(-1)).toEqual({ cmd: 'opendoor', doorip: '192.168.1.50' });
    expect(rig.side.outcomes).toEqual([]);
  });

  test('that answers nothing: the order has expired, and a late opening is an entry', async () => {
    board.deaf = true;
    expect(await open()).toBe('expired');
    await board.say('send', { type: 'access', time: SECOND, isKnown: 'true', access: 'Always', username: 'MQTT', uid: ' ' });
    await outcomes(1);
    expect(rig.side.outcomes[0]).toMatchObject({ granted: true, tap: { method: 'remote', credential: undefined } });
    expect(board.told.filter(({ cmd }) => cmd === 'opendoor').length).toBe(1);
  });

  test('knows no lock, restart or identify, takes one order at a time, and none while it is away', async () => {
    for (const what of ['lock', 'restart', 'identify'] as const) expect(await rig.link.command(DoorId(101), { what, openMs: 0 })).toBe('refused');
    expect(await Promise.all([open(), open()])).toEqual(['done', 'refused']);
    expect(await rig.link.command(DoorId(999), { what: 'unlock', openMs: 0 })).toBe('offline');
    await board.client.endAsync(true);
    await eventually(() => rig.link.states()[0]?.online === false, 'offline');
    expect(await open()).toBe('offline');
  });

  test('tells what it notices at the door', async () => {
    const event = (type: string, src: string, desc: string) => board.say('send', { type, src, desc, data: '', time: SECOND, cmd: 'event', hostname: 'esp-rfid' });
    await event('INFO', 'door', 'Door Open');
    await eventually(() => rig.link.states()[0]?.contact === 'open', 'open');
    await event('WARN', 'tamper', "Door wasn't closed within max open time!");
    await event('WARN', 'tamper', 'Door was tampered!');
    await event('INFO', 'door', 'Door Closed');
    await eventually(() => rig.side.happenings.length === 4 && rig.link.states()[0]?.contact === 'closed', 'closed');
    expect(rig.side.happenings.map(({ what, doorId }) => [what, doorId])).toEqual(['opened', 'held', 'tamper', 'closed'].map((what) => [what, 101]));
  });

  test('is online while it is heard, says when it started, and is offline when it falls silent or goes', async () => {
    await board.say('send', { type: 'boot', time: SECOND, uptime: 0, ip: '192.168.1.50', hostname: 'esp-rfid' });
    await eventually(() => rig.side.links.some(({ what }) => what === 'boot'), 'boot');
    const fellSilent = (): boolean => rig.side.links.some(({ why }) => why === 'silent');
    // Its ping may come between the jump and the sweep that sees it: the clock goes on until it was seen.
    await eventually(() => {
      if (!fellSilent()) rig.skip += 61_000;
      return fellSilent();
    }, 'silent');
    await board.say('send', { type: 'heartbeat', time: SECOND, uptime: 9, ip: '192.168.1.50', hostname: 'esp-rfid' });
    await eventually(() => rig.link.states()[0]?.online === true, 'back');
    await board.client.endAsync(true);
    await eventually(() => rig.link.states()[0]?.online === false, 'gone');
    expect(rig.side.links.map(({ what, why }) => `${what} ${why}`)).toEqual(['online heard', 'boot started', 'offline silent', 'online heard', 'offline disconnected']);
    expect(rig.side.states.at(-1)).toMatchObject({ doorId: 101, online: false, weak: true, lock: 'unknown' });
  });

  test('that talks nonsense is told off once a minute, and goes on', async () => {
    for (let at = 0; at < 5; at += 1) await board.say('send', '{"type":"access","isKnown":7}');
    await eventually(() => rig.link.numbers().refused.get('malformed') === 5, 'counted');
    expect(rig.side.links.filter(({ what }) => what === 'refused')).toEqual([{ controllerId: 1, what: 'refused', why: 'malformed' }]);
    expect(rig.lines.filter((line) => line.includes('isKnown: expected true or false')).length).toBe(1);
    expect(await open()).toBe('done');
  });
});
