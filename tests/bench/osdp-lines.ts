import { type ChildProcess, fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { OsdpBus } from '../../gateway/serial/bus.ts';
import { type PortOpener, serialPort } from '../../gateway/serial/port.ts';
import { OUTPUT } from '../../gateway/wire/osdp/messages.ts';
import type { FromWire, ToWire } from './osdp-wire.ts';

const SOCAT = '/usr/bin/socat';
/** Are the lines real ports of this system? Otherwise sockets, which cost less. */
export const HAS_PTYS = existsSync(SOCAT);
const PULSE_TENTHS = 600;
const WAIT_MS = 60_000;

/** Where lines and devices are: another process. */
export interface Wire {
  ask<T extends FromWire['t']>(message: ToWire, answer: T): Promise<Extract<FromWire, { t: T }>>;
  /** A port that leads to a new line. */
  line(baud: number, devices: number, key: Buffer): Promise<PortOpener>;
  stop(): Promise<void>;
}

/** A port that is a socket. */
const socketPort =
  (file: string): PortOpener =>
  ({ heard, gone }) =>
    new Promise((resolve, reject) => {
      const socket = connect(file, () => resolve({ write: (bytes) => void socket.write(bytes), close: () => void socket.destroy() }));
      socket.on('data', heard);
      socket.on('error', reject);
      socket.on('close', () => gone(file));
    });

async function appeared(file: string): Promise<void> {
  for (const end = performance.now() + WAIT_MS; !existsSync(file); await sleep(10)) if (performance.now() > end) throw new Error(`${file} did not come`);
}

/** Starts the process of lines and devices. */
export function startWire(): Wire {
  const dir = mkdtempSync(path.join(tmpdir(), 'doorbook-osdp-bench-'));
  const child = fork(fileURLToPath(new URL('./osdp-wire.js', import.meta.url)));
  const relays: ChildProcess[] = [];
  let died = false;
  child.once('exit', () => (died = true));
  const wire: Wire = {
    ask: <T extends FromWire['t']>(message: ToWire, answer: T) =>
      new Promise<Extract<FromWire, { t: T }>>((resolve, reject) => {
        if (died) return reject(new Error('the process of lines and devices is gone'));
        const isIt = (said: FromWire): said is Extract<FromWire, { t: T }> => said.t === answer;
        const ended = (): void => reject(new Error('the process of lines and devices ended'));
        child.once('exit', ended);
        child.once('message', (said: FromWire) => {
          child.off('exit', ended);
          if (isIt(said)) resolve(said);
          else reject(new Error(`expected ${answer}, got ${said.t}`));
        });
        child.send(message);
      }),
    async line(baud, devices, key) {
      const file = path.join(dir, `${relays.length}-${randomBytes(4).toString('hex')}`);
      await wire.ask({ t: 'line', path: file, baud, devices, key: key.toString('hex') }, 'ready');
      if (!HAS_PTYS) return socketPort(file);
      relays.push(spawn(SOCAT, [`pty,raw,echo=0,link=${file}.tty`, `UNIX-CONNECT:${file}`], { stdio: 'ignore' }));
      await appeared(`${file}.tty`);
      return serialPort(`${file}.tty`, baud);
    },
    async stop() {
      const over = [child, ...relays].map((each) => new Promise((resolve) => each.once('exit', resolve)));
      for (const relay of relays) if (relay.exitCode !== null || !relay.kill()) over.pop();
      child.disconnect();
      await Promise.race([Promise.all(over), sleep(1000)]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return wire;
}

/** A panel on a line that opens for every card, at once. Resolves when all its devices are at work. */
export async function panelOn(wire: Wire, { baud, devices, floorMs }: { readonly baud: number; readonly devices: number; readonly floorMs: number }): Promise<OsdpBus> {
  const key = randomBytes(16);
  const open = await wire.line(baud, devices, key);
  let tag = 0;
  const up = new Set<number>();
  const bus = new OsdpBus({
    open,
    config: { baud, floorMs, adapterMs: 0, random: randomBytes },
    devices: Array.from({ length: devices }, (_, address) => ({ address, key })),
    told(output) {
      if (output.t === 'up') up.add(output.address);
      if (output.t === 'down' || output.t === 'alarm') console.error(`  device ${output.address}: ${output.t === 'down' ? output.why : output.what}`);
      if (output.t !== 'report') return;
      const { address, reply } = output;
      if (reply.name === 'RAW') {
        tag += 1;
        const order = { name: 'OUT' as const, body: [{ output: 0, control: OUTPUT.timedOn, timer: PULSE_TENTHS }] };
        bus.do({ t: 'act', address, action: { tag, order, until: bus.now() + 5000 } });
      }
      // As the gateway does: the order first, then the reader may be polled again.
      bus.do({ t: 'taken', address });
    },
    port(isUp, why) {
      if (!isUp) console.error(`  ${why}`);
    },
  });
  bus.start();
  for (const end = performance.now() + WAIT_MS; up.size < devices || bus.line.peers.some(({ asks }) => asks.length > 0); await sleep(20))
    if (performance.now() > end) throw new Error(`only ${up.size} of ${devices} devices came at ${baud}`);
  return bus;
}

/** Milliseconds for one byte through the port and back with nothing on the way that waits: what the bench adds to a whole exchange. */
export async function addedMs(wire: Wire, times: number): Promise<number> {
  const open = await wire.line(115_200, 0, Buffer.alloc(0));
  let back: () => void = () => undefined;
  const port = await open({ heard: () => back(), gone: () => undefined });
  const began = performance.now();
  for (let n = 0; n < times; n += 1) {
    await new Promise<void>((resolve) => {
      back = resolve;
      port.write(Buffer.from([n % 256]));
    });
  }
  port.close();
  return (performance.now() - began) / times;
}
