import { describe, expect, test } from 'vitest';
import type { DeviceRecord } from '../../../gateway/wire/osdp/acu-model.ts';
import { OUTPUT } from '../../../gateway/wire/osdp/messages.ts';
import { holdCard, isOn } from '../../../firmware-sim/osdp/peripheral-model.ts';
import { KEY, medium, type Medium, NEW_KEY, pair, type TestDevice } from './medium.ts';

const IDENTITY = '0db00c0101000000';
const OTHER_IDENTITY = '0db00c014d000000';
const up = (m: Medium, count = 1): boolean => m.until(() => m.of('up').length >= count, 10_000);
const now = (m: Medium, ...devices: DeviceRecord[]): void => m.do({ t: 'devices', devices });
const unlock = { name: 'OUT' as const, body: [{ output: 0, control: OUTPUT.timedOn, timer: 600 }] };
const cards = (m: Medium): number[] => m.of('report').flatMap(({ address, reply }) => (reply.name === 'RAW' ? [address] : []));
const challenges = (m: Medium, address = 1): number => m.sent.filter(({ bytes }) => bytes[1] === address && bytes[6] === 0x11).length;
function deviceOf(m: Medium, at = 0): TestDevice {
  const device = m.devices[at];
  if (device === undefined) throw new Error('no device');
  return device;
}
/** Two devices on the wire, both with their keys; only the first is in the register. */
const two = (baud = 38_400): Medium =>
  medium({
    baud,
    records: [{ address: 1, key: KEY }],
    devices: [
      { address: 1, key: KEY, mode: 'full' },
      { address: 2, key: NEW_KEY, mode: 'full', serial: 2 },
    ],
  });

describe('the devices of a line as the register has them now', () => {
  test('one whose record is the same goes on in its session, also in the middle of an exchange', () => {
    const m = pair();
    up(m);
    m.run(1000);
    m.until(() => m.line.waiting !== undefined, 100);
    now(m, { address: 1, key: Buffer.from(KEY), clear: false });
    m.run(3000);
    expect([m.of('down'), challenges(m), m.line.counts.repeated, m.line.counts.stray]).toEqual([[], 1, 0, 0]);
  });

  test('a new one is spoken to, and the one beside it does not notice', () => {
    const m = two();
    up(m);
    m.run(500);
    now(m, { address: 1, key: KEY }, { address: 2, key: NEW_KEY });
    expect(up(m, 2)).toBe(true);
    expect(m.of('up').map(({ address }) => address)).toEqual([1, 2]);
    expect([m.of('down'), challenges(m, 1)]).toEqual([[], 1]);
    m.run(1000);
    const before = m.sent.length;
    m.run(1000);
    const polls = [1, 2].map((address) => m.sent.slice(before).filter(({ bytes }) => bytes[1] === address).length);
    expect(Math.abs((polls[0] ?? 0) - (polls[1] ?? 0))).toBeLessThanOrEqual(1);
  });

  test('one that is gone in the middle of an exchange is told, and what it still says is not heard', () => {
    const m = two();
    now(m, { address: 1, key: KEY }, { address: 2, key: NEW_KEY });
    up(m, 2);
    m.run(1000);
    m.order(1, unlock);
    m.until(() => m.line.waiting?.peer.pending?.name === 'OUT', 200);
    m.order(1, unlock);
    now(m, { address: 2, key: NEW_KEY });
    expect(m.of('done').map(({ result }) => result)).toEqual(['unknown', 'not-up']);
    expect(m.of('down')).toMatchObject([{ address: 1, why: 'record' }]);
    const before = m.sent.length;
    holdCard(deviceOf(m, 0).peripheral, 32, 'deadbeef');
    holdCard(deviceOf(m, 1).peripheral, 32, '1a2b3c4d');
    m.run(2000);
    expect(m.line.counts.stray).toBe(1);
    expect(m.sent.slice(before).every(({ bytes }) => bytes[1] === 2)).toBe(true);
    expect([m.of('down').length, m.of('alarm'), cards(m)]).toEqual([1, [], [2]]);
  });

  test('what is said of a device that is gone changes nothing', () => {
    const m = pair();
    up(m);
    now(m);
    m.do({ t: 'taken', address: 1 });
    m.do({ t: 'cancel', address: 1 });
    const tag = m.order(1, unlock);
    m.do({ t: 'commission', address: 1, until: m.now + 1000 });
    m.do({ t: 'confirm', address: 1, key: NEW_KEY });
    m.run(3000);
    expect(m.of('done')).toMatchObject([{ tag, result: 'not-up' }]);
    expect(m.of('commissioned').map(({ result }) => result)).toEqual(['not-ready', 'not-ready']);
  });

  test('one with another key ends its session, and what was to be done in it is not done in the next', () => {
    const m = pair();
    up(m);
    m.run(1000);
    m.until(() => m.line.waiting !== undefined, 100);
    m.order(1, unlock);
    deviceOf(m).peripheral.key = NEW_KEY;
    now(m, { address: 1, key: NEW_KEY });
    expect(m.of('down')).toMatchObject([{ why: 'record' }]);
    const changed = m.now;
    expect(up(m, 2)).toBe(true);
    expect(m.now - changed).toBeLessThan(1500);
    m.run(1000);
    expect(m.of('done')).toMatchObject([{ result: 'not-up' }]);
    expect(isOn(deviceOf(m).peripheral, 0, m.now)).toBe(false);
  });

  test('one whose key was taken away is said nothing to', () => {
    const m = pair();
    up(m);
    now(m, { address: 1 });
    const before = m.sent.length;
    m.run(5000);
    expect([m.of('down').map(({ why }) => why), m.sent.length]).toEqual([['record'], before]);
  });

  test('one that may no longer speak in clear is said nothing to; with a key that exception counts for nothing', () => {
    const m = medium({ records: [{ address: 1, clear: true }], devices: [{ address: 1, mode: 'clear' }] });
    up(m);
    now(m, { address: 1, clear: false });
    const before = m.sent.length;
    m.run(3000);
    expect([m.of('down').map(({ why }) => why), m.sent.length]).toEqual([['record'], before]);
    const keyed = pair({ records: [{ address: 1, key: KEY, clear: true }] });
    up(keyed);
    now(keyed, { address: 1, key: KEY });
    keyed.run(1000);
    expect(keyed.of('down')).toEqual([]);
  });

  test('an identity that is what the device said goes into its record and disturbs nothing; another keeps it out', () => {
    const m = pair();
    up(m);
    now(m, { address: 1, key: KEY, identity: IDENTITY });
    m.run(2000);
    expect([m.of('down'), m.of('alarm')]).toEqual([[], []]);
    now(m, { address: 1, key: KEY, identity: OTHER_IDENTITY });
    m.run(3000);
    expect([m.of('down').map(({ why }) => why), m.of('alarm').map(({ what }) => what)]).toEqual([['record'], ['swapped']]);
  });

  test('a swapped one stays out until its record is another', () => {
    const m = pair({ records: [{ address: 1, key: KEY, identity: OTHER_IDENTITY }] });
    m.run(3000);
    const before = m.sent.length;
    now(m, { address: 1, key: KEY, identity: OTHER_IDENTITY });
    m.run(3000);
    expect([m.sent.length, m.of('up')]).toEqual([before, []]);
    now(m, { address: 1, key: KEY, identity: IDENTITY });
    expect(up(m)).toBe(true);
  });

  test('devices that cannot share a line are refused, and nothing is changed', () => {
    const m = pair();
    up(m);
    expect(() => now(m, { address: 2, key: KEY }, { address: 2, key: KEY })).toThrow('each once on a line, got 2');
    m.run(1000);
    expect([m.of('down'), m.line.peers.length]).toEqual([[], 1]);
  });
});

describe('while a key is given', () => {
  const begun = (): Medium => {
    const m = medium({ records: [{ address: 1 }], devices: [{ address: 1, mode: 'install' }] });
    m.do({ t: 'commission', address: 1, until: m.now + 300_000 });
    m.until(() => m.of('identity').length > 0, 3000);
    return m;
  };

  test('the register changing does not disturb it, and what it ends with is no news to the line', () => {
    const m = begun();
    now(m, { address: 1, identity: IDENTITY });
    m.do({ t: 'confirm', address: 1, key: NEW_KEY });
    m.until(() => m.of('commissioned').length > 0, 3000);
    expect(m.of('commissioned')).toMatchObject([{ result: 'done' }]);
    now(m, { address: 1, key: NEW_KEY, identity: IDENTITY });
    m.run(2000);
    expect([m.of('down'), m.of('up').length]).toEqual([[], 1]);
  });

  test('the operator may leave off; then nothing more is said to a device without a key', () => {
    const m = begun();
    m.do({ t: 'cancel', address: 1 });
    m.do({ t: 'cancel', address: 1 });
    const before = m.sent.length;
    m.run(3000);
    m.do({ t: 'confirm', address: 1, key: NEW_KEY });
    expect(m.of('commissioned').map(({ result }) => result)).toEqual(['cancelled', 'not-ready']);
    expect([m.sent.length, m.of('down')]).toEqual([before, []]);
  });

  test('a device with a key goes back to work under it when the operator leaves off', () => {
    const m = pair();
    up(m);
    m.do({ t: 'commission', address: 1, from: KEY, until: m.now + 300_000 });
    m.until(() => m.of('identity').length > 0, 3000);
    m.do({ t: 'cancel', address: 1 });
    expect(up(m, 2)).toBe(true);
    expect(m.of('down').map(({ why }) => why)).toEqual(['commissioning']);
  });

  test('a device that is taken off the line ends it', () => {
    const m = begun();
    now(m);
    m.run(1000);
    expect([m.of('commissioned').map(({ result }) => result), m.of('down'), m.line.peers]).toEqual([['cancelled'], [], []]);
  });
});
