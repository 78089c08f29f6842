import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readBoardFile } from '../../../firmware-sim/board/board-file.ts';
import { keysOf, readingOf } from '../../../gateway/serial/reading.ts';
import { KEY } from '../../wire/osdp/medium.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'doorbook-board-file-'));
  writeFileSync(join(dir, 'hall.key'), `${KEY.toString('hex')}\n`);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const HALL = { name: 'hall', address: 1, key: 'hall.key' };
const GOOD = {
  folder: 'controller',
  lines: [{ port: '/dev/ttyUSB0', devices: [HALL] }],
  doors: [{ reader: 'hall', relay: { device: 'hall', output: 0 }, contact: { chip: 'gpiochip0', line: 17 }, exit: { device: 'hall', input: 1, activeLow: true } }],
};
function read(value: unknown) {
  const file = join(dir, 'door.json');
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
  return readBoardFile(file);
}
const withDevice = (over: object) => ({ ...GOOD, lines: [{ port: '/dev/ttyUSB0', devices: [{ ...HALL, ...over }] }] });

test('a board is read, its paths beginning at its own folder, its keys with it', () => {
  expect(read(GOOD)).toMatchObject({
    folder: join(dir, 'controller'),
    lines: [{ port: '/dev/ttyUSB0', baud: 9600, devices: [{ name: 'hall', key: KEY, keyFile: join(dir, 'hall.key') }] }],
    doors: [{ contact: { chip: 'gpiochip0', line: 17 } }],
  });
  expect(read(withDevice({ key: 'not-yet.key' })).lines[0]?.devices[0]).toMatchObject({ key: undefined, keyFile: join(dir, 'not-yet.key') });
});

test.each([
  ['{', 'door.json: 不是 JSON。 Not JSON'],
  [[], 'door.json: expected a JSON object'],
  [{}, 'folder: expected a path'],
  [{ ...GOOD, folder: 3 }, 'folder: expected a path'],
  [{ ...GOOD, lines: [{ port: '/dev/ttyUSB0', baud: 9601, devices: [] }] }, 'lines[0].baud: expected one of 9600, 19200'],
  [withDevice({ address: 127 }), 'lines[0].devices[0].address: expected a whole number from 0 to 126'],
  [withDevice({ name: 'Hall' }), 'lines[0].devices[0].name: expected 1 to 24'],
  [withDevice({ identity: 'x' }), 'lines[0].devices[0].identity: expected 16 hex digits'],
  [{ ...GOOD, doors: [] }, 'doors: expected 1 to 8 doors'],
  [{ ...GOOD, doors: [{ ...GOOD.doors[0], reader: 'yard' }] }, 'doors[0].reader: expected the name of a device on a line, got yard'],
  [{ ...GOOD, doors: [{ ...GOOD.doors[0], relay: { device: 'yard', output: 0 } }] }, 'doors[0].relay.device: expected the name of a device on a line, got yard'],
  [{ ...GOOD, doors: [{ ...GOOD.doors[0], relay: { chip: 'gpiochip0', line: -1 } }] }, 'doors[0].relay.line: expected a whole number from 0 to 1023'],
  [{ ...GOOD, fire: { device: 'yard', input: 0 } }, 'fire.device: expected the name of a device on a line, got yard'],
  [{ ...GOOD, lines: [{ port: '/dev/ttyUSB0', devices: [HALL, { ...HALL, address: 2 }] }] }, 'lines.devices.name: expected each name once, got hall twice'],
])('%j is refused by the name of its field', (value, said) => {
  expect(() => read(value)).toThrow(said);
});

test.each([
  ['short', 'lines[0].devices[0].key: expected 32 hex digits in'],
  ['30313233343536 3738393a3b3c3d3e3f'.replace(' ', ''), '(default)'],
  ['404142434445464748494a4b4c4d4e4f', '(pattern)'],
])('the key %s is refused', (text, said) => {
  writeFileSync(join(dir, 'hall.key'), text);
  expect(() => read(GOOD)).toThrow(said);
});

test('a card of 26 or 34 bits loses its parity, and is none when that is wrong; others come whole', () => {
  const raw = (bits: number, hex: string) => readingOf({ reader: 0, format: 1, bits, data: Buffer.from(hex, 'hex') });
  // 24 bits 000000 with parity 0 in front and 1 behind; then the same with a bit turned.
  expect(raw(26, '00000040')).toEqual({ w: 24, x: '000000' });
  expect(raw(26, '80000040')).toBeUndefined();
  // As a reader of another maker frames 1A2B3C4D: parity 1, the 32 bits, parity 1; left aligned in five bytes.
  expect(raw(34, '8d159e26c0')).toEqual({ w: 32, x: '1A2B3C4D' });
  expect(raw(34, '8d159e2680')).toBeUndefined();
  expect(raw(32, '1a2b3c4d')).toEqual({ w: 32, x: '1A2B3C4D' });
  expect(raw(37, '0000000008')).toEqual({ w: 37, x: '0000000001' });
});

test('keys are digits, # and *, whatever else the keypad has', () => {
  expect(keysOf(Buffer.from('12\x7f3\rA\x1b0', 'latin1')).join('')).toBe('12*3#0');
});
