import { describe, expect, test } from 'vitest';
import { coveredBy, encodeFrame, type Frame, FrameReader } from '../../../gateway/wire/osdp/frame.ts';
import { DEFAULT_KEY } from '../../../gateway/wire/osdp/keys.ts';
import { NAK, OUTPUT, readReply, writeReply } from '../../../gateway/wire/osdp/messages.ts';
import { deriveKeys, firstMac, macOf, panelCryptogram } from '../../../gateway/wire/osdp/secure.ts';
import { isOn } from '../../../firmware-sim/osdp/peripheral-model.ts';
import { KEY, type Medium, pair } from './medium.ts';

const up = (m: Medium, count = 1): boolean => m.until(() => m.of('up').length >= count, 10_000);
const unlock = (output = 0) => ({ name: 'OUT' as const, body: [{ output, control: OUTPUT.timedOn, timer: 600 }] });
function frameOf(bytes: Uint8Array | undefined): Frame {
  const [heard] = new FrameReader().push(bytes ?? new Uint8Array());
  if (heard?.t !== 'frame') throw new Error('no frame');
  return heard.frame;
}

test('a device that knows only the public key is not taken, whatever type it says its key has', () => {
  const m = pair({ devices: [{ address: 1, key: DEFAULT_KEY, mode: 'full' }] });
  m.run(10_000);
  expect(m.of('up')).toEqual([]);
  expect(m.of('alarm')).toMatchObject([{ what: 'key-refused' }]);
});

test.each([
  ['says that it refuses', (data: Buffer) => data, 0xff],
  ['starts from another code', (data: Buffer) => Buffer.from(data.map((byte, at) => (at === 3 ? byte ^ 1 : byte))), 1],
])('a device that at the end of the handshake %s has no session', (_, change, type) => {
  const m = pair();
  m.trouble.middle = (bytes) => {
    const frame = frameOf(bytes);
    if (frame.block?.type !== 0x14) return bytes;
    return encodeFrame({ ...frame, block: { type: 0x14, data: Buffer.from([type]) }, data: change(Buffer.from(frame.data)) });
  };
  m.run(5000);
  expect(m.of('up')).toEqual([]);
  expect(m.of('alarm')).toMatchObject([{ what: 'key-refused' }]);
});

test('what was in line when a session ended is not done in the next', () => {
  const m = pair();
  up(m);
  m.run(1000);
  const [device] = m.devices;
  if (device === undefined) throw new Error('no device');
  device.dead = true;
  const tags = [m.order(1, unlock(0)), m.order(1, unlock(1))];
  m.run(9000);
  device.dead = false;
  expect(up(m, 2)).toBe(true);
  m.run(2000);
  expect(m.of('done').map(({ tag }) => tag)).toEqual(expect.arrayContaining(tags));
  expect(m.of('done').every(({ result }) => result === 'not-up' || result === 'unknown')).toBe(true);
  expect([isOn(device.peripheral, 0, m.now), isOn(device.peripheral, 1, m.now)]).toEqual([false, false]);
});

test('an order that was said and not answered in its time ends the session, and is not said again', () => {
  const m = pair();
  up(m);
  m.run(1000);
  const [device] = m.devices;
  if (device === undefined) throw new Error('no device');
  m.until(() => m.line.waiting === undefined, 200);
  m.order(1, unlock(), m.now + 700);
  m.until(() => m.line.waiting?.peer.pending?.name === 'OUT', 200);
  device.dead = true;
  m.run(3000);
  const said = m.sent.filter(({ bytes }) => bytes[7] === 0x68);
  expect(said).toHaveLength(2);
  expect(m.of('down')).toMatchObject([{ why: 'late' }]);
  expect(m.of('done')).toMatchObject([{ result: 'unknown' }]);
});

test('an answer that comes twice, or of another device, is no answer to what is asked now', () => {
  const m = pair();
  up(m);
  m.run(1000);
  let last: Buffer | undefined;
  m.trouble.middle = (bytes) => {
    last = Buffer.from(bytes);
    return bytes;
  };
  m.run(100);
  const before = last;
  m.trouble.middle = undefined;
  m.run(60);
  m.until(() => m.line.waiting !== undefined && m.line.waiting.peer.pending?.sequence !== frameOf(before).sequence, 1000);
  m.do({ t: 'bytes', bytes: before ?? new Uint8Array() });
  m.do({ t: 'bytes', bytes: encodeFrame({ address: 2, reply: true, sequence: 0, crc: true, ...writeReply('NAK', { error: NAK.security, more: new Uint8Array() }) }) });
  expect(m.line.waiting).toBeDefined();
  m.run(2000);
  expect([m.of('down'), m.of('alarm'), m.line.counts.stray]).toEqual([[], [], 2]);
});

test('a card under a code and not encrypted is not read, and is told', () => {
  const m = pair();
  let command: Uint8Array = new Uint8Array();
  let reply: Uint8Array = new Uint8Array();
  let keys = deriveKeys(KEY, new Uint8Array(8));
  let show = false;
  // Whoever has the key: follows the chain of codes, and once answers a poll with a card anybody on the wire can read.
  m.trouble.middle = (bytes) => {
    const [asked, answer] = [frameOf(m.sent.at(-1)?.bytes), frameOf(bytes)];
    const said = readReply(answer.mac.length > 0 ? { code: 0x40, data: new Uint8Array() } : answer);
    if (said?.name === 'CCRYPT') {
      keys = deriveKeys(KEY, asked.data);
      reply = firstMac(keys, panelCryptogram(keys, asked.data, said.body.random));
    }
    if (answer.mac.length === 0) return bytes;
    command = macOf(keys, reply, coveredBy(asked));
    if (show && asked.code === 0x60) {
      show = false;
      const card = writeReply('RAW', { reader: 0, format: 0, bits: 32, data: Buffer.from('deadbeef', 'hex') });
      return encodeFrame({ ...answer, ...card, block: { type: 0x16, data: new Uint8Array() } }, (covered) => macOf(keys, command, covered));
    }
    reply = macOf(keys, command, coveredBy(answer));
    return bytes;
  };
  up(m);
  m.run(500);
  show = true;
  m.run(100);
  expect(show).toBe(false);
  expect(m.of('alarm')).toMatchObject([{ what: 'clear-reply' }]);
  expect(m.of('report').map(({ reply: { name } }) => name)).not.toContain('RAW');
});

describe('a device that refuses our proof', () => {
  const refusal = encodeFrame({ address: 1, reply: true, sequence: 1, crc: true, ...writeReply('NAK', { error: NAK.security, more: new Uint8Array() }) });
  const isProof = (bytes: Buffer): boolean => bytes[7] === 0x14;

  test('once, because it had been challenged twice, is challenged anew at once, and nobody is told of a wrong key', () => {
    const m = pair();
    let times = 1;
    m.trouble.middle = (bytes) => (isProof(bytes) && times-- > 0 ? refusal : bytes);
    expect(up(m)).toBe(true);
    expect([m.now < 2000, m.of('alarm')]).toEqual([true, []]);
  });

  test('again and again has another key, and is told', () => {
    const m = pair();
    m.trouble.middle = (bytes) => (isProof(bytes) ? refusal : bytes);
    m.run(5000);
    expect([m.of('up'), m.of('alarm').map(({ what }) => what)]).toEqual([[], ['key-refused']]);
    const before = m.sent.length;
    m.run(10_000);
    expect(m.sent.length - before).toBeLessThanOrEqual(21);
  });
});

test('a device that was silent for long is not put off at the moment it is told as offline', () => {
  const m = pair();
  up(m);
  const [device] = m.devices;
  if (device === undefined) throw new Error('no device');
  m.order(1, unlock(), m.now + 300);
  m.run(20);
  device.dead = true;
  m.until(() => m.of('quality').some(({ state }) => state === 'offline'), 20_000);
  const asked = m.sent.map(({ at }) => at).slice(-6);
  m.run(3000);
  const gaps = [...asked, ...m.sent.map(({ at }) => at).slice(-3)].toSorted((a, b) => a - b).map((at, n, all) => at - (all[n - 1] ?? at));
  expect(Math.max(...gaps)).toBeLessThan(1100);
});
