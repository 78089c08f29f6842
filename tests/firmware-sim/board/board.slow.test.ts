import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Board, type BoardParts } from '../../../firmware-sim/board/board.ts';
import type { BoardFile } from '../../../firmware-sim/board/board-file.ts';
import type { FleetFile } from '../../../firmware-sim/fleet-file.ts';
import { createPeripheral, type Peripheral } from '../../../firmware-sim/osdp/peripheral-model.ts';
import { PlayedPeripheral } from '../../../firmware-sim/osdp/play.ts';
import { buildList } from '../../../gateway/doors/access-list.ts';
import { GRANTED, LIST_SIGNER, openRig, type Rig, SITE } from '../../doors/harness.ts';
import { KEY, NEW_KEY } from '../../wire/osdp/medium.ts';
import { memoryLine, type MemoryLine } from './memory-line.ts';

const CARD = '1A2B3C4D';
let dir = '';
let gateway: Rig;
let line: MemoryLine;
let peripheral: Peripheral;
let reader: PlayedPeripheral;
let board: Board;
let parts: BoardParts;
let said: string[] = [];
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 12_000, interval: 10 });
const open = (): boolean | undefined => reader.state().outputs[0];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'doorbook-board-'));
  gateway = await openRig(1, {
    lists: { version: () => ({ epoch: 1, n: 7 }), build: ({ listKey, version }) => buildList(listKey, [{ bits: 32, hex: CARD, doors: 1, until: 0 }], version) },
  });
  const [record] = gateway.records.values();
  if (record === undefined) throw new Error('no record');
  const fitted: FleetFile = {
    mqtt: { host: '127.0.0.1', port: gateway.link.port, pin: undefined },
    socket: join(dir, 'sim.sock'),
    storeDir: join(dir, 'store'),
    devices: [
      { device: record.deviceId, site: SITE, secretHex: Buffer.from(record.secret).toString('hex'), listKeyHex: LIST_SIGNER.publicKey, doors: [{ number: 1, code: 'DOOR1' }] },
    ],
    walk: false,
  };
  const file: BoardFile = {
    folder: dir,
    lines: [{ port: 'line', baud: 9600, devices: [{ name: 'hall', address: 1, key: KEY, keyFile: undefined }] }],
    doors: [{ reader: 'hall', relay: { device: 'hall', output: 0 }, contact: { device: 'hall', input: 0 }, exit: { device: 'hall', input: 1 } }],
  };
  [line, said] = [memoryLine(), []];
  peripheral = createPeripheral({ address: 1, key: KEY, mode: 'full', serial: 1, random: randomBytes });
  reader = new PlayedPeripheral(peripheral, () => undefined);
  await reader.start(line.device, () => undefined);
  parts = { file, fitted, openPort: () => line.panel, pins: undefined, say: (text) => void said.push(text) };
  board = new Board(parts);
  board.start();
  await until(() => expect(gateway.link.states()[0]).toMatchObject({ online: true, have: '1.7' }));
  await until(() => expect(said.join()).toContain('hall ✓'));
  // The questions of the beginning: what is pressed before they are answered was pressed before we came.
  await new Promise((resolve) => setTimeout(resolve, 200));
});
afterEach(async () => {
  board.stop();
  reader.stop();
  await gateway.link.close();
  rmSync(dir, { recursive: true, force: true });
});

test('a card at the reader opens the lock behind its output, green and logged; then it is locked again', async () => {
  gateway.side.decide = async () => ({ ...GRANTED, openMs: 1000 });
  expect(reader.state()).toMatchObject({ secure: true, outputs: [false, false] });
  await until(() => expect(reader.state().lamp).toBe('red'));
  reader.act('card 32 1a2b3c4d');
  await until(() => expect([open(), reader.state().lamp]).toEqual([true, 'green']));
  expect(gateway.side.taps).toMatchObject([{ credential: { bits: 32, hex: CARD }, method: 'card' }]);
  reader.act('input 0 on');
  await until(() => expect(gateway.side.outcomes).toMatchObject([{ granted: true, final: 'executed', opened: 'opened' }]));
  reader.act('input 0 off');
  await until(() => expect(open()).toBe(false));
  expect(said.join()).not.toMatch(/1a2b3c4d|8f13a2c4/i);
});

test('with the broker gone the door decides by its list', async () => {
  await gateway.link.close();
  reader.act('card 32 1a2b3c4d');
  await until(() => expect(open()).toBe(true));
  expect(said.at(-1)).toBe('✓ OK (offline)');
  reader.act('card 32 deadbeef');
  await until(() => expect(said.at(-1)).toBe('✗ UNKNOWN_CREDENTIAL (offline)'));
  expect(gateway.side.taps).toEqual([]);
});

test('what is refused shines red and moves nothing', async () => {
  gateway.side.decide = async () => ({ granted: false, reason: 'NOT_REGISTERED', note: undefined, openMs: 0, entry: 3, answer: true });
  reader.act('card 32 deadbeef');
  await until(() => expect(said.at(-1)).toBe('✗ NOT_REGISTERED'));
  await until(() => expect(peripheral.beeps).toBe(1));
  expect(open()).toBe(false);
});

test('a door that is opened without a card is an alarm; so is its case; a lost reader is told; the exit button opens', async () => {
  const happened = (): string[] => gateway.side.happenings.map(({ what }) => what);
  reader.act('input 0 on');
  await until(() => expect(happened()).toEqual(['forced']));
  reader.act('input 0 off');
  reader.act('tamper on');
  await until(() => expect(happened()).toEqual(['forced', 'closed', 'tamper']));
  reader.act(`key ${NEW_KEY.toString('hex')}`);
  reader.act('power off');
  reader.act('power on');
  await until(() => expect(happened().slice(3)).toEqual(['reader-lost', 'contact-fault']));
  await until(() => expect(said.join()).toContain('hall ⚠ key-refused'));
  reader.act(`key ${KEY.toString('hex')}`);
  await until(() => expect(happened().slice(5)).toEqual(['reader-back', 'contact-back']));
  reader.act('input 1 on');
  await until(() => expect(open()).toBe(true));
  await until(() => expect(happened().at(-1)).toBe('exit'));
});

test('a board that starts again in the middle of an opening never opens for it, and closes what is open', async () => {
  reader.act('card 32 1a2b3c4d');
  await until(() => expect(open()).toBe(true));
  board.stop();
  expect(open()).toBe(true);
  const before = said.length;
  board = new Board(parts);
  board.start();
  await until(() => expect(said.slice(before).join()).toContain('hall ✓'));
  await until(() => expect(open()).toBe(false));
  await until(() => expect(gateway.side.outcomes).toMatchObject([{ opened: 'unknown' }]));
  expect(peripheral.outputs[0]).toBe(0);
});

test('a reader that never came is told as lost', async () => {
  board.stop();
  reader.act('power off');
  board = new Board(parts);
  board.start();
  await until(() => expect(gateway.side.happenings.map(({ what }) => what)).toEqual(['reader-lost', 'contact-fault']));
});

test('no card, key or digit is kept in clear outside the store of the door', async () => {
  reader.act('keys 1234#');
  await until(() => expect(gateway.side.taps).toMatchObject([{ method: 'pin' }]));
  expect(said.join()).not.toContain('1234');
  const files = readdirSync(join(dir, 'store')).map((name) => readFileSync(join(dir, 'store', name), 'latin1'));
  expect(files.join()).not.toContain(KEY.toString('hex'));
});
