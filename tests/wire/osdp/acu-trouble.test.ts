import { describe, expect, test } from 'vitest';
import { encodeFrame } from '../../../gateway/wire/osdp/frame.ts';
import { writeReply } from '../../../gateway/wire/osdp/messages.ts';
import { seeded } from '../../../firmware-sim/random.ts';
import { KEY, medium, type Medium } from './medium.ts';

const up = (m: Medium, count: number): boolean => m.until(() => m.of('up').length >= count, 10_000);
const LINE_MS = 10_000;

/** Devices 1 and 2 with the key; more on the wire as a test wants. */
const two = (more: readonly { address: number; serial: number }[] = []): Medium =>
  medium({
    baud: 38_400,
    records: [1, 2].map((address) => ({ address, key: KEY })),
    devices: [{ address: 1, serial: 1 }, { address: 2, serial: 2 }, ...more].map((device) => ({ ...device, key: KEY, mode: 'full' as const })),
  });
/** How often a device was asked in ten seconds. */
function asked(m: Medium, address: number): number {
  const before = m.sent.length;
  m.run(LINE_MS);
  return m.sent.slice(before).filter(({ bytes }) => bytes[1] === address).length;
}
/** The same while both are well. */
const ordinary = (() => {
  const m = two();
  up(m, 2);
  m.run(2000);
  return asked(m, 2);
})();
const alarms = (m: Medium): (readonly [number, string])[] => m.of('alarm').map(({ address, what }) => [address, what]);
function countsOf(m: Medium, address: number) {
  const peer = m.line.peers.find(({ record }) => record.address === address);
  if (peer === undefined) throw new Error('no such device');
  return peer.counts;
}
/** Runs on, and gives the panel these bytes each so many ms. */
function injecting(m: Medium, ms: number, everyMs: number, bytes: () => Uint8Array): void {
  for (const end = m.now + ms; m.now < end; m.run(everyMs)) m.do({ t: 'bytes', bytes: bytes() });
}

describe('one device in trouble leaves the other polled at its rate', () => {
  test('two with one address, one of them new: told once a minute, and counted', () => {
    const m = two([{ address: 1, serial: 9 }]);
    expect(up(m, 1)).toBe(true);
    m.run(2000);
    expect(asked(m, 2)).toBeGreaterThanOrEqual(ordinary);
    m.run(40_000);
    expect(alarms(m)).toEqual([[1, 'unreadable']]);
    expect(m.of('up').map(({ address }) => address)).toEqual([2]);
    expect([countsOf(m, 1).badChecks > 20, countsOf(m, 2).badChecks]).toEqual([true, 0]);
  });

  test('a second one with its address, plugged in later, takes it off the line, and it comes back when that is gone', () => {
    const m = two([{ address: 1, serial: 9 }]);
    const intruder = m.devices[2];
    if (intruder === undefined) throw new Error('no device');
    intruder.dead = true;
    up(m, 2);
    m.run(1000);
    intruder.dead = false;
    m.run(12_000);
    expect(m.of('down').map(({ address }) => address)).toEqual([1]);
    expect(asked(m, 2)).toBeGreaterThanOrEqual(ordinary);
    expect(alarms(m)).toEqual([[1, 'unreadable']]);
    intruder.dead = true;
    const gone = m.now;
    expect(up(m, 3)).toBe(true);
    expect(m.now - gone).toBeLessThan(1500);
  });

  test.each([
    ['says that its frames have 65,535 bytes', Buffer.from('ff5381ffff0440', 'hex')],
    ['begins a frame of 1,440 bytes and stops', Buffer.from('ff5381a0050440', 'hex')],
    ['speaks at another speed', Buffer.from('fe00e0f81c', 'hex')],
  ])('one that %s', (_, said) => {
    const m = two();
    up(m, 2);
    m.run(1000);
    m.trouble.middle = (bytes, from) => (from === 1 ? said : bytes);
    m.run(10_000);
    expect(asked(m, 2)).toBeGreaterThanOrEqual(ordinary);
    expect([alarms(m), m.of('down').map(({ address }) => address)]).toEqual([[[1, 'unreadable']], [1]]);
    m.trouble.middle = undefined;
    expect(up(m, 3)).toBe(true);
  });

  test('one that talks unasked is not heard, and is counted', () => {
    const m = two();
    up(m, 2);
    m.run(1000);
    const card = { reader: 0, format: 0, bits: 32, data: Buffer.from('deadbeef', 'hex') };
    const unasked = encodeFrame({ address: 1, reply: true, sequence: 1, crc: true, ...writeReply('RAW', card) });
    const before = m.sent.length;
    injecting(m, LINE_MS, 200, () => unasked);
    // Each of its frames that falls into another's answer costs that one a gap of 45 ms.
    expect(m.sent.slice(before).filter(({ bytes }) => bytes[1] === 2).length).toBeGreaterThanOrEqual(0.75 * ordinary);
    expect(m.of('report').some(({ reply }) => reply.name === 'RAW')).toBe(false);
    expect(m.line.counts.stray + m.line.counts.badChecks).toBeGreaterThan(40);
    expect(m.of('down').filter(({ address }) => address === 2)).toEqual([]);
  });
});

describe('a line in trouble', () => {
  test('that is nothing but noise holds up neither the panel nor its memory, and is as before when that ends', () => {
    const m = two();
    up(m, 2);
    m.run(1000);
    const chance = seeded(7);
    const before = m.sent.length;
    injecting(m, 20_000, 3, () => Uint8Array.from({ length: 12 }, () => Math.floor(chance() * 256)));
    expect(m.line.reader.waiting).toBeLessThanOrEqual(1440);
    // It goes on asking, each second at least, and tells of each device once.
    expect(m.sent.length - before).toBeGreaterThan(20);
    expect(m.of('report').some(({ reply }) => reply.name === 'RAW')).toBe(false);
    m.run(100);
    const calm = m.now;
    expect(m.until(() => m.line.peers.every(({ phase, quiet }) => phase === 'up' && !quiet), 1500)).toBe(true);
    expect(m.now - calm).toBeLessThan(1500);
    expect(new Set(alarms(m).map(([address, what]) => `${address} ${what}`)).size).toBe(alarms(m).length);
  });

  test('with an adapter that hears itself works as any other, also with a device that thinks for long, and it is counted', () => {
    const m = two();
    m.trouble.echo = true;
    expect(up(m, 2)).toBe(true);
    m.run(2000);
    expect(asked(m, 2)).toBeGreaterThanOrEqual(0.98 * ordinary);
    m.trouble.slowMs = 150;
    m.run(LINE_MS);
    expect([m.of('down'), alarms(m), m.line.counts.repeated, m.line.counts.stray]).toEqual([[], [], 0, 0]);
    expect(m.line.echoes).toBeGreaterThan(1000);
  });

  test('with another panel on it is told once a minute', () => {
    const m = two();
    up(m, 2);
    const poll = encodeFrame({ address: 2, reply: false, sequence: 0, crc: true, code: 0x60, data: new Uint8Array() });
    injecting(m, 150_000, 500, () => poll);
    expect(alarms(m)).toEqual(Array.from({ length: 3 }, () => [2, 'second-panel']));
  });
});
