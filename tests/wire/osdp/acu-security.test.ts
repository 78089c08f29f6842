import { describe, expect, test } from 'vitest';
import { encodeFrame, FrameReader } from '../../../gateway/wire/osdp/frame.ts';
import { DEFAULT_KEY } from '../../../gateway/wire/osdp/keys.ts';
import { NAK, OUTPUT, type ReplyName, writeReply } from '../../../gateway/wire/osdp/messages.ts';
import { holdCard, isOn, setTamper } from '../../../firmware-sim/osdp/peripheral-model.ts';
import { KEY, medium, type Medium, NEW_KEY, pair } from './medium.ts';

const IDENTITY = '0db00c0101000000';
const up = (m: Medium, count = 1): boolean => m.until(() => m.of('up').length >= count, 10_000);
const cards = (m: Medium): number => m.of('report').filter(({ reply }) => reply.name === 'RAW').length;
const codes = (m: Medium): Set<number> => new Set(m.sent.flatMap(({ bytes }) => new FrameReader().push(bytes).flatMap((heard) => (heard.t === 'frame' ? [heard.frame.code] : []))));
/** Key types of the challenges that were sent. */
const challenges = (m: Medium): number[] => m.sent.filter(({ bytes }) => bytes[6] === 0x11).map(({ bytes }) => bytes[7] ?? -1);
function deviceOf(m: Medium) {
  const [device] = m.devices;
  if (device === undefined) throw new Error('no device');
  return device;
}
function clear<N extends ReplyName>(name: N, body: Parameters<typeof writeReply<N>>[1], sequence = 0): Buffer {
  const frame = encodeFrame({ address: 1, reply: true, sequence, crc: true, ...writeReply(name, body) });
  return Buffer.concat([Buffer.from([0xff]), frame]);
}
/** Sequence of a frame with its mark. */
const sequenceOf = (bytes: Buffer): number => (bytes[5] ?? 0) & 3;
const CARD = { reader: 0, format: 0, bits: 32, data: Buffer.from('deadbeef', 'hex') };

describe('osdp.md 4, attack 1: cards in clear', () => {
  test('to a device without a key nothing is said, and nothing of it is heard', () => {
    const m = medium({ records: [{ address: 1 }], devices: [{ address: 1, mode: 'clear' }] });
    holdCard(deviceOf(m).peripheral, 32, 'deadbeef');
    m.do({ t: 'bytes', bytes: clear('RAW', CARD) });
    m.run(10_000);
    expect([m.sent, m.told]).toEqual([[], []]);
  });

  test('only where somebody made an exception a device speaks in clear', () => {
    const m = medium({ records: [{ address: 1, clear: true }], devices: [{ address: 1, mode: 'clear' }] });
    expect(up(m)).toBe(true);
    holdCard(deviceOf(m).peripheral, 32, 'deadbeef');
    m.run(1000);
    expect(cards(m)).toBe(1);
    m.order(1, { name: 'OUT', body: [{ output: 0, control: OUTPUT.timedOn, timer: 30 }] });
    m.run(500);
    expect(isOn(deviceOf(m).peripheral, 0, m.now)).toBe(true);
  });

  test('a device with a key never does, exception or not', () => {
    const m = medium({ records: [{ address: 1, clear: true, key: KEY }], devices: [{ address: 1, mode: 'clear' }] });
    holdCard(deviceOf(m).peripheral, 32, 'deadbeef');
    m.run(5000);
    expect([cards(m), [...codes(m)]]).toEqual([0, [0x76]]);
  });
});

test('attack 2: a device that says it can neither CRC nor AES is secured all the same, and told', () => {
  const m = pair();
  deviceOf(m).peripheral.faults.stripped = true;
  expect(up(m)).toBe(true);
  m.run(1000);
  expect(m.of('alarm')).toMatchObject([{ address: 1, what: 'capabilities' }]);
  expect(m.of('alarm')[0]?.at).toBeLessThan(2000);
  expect(m.sent.slice(2).every(({ bytes }) => [0x15, 0x17].includes(bytes[6] ?? 0))).toBe(true);
});

describe('attack 3: a device that pretends to have lost its key', () => {
  test('is asked again under ours, each second, and never under the public one', () => {
    const m = pair({ devices: [{ address: 1, mode: 'install' }] });
    m.run(10_000);
    expect(challenges(m).length).toBeGreaterThanOrEqual(9);
    expect(challenges(m).length).toBeLessThanOrEqual(11);
    expect(new Set(challenges(m))).toEqual(new Set([1]));
    expect([...codes(m)]).toEqual([0x76]);
    expect(m.of('alarm')).toMatchObject([{ what: 'key-refused' }]);
    expect(m.of('up')).toEqual([]);
  });

  test('does not get far with the key type of the public one, or another proof', () => {
    for (const at of [7, 9, 40]) {
      const m = pair();
      // The type, the first byte of the device's id (which proves nothing), and of its proof.
      m.trouble.middle = (bytes) => {
        const bent = Buffer.from(bytes.subarray(1));
        if (bent[6] !== 0x12) return bytes;
        bent[at] = (bent[at] ?? 0) ^ 1;
        const [heard] = new FrameReader().push(encodeFrame({ ...frameFrom(bent), block: { type: 0x12, data: bent.subarray(7, 8) } }));
        return heard?.t === 'frame' ? Buffer.from(heard.frame.bytes) : undefined;
      };
      m.run(3000);
      expect([m.of('up').length, m.of('alarm').map(({ what }) => what)], `byte ${at}`).toEqual(at === 9 ? [1, []] : [0, ['key-refused']]);
    }
  });

  function frameFrom(bytes: Buffer) {
    return { address: 1, reply: true, sequence: 0, crc: true, code: bytes[8] ?? 0, data: bytes.subarray(9, -2) };
  }
});

describe('attack 5: another device in its place', () => {
  test('with the same key and another serial number stays out, and is told', () => {
    const m = pair({ records: [{ address: 1, key: KEY, identity: IDENTITY }], devices: [{ address: 1, key: KEY, mode: 'full', serial: 77 }] });
    holdCard(deviceOf(m).peripheral, 32, 'deadbeef');
    m.run(10_000);
    expect(m.of('alarm')).toMatchObject([{ what: 'swapped' }]);
    expect([m.of('up').length, cards(m)]).toEqual([0, 0]);
    expect(m.sent).toHaveLength(3);
    m.order(1, { name: 'OUT', body: [{ output: 0, control: OUTPUT.timedOn, timer: 30 }] });
    expect(m.of('done')).toMatchObject([{ result: 'not-up' }]);
  });

  test('and the one that was enrolled is taken', () => {
    const m = pair({ records: [{ address: 1, key: KEY, identity: IDENTITY }] });
    expect(up(m)).toBe(true);
  });
});

describe('somebody on the wire', () => {
  test('cannot show a card in clear; the device is secure again at once', () => {
    const m = pair();
    up(m);
    m.run(1000);
    const began = m.now;
    m.trouble.middle = (bytes) => (m.now - began < 400 ? clear('RAW', CARD, sequenceOf(bytes)) : bytes);
    m.run(5000);
    expect(cards(m)).toBe(0);
    expect(m.of('alarm').map(({ what }) => what)).toContain('clear-reply');
    expect(m.of('down')[0]).toMatchObject({ why: 'clear' });
    expect(up(m, 2)).toBe(true);
    expect((m.of('up')[1]?.at ?? 0) - (m.of('down')[0]?.at ?? 0)).toBeLessThan(1500);
  });

  test('with one stray frame beside the right one changes nothing', () => {
    const m = pair();
    up(m);
    m.run(1000);
    // Before the answer has begun.
    m.until(() => m.line.waiting === undefined, 100);
    m.until(() => m.line.waiting !== undefined, 100);
    m.do({ t: 'bytes', bytes: clear('RAW', CARD, m.line.waiting?.peer.pending?.sequence) });
    m.run(2000);
    expect([m.of('down'), cards(m), m.line.counts.stray]).toEqual([[], 0, 1]);
  });

  test('who changes what is under a code ends the session, is told, and a new one begins', () => {
    const m = pair();
    up(m);
    m.run(500);
    let times = 1;
    m.trouble.middle = (bytes) => {
      const [heard] = new FrameReader().push(bytes);
      if (heard?.t !== 'frame' || heard.frame.mac.length === 0 || times === 0) return bytes;
      times -= 1;
      return encodeFrame({ ...heard.frame, code: heard.frame.code ^ 1 }, () => heard.frame.mac);
    };
    m.run(2000);
    expect(m.of('alarm')).toMatchObject([{ what: 'bad-mac' }]);
    expect(m.of('down')).toMatchObject([{ why: 'mac' }]);
    expect((m.of('up')[1]?.at ?? 0) - (m.of('down')[0]?.at ?? 0)).toBeLessThan(1000);
  });

  test.each([
    ['refuses in clear', NAK.security, 'refused'],
    ['speaks of a wrong sequence', NAK.sequence, 'sequence'],
  ])('who %s ends the session for a moment', (_, error, why) => {
    const m = pair();
    up(m);
    m.until(() => m.line.waiting !== undefined, 100);
    m.do({ t: 'bytes', bytes: clear('NAK', { error, more: new Uint8Array() }) });
    m.run(3000);
    expect(m.of('down')).toMatchObject([{ why }]);
    expect(m.of('up')).toHaveLength(2);
  });

  test('who refuses again and again soon makes no more than one handshake a second', () => {
    const m = pair({ baud: 115_200 });
    up(m);
    m.trouble.middle = (bytes) => (bytes[7] === 0x12 || bytes[7] === 0x14 ? bytes : clear('NAK', { error: NAK.security, more: new Uint8Array() }));
    const before = challenges(m).length;
    m.run(5000);
    expect(challenges(m).length - before).toBeLessThanOrEqual(8);
    expect(challenges(m).length - before).toBeGreaterThanOrEqual(5);
    m.trouble.middle = undefined;
    const calm = m.now;
    expect(up(m, 2)).toBe(true);
    expect(m.now - calm).toBeLessThan(1500);
  });

  test('and plays the panel is told of; our own echo is not', () => {
    const m = pair();
    up(m);
    m.run(300);
    m.until(() => m.line.waiting !== undefined, 100);
    m.do({ t: 'bytes', bytes: m.line.lastSent });
    expect(m.of('alarm')).toEqual([]);
    m.do({ t: 'bytes', bytes: encodeFrame({ address: 1, reply: false, sequence: 0, crc: true, code: 0x60, data: new Uint8Array() }) });
    expect(m.of('alarm')).toMatchObject([{ what: 'second-panel' }]);
  });

  test('a tampered case is told as it stands', () => {
    const m = pair();
    up(m);
    setTamper(deviceOf(m).peripheral, true);
    m.run(1000);
    expect(m.of('report').map(({ reply }) => reply)).toContainEqual({ name: 'LSTATR', body: { tamper: 1, power: 0 } });
  });
});

test('no device is ever given another address or a file, and nothing is said to all of them at once', () => {
  const m = medium({
    records: [{ address: 1 }, { address: 2, key: KEY }],
    devices: [1, 2].map((address) => ({ address, key: address === 2 ? KEY : undefined, mode: address === 2 ? 'full' : 'install' })),
  });
  m.run(1000);
  m.do({ t: 'commission', address: 1, until: m.now + 300_000 });
  m.until(() => m.of('identity').length > 0, 5000);
  m.do({ t: 'confirm', address: 1, key: NEW_KEY });
  expect(up(m, 2)).toBe(true);
  m.run(3000);
  expect(m.of('commissioned')).toMatchObject([{ result: 'done' }]);
  for (const code of [0x6e, 0x7c]) expect([...codes(m)]).not.toContain(code);
  expect(new Set(m.sent.map(({ bytes }) => bytes[1]))).toEqual(new Set([1, 2]));
});

describe('giving a device its key', () => {
  const fresh = () => medium({ records: [{ address: 1 }], devices: [{ address: 1, mode: 'install' }] });
  const begin = (m: Medium, ms = 300_000): void => m.do({ t: 'commission', address: 1, until: m.now + ms });
  const KEYSET = 0x75;
  const keysets = (m: Medium): Set<string> => new Set(m.sent.filter(({ bytes }) => bytes[7] === KEYSET).map(({ bytes }) => bytes.toString('hex')));

  test('asks who it is, waits for the operator, sends the key once, and proves it', () => {
    const m = fresh();
    m.run(1000);
    expect(m.sent).toEqual([]);
    begin(m);
    m.run(2000);
    expect(m.of('identity')).toMatchObject([{ address: 1, identity: IDENTITY }]);
    expect(keysets(m).size).toBe(0);
    holdCard(deviceOf(m).peripheral, 32, 'deadbeef');
    m.run(500);
    expect(cards(m)).toBe(0);
    expect(m.order(1, { name: 'OUT', body: [{ output: 0, control: OUTPUT.timedOn, timer: 30 }] })).toBe(1);
    expect(m.of('done')).toMatchObject([{ result: 'not-up' }]);
    m.do({ t: 'confirm', address: 1, key: NEW_KEY });
    expect(up(m)).toBe(true);
    expect(m.of('commissioned')).toMatchObject([{ result: 'done' }]);
    expect([keysets(m).size, challenges(m)]).toEqual([1, [0, 1]]);
    expect(deviceOf(m).peripheral.key).toEqual(NEW_KEY);
    expect(m.of('identity')).toHaveLength(1);
  });

  test.each([
    ['the public one', DEFAULT_KEY, 'weak-key'],
    ['a weak one', Buffer.alloc(16, 7), 'weak-key'],
  ])('never sends %s', (_, key, result) => {
    const m = fresh();
    begin(m);
    m.run(2000);
    m.do({ t: 'confirm', address: 1, key });
    m.run(2000);
    expect(m.of('commissioned')).toMatchObject([{ result }]);
    expect(keysets(m).size).toBe(0);
  });

  test('never sends a key the device has already, and changes one for a fresh one', () => {
    const m = pair();
    up(m);
    m.do({ t: 'commission', address: 1, from: KEY, until: m.now + 300_000 });
    expect(m.of('down')).toMatchObject([{ why: 'commissioning' }]);
    m.run(2000);
    m.do({ t: 'confirm', address: 1, key: KEY });
    expect(m.of('commissioned')).toMatchObject([{ result: 'same-key' }]);
    m.do({ t: 'confirm', address: 1, key: NEW_KEY });
    expect(up(m, 2)).toBe(true);
    expect(deviceOf(m).peripheral.key).toEqual(NEW_KEY);
    expect(challenges(m).every((type) => type === 1)).toBe(true);
  });

  test('is over with its time, and the public key is not used again', () => {
    const m = fresh();
    begin(m, 3000);
    m.run(3500);
    expect(m.of('commissioned')).toMatchObject([{ result: 'late' }]);
    const before = m.sent.length;
    m.run(10_000);
    expect(m.sent.length).toBe(before);
    m.do({ t: 'confirm', address: 1, key: NEW_KEY });
    m.run(1000);
    expect([m.of('commissioned').at(-1)?.result, m.sent.length]).toEqual(['not-ready', before]);
  });

  test('with an answer in clear, or none, proves the key by a handshake before it counts', () => {
    for (const answer of [clear('ACK', undefined, 1), undefined]) {
      const m = fresh();
      begin(m);
      m.run(2000);
      m.trouble.middle = (bytes) => (deviceOf(m).peripheral.key !== undefined && deviceOf(m).talk.session === undefined && bytes[7] === 0x16 ? answer : bytes);
      m.do({ t: 'confirm', address: 1, key: NEW_KEY });
      expect(up(m)).toBe(true);
      expect([m.of('commissioned').map(({ result }) => result), keysets(m).size]).toEqual([['done'], 1]);
    }
  });

  test('that a device did not take is not taken for its key', () => {
    const m = fresh();
    begin(m);
    m.run(2000);
    m.do({ t: 'confirm', address: 1, key: NEW_KEY });
    m.until(() => deviceOf(m).peripheral.key !== undefined, 1000);
    deviceOf(m).peripheral.key = KEY;
    m.run(3000);
    expect(m.of('commissioned')).toMatchObject([{ result: 'unproven' }]);
    expect([m.of('up').length, keysets(m).size]).toEqual([0, 1]);
    expect(new Set(challenges(m).slice(1))).toEqual(new Set([1]));
  });
});
