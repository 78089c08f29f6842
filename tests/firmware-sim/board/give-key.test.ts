import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BoardFile } from '../../../firmware-sim/board/board-file.ts';
import { changeKey } from '../../../firmware-sim/board/give-key.ts';
import { createPeripheral, type Peripheral } from '../../../firmware-sim/osdp/peripheral-model.ts';
import { PlayedPeripheral } from '../../../firmware-sim/osdp/play.ts';
import { KEY } from '../../wire/osdp/medium.ts';
import { memoryLine } from './memory-line.ts';

let dir = '';
let file = '';
let played: PlayedPeripheral | undefined;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'doorbook-key-'));
  file = join(dir, 'hall.key');
});
afterEach(() => {
  played?.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function begin(mode: 'install' | 'full', key?: Buffer): Promise<{ peripheral: Peripheral; give: (yes: boolean, ms?: number) => ReturnType<typeof changeKey> }> {
  const line = memoryLine();
  const peripheral = createPeripheral({ address: 1, key, mode, serial: 7, random: randomBytes });
  played = new PlayedPeripheral(peripheral, () => undefined);
  await played.start(line.device, () => undefined);
  const board: BoardFile = { folder: dir, lines: [{ port: 'line', baud: 9600, devices: [{ name: 'hall', address: 1, key, keyFile: file }] }], doors: [] };
  return { peripheral, give: (yes, ms = 5000) => changeKey({ board, name: 'hall', openPort: () => line.panel, confirm: async () => yes, windowMs: ms }) };
}

test('a new device gets a fresh key, kept for its owner alone, and is named', async () => {
  const { peripheral, give } = await begin('install');
  expect(await give(true)).toEqual({ result: 'done', identity: '0db00c0107000000' });
  expect(readFileSync(file, 'utf8').trim()).toBe(Buffer.from(peripheral.key ?? []).toString('hex'));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(existsSync(`${file}.new`)).toBe(false);
});

test('one that has a key gets another under it', async () => {
  writeFileSync(file, KEY.toString('hex'));
  const { peripheral, give } = await begin('full', KEY);
  expect(await give(true)).toMatchObject({ result: 'done' });
  expect(peripheral.key).not.toEqual(KEY);
  expect(readFileSync(file, 'utf8').trim()).toBe(Buffer.from(peripheral.key ?? []).toString('hex'));
});

test('nothing is changed when somebody says that it is another', async () => {
  const { peripheral, give } = await begin('install');
  expect(await give(false)).toBeUndefined();
  expect([peripheral.key, existsSync(file), existsSync(`${file}.new`)]).toEqual([undefined, false, false]);
});

test('a device that does not answer is given up with the time, and a key left from before stops the next try', async () => {
  const { give } = await begin('full', KEY);
  played?.act('power off');
  expect(await give(true, 300)).toEqual({ result: 'late', identity: '' });
  writeFileSync(`${file}.new`, 'x');
  expect(() => give(true)).toThrow('is still there');
});

test('a device that is none is named', async () => {
  const board: BoardFile = { folder: dir, lines: [{ port: 'line', baud: 9600, devices: [{ name: 'hall', address: 1, key: undefined, keyFile: undefined }] }], doors: [] };
  const giving = { board, openPort: () => memoryLine().panel, confirm: async () => true, windowMs: 100 };
  expect(() => changeKey({ ...giving, name: 'yard' })).toThrow('NAME: expected one of hall');
  expect(() => changeKey({ ...giving, name: 'hall' })).toThrow('hall.key: expected the file its key is to be in');
});
