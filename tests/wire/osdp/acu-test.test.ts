import { describe, expect, test } from 'vitest';
import { AnswerTimes } from '../../../gateway/wire/osdp/answer-times.ts';
import { OUTPUT } from '../../../gateway/wire/osdp/messages.ts';
import { holdCard, setInput } from '../../../firmware-sim/osdp/peripheral-model.ts';
import { KEY, medium, type Medium, pair } from './medium.ts';

const BAUD = 38_400;
const MINUTE_MS = 60_000;

function testOf(m: Medium, address = 1) {
  const device = m.line.test?.devices.get(address);
  if (device === undefined) throw new Error(`no test of ${address}`);
  return device;
}
/** Lets the line come up, then tests it. */
function tested(m: Medium, ms: number, count = 1): Medium {
  expect(m.until(() => m.of('up').length >= count, 10_000)).toBe(true);
  m.run(1000);
  m.do({ t: 'test', until: m.now + ms });
  m.run(ms + 1);
  return m;
}
const wrongOf = ({ bent, unanswered, badMacs }: ReturnType<typeof testOf>): number => bent + unanswered + badMacs;
/** Every frame that was sent came to one thing; the last may still have been on its way. */
function expectWhole(m: Medium, address = 1): void {
  const device = testOf(m, address);
  const over = device.sent - device.answered - device.busy - wrongOf(device);
  expect(over === 0 || over === 1, `${over} frames came to nothing`).toBe(true);
}

describe('a test of a line', () => {
  test('asks as fast as the line carries it, in frames as long as the device takes, moves nothing, and ends by itself', () => {
    const m = tested(pair({ baud: BAUD }), MINUTE_MS);
    const device = testOf(m);
    expect(m.of('tested')).toHaveLength(1);
    expect([wrongOf(device), device.busy, device.badBytes, device.slow, device.badChecks]).toEqual([0, 0, 0, 0, 0]);
    expectWhole(m);
    expect(device.longest).toBe(254); // 256 is what it takes; blocks of 16 and 14 more
    expect(device.answered, 'a polled line at rest has a floor of 10 ms and short frames').toBeGreaterThan(1500);
    // A poll and its answer are 30 characters, and the device thinks for 2 ms.
    expect(device.times.at(0.5)).toBeGreaterThan((30 * 10_000) / BAUD);
    expect(device.times.at(0.99)).toBeLessThan(((256 + 32) * 10_000) / BAUD + 5);
    expect(m.devices[0]?.peripheral).toMatchObject({ driven: [0, 0], beeps: 0, outputs: [0, 0], lamp: { colour: 0, until: 0, steady: 0 } });
    const before = device.sent;
    m.run(2000);
    expect(device.sent, 'nothing is counted after it').toBe(before);
  });

  test('a device that says nothing of its buffer gets no frame over 128 bytes', () => {
    expect(testOf(tested(pair({ baud: BAUD, devices: [{ address: 1, key: KEY, mode: 'full', buffer: 128 }] }), 5000)).longest).toBe(126);
  });

  test('a reader without outputs refuses that question once, and the rest goes on', () => {
    const device = testOf(tested(pair({ baud: BAUD, devices: [{ address: 1, key: KEY, mode: 'full', outputs: 0 }] }), 5000));
    expect([...device.refused]).toEqual(['OSTAT']);
    expect(wrongOf(device)).toBe(0);
  });

  test.each([20, 100, 400])('noise in one frame of %i, both ways, is found near its rate, and no frame is lost count of', (oneIn) => {
    const m = pair({ baud: 115_200, seed: oneIn });
    m.until(() => m.of('up').length > 0, 10_000);
    m.trouble.bentIn = oneIn;
    m.do({ t: 'test', until: m.now + 2 * MINUTE_MS });
    m.run(2 * MINUTE_MS + 1);
    const device = testOf(m);
    // Of commands and answers each one in so many; a byte in 256 is bent into itself.
    const expected = (2 * device.sent) / oneIn;
    expect(wrongOf(device)).toBeGreaterThan(expected * 0.6);
    expect(wrongOf(device)).toBeLessThan(expected * 1.5);
    expect(device.bent, 'bent answers are told from lost ones').toBeGreaterThan(expected * 0.2);
    expect(device.badBytes).toBeGreaterThan(device.bent * 8);
    expectWhole(m);
  });

  test('frames that are lost are told from bent ones', () => {
    const m = pair({ baud: 115_200 });
    m.until(() => m.of('up').length > 0, 10_000);
    m.trouble.lostIn = 50;
    m.do({ t: 'test', until: m.now + MINUTE_MS });
    m.run(MINUTE_MS + 1);
    const device = testOf(m);
    expect(device.bent + device.badChecks).toBe(0);
    expect(device.unanswered / device.sent).toBeGreaterThan(0.02);
    expect(device.unanswered / device.sent).toBeLessThan(0.06);
    expectWhole(m);
  });

  test('late answers are counted: slow ones by their time, and such as come when the next was asked', () => {
    const slow = pair({ baud: BAUD });
    slow.trouble.slowMs = 120;
    const late = testOf(tested(slow, MINUTE_MS));
    expect(late.slow).toBeGreaterThan(late.answered * 0.9);
    expect([wrongOf(late), Math.round(late.times.worst) > 120]).toEqual([0, true]);
    const m = pair({ baud: BAUD });
    m.until(() => m.of('up').length > 0, 10_000);
    m.trouble.slowMs = 260; // over the 200 ms that a device has
    m.do({ t: 'test', until: m.now + MINUTE_MS });
    m.run(MINUTE_MS + 1);
    expect(testOf(m).slow).toBeGreaterThan(5);
  });

  test('one that is BUSY, and one that does not answer, leave the third its turn', () => {
    const m = medium({
      baud: BAUD,
      records: [1, 2, 3].map((address) => ({ address, key: KEY })),
      devices: [1, 2].map((address) => ({ address, serial: address, key: KEY, mode: 'full' as const })),
    });
    m.until(() => m.of('up').length >= 2, 10_000);
    m.do({ t: 'test', until: m.now + MINUTE_MS });
    for (let n = 0; n < 200; n += 1) {
      m.run(MINUTE_MS / 200);
      const [first] = m.devices;
      if (first !== undefined) first.peripheral.faults.busy = 1;
    }
    m.run(1);
    const [busy, good, dead] = [1, 2, 3].map((address) => testOf(m, address));
    expect(busy?.busy).toBeGreaterThan(150);
    expect([good?.busy, good === undefined ? -1 : wrongOf(good)]).toEqual([0, 0]);
    expect(good?.answered).toBeGreaterThan(1000);
    expect([dead?.answered, dead?.bent, (dead?.unanswered ?? 0) > 5]).toEqual([0, 0, true]);
    for (const address of [1, 2, 3]) expectWhole(m, address);
  });

  test('whole frames with a wrong code are counted as such', () => {
    const m = pair({ baud: BAUD });
    m.until(() => m.of('up').length > 0, 10_000);
    m.do({ t: 'test', until: m.now + 10_000 });
    const [device] = m.devices;
    if (device === undefined) throw new Error('no device');
    for (let n = 0; n < 5; n += 1) {
      m.run(1000);
      m.trouble.middle = (bytes) => {
        m.trouble.middle = undefined;
        return bytes[6] === 2 && (bytes[7] ?? 0) >= 0x15 ? withWrongMac(bytes) : bytes;
      };
    }
    m.run(6000);
    expect(testOf(m).badMacs).toBeGreaterThanOrEqual(3);
  });

  test('a card, a button and an order come through it, the order before everything', () => {
    const m = pair({ baud: BAUD });
    m.until(() => m.of('up').length > 0, 10_000);
    m.run(1000);
    m.do({ t: 'test', until: m.now + 5000 });
    m.run(1000);
    const [device] = m.devices;
    if (device === undefined) throw new Error('no device');
    m.told.length = 0;
    holdCard(device.peripheral, 32, '1A2B3C4D');
    setInput(device.peripheral, 1, true);
    expect(m.until(() => m.of('report').some(({ reply }) => reply.name === 'RAW'), 500)).toBe(true);
    expect(m.until(() => m.of('report').some(({ reply }) => reply.name === 'ISTATR' && reply.body[1] === 1), 500)).toBe(true);
    const tag = m.order(1, { name: 'OUT', body: [{ output: 0, control: OUTPUT.timedOn, timer: 50 }] });
    const at = m.now;
    expect(m.until(() => m.of('done').some((done) => done.tag === tag && done.result === 'ok'), 500)).toBe(true);
    // At worst it waits for the longest exchange: 255 and 16 characters, and its own two frames.
    expect(m.now - at).toBeLessThan(120);
  });

  test('is over at once when it is told so, also while the port is away', () => {
    const m = pair({ baud: BAUD });
    m.until(() => m.of('up').length > 0, 10_000);
    m.do({ t: 'test', until: m.now + 5000 });
    m.run(500);
    m.do({ t: 'test-end' });
    const { sent } = testOf(m);
    m.run(5000);
    expect([testOf(m).sent, m.of('tested').length]).toEqual([sent, 0]);
    m.do({ t: 'test', until: m.now + 1000 });
    m.do({ t: 'port', up: false });
    m.run(1001);
    expect(m.of('tested')).toHaveLength(1);
  });
});

/** An answer whose authentication code is wrong and whose check is right: noise does not make such. */
function withWrongMac(bytes: Buffer): Buffer {
  const bent = Buffer.from(bytes);
  const mac = bent.length - 6;
  bent[mac] = (bent[mac] ?? 0) ^ 1;
  let crc = 0x1d0f;
  for (const byte of bent.subarray(1, -2)) {
    crc ^= byte << 8;
    for (let n = 0; n < 8; n += 1) crc = (crc & 0x8000) === 0 ? (crc << 1) & 0xffff : ((crc << 1) ^ 0x1021) & 0xffff;
  }
  bent.writeUInt16LE(crc, bent.length - 2);
  return bent;
}

describe('answer times', () => {
  test('shares of them to a tenth of a millisecond, and the worst exactly', () => {
    const times = new AnswerTimes();
    expect([times.at(0.5), times.worst]).toEqual([0, 0]);
    for (let ms = 1; ms <= 100; ms += 1) times.add(ms);
    expect([times.at(0.5), times.at(0.95), times.at(0.99), times.worst].map((ms) => Math.round(ms * 10) / 10)).toEqual([50.1, 95.1, 99.1, 100]);
    times.add(4321.5);
    expect([times.at(1), times.worst]).toEqual([4321.5, 4321.5]);
  });
});
