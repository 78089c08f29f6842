import { describe, expect, test } from 'vitest';
import { COLOUR, OUTPUT } from '../../../gateway/wire/osdp/messages.ts';
import { holdCard, isOn, lampOf, pressKeys, setInput } from '../../../firmware-sim/osdp/peripheral-model.ts';
import { KEY, medium, pair, reboot } from './medium.ts';

const unlock = (output = 0, timer = 30) => ({ name: 'OUT' as const, body: [{ output, control: OUTPUT.timedOn, timer }] });
const cards = (m: ReturnType<typeof pair>): string[] => m.of('report').flatMap(({ reply }) => (reply.name === 'RAW' ? [Buffer.from(reply.body.data).toString('hex')] : []));
const up = (m: ReturnType<typeof pair>, count = 1): boolean => m.until(() => m.of('up').length >= count, 10_000);

describe('a line with one device', () => {
  test('is secure within a second at 9,600, and asks the device who it is inside the session', () => {
    const m = pair();
    expect(up(m)).toBe(true);
    expect(m.now - 1000).toBeLessThan(500);
    expect(m.of('up')).toMatchObject([{ address: 1, identity: '0db00c0101000000' }]);
    // A challenge, a proof, then only secured frames.
    expect(m.sent.slice(0, 2).map(({ bytes }) => bytes[6])).toEqual([0x11, 0x13]);
    expect(m.sent.slice(2).every(({ bytes }) => [0x15, 0x17].includes(bytes[6] ?? 0))).toBe(true);
  });

  test('tells of a card, keys and a contact, in their order, each once', () => {
    const m = pair();
    up(m);
    m.run(1000);
    const [device] = m.devices;
    if (device === undefined) throw new Error('no device');
    holdCard(device.peripheral, 32, '1a2b3c4d');
    pressKeys(device.peripheral, '12#*');
    setInput(device.peripheral, 1, true);
    m.told.length = 0;
    m.run(1000);
    expect(m.of('report').map(({ reply }) => reply)).toMatchObject([
      { name: 'RAW', body: { bits: 32, data: Buffer.from('1a2b3c4d', 'hex') } },
      { name: 'KEYPAD', body: { data: Buffer.from('12\r\x7f') } },
      { name: 'ISTATR', body: [0, 1] },
    ]);
  });

  test('drives an output for its time, and lights a lamp', () => {
    const m = pair();
    up(m);
    const [device] = m.devices;
    if (device === undefined) throw new Error('no device');
    const tag = m.order(1, unlock(1, 30));
    m.order(1, {
      name: 'LED',
      body: [
        {
          reader: 0,
          led: 0,
          temporary: { code: 2, on: 10, off: 0, onColour: COLOUR.green, offColour: COLOUR.black, timer: 30 },
          permanent: { code: 0, on: 0, off: 0, onColour: 0, offColour: 0 },
        },
      ],
    });
    m.run(400);
    expect([isOn(device.peripheral, 0, m.now), isOn(device.peripheral, 1, m.now), lampOf(device.peripheral, m.now)]).toEqual([false, true, COLOUR.green]);
    expect(m.of('done')).toMatchObject([{ tag, result: 'ok' }, { result: 'ok' }]);
    m.run(3000);
    expect([isOn(device.peripheral, 1, m.now), lampOf(device.peripheral, m.now)]).toEqual([false, COLOUR.black]);
  });

  test('polls no more until what was told is on disk, and does what is to be done meanwhile', () => {
    const m = pair({ slow: true });
    m.until(() => m.of('report').length > 0, 3000);
    const before = m.sent.length;
    m.run(2000);
    // The other questions of the beginning went out; no poll.
    expect(m.sent.slice(before).filter(({ bytes }) => bytes[7] === 0x60)).toEqual([]);
    m.order(1, unlock());
    m.run(100);
    expect(m.of('done')).toMatchObject([{ result: 'ok' }]);
    for (const _ of m.of('report')) m.do({ t: 'taken', address: 1 });
    const after = m.sent.length;
    m.run(100);
    expect(m.sent.length).toBeGreaterThan(after);
  });

  test('polls no more while a card is not on disk, though what was told after it is, and though its session is another by now', () => {
    const m = pair({ slow: true });
    up(m);
    m.until(() => m.of('report').length === 4, 3000);
    for (const _ of m.of('report')) m.do({ t: 'taken', address: 1 });
    const [device] = m.devices;
    if (device === undefined) throw new Error('no device');
    holdCard(device.peripheral, 8, '55');
    m.until(() => cards(m).length === 1, 1000);
    m.order(1, unlock());
    m.run(200);
    m.do({ t: 'taken', address: 1 });
    const polls = (from: number): number => m.sent.slice(from).filter(({ bytes }) => bytes[7] === 0x60).length;
    let before = m.sent.length;
    m.run(1000);
    expect(polls(before)).toBe(0);
    reboot(m, device, 9000);
    m.order(1, unlock());
    m.until(() => m.of('up').length === 2, 20_000);
    m.run(1000);
    const told = m.of('report').length;
    for (let n = 6; n < told; n += 1) m.do({ t: 'taken', address: 1 });
    before = m.sent.length;
    m.run(1000);
    expect(polls(before)).toBe(0);
    m.do({ t: 'taken', address: 1 });
    m.run(1000);
    expect(polls(before)).toBeGreaterThan(10);
  });

  test('polls back to back down to its floor, and asks at once again when more may wait', () => {
    const m = pair({ baud: 115_200 });
    up(m);
    m.run(1000);
    const before = m.sent.length;
    m.run(1000);
    expect(m.sent.length - before).toBeGreaterThan(80);
    expect(m.sent.length - before).toBeLessThan(105);
    const [device] = m.devices;
    for (let n = 0; n < 3; n += 1) if (device !== undefined) holdCard(device.peripheral, 8, `0${n}`);
    m.told.length = 0;
    const began = m.now;
    m.until(() => cards(m).length === 3, 1000);
    expect(m.now - began).toBeLessThan(10 + 3 * 10);
    expect(cards(m)).toEqual(['00', '01', '02']);
  });

  test('begins nothing whose time is over', () => {
    const m = pair();
    up(m);
    const tag = m.order(1, unlock(), m.now - 1);
    m.run(500);
    expect(m.of('done')).toMatchObject([{ tag, result: 'late' }]);
    expect(m.sent.some(({ bytes }) => bytes[7] === 0x68)).toBe(false);
  });
});

describe('several devices', () => {
  const many = (count: number, baud = 9600) =>
    medium({
      baud,
      records: Array.from({ length: count }, (_, address) => ({ address, key: KEY })),
      devices: Array.from({ length: count }, (_, address) => ({ address, key: KEY, mode: 'full' as const })),
    });

  test('31 of them all come, and each is polled as often as the others', () => {
    const m = many(31, 115_200);
    expect(up(m, 31)).toBe(true);
    m.run(2000);
    const before = m.sent.length;
    m.run(3100);
    const polls = Array.from({ length: 31 }, (_, address) => m.sent.slice(before).filter(({ bytes }) => bytes[1] === address).length);
    expect(Math.min(...polls)).toBeGreaterThan(15);
    expect(Math.max(...polls) - Math.min(...polls)).toBeLessThanOrEqual(1);
  });

  test('a door action goes before every poll', () => {
    const m = many(8);
    up(m, 8);
    m.run(3000);
    const before = m.sent.length;
    m.order(5, unlock());
    m.run(300);
    const next = m.sent.slice(before).findIndex(({ bytes }) => bytes[7] === 0x68);
    expect(next).toBeLessThanOrEqual(1);
  });

  test('a dead one costs the line one window of 200 ms a second, and is told', () => {
    const m = many(4, 38_400);
    up(m, 4);
    const dead = m.devices[2];
    if (dead !== undefined) dead.dead = true;
    m.run(2000);
    const [before, began] = [m.sent.length, m.now];
    m.run(20_000);
    const asked = m.sent.slice(before).filter(({ bytes }) => bytes[1] === 2);
    expect(asked.length).toBeGreaterThanOrEqual(18);
    expect(asked.length).toBeLessThanOrEqual(21);
    for (const [at, each] of asked.entries()) expect(each.at - (asked[at - 1]?.at ?? began - 1000)).toBeGreaterThanOrEqual(990);
    expect(m.of('quality').map(({ address, state }) => [address, state])).toEqual([
      [2, 'degraded'],
      [2, 'offline'],
    ]);
    expect(m.of('down')).toMatchObject([{ address: 2, why: 'silent' }]);
    // The others are polled in the four fifths that are left.
    expect(m.sent.length - before).toBeGreaterThan(1200);
  });

  test('with all others dead the living one still has half of the line', () => {
    const m = many(20, 38_400);
    for (const device of m.devices.slice(1)) device.dead = true;
    m.until(() => m.of('up').length > 0, 10_000);
    m.run(5000);
    const before = m.sent.length;
    m.run(10_000);
    const [mine, all] = [m.sent.slice(before).filter(({ bytes }) => bytes[1] === 0), m.sent.slice(before)];
    expect(mine.length).toBeGreaterThan(200);
    expect(all.length - mine.length).toBeGreaterThan(15);
    expect(all.length - mine.length).toBeLessThan(27);
  });
});

describe('a bad line', () => {
  test.each([1, 2, 3])('loses, bends and delays frames, and no card, with seed %i', (seed) => {
    const m = pair({ baud: 38_400, seed });
    up(m);
    Object.assign(m.trouble, { lostIn: 12, bentIn: 12, delayMs: 30 });
    const [device] = m.devices;
    const wanted = Array.from({ length: 30 }, (_, n) => n.toString(16).padStart(8, '0'));
    for (const card of wanted) {
      if (device !== undefined) holdCard(device.peripheral, 32, card);
      m.run(1000);
    }
    Object.assign(m.trouble, { lostIn: 0, bentIn: 0, delayMs: 0 });
    m.run(3000);
    expect(cards(m)).toEqual(wanted);
    expect(m.line.counts.repeated).toBeGreaterThan(50);
    expect(m.line.counts.badChecks).toBeGreaterThan(5);
    expect(m.of('alarm').filter(({ what }) => what === 'bad-mac')).toEqual([]);
  });

  test.each([4, 5])('carries out every order at most once, with seed %i', (seed) => {
    const m = pair({ baud: 38_400, seed });
    up(m);
    Object.assign(m.trouble, { lostIn: 8, bentIn: 8 });
    const [device] = m.devices;
    const beeps: number[] = [];
    for (let n = 0; n < 30; n += 1) {
      m.order(1, { name: 'BUZ', body: { reader: 0, tone: 2, on: 1, off: 1, count: 1 } });
      m.run(1500);
      beeps.push(device?.peripheral.beeps ?? 0);
    }
    const done = m.of('done');
    expect(done).toHaveLength(30);
    const ok = done.filter(({ result }) => result === 'ok').length;
    expect(beeps.at(-1)).toBeGreaterThanOrEqual(ok);
    expect(beeps.at(-1)).toBeLessThanOrEqual(30 - done.filter(({ result }) => result === 'not-up' || result === 'late').length);
    expect(ok).toBeGreaterThan(20);
  });
});

describe('a device that was away', () => {
  test.each([9600, 38_400])('after a restart is secure again within 1.5 s at %i, and what was to open then does not open now', (baud) => {
    const m = pair({ baud });
    up(m);
    const [device] = m.devices;
    m.run(1000);
    // The order arrives, its answer does not; then the power goes.
    m.trouble.middle = (bytes) => (bytes.length > 20 ? undefined : bytes);
    const tag = m.order(1, unlock(0, 6000), m.now + 60_000);
    m.run(100);
    expect(device !== undefined && isOn(device.peripheral, 0, m.now)).toBe(true);
    m.trouble.middle = undefined;
    reboot(m, device, 300);
    if (device !== undefined) holdCard(device.peripheral, 8, '77');
    const back = m.now;
    expect(up(m, 2)).toBe(true);
    expect(m.now - back).toBeLessThan(1500);
    m.run(2000);
    expect(m.of('done')).toMatchObject([{ tag, result: 'unknown' }]);
    expect(device === undefined || isOn(device.peripheral, 0, m.now)).toBe(false);
    expect(new Set(m.sent.filter(({ bytes }) => bytes[7] === 0x68).map(({ bytes }) => bytes.toString('hex'))).size).toBe(1);
    expect(cards(m)).toEqual(['77']);
    expect(m.order(1, unlock())).toBe(2);
    m.run(100);
    expect(m.of('done')).toMatchObject([{ tag }, { tag: 2, result: 'ok' }]);
  });

  test('for a minute is secure again within 1.5 s of coming back', () => {
    const m = pair();
    up(m);
    reboot(m, m.devices[0], 60_000);
    const back = m.now;
    expect(up(m, 2)).toBe(true);
    expect(m.now - back).toBeLessThan(1500);
  });

  test('that is BUSY keeps its session, and holds up nobody else', () => {
    const m = pair();
    up(m);
    const [device] = m.devices;
    if (device !== undefined) device.peripheral.faults.busy = 5;
    const tag = m.order(1, unlock());
    m.run(3000);
    expect(m.of('done')).toMatchObject([{ tag, result: 'ok' }]);
    expect(m.of('down')).toEqual([]);
    if (device !== undefined) device.peripheral.faults.busy = 22;
    m.run(20_000);
    expect(m.of('down')).toMatchObject([{ why: 'busy' }]);
    expect(m.of('up')).toHaveLength(2);
  });

  test('is told, and nothing is said, when the port is gone', () => {
    const m = pair();
    up(m);
    m.do({ t: 'port', up: false });
    expect(m.of('down')).toMatchObject([{ why: 'port' }]);
    const before = m.sent.length;
    m.order(1, unlock());
    m.run(5000);
    expect(m.sent.length).toBe(before);
    expect(m.of('done')).toMatchObject([{ result: 'not-up' }]);
    m.do({ t: 'port', up: true });
    expect(up(m, 2)).toBe(true);
  });
});

test('two devices with one address, an address that is none, and 32 devices are refused by name', () => {
  const record = (address: number) => ({ address, key: KEY });
  expect(() => medium({ records: [record(1), record(1)], devices: [] })).toThrow('address: expected 0 to 126, each once on a line, got 1');
  expect(() => medium({ records: [record(127)], devices: [] })).toThrow('got 127');
  expect(() => medium({ records: Array.from({ length: 32 }, (_, at) => record(at)), devices: [] })).toThrow('devices: expected at most 31');
});
