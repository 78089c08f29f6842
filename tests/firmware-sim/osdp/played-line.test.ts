import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { FleetLine } from '../../../firmware-sim/fleet-file.ts';
import { PlayedLine } from '../../../firmware-sim/osdp/played-line.ts';
import { requestOf } from '../../../firmware-sim/typed.ts';
import { OsdpBus, type Told } from '../../../gateway/serial/bus.ts';
import { showOrders } from '../../../gateway/serial/lamp.ts';
import { OUTPUT, type Reply } from '../../../gateway/wire/osdp/messages.ts';
import { KEY, NEW_KEY } from '../../wire/osdp/medium.ts';
import { type MemoryLine, memoryLine } from '../board/memory-line.ts';

const LINE: FleetLine = {
  port: undefined,
  baud: 115_200,
  devices: [
    { address: 1, keyHex: KEY.toString('hex'), serial: 1001, inputs: 2, outputs: 2 },
    { address: 2, keyHex: NEW_KEY.toString('hex'), serial: 1002, inputs: 3, outputs: 2 },
  ],
  doors: [{ code: 'D05', reader: 1, relay: 2, output: 0, contact: { address: 2, input: 0 }, exit: { address: 2, input: 1 } }],
  fire: { address: 2, input: 2 },
};
let wire: MemoryLine;
let bus: OsdpBus;
let played: PlayedLine;
let told: Told[];
/** What the panel does about a card or keys. */
let about: (reply: Reply) => void;

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 5000, interval: 5 });
const door = () => {
  const [only] = played.doors;
  if (only === undefined) throw new Error('no door');
  return only;
};
const act = (what: string, more: object = {}): Promise<Record<string, unknown>> => played.act(door(), { act: what, ...more });
const show = (lamp: 'green' | 'red' | 'pin'): void => {
  for (const order of showOrders(lamp)) bus.do({ t: 'act', address: 1, action: { tag: 1, order, until: bus.now() + 1000 } });
};
const open = (): void => {
  bus.do({ t: 'act', address: 2, action: { tag: 2, order: { name: 'OUT', body: [{ output: 0, control: OUTPUT.timedOn, timer: 50 }] }, until: bus.now() + 1000 } });
};
const reports = (): Reply[] => told.flatMap((output) => (output.t === 'report' ? [output.reply] : []));
const inputs = (): unknown[] => reports().flatMap((reply) => (reply.name === 'ISTATR' ? [[...reply.body]] : []));
const up = (): Promise<void> => until(() => expect(told.filter(({ t }) => t === 'up')).toHaveLength(2));

beforeEach(async () => {
  [wire, told, about] = [memoryLine(), [], () => undefined];
  played = new PlayedLine(LINE, wire.device, false);
  played.start();
  bus = new OsdpBus({
    open: wire.panel,
    config: { baud: 115_200, floorMs: 1, adapterMs: 0, random: randomBytes },
    devices: [
      { address: 1, key: KEY },
      { address: 2, key: NEW_KEY },
    ],
    told: (output) => {
      told.push(output);
      if (output.t !== 'report') return;
      about(output.reply);
      bus.do({ t: 'taken', address: output.address });
    },
    port: () => undefined,
  });
  bus.start();
  await up();
});
afterEach(() => {
  bus.stop();
  played.stop();
});

describe('somebody at a door on a serial line', () => {
  test('holds a card to the reader: green, and the lock runs by its own timer', async () => {
    about = ({ name }) => {
      if (name !== 'RAW') return;
      show('green');
      open();
    };
    const { granted, reason, openMs, offline } = await act('tap', { card: '1A2B3C4D' });
    expect([granted, reason, offline]).toEqual([true, 'OK', false]);
    expect(openMs).toBeGreaterThan(4500);
    expect(reports()).toContainEqual(expect.objectContaining({ name: 'RAW', body: expect.objectContaining({ bits: 32, data: Buffer.from('1A2B3C4D', 'hex') }) }));
    expect(played.status(door())).toEqual({ network: true, power: true, contact: 'closed', lock: 'unlocked', queued: 0, list: '' });
  });

  test('sees red over the red that the lamp shows anyway', async () => {
    about = ({ name }) => name === 'RAW' && show('red');
    expect(await act('tap', { card: 'DEADBEEF' })).toMatchObject({ granted: false, reason: undefined, openMs: 0 });
  });

  test('is asked for digits and types them; without any the answer says that a PIN was wanted', async () => {
    about = ({ name }) => {
      if (name === 'RAW') show('pin');
      else if (name === 'KEYPAD') show('green');
    };
    expect(await act('tap', { card: '1A2B3C4D', pin: '1234' })).toMatchObject({ granted: true });
    expect(reports()).toContainEqual(expect.objectContaining({ name: 'KEYPAD', body: expect.objectContaining({ data: Buffer.from('1234\r') }) }));
    expect(await act('tap', { card: '1A2B3C4D' })).toMatchObject({ granted: false, reason: 'PIN_NEEDED' });
    expect(await act('tap', { card: '1A2B3C4D', looks: true })).toEqual({ asks: true, ms: expect.any(Number) });
    expect(await act('type', { pin: '1234' })).toMatchObject({ granted: true });
  });

  test('two people in a row are each shown their own answer', async () => {
    const answers: ('green' | 'red')[] = ['red', 'green'];
    about = ({ name }) => name === 'RAW' && show(answers.shift() ?? 'red');
    const both = await Promise.all([act('tap', { card: 'DEADBEEF' }), act('tap', { card: '1A2B3C4D' })]);
    expect(both.map(({ granted }) => granted)).toEqual([false, true]);
  });

  test('walks away from a reader that shows nothing, and his card is not read when the line is whole again', async () => {
    await act('network', { on: false });
    await expect(act('tap', { card: '1A2B3C4D' })).rejects.toThrow(/showed nothing for two seconds/);
    await act('network', { on: true });
    about = ({ name }) => name === 'RAW' && show('green');
    expect(await act('tap', { card: '00000007' })).toMatchObject({ granted: true });
    expect(reports().flatMap((reply) => (reply.name === 'RAW' ? [Buffer.from(reply.body.data).toString('hex')] : []))).toEqual(['00000007']);
  });

  test('pushes the button, opens and shuts the leaf, and fire comes and goes', async () => {
    await act('push');
    await act('open');
    await until(() => expect(inputs()).toContainEqual([1, 1, 0]));
    await until(() => expect(inputs().at(-1)).toEqual([1, 0, 0])); // the button is let go by itself
    expect(played.status(door())).toMatchObject({ contact: 'open' });
    await act('close');
    await act('fire', { on: true });
    await until(() => expect(inputs().at(-1)).toEqual([0, 0, 1]));
  });

  test('without power nothing is told, and both devices are secure again after it', async () => {
    await act('power', { on: false });
    await expect(act('tap', { card: '1A2B3C4D' })).rejects.toThrow('The door has no power.');
    told.length = 0;
    await act('power', { on: true });
    await up(); // they forgot their session with their power
  });

  test('a card that is none, a button that is not there, a recording: each with its sentence', async () => {
    await expect(act('tap', { card: '12345' })).rejects.toThrow(/A card number has/);
    await expect(act('record', { file: '/tmp/x' })).rejects.toThrow(/no messages to record/);
    const bare = new PlayedLine({ ...LINE, doors: [{ code: 'D06', reader: 1, relay: 2, output: 0, contact: undefined, exit: undefined }], fire: undefined }, wire.device, false);
    const [only] = bare.doors;
    if (only === undefined) throw new Error('no door');
    try {
      await expect(bare.act(only, { act: 'push' })).rejects.toThrow('This door has no exit button.');
      await expect(bare.act(only, { act: 'fire', on: true })).rejects.toThrow('This line has no fire input.');
    } finally {
      bare.stop();
    }
    expect(() => new PlayedLine({ ...LINE, fire: { address: 9, input: 0 } }, wire.device, false)).toThrow('address: expected of a device on the line, got 9');
  });

  test('install takes the key away from the channel: a panel that keeps to its key goes on, one that was told to forget can give another', async () => {
    await act('fault', { fault: 'install' });
    bus.do({ t: 'commission', address: 1, until: bus.now() + 5000 });
    await until(() => expect(told).toContainEqual({ t: 'identity', address: 1, identity: '0db00c01e9030000' }));
  });

  test('noise on the way back costs repeats and loses no card', async () => {
    await act('fault', { fault: 'noise', value: 8 });
    about = ({ name }) => name === 'RAW' && show('green');
    for (let n = 0; n < 3; n += 1) expect(await act('tap', { card: `0000000${n}` })).toMatchObject({ granted: true });
    await act('fault', { fault: 'none' });
    expect(bus.line.counts.badChecks).toBeGreaterThan(0);
  });
});

describe('what is typed', () => {
  test('faults of doors on a serial line, each with the number it takes', async () => {
    expect(requestOf(['fault', 'D05', 'noise', '10'])).toEqual({ act: 'fault', doorCode: 'D05', fault: 'noise', value: 10 });
    expect(requestOf(['fault', 'D05', 'install'])).toEqual({ act: 'fault', doorCode: 'D05', fault: 'install' });
    expect(() => requestOf(['fault', 'D05', 'noise'])).toThrow('noise: expected a whole number from 0 to 1000');
    expect(() => requestOf(['fault', 'D05', 'strip', '1'])).toThrow('strip: expected no number after it');
    await expect(act('fault', { fault: 'drop', value: 3 })).rejects.toThrow('fault: expected one of noise, lost, middle, busy, strip, install, none');
  });
});
