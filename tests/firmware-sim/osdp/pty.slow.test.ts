import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { OsdpBus, type Told } from '../../../gateway/serial/bus.ts';
import { createPeripheral } from '../../../firmware-sim/osdp/peripheral-model.ts';
import { PlayedPeripheral } from '../../../firmware-sim/osdp/play.ts';
import { serialPort } from '../../../gateway/serial/port.ts';
import { OUTPUT } from '../../../gateway/wire/osdp/messages.ts';
import { KEY } from '../../wire/osdp/medium.ts';
import { NO_SOCAT, type PtyPair, ptyPair } from './pty.ts';

const BAUD = 38_400;
let pty: PtyPair;
let bus: OsdpBus;
let played: PlayedPeripheral;
let told: Told[] = [];
let ports: (readonly [boolean, string])[] = [];
const said: string[] = [];

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 8000, interval: 10 });
const of = <T extends Told['t']>(kind: T): Extract<Told, { t: T }>[] => told.filter((output): output is Extract<Told, { t: T }> => output.t === kind);

function busOn(path: string): OsdpBus {
  return new OsdpBus({
    open: serialPort(path, BAUD),
    config: { baud: BAUD, floorMs: 10, adapterMs: 16, random: randomBytes },
    devices: [{ address: 1, key: KEY }],
    told: (output) => {
      told.push(output);
      if (output.t === 'report') bus.do({ t: 'taken', address: output.address });
    },
    port: (up, why) => void ports.push([up, why]),
  });
}

beforeEach(async (context) => {
  if (NO_SOCAT !== undefined) return context.skip(NO_SOCAT);
  pty = await ptyPair();
  [told, ports] = [[], []];
  played = new PlayedPeripheral(createPeripheral({ address: 1, key: KEY, mode: 'full', serial: 1, random: randomBytes }), (line) => void said.push(line));
  await played.start(serialPort(pty.b, BAUD), () => undefined);
  bus = busOn(pty.a);
  bus.start();
});
afterEach(async () => {
  if (NO_SOCAT !== undefined) return;
  bus.stop();
  played.stop();
  await pty.stop();
});

test('over real ptys a device is secure, shows its card, and drives its output', async () => {
  await until(() => expect(of('up')).toHaveLength(1));
  played.act('card 32 1a2b3c4d');
  await until(() => expect(of('report').map(({ reply }) => reply)).toContainEqual(expect.objectContaining({ name: 'RAW', body: expect.objectContaining({ bits: 32 }) })));
  bus.do({ t: 'act', address: 1, action: { tag: 7, order: { name: 'OUT', body: [{ output: 0, control: OUTPUT.timedOn, timer: 5 }] }, until: bus.now() + 1000 } });
  await until(() => expect(of('done')).toMatchObject([{ tag: 7, result: 'ok' }]));
  expect(played.state().outputs).toEqual([true, false]);
  await until(() => expect(played.state().outputs).toEqual([false, false]));
  expect(ports).toEqual([[true, '']]);
  expect(said.join()).not.toContain(KEY.toString('hex'));
});

test('after its power went the device is back within two seconds', async () => {
  await until(() => expect(of('up')).toHaveLength(1));
  played.act('power off');
  await new Promise((resolve) => setTimeout(resolve, 500));
  const back = performance.now();
  played.act('power on');
  await until(() => expect(of('up')).toHaveLength(2));
  expect(performance.now() - back).toBeLessThan(2000);
});

test('with noise, lost frames and somebody bending them, cards still come, each once', async () => {
  await until(() => expect(of('up')).toHaveLength(1));
  for (const line of ['noise 15', 'lost 15', 'middle 60', 'busy 2']) played.act(line);
  for (let n = 0; n < 8; n += 1) {
    played.act(`card 8 0${n}`);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  for (const line of ['noise 0', 'lost 0', 'middle 0']) played.act(line);
  const seen = (): number[] => of('report').flatMap(({ reply }) => (reply.name === 'RAW' ? [...reply.body.data] : []));
  await until(() => expect(seen().length).toBeGreaterThanOrEqual(8 - of('alarm').length));
  expect([...new Set(seen())]).toEqual(seen());
});

test('an adapter that is pulled out is told once, and the device is at work again when it is back', async () => {
  await until(() => expect(of('up')).toHaveLength(1));
  played.stop();
  await pty.pull();
  await until(() => expect(of('down')).toMatchObject([{ why: 'port' }]));
  expect(ports[1]).toEqual([false, expect.stringContaining('The port is gone')]);
  await until(() => expect(ports.at(-1)).toEqual([false, expect.stringContaining('There is no such port')]));
  await pty.plug();
  played = new PlayedPeripheral(createPeripheral({ address: 1, key: KEY, mode: 'full', serial: 1, random: randomBytes }), (line) => void said.push(line));
  await played.start(serialPort(pty.b, BAUD), () => undefined);
  await until(() => expect(of('up')).toHaveLength(2));
  expect(ports.map(([up]) => up)).toEqual([true, false, false, true]);
});

test('a port somebody else has, or that is none, is refused by its name', async () => {
  const none = { heard: () => undefined, gone: () => undefined };
  await expect(serialPort(pty.b, BAUD)(none)).rejects.toThrow('In use by another program');
  await expect(serialPort('/dev/null', BAUD)(none)).rejects.toThrow('/dev/null: ');
});

test('a port that is not there is told once, and found when it comes', async () => {
  const lost = busOn(`${pty.a}-later`);
  try {
    lost.start();
    // The other line of this file may come and go meanwhile.
    const told = (): string[] => ports.flatMap(([up, why]) => (!up && why.includes('-later') ? [why] : []));
    await until(() => expect(told()).toEqual([expect.stringContaining('There is no such port')]));
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(told()).toHaveLength(1);
  } finally {
    lost.stop();
  }
});
