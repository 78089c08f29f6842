import { expect, test } from 'vitest';
import { encodeFrame, FrameReader } from '../../../gateway/wire/osdp/frame.ts';
import { type CommandName, readCommand, readReply, type ReplyName, writeCommand, writeReply } from '../../../gateway/wire/osdp/messages.ts';
import { CLEAR, RECORDED, REPLIES } from './vectors.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const frameOf = (text: string) => {
  const [heard] = new FrameReader().push(hex(text));
  if (heard?.t !== 'frame') throw new Error('no frame');
  return heard.frame;
};

test.each(CLEAR)('%s to %i, sequence %i, CRC %s', (...[name, address, sequence, crc, body, bytes]) => {
  expect(encodeFrame({ address, reply: false, sequence, crc, ...writeCommand(name as CommandName, body as never) }).toString('hex')).toBe(bytes);
  expect(readCommand(frameOf(bytes))).toEqual({ name, body });
});

test.each(REPLIES)('%s from %i, sequence %i, CRC %s', (...[name, address, sequence, crc, body, bytes]) => {
  expect(encodeFrame({ address, reply: true, sequence, crc, ...writeReply(name as ReplyName, body as never) }).toString('hex')).toBe(bytes);
  expect(readReply(frameOf(bytes))).toEqual({ name, body });
});

test('what another maker’s device says of itself is read', () => {
  const [, id = '', , capabilities = ''] = RECORDED.handshake;
  expect(readReply(frameOf(id))).toEqual({
    name: 'PDID',
    body: { vendor: hex('0c0b0a'), model: 0x99, version: 1, serial: hex('04030201'), firmware: hex('010203') },
  });
  const read = readReply(frameOf(capabilities));
  expect(read?.body).toHaveLength(11);
  expect(read?.body).toContainEqual({ function: 2, level: 4, count: 2 });
  expect(read?.body).toContainEqual({ function: 10, level: 0, count: 1 });
});

const led = '0000020303020132000105000100';
const records: readonly (readonly [ReplyName | CommandName, number, string, unknown])[] = [
  ['RAW', 0x50, '000130000102030405ab', { reader: 0, format: 1, bits: 48, data: hex('0102030405ab') }],
  ['RAW', 0x50, '00001a0001020380', { reader: 0, format: 0, bits: 26, data: hex('01020380') }],
  ['KEYPAD', 0x53, '000531327f0d30', { reader: 0, count: 5, data: hex('31327f0d30') }],
  ['FMT', 0x51, '01000231 32'.replaceAll(' ', ''), { reader: 1, direction: 0, count: 2, data: hex('3132') }],
  ['LSTATR', 0x48, '0100', { tamper: 1, power: 0 }],
  ['ISTATR', 0x49, '000102', [0, 1, 2]],
  ['OSTATR', 0x4a, '01', [1]],
  ['RSTATR', 0x4b, '0002', [0, 2]],
  ['COM', 0x54, '0180250000', { address: 1, baud: 9600 }],
  ['FTSTAT', 0x7a, '0500010000 8000'.replaceAll(' ', ''), { action: 5, delay: 256, status: 0, size: 128 }],
  ['MFGREP', 0x90, '01020304', { vendor: hex('010203'), data: hex('04') }],
  ['NAK', 0x41, '0355aa', { error: 3, more: hex('55aa') }],
];
test.each(records)('%s (%i) stands in its bytes as the standard has it', (name, code, data, body) => {
  expect(readReply({ code, data: hex(data) })).toEqual({ name, body });
  expect(Buffer.from(writeReply(name as ReplyName, body as never).data).toString('hex')).toBe(data);
});

const orders: readonly (readonly [CommandName, number, string, unknown])[] = [
  [
    'LED',
    0x69,
    led,
    [
      {
        reader: 0,
        led: 0,
        temporary: { code: 2, on: 3, off: 3, onColour: 2, offColour: 1, timer: 50 },
        permanent: { code: 1, on: 5, off: 0, onColour: 1, offColour: 0 },
      },
    ],
  ],
  ['BUZ', 0x6a, '0002020103', { reader: 0, tone: 2, on: 2, off: 1, count: 3 }],
  ['TEXT', 0x6b, '000105010102 4142'.replaceAll(' ', ''), { reader: 0, command: 1, seconds: 5, row: 1, column: 1, length: 2, data: hex('4142') }],
  ['ACURXSIZE', 0x7b, 'a005', { size: 1440 }],
  ['KEEPACTIVE', 0xa7, 'e803', { ms: 1000 }],
  ['ABORT', 0xa2, '', undefined],
];
test.each(orders)('%s (%i) stands in its bytes as the standard has it', (name, code, data, body) => {
  expect(readCommand({ code, data: hex(data) })).toEqual({ name, body });
  const made = writeCommand(name, body as never);
  expect([made.code, Buffer.from(made.data).toString('hex')]).toEqual([code, data]);
});

test('a code nobody of ours knows is no message', () => {
  expect(readCommand({ code: 0x01, data: hex('') })).toBeUndefined();
  expect(readReply({ code: 0x60, data: hex('') })).toBeUndefined();
});

test.each([
  ['POLL', 0x60, '00', 'data: expected 0 bytes, got 1'],
  ['ID', 0x61, '', 'kind: expected 1 bytes, got 0'],
  ['ID', 0x61, '02', 'kind: expected a whole number from 0 to 1, got 2'],
  ['OUT', 0x68, '', '[0].output: expected 1 bytes, got 0'],
  ['OUT', 0x68, '00056400 000564'.replaceAll(' ', ''), '[1].timer: expected 2 bytes, got 1'],
  ['OUT', 0x68, '00076400', '[0].control: expected a whole number from 0 to 6, got 7'],
  ['LED', 0x69, `${led.slice(0, 10)}08${led.slice(12)}`, '[0].temporary.onColour: expected a whole number from 0 to 7, got 8'],
  ['COMSET', 0x6e, '7f80250000', 'address: expected a whole number from 0 to 126, got 127'],
  ['KEYSET', 0x75, '0110aabb', 'data: expected 16 bytes, got 2'],
  ['KEYSET', 0x75, '0108aabbccddeeff0011', 'length: expected a whole number from 16 to 16, got 8'],
  ['TEXT', 0x6b, '00010501010241', 'data: expected 2 bytes, got 1'],
])('%s (%i) with the data %s is refused by the name of its field', (_, code, data, said) => {
  expect(() => readCommand({ code, data: hex(data) })).toThrow(said);
});

test.each([
  ['0001ffff00', 'bits: expected a whole number from 1 to 256, got 65535'],
  ['00011a00010203', 'data: expected 4 bytes, got 3'],
  ['00011a000102030405', 'data: expected 8 bytes, got 9'],
  ['00021a0001020304', 'format: expected a whole number from 0 to 1, got 2'],
])('card data %s are refused by the name of their field', (data, said) => {
  expect(() => readReply({ code: 0x50, data: hex(data) })).toThrow(said);
});

test('what is to be sent is checked as well', () => {
  expect(() => writeCommand('OUT', [])).toThrow('1 to 64, got 0');
  expect(() => writeCommand('OUT', [{ output: 0, control: 5, timer: 65_536 }])).toThrow('[0].timer: expected a whole number from 0 to 65535, got 65536');
  expect(() => writeCommand('CHLNG', { random: hex('00') })).toThrow('random: expected 8 bytes, got 1');
  expect(() =>
    writeReply(
      'ISTATR',
      Array.from({ length: 65 }, () => 0),
    ),
  ).toThrow('1 to 64, got 65');
  expect(() => readReply({ code: 0x49, data: new Uint8Array(65) })).toThrow('at most 64');
});
