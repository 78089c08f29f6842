import { describe, expect, test } from 'vitest';
import { isSecured, FrameReader } from '../../../gateway/wire/osdp/frame.ts';
import type { DeviceRecord } from '../../../gateway/wire/osdp/acu-model.ts';
import { KEY, medium, type Medium, type MediumOptions, NEW_KEY, pair, reboot } from './medium.ts';

const COMSET = 0x6e;
const COM = 0x54;
const both: DeviceRecord = { address: 1, nextAddress: 5, key: KEY };
const now = (m: Medium, ...devices: DeviceRecord[]): void => m.do({ t: 'devices', devices });
const move = (m: Medium, to = 5, ms = 10_000): void => m.do({ t: 'move', address: 1, to, until: m.now + ms });
const ups = (m: Medium) => m.of('up').map(({ address, where }) => [address, where]);
const results = (m: Medium) => m.of('moved').map(({ of }) => of);
const frames = (m: Medium) => m.sent.flatMap(({ at, bytes }) => new FrameReader().push(bytes).flatMap((heard) => (heard.t === 'frame' ? [{ at, frame: heard.frame }] : [])));
const comsets = (m: Medium) => frames(m).filter(({ frame }) => frame.code === COMSET);
const up = (m: Medium, count: number): boolean => m.until(() => m.of('up').length >= count, 12_000);
function device(m: Medium, at = 0) {
  const found = m.devices[at];
  if (found === undefined) throw new Error('no device');
  return found;
}
/** At work, its next address stored. */
function ready(options: Partial<MediumOptions> = {}): Medium {
  const m = pair(options);
  up(m, 1);
  m.run(500);
  now(m, both);
  return m;
}
/** The answer to COMSET does not come. */
const loseCom = (m: Medium): void => {
  m.trouble.middle = (bytes) => (bytes.includes(COM) && new FrameReader().push(bytes).some((heard) => heard.t === 'frame' && heard.frame.code === COM) ? undefined : bytes);
};

describe('a device that is given another address', () => {
  test('is told once, under its key, and goes on there without its doors missing it', () => {
    const m = ready();
    move(m);
    const began = m.now;
    expect(up(m, 2)).toBe(true);
    expect(m.now - began).toBeLessThan(1500);
    expect([results(m), ups(m), device(m).peripheral.address]).toEqual([
      [{ result: 'sent' }],
      [
        [1, 1],
        [1, 5],
      ],
      5,
    ]);
    expect(comsets(m).map(({ frame }) => [isSecured(frame.block), frame.address])).toEqual([[true, 1]]);
    // The register has taken it: its session goes on under the new name.
    const { length } = m.sent;
    now(m, { address: 5, key: KEY });
    m.run(3000);
    expect([m.of('up').length, m.of('alarm'), m.line.peers.map(({ record, at, phase }) => [record.address, at, phase])]).toEqual([2, [], [[5, 5, 'up']]]);
    expect(m.sent.slice(length).every(({ bytes }) => bytes[1] === 5)).toBe(true);
  });

  test('whose answer is lost is found at the new address within two seconds', () => {
    const m = ready();
    loseCom(m);
    move(m);
    expect(up(m, 2)).toBe(true);
    expect([results(m), ups(m)[1]]).toEqual([[{ result: 'sent' }], [1, 5]]);
    const [first] = comsets(m);
    expect(m.now - (first?.at ?? 0)).toBeLessThan(2500);
  });

  test('that did not hear it is found where it was, and is not told again', () => {
    const m = ready();
    m.trouble.lostIn = 1;
    move(m);
    m.until(() => results(m).length > 0, 5000);
    m.trouble.lostIn = 0;
    expect(up(m, 2)).toBe(true);
    m.run(3000);
    expect([ups(m)[1], device(m).peripheral.address, comsets(m).length]).toEqual([[1, 1], 1, 2]);
    const told = new Set(comsets(m).map(({ frame }) => Buffer.from(frame.bytes).toString('hex')));
    expect(told.size, 'the repeat is the same bytes').toBe(1);
  });

  test('and loses its power then is looked for at both, with no more than a window a second', () => {
    const m = ready();
    move(m);
    m.until(() => comsets(m).length > 0, 2000);
    device(m).dead = true;
    m.run(5000);
    const { length } = m.sent;
    m.run(10_000);
    const asked = m.sent.slice(length).map(({ bytes }) => bytes[1]);
    expect(asked.length).toBeLessThanOrEqual(11);
    expect(new Set(asked)).toEqual(new Set([1, 5]));
    reboot(m, device(m), 10);
    expect(m.until(() => m.of('up').length === 2, 3000)).toBe(true);
  });

  test.each([1, 5])('is found at %i by a panel that starts anew in between', (address) => {
    const m = medium({ records: [both], devices: [{ address, key: KEY, mode: 'full' }] });
    expect(up(m, 1)).toBe(true);
    m.run(3000);
    expect([ups(m), comsets(m)]).toEqual([[[1, address]], []]);
  });

  test('is not believed for being at an address: who has no key of it is nobody there', () => {
    const m = medium({
      records: [both],
      devices: [
        { address: 5, key: NEW_KEY, mode: 'full', serial: 9 },
        { address: 1, key: KEY, mode: 'full' },
      ],
    });
    m.run(6000);
    expect(ups(m)).toEqual([[1, 1]]);
    device(m, 1).dead = true;
    m.run(20_000);
    expect([ups(m), m.of('alarm').map(({ what }) => what)]).toEqual([[[1, 1]], ['key-refused']]);
  });

  test('refuses, or keeps what it had: it stays in its session, where it was', () => {
    for (const comset of ['refuses', { address: 1, baud: 9600 }] as const) {
      const m = ready();
      device(m).peripheral.faults.comset = comset;
      move(m);
      m.run(2000);
      expect([results(m), m.of('down').filter(() => comset === 'refuses')]).toEqual([[{ result: 'refused' }], []]);
    }
  });

  test('says that it goes to a third address, or another speed: told, and not believed', () => {
    for (const comset of [
      { address: 9, baud: 9600 },
      { address: 5, baud: 19_200 },
    ]) {
      const m = ready();
      device(m).peripheral.faults.comset = comset;
      move(m);
      m.until(() => results(m).length > 0, 2000);
      expect(results(m)).toEqual([{ result: 'elsewhere', to: comset.address, baud: comset.baud }]);
    }
  });
});

describe('the address it is to go to', () => {
  test('is asked for first: while somebody is there who is in no record, the device is not told, and works on', () => {
    const m = pair({
      devices: [
        { address: 1, key: KEY, mode: 'full' },
        { address: 5, key: NEW_KEY, mode: 'full', serial: 2 },
      ],
    });
    up(m, 1);
    m.run(500);
    now(m, both);
    move(m);
    m.run(2000);
    expect([results(m), comsets(m), m.of('down'), m.of('alarm')]).toEqual([[{ result: 'occupied' }], [], [], []]);
    expect(device(m).peripheral.address).toBe(1);
  });

  test('is asked for in clear, for who is there, twice before it counts as free', () => {
    const m = ready();
    move(m);
    up(m, 2);
    const asked = frames(m).filter(({ frame }) => frame.address === 5 && !isSecured(frame.block) && frame.code === 0x61);
    expect([asked.length, m.of('down').length, m.of('quality')]).toEqual([2, 1, []]);
  });

  test('with two at once that nobody can understand counts as taken', () => {
    const m = pair({
      devices: [
        { address: 1, key: KEY, mode: 'full' },
        { address: 5, key: NEW_KEY, mode: 'full', serial: 2 },
        { address: 5, key: NEW_KEY, mode: 'full', serial: 77 },
      ],
    });
    up(m, 1);
    now(m, both);
    move(m);
    m.run(3000);
    expect([results(m), comsets(m)]).toEqual([[{ result: 'occupied' }], []]);
  });
});

describe('what is not said', () => {
  test('before the record knows both addresses, and not after its time', () => {
    const m = pair();
    up(m, 1);
    move(m, 5, 2000);
    m.run(1900);
    expect([comsets(m), results(m)]).toEqual([[], []]);
    m.run(200);
    now(m, both);
    m.run(2000);
    expect([comsets(m), results(m)]).toEqual([[], [{ result: 'unsent' }]]);
  });

  test('to a device without a key, twice at once, while it is given a key, or when it is gone', () => {
    const clear = medium({ records: [{ address: 1, nextAddress: 5, clear: true }], devices: [{ address: 1, mode: 'clear' }] });
    up(clear, 1);
    move(clear);
    clear.run(1000);
    expect([comsets(clear), results(clear)]).toEqual([[], [{ result: 'unsent' }]]);

    const m = pair();
    up(m, 1);
    move(m);
    move(m, 6);
    m.do({ t: 'commission', address: 1, from: KEY, until: m.now + 10_000 });
    move(m);
    m.run(1000);
    now(m);
    move(m);
    expect([comsets(m), results(m).map(({ result }) => result)]).toEqual([[], ['unsent', 'unsent', 'unsent', 'unsent']]);
  });

  test('after the device was taken off the line', () => {
    const m = pair();
    up(m, 1);
    move(m);
    now(m);
    m.run(1000);
    expect([comsets(m), results(m)]).toEqual([[], [{ result: 'unsent' }]]);
  });

  test('two devices that have, or may come to have, one address are refused', () => {
    const m = ready();
    for (const other of [
      { address: 5, key: NEW_KEY },
      { address: 2, nextAddress: 5, key: NEW_KEY },
      { address: 2, nextAddress: 1, key: NEW_KEY },
    ])
      expect(() => now(m, both, other)).toThrow('each once on a line');
  });
});

describe('addresses that go on changing', () => {
  test('a new device at the address that was left is another one', () => {
    const m = medium({
      records: [both],
      devices: [
        { address: 1, key: KEY, mode: 'full' },
        { address: 1, key: NEW_KEY, mode: 'full', serial: 2 },
      ],
    });
    device(m, 1).dead = true;
    up(m, 1);
    move(m);
    up(m, 2);
    device(m, 1).dead = false;
    now(m, { address: 1, key: NEW_KEY }, { address: 5, key: KEY });
    expect(m.until(() => m.of('up').length === 3, 3000)).toBe(true);
    m.run(1000);
    expect([ups(m)[2], m.of('down').length, m.line.peers.map(({ record, phase }) => [record.address, phase])]).toEqual([
      [1, 1],
      1,
      [
        [1, 'up'],
        [5, 'up'],
      ],
    ]);
  });

  test('given up while it is there: it is looked for at its old address alone', () => {
    const m = ready();
    move(m);
    up(m, 2);
    now(m, { address: 1, key: KEY });
    const { length } = m.sent;
    m.run(3000);
    expect(m.of('down').at(-1)).toMatchObject({ why: 'record' });
    expect(new Set(m.sent.slice(length + 1).map(({ bytes }) => bytes[1]))).toEqual(new Set([1]));
  });

  test.each(Array.from({ length: 20 }, (_, seed) => seed + 1))('on a line that loses and bends frames it is always found again where it is (%i)', (seed) => {
    const m = ready({ seed, baud: 38_400 });
    Object.assign(m.trouble, { lostIn: 4, bentIn: 6 });
    move(m);
    m.until(() => results(m).length > 0, 15_000);
    Object.assign(m.trouble, { lostIn: 0, bentIn: 0 });
    m.run(8000);
    const [peer] = m.line.peers;
    expect([peer?.phase, peer?.at]).toEqual(['up', device(m).peripheral.address]);
    expect(results(m)).toHaveLength(1);
  });
});
