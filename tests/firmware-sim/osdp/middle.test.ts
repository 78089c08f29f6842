import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { bend } from '../../../firmware-sim/osdp/relay-command.ts';
import { createMiddle, type Middle, passOn } from '../../../firmware-sim/osdp/middle.ts';
import { createPeripheral } from '../../../firmware-sim/osdp/peripheral-model.ts';
import { PlayedPeripheral } from '../../../firmware-sim/osdp/play.ts';
import { OsdpBus, type Told } from '../../../gateway/serial/bus.ts';
import type { Port } from '../../../gateway/serial/port.ts';
import { encodeFrame, FrameReader } from '../../../gateway/wire/osdp/frame.ts';
import { readReply, writeCommand, writeReply } from '../../../gateway/wire/osdp/messages.ts';
import { KEY } from '../../wire/osdp/medium.ts';
import { memoryLine } from '../board/memory-line.ts';

let middle: Middle;
let bus: OsdpBus;
let played: PlayedPeripheral;
let told: Told[];
/** Code and security block of each frame that reached the device. */
let reached: { readonly code: number; readonly block: number | undefined; readonly data: Buffer }[];
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 5000, interval: 5 });
const of = <T extends Told['t']>(kind: T): Extract<Told, { t: T }>[] => told.filter((output): output is Extract<Told, { t: T }> => output.t === kind);
const cards = (): string[] => of('report').flatMap(({ reply }) => (reply.name === 'RAW' ? [Buffer.from(reply.body.data).toString('hex')] : []));

beforeEach(async () => {
  // What is still on its way from the test before is not of this one.
  const mine = createMiddle();
  const came: typeof reached = [];
  const heardOf: Told[] = [];
  [middle, told, reached] = [mine, heardOf, came];
  const [near, far] = [memoryLine(), memoryLine()];
  const ends: { panel?: Port; device?: Port } = {};
  const reader = new FrameReader();
  const pass = (from: 'panel' | 'device') => (bytes: Uint8Array) => {
    const { toPanel, toDevice } = passOn(mine, from, bytes);
    for (const each of toPanel) ends.panel?.write(each);
    for (const each of toDevice) {
      for (const heard of reader.push(each))
        if (heard.t === 'frame') came.push({ code: heard.frame.code, block: heard.frame.block?.type, data: Buffer.from(heard.frame.block?.data ?? []) });
      ends.device?.write(each);
    }
  };
  ends.panel = await near.device({ heard: pass('panel'), gone: () => undefined });
  ends.device = await far.panel({ heard: pass('device'), gone: () => undefined });
  played = new PlayedPeripheral(createPeripheral({ address: 1, key: KEY, mode: 'full', serial: 1, random: randomBytes }), () => undefined);
  await played.start(far.device, () => undefined);
  bus = new OsdpBus({
    open: near.panel,
    config: { baud: 115_200, floorMs: 2, adapterMs: 0, random: randomBytes },
    devices: [{ address: 1, key: KEY }],
    told: (output) => {
      heardOf.push(output);
      if (output.t === 'report') bus.do({ t: 'taken', address: output.address });
    },
    port: () => undefined,
  });
});
afterEach(() => {
  bus.stop();
  played.stop();
});
const type = (line: string): void => bend(middle, line, () => undefined);

describe('somebody in the middle of a line', () => {
  test('who only listens changes nothing, and sees no key', async () => {
    bus.start();
    await until(() => expect(of('up')).toHaveLength(1));
    played.act('card 32 1a2b3c4d');
    await until(() => expect(cards()).toEqual(['1a2b3c4d']));
    expect(middle.seen).toEqual([]);
  });

  test('who puts a card in clear on the line is told of, and no card is read; the device is back at once', async () => {
    bus.start();
    await until(() => expect(of('up')).toHaveLength(1));
    type('card 32 deadbeef');
    await until(() => expect(of('alarm')).toMatchObject([{ what: 'clear-reply' }]));
    played.act('card 32 1a2b3c4d');
    await until(() => expect(cards()).toEqual(['1a2b3c4d']));
  });

  test('who says in its name that it has no key is given none: not the public one, not its own', async () => {
    type('nak5 on');
    bus.start();
    await until(() => expect(of('alarm')).toMatchObject([{ what: 'key-refused' }]));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([of('up'), reached, middle.seen]).toEqual([[], [], []]);
    type('nak5 off');
    await until(() => expect(of('up')).toHaveLength(1));
    expect(reached.filter(({ block, data }) => block === 0x11 && data[0] === 0)).toEqual([]);
  });

  test('who lets nothing through has a silent device; afterwards it is secure again', async () => {
    bus.start();
    await until(() => expect(of('up')).toHaveLength(1));
    type('silent on');
    await until(() => expect(of('quality')).toContainEqual(expect.objectContaining({ state: 'degraded' })));
    type('silent off');
    await until(() => expect(of('quality').at(-1)).toMatchObject({ state: 'good' }));
  });

  test('takes security out of what a device says in clear it can do, and writes down a key that goes by in clear', () => {
    type('strip on');
    const said = writeReply('PDCAP', [
      { function: 8, level: 1, count: 0 },
      { function: 9, level: 1, count: 1 },
      { function: 3, level: 1, count: 0 },
    ]);
    const [frame] = passOn(middle, 'device', encodeFrame({ address: 1, reply: true, sequence: 1, crc: true, ...said })).toPanel;
    const [heard] = new FrameReader().push(frame ?? new Uint8Array());
    expect(heard?.t === 'frame' && readReply(heard.frame)).toEqual({ name: 'PDCAP', body: [{ function: 3, level: 1, count: 0 }] });
    const keyset = writeCommand('KEYSET', { kind: 1, length: 16, data: KEY });
    expect(passOn(middle, 'panel', encodeFrame({ address: 1, reply: false, sequence: 2, crc: true, ...keyset })).toDevice).toHaveLength(1);
    expect(middle.seen).toEqual([KEY.toString('hex')]);
  });

  test.each([
    ['strip', 'strip: expected on or off'],
    ['card 32 1a2b', 'card: expected its bits (1 to 256), and two hex digits for each eight of them'],
    ['dance', 'line: expected one of: strip on|off'],
  ])('typed wrong: %s', (line, expected) => {
    expect(() => type(line)).toThrow(expected);
  });
});
