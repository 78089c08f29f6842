import { describe, expect, test } from 'vitest';
import { encodeFrame, FrameReader } from '../../../gateway/wire/osdp/frame.ts';
import { OUTPUT } from '../../../gateway/wire/osdp/messages.ts';
import { holdCard, isOn } from '../../../firmware-sim/osdp/peripheral-model.ts';
import { KEY, medium, type Medium, pair, type TestDevice } from './medium.ts';

const MINUTE = 60_000;
const up = (m: Medium, count = 1): boolean => m.until(() => m.of('up').length >= count, 10_000);
const unlock = { name: 'OUT' as const, body: [{ output: 0, control: OUTPUT.timedOn, timer: 600 }] };
const text = (length: number) => ({ name: 'TEXT' as const, body: { reader: 0, command: 1, seconds: 0, row: 1, column: 1, length, data: Buffer.alloc(length, 0x41) } });
const challenges = (m: Medium): string[] => m.sent.filter(({ bytes }) => bytes[6] === 0x11).map(({ bytes }) => bytes.toString('hex'));
/** Codes of what was said after a moment. */
const said = (m: Medium, from = 0): number[] => m.sent.slice(from).map(({ bytes }) => bytes[(bytes[4] ?? 0) & 8 ? 5 + (bytes[5] ?? 0) : 5] ?? 0);
function deviceOf(m: Medium): TestDevice {
  const [device] = m.devices;
  if (device === undefined) throw new Error('no device');
  return device;
}
/** Changes what is under the next code that is on its way. */
function bendOnce(m: Medium): void {
  let times = 1;
  m.trouble.middle = (bytes) => {
    const [heard] = new FrameReader().push(bytes);
    if (heard?.t !== 'frame' || heard.frame.mac.length === 0 || times === 0) return bytes;
    times -= 1;
    return encodeFrame({ ...heard.frame, code: heard.frame.code ^ 1 }, () => heard.frame.mac);
  };
}

describe('a session that has become old', () => {
  const aged = (more: Partial<Parameters<typeof medium>[0]> = {}): Medium => pair({ floorMs: 100, renewMs: MINUTE, ...more });

  test('is renewed, again and again, and nobody outside notices: cards and orders come through', () => {
    const m = aged();
    up(m);
    m.run(1000);
    m.told.length = 0;
    for (let n = 0; n < 200; n += 1) {
      holdCard(deviceOf(m).peripheral, 8, n.toString(16).padStart(2, '0'));
      m.order(1, { name: 'BUZ', body: { reader: 0, tone: 2, on: 1, off: 1, count: 1 } });
      m.run(900 + n);
    }
    expect(challenges(m).length).toBeGreaterThanOrEqual(4);
    expect([m.of('down'), m.of('up')]).toEqual([[], []]);
    expect(m.of('report').map(({ reply }) => (reply.name === 'RAW' ? reply.body.data[0] : -1))).toEqual(Array.from({ length: 200 }, (_, n) => n));
    expect(m.of('done').map(({ result }) => result)).toEqual(Array.from({ length: 200 }, () => 'ok'));
    expect(deviceOf(m).peripheral.beeps).toBe(200);
    expect(new Set(challenges(m)).size).toBe(challenges(m).length);
  });

  test('is not renewed while something is being written down', () => {
    const m = aged({ slow: true });
    m.until(() => m.of('report').length === 4, 5000);
    m.run(3 * MINUTE);
    expect(challenges(m)).toHaveLength(1);
  });

  test('an order that comes in between is carried out once, when the new one is there', () => {
    const m = aged();
    up(m);
    m.until(() => m.line.peers.some(({ renewing }) => renewing), 2 * MINUTE);
    m.order(1, unlock);
    m.run(1000);
    expect(m.of('done')).toMatchObject([{ result: 'ok' }]);
    expect([isOn(deviceOf(m).peripheral, 0, m.now), deviceOf(m).peripheral.driven[0], m.of('down')]).toEqual([true, 1, []]);
  });

  test('whose renewal fails is over, and what was to be done in it is not done', () => {
    const m = aged();
    up(m);
    m.until(() => m.line.peers.some(({ renewing }) => renewing), 2 * MINUTE);
    deviceOf(m).dead = true;
    const tag = m.order(1, unlock);
    m.run(3000);
    expect(m.of('down')).toMatchObject([{ why: 'silent' }]);
    expect(m.of('done')).toMatchObject([{ tag, result: 'not-up' }]);
    deviceOf(m).dead = false;
    expect(up(m, 2)).toBe(true);
    m.run(1000);
    expect(deviceOf(m).peripheral.driven[0]).toBe(0);
  });

  test('another device that took its place meanwhile stays out', () => {
    const m = aged({ records: [{ address: 1, key: KEY, identity: '0db00c0101000000' }] });
    up(m);
    deviceOf(m).peripheral.identity.serial[0] = 9;
    m.run(2 * MINUTE);
    expect([m.of('alarm').map(({ what }) => what), m.of('down').map(({ why }) => why)]).toEqual([['swapped'], ['refused']]);
  });

  test('of several devices one is renewed at a time', () => {
    const addresses = [1, 2, 3, 4];
    const m = medium({
      floorMs: 100,
      renewMs: MINUTE,
      records: addresses.map((address) => ({ address, key: KEY })),
      devices: addresses.map((address) => ({ address, key: KEY, mode: 'full' as const })),
    });
    up(m, 4);
    let most = 0;
    m.until(() => {
      most = Math.max(most, m.line.peers.filter(({ renewing }) => renewing).length);
      return challenges(m).length === 8;
    }, 2 * MINUTE);
    expect([most, challenges(m).length]).toEqual([1, 8]);
  });
});

test('a challenge that is bent is repeated as it was; a new session has a new one', () => {
  const m = pair();
  m.trouble.middle = (bytes) => (bytes[7] === 0x12 && m.sent.length < 3 ? Buffer.from(bytes.map((byte, at) => (at === 12 ? byte ^ 1 : byte))) : bytes);
  up(m);
  expect([challenges(m).length, new Set(challenges(m)).size]).toEqual([3, 1]);
  m.do({ t: 'port', up: false });
  m.do({ t: 'port', up: true });
  up(m, 2);
  expect(new Set(challenges(m)).size).toBe(2);
});

describe('wrong codes', () => {
  test.each([
    ['three within an hour', 20 * MINUTE, ['bad-mac', 'bad-mac', 'bad-mac', 'bad-macs', 'bad-mac']],
    ['never three within an hour', 35 * MINUTE, ['bad-mac', 'bad-mac', 'bad-mac', 'bad-mac']],
  ])('%s', (_, everyMs, told) => {
    const m = pair({ floorMs: 4000 });
    up(m);
    for (let n = 0; n < 4; n += 1) {
      bendOnce(m);
      m.run(everyMs);
    }
    expect(m.of('alarm').map(({ what }) => what)).toEqual(told);
  });
});

describe('what a device can take', () => {
  const ACURXSIZE = 0x7b;
  test('is told how much we take when it takes more than any must, and an order longer than that is not sent', () => {
    const m = pair();
    up(m);
    m.run(1000);
    expect(said(m).filter((code) => code === ACURXSIZE)).toHaveLength(1);
    const tags = [m.order(1, text(220)), m.order(1, text(240))];
    m.run(2000);
    expect(m.of('done')).toEqual([expect.objectContaining({ tag: tags[1], result: 'refused' }), expect.objectContaining({ tag: tags[0], result: 'ok' })]);
    expect(Math.max(...m.sent.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(256);
  });

  test('is 128 bytes until it says more', () => {
    const m = pair({ devices: [{ address: 1, key: KEY, mode: 'full', buffer: 128 }] });
    up(m);
    m.run(1000);
    expect(said(m)).not.toContain(ACURXSIZE);
    m.order(1, text(80));
    m.order(1, text(110));
    m.run(2000);
    expect(m.of('done').map(({ result }) => result)).toEqual(['refused', 'ok']);
    expect(Math.max(...m.sent.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(128);
  });

  test('an order that fits no frame is refused by the name of its field, and nothing that was told is lost', () => {
    const m = pair();
    up(m);
    expect(() => m.order(1, { name: 'OUT', body: [{ output: 0, control: 5, timer: 65_536 }] })).toThrow('[0].timer: expected a whole number from 0 to 65535');
    m.run(1000);
    expect([m.of('down'), m.of('done')]).toEqual([[], []]);
  });
});

test.each(['LSTAT', 'ISTAT', 'OSTAT', 'RSTAT'] as const)('%s is asked as an order, and its answer is a report', (name) => {
  const m = pair();
  up(m);
  m.run(1000);
  m.told.length = 0;
  const tag = m.order(1, { name, body: undefined });
  m.run(500);
  expect(m.of('done')).toMatchObject([{ tag, result: 'ok' }]);
  expect(m.of('report').map(({ reply }) => reply.name)).toEqual([`${name}R`]);
});

test('what each device came to is counted, with the time its answers took', () => {
  const addresses = [1, 2];
  const m = medium({
    records: addresses.map((address) => ({ address, key: KEY })),
    devices: addresses.map((address) => ({ address, key: KEY, mode: 'full' as const })),
  });
  up(m, 2);
  const [one, two] = m.line.peers.map(({ counts }) => counts);
  if (one === undefined || two === undefined) throw new Error('no devices');
  m.run(2000);
  deviceOf(m).peripheral.faults.busy = 3;
  m.run(2000);
  deviceOf(m).dead = true;
  m.run(5000);
  expect([one.busy, two.busy, one.repeated > 3, two.repeated]).toEqual([3, 0, true, 0]);
  const { sent, answered, repeated } = m.line.counts;
  expect([one.sent + two.sent, one.answered + two.answered, one.repeated + two.repeated]).toEqual([sent, answered, repeated]);
  // A poll and its answer have 30 characters, without the silence before them; the handshake has more.
  expect(two.answerMs / two.answered).toBeGreaterThan(30 / 0.96);
  expect(two.answerMs / two.answered).toBeLessThan(40);
  expect(two.slowestMs).toBeLessThan(120);
});
