import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMeter, type MeterLimits } from '../../gateway/doors/packet-meter.ts';
import { deviceKeys } from '../../gateway/wire/mqtt/seal.ts';
import { deviceOf, eventually, greet, openRig, type Rig } from './harness.ts';
import { connectPacket, lengthBytes, openRaw, packet, type Raw } from './raw-mqtt.ts';

const LIMITS: MeterLimits = { connect: 2048, early: 8192, packet: 16_384 };
const CONNECT = packet(0x10, Buffer.alloc(20));

describe('the meter', () => {
  test('drops a 256 MiB CONNECT at its header, before any of its body', () => {
    expect(createMeter(LIMITS).feed(Buffer.from('10ffffff7f', 'hex'))).toBe('oversize');
  });

  test.each([
    ['a CONNECT of exactly 2 KiB', packet(0x10, Buffer.alloc(2045)), undefined],
    ['a CONNECT one byte over 2 KiB', packet(0x10, Buffer.alloc(2046)), 'oversize'],
    ['anything before CONNECT', Buffer.from('c000', 'hex'), 'not-connect'],
    ['a length of five bytes', Buffer.from('10ffffffff7f', 'hex'), 'length'],
    ['a length of four bytes, all going on', Buffer.from('1080808080', 'hex'), 'length'],
    ['packet type 0', Buffer.concat([CONNECT, Buffer.of(0, 0)]), 'type'],
    ['packet type 15', Buffer.concat([CONNECT, Buffer.of(0xf0, 0)]), 'type'],
    ['a second CONNECT', Buffer.concat([CONNECT, CONNECT]), 'type'],
    ['8 KiB and more of small packets before login', Buffer.concat([CONNECT, ...Array.from({ length: 5 }, () => packet(0x30, Buffer.alloc(2000)))]), 'early'],
  ])('%s', (_name, bytes, expected) => {
    expect(createMeter(LIMITS).feed(bytes)).toBe(expected);
  });

  test('allows 16 KiB after login and not a byte more', () => {
    const meter = createMeter(LIMITS);
    meter.feed(CONNECT);
    meter.admit();
    expect(meter.feed(packet(0x30, Buffer.alloc(16_381)))).toBeUndefined();
    expect(meter.feed(packet(0x30, Buffer.alloc(16_382)).subarray(0, 4))).toBe('oversize');
  });

  test('judges the same however the bytes are cut', () => {
    const piece = fc.oneof(fc.nat(300), fc.constantFrom(127, 128, 16_380, 16_381)).map((size) => packet(0x30, Buffer.alloc(size)));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 5 }), fc.integer({ min: 1, max: 700 }), (pieces, cut) => {
        const bytes = Buffer.concat([CONNECT, ...pieces]);
        const [whole, parts] = [createMeter(LIMITS), createMeter(LIMITS)];
        whole.admit();
        parts.admit();
        let found: string | undefined;
        for (let at = 0; at < bytes.length && found === undefined; at += cut) found = parts.feed(bytes.subarray(at, at + cut));
        expect(found).toBe(whole.feed(bytes));
      }),
      { numRuns: 200 },
    );
  });
});

describe('a stranger at the port', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await openRig(2, { limits: { halfOpen: 20, loginMs: 300 } });
  });
  afterEach(() => rig.link.close());

  /** The door of device 1 still works. */
  async function stillServes(): Promise<void> {
    const door = await greet(rig, deviceOf(rig, 1));
    door.say('req', door.request(Math.ceil(performance.now())));
    expect((await door.hear('res')).g).toBe(true);
    door.raw.socket.destroy();
  }

  const MALFORMED = [
    ['the 26 bytes that ended a broker (aedes #612)', '101000044d5154540502003c0321001400006202d301e0020020'],
    ['the CONNACK that ended another (mosquitto #2163)', '101000044d5154540502003c03210014000029020001e000'],
    ['a CONNECT without a body', '1000'],
    ['a CONNECT that is cut inside its name', '10040004 4d51'.replace(' ', '')],
    ['a CONNECT with reserved flags', '1f0000'],
    ['a protocol name that is not MQTT', '100c00044d51545204c2000a0000'],
    ['a client id longer than the packet', '100e00044d51545404c2000affff6161'],
    ['a PUBLISH first', '300500016161'],
    ['a request of HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n').toString('hex')],
    ['a hello of TLS', '16030100c8010000c40303'],
  ] as const;
  test.each(MALFORMED)('%s is put out and the door still works', async (_name, hex) => {
    const raw = await openRaw(rig.link.port);
    raw.send(hex);
    await raw.closed();
    await stillServes();
  });

  test('who says nothing is put out after the login time', async () => {
    const raw = await openRaw(rig.link.port);
    await eventually(() => rig.link.halfOpen() === 1, 'counted');
    await raw.closed(1500);
    expect(rig.link.halfOpen()).toBe(0);
  });

  test('who sends half a CONNECT is put out after the login time', async () => {
    const raw = await openRaw(rig.link.port);
    raw.send('10ff0100044d515454');
    await raw.closed(1500);
  });

  test('beyond the cap the oldest stranger goes, and a door can log in', async () => {
    const waiting: Raw[] = [];
    for (let n = 0; n < 20; n++) waiting.push(await openRaw(rig.link.port));
    await eventually(() => rig.link.halfOpen() === 20, 'full');
    await stillServes();
    await waiting[0]?.closed(200);
    expect(rig.link.halfOpen()).toBeLessThanOrEqual(20);
  });

  test('may not pour packets in before its CONNECT was answered', async () => {
    const raw = await openRaw(rig.link.port);
    raw.send(Buffer.concat([CONNECT, Buffer.of(0x30), lengthBytes(1 << 20)]));
    await raw.closed(200);
  });
});

test('a device that announces more than 16 KiB after login is put out', async () => {
  const rig = await openRig();
  const door = await greet(rig, deviceOf(rig, 1));
  door.raw.send(Buffer.concat([Buffer.of(0x32), lengthBytes(20_000)]));
  await door.raw.closed();
  await rig.link.close();
});

test('the port is never opened to a network', async () => {
  await expect(openRig(1, { host: '0.0.0.0' })).rejects.toThrow('expected a loopback address');
});

test('a port in use is an error, not a crash', async () => {
  const rig = await openRig();
  await expect(openRig(1, { port: rig.link.port })).rejects.toThrow('EADDRINUSE');
  await rig.link.close();
});

test('whoever logged in is no stranger any more', async () => {
  const rig = await openRig(2, { limits: { loginMs: 200 } });
  const door = await greet(rig, deviceOf(rig, 1));
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(rig.link.halfOpen()).toBe(0);
  door.say('req', door.request(1));
  expect((await door.hear('res')).g).toBe(true);
  const raw = await openRaw(rig.link.port);
  raw.send(connectPacket({ id: 'yc42-d02', password: deviceKeys(deviceOf(rig, 2).secret).password }));
  expect((await raw.next(2))[3]).toBe(0);
  await rig.link.close();
});
