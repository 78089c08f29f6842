import { describe, expect, test } from 'vitest';
import { checksum, crc16 } from '../../../gateway/wire/osdp/crc.ts';
import { encodeFrame, type Frame, FRAME_MAX, FrameReader, type Heard } from '../../../gateway/wire/osdp/frame.ts';
import { CLEAR, RECORDED, REPLIES, SECURED } from './vectors.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const POLL = hex('5365080004606090');
const ALL = [
  ...[...CLEAR, ...REPLIES].map(([, , , , , text]) => text),
  ...SECURED.map(([, , text]) => text),
  ...RECORDED.handshake,
  ...RECORDED.frames.map(([, , text]) => text),
].map(hex);
const frames = (heard: readonly Heard[]): Frame[] => heard.flatMap((each) => (each.t === 'frame' ? [each.frame] : []));
const bytesOf = (heard: readonly Heard[]): string[] => frames(heard).map(({ bytes }) => Buffer.from(bytes).toString('hex'));
const bare = (bytes: Buffer): string => bytes.toString('hex').replace(/^ff(?=53)/, '');

test('the checks are those of the standard', () => {
  expect(crc16(Buffer.from('123456789')).toString(16)).toBe('e5cc');
  expect(crc16(hex('537f0d00046e0080250000'))).toBe(0x386e);
  expect(crc16(hex('53000900046100'))).toBe(0x66c0);
  expect(checksum(hex('537f0c00006e0080250000'))).toBe(0x0f);
  expect(checksum(hex('53000800006100'))).toBe(0x44);
  expect(checksum(new Uint8Array())).toBe(0);
});

test.each(ALL.map((bytes) => [bytes.toString('hex'), bytes] as const))('%s is taken apart and put together again', (_, bytes) => {
  const [frame, ...more] = frames(new FrameReader().push(bytes));
  if (frame === undefined) throw new Error('no frame');
  expect(more).toEqual([]);
  const again = encodeFrame(frame, frame.mac.length > 0 ? () => frame.mac : undefined);
  expect(again.toString('hex')).toBe(bare(bytes));
});

describe('a reader of frames', () => {
  test('finds every frame in any pieces', () => {
    const line = Buffer.concat(ALL);
    for (const size of [1, 2, 3, 7, 8, 64, line.length]) {
      const reader = new FrameReader();
      const heard: Heard[] = [];
      for (let at = 0; at < line.length; at += size) heard.push(...reader.push(line.subarray(at, at + size)));
      expect(bytesOf(heard)).toEqual(ALL.map(bare));
      expect(reader.waiting).toBe(0);
    }
  });

  test('finds a frame after a start byte in noise', () => {
    expect(bytesOf(new FrameReader().push(Buffer.concat([hex('ff5300'), POLL])))).toEqual([POLL.toString('hex')]);
    const reader = new FrameReader();
    // A start that claims 100 bytes hides what follows, until the line has been silent.
    expect(reader.push(Buffer.concat([hex('536564000453'), POLL, POLL]))).toEqual([]);
    expect(bytesOf(reader.silence())).toEqual([POLL.toString('hex'), POLL.toString('hex')]);
    expect(reader.waiting).toBe(0);
  });

  test.each(['0000', '0600', 'a105', 'ffff'])('waits for no frame that claims the length %s', (length) => {
    const reader = new FrameReader();
    expect(bytesOf(reader.push(Buffer.concat([hex(`5365${length}04`), POLL])))).toEqual([POLL.toString('hex')]);
    expect(reader.waiting).toBe(0);
  });

  test('holds no more than one frame, whatever comes', () => {
    const reader = new FrameReader();
    for (let n = 0; n < 200; n += 1) {
      reader.push(Buffer.alloc(5000, hex('53e5a00504')));
      expect(reader.waiting).toBeLessThanOrEqual(FRAME_MAX);
    }
    reader.clear();
    expect(reader.waiting).toBe(0);
  });

  test('says of every single wrong bit that it is none', () => {
    for (let bit = 8; bit < POLL.length * 8; bit += 1) {
      const bent = Buffer.from(POLL);
      bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const reader = new FrameReader();
      expect(frames([...reader.push(bent), ...reader.silence()]), `bit ${bit}`).toEqual([]);
    }
  });

  test('tells a wrong check from parts that do not fit', () => {
    const reader = new FrameReader();
    expect(reader.push(hex('5365080004606091')).map(({ t }) => t)).toEqual(['bad-check']);
    const malformed = (bytes: string): Heard[] => {
      const body = hex(bytes);
      const crc = crc16(body);
      return new FrameReader().push(Buffer.concat([body, Buffer.from([crc & 0xff, crc >> 8])]));
    };
    // No code; a block longer than the frame; a block of one byte; a multi-part bit.
    expect(malformed('536509000c0215')).toEqual([{ t: 'malformed', address: 0x65 }]);
    expect(malformed('53650b000c09111360')).toEqual([{ t: 'malformed', address: 0x65 }]);
    expect(malformed('53650a000c011160')).toEqual([{ t: 'malformed', address: 0x65 }]);
    expect(malformed('536508008460')).toEqual([{ t: 'malformed', address: 0x65 }]);
    // A secured type without room for its code.
    expect(malformed('53650c000e0215600102')).toEqual([{ t: 'malformed', address: 0x65 }]);
  });
});

test('what fits no frame is refused by name', () => {
  const fields = { address: 1, reply: false, sequence: 0, crc: true, code: 0x60, data: new Uint8Array() };
  expect(() => encodeFrame({ ...fields, address: 0x80 })).toThrow('address: expected 0 to 127, got 128');
  expect(() => encodeFrame({ ...fields, sequence: 4 })).toThrow('sequence: expected 0 to 3, got 4');
  expect(() => encodeFrame({ ...fields, data: new Uint8Array(FRAME_MAX) })).toThrow('length: expected at most 1440 bytes');
  expect(encodeFrame({ ...fields, data: new Uint8Array(FRAME_MAX - 8) })).toHaveLength(FRAME_MAX);
});
