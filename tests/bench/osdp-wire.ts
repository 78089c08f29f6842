import { createServer } from 'node:net';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPeripheral, holdCard } from '../../firmware-sim/osdp/peripheral-model.ts';
import { seeded } from '../../firmware-sim/random.ts';
import { PacedLine, type Traffic } from './osdp-paced.ts';

/** A process of its own: lines at their speed with all their devices, and people with cards. The panel is elsewhere. */
export type ToWire =
  /** A new line behind a socket; devices have the addresses from 0 on, and one key. `device`s 0: gives bytes back at once. */
  | { readonly t: 'line'; readonly path: string; readonly baud: number; readonly devices: number; readonly key: string }
  /** What goes over all lines in so many ms. */
  | { readonly t: 'watch'; readonly ms: number }
  /** Cards, one after another, at random readers of the newest line, with pauses of `settleMs` and up to `pauseMs` more; no more after `ms`. */
  | { readonly t: 'cards'; readonly count: number; readonly settleMs: number; readonly pauseMs: number; readonly ms: number };

/** What was measured. */
export type FromWire =
  | { readonly t: 'ready' }
  | { readonly t: 'watched'; readonly ms: number; readonly traffic: Traffic; readonly lateMs: number; readonly worstLateMs: number }
  /** From a card to the output of its device, ms. */
  | { readonly t: 'pulled'; readonly latencies: readonly number[] };

/** A card that opened nothing in this time is an error, ms. */
const LOST_MS = 10_000;
/** Timers are this coarse, ms: what is due sooner is waited for awake. */
const COARSE_MS = 2;
/** Below this the process does not wait at all, so that a line at 115,200 has its speed. */
const LOOK_MS = 1;

const lines: PacedLine[] = [];
const chance = seeded(6);
const lateness = { sum: 0, count: 0, worst: 0 };
const late = (ms: number): void => {
  lateness.sum += ms;
  lateness.count += 1;
  lateness.worst = Math.max(lateness.worst, ms);
};
const say = (message: FromWire): void => void process.send?.(message);

let isAwake = false;
/** Runs what is due, and stays awake while something is due soon. */
function turn(): void {
  isAwake = false;
  for (const line of lines) line.run(performance.now(), late);
  wake();
}
function wake(): void {
  if (isAwake) return;
  const wait = Math.min(...lines.map(({ dueAt }) => dueAt)) - performance.now();
  if (!Number.isFinite(wait)) return;
  isAwake = true;
  if (wait > COARSE_MS && lines.length === 1) setTimeout(turn, wait - LOOK_MS);
  else setImmediate(turn);
}

function open({ path, baud, devices, key }: Extract<ToWire, { t: 'line' }>): void {
  const all = Array.from({ length: devices }, (_, address) =>
    createPeripheral({ address, key: Buffer.from(key, 'hex'), mode: 'full', serial: address + 1, outputs: 1, random: randomBytes }),
  );
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    if (devices === 0) return void socket.pipe(socket);
    const line = new PacedLine(baud, all, (bytes) => void socket.write(bytes));
    lines.push(line);
    socket.on('data', (bytes) => {
      line.heard(bytes, performance.now());
      wake();
    });
    socket.on('close', () => void lines.splice(lines.indexOf(line), 1));
    socket.on('error', () => socket.destroy());
  });
  server.listen(path, () => say({ t: 'ready' }));
}

function takeAll(): Traffic {
  const all = lines.map((line) => line.takeTraffic());
  const sum = (of: keyof Traffic): number => all.reduce((total, each) => total + each[of], 0);
  return { wireMs: sum('wireMs'), polls: sum('polls'), exchanges: sum('exchanges') };
}

async function watch(ms: number): Promise<void> {
  takeAll();
  Object.assign(lateness, { sum: 0, count: 0, worst: 0 });
  const began = performance.now();
  await sleep(ms);
  const traffic = takeAll();
  say({ t: 'watched', ms: performance.now() - began, traffic, lateMs: lateness.sum / Math.max(1, lateness.count), worstLateMs: lateness.worst });
}

/** A card at a reader; how long until its output is on. */
async function oneCard(line: PacedLine): Promise<number> {
  const device = line.devices[Math.floor(chance() * line.devices.length)]?.peripheral;
  if (device === undefined) throw new Error('a line without devices has no readers');
  const [before = 0] = device.driven;
  const held = performance.now();
  holdCard(device, 32, '1a2b3c4d');
  while ((device.driven[0] ?? 0) === before) {
    if (performance.now() - held > LOST_MS) throw new Error(`a card at ${device.address} opened nothing`);
    await sleep(LOOK_MS);
  }
  // Switched on for a minute from that moment, which is told by when it ends.
  return (device.outputs[0] ?? 0) - PULSE_MS - held;
}
/** What the panel tells outputs to do, ms. */
const PULSE_MS = 60_000;

async function cards({ count, settleMs, pauseMs, ms }: Extract<ToWire, { t: 'cards' }>): Promise<void> {
  const line = lines.at(-1);
  if (line === undefined) throw new Error('no line');
  const latencies: number[] = [];
  for (const end = performance.now() + ms; latencies.length < count && performance.now() < end; ) {
    await sleep(settleMs + chance() * pauseMs);
    latencies.push(await oneCard(line));
  }
  say({ t: 'pulled', latencies });
}

process.on('message', (message: ToWire) => {
  if (message.t === 'line') open(message);
  else if (message.t === 'watch') void watch(message.ms);
  else void cards(message);
});
process.on('disconnect', () => process.exit(0));
