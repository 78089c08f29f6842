import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { LightDevice } from '../../firmware-sim/light-device.ts';
import type { Answer } from '../../firmware-sim/model.ts';
import { bounded, type Row } from './row.ts';
import type { BenchDistrict } from './site.ts';
import { type Crowd, gather } from './storm.ts';
import type { Served } from './servers.ts';

const LOOK_MS = 20;
/** A person holds the card there again after so long; not all at the same moment. */
const AGAIN_MS = 200;
const PATIENCE_MS = 60_000;
/** Card answers are told apart from those of other taps by the door alone: nobody else taps here. */
type Lamps = Map<LightDevice, (answer: Answer) => void>;

async function until(what: string, test: () => boolean): Promise<void> {
  for (let waited = 0; !test(); waited += LOOK_MS) {
    if (waited > PATIENCE_MS) throw new Error(`never: ${what}`);
    await sleep(LOOK_MS);
  }
}

function tapOnce(lamps: Lamps, device: LightDevice, card: string): Promise<Answer> {
  return new Promise((resolve) => {
    lamps.set(device, resolve);
    device.tap({ w: 32, x: card });
  });
}

/** Taps until a refusal; when it came, monotonic ms. */
async function untilRefused(lamps: Lamps, device: LightDevice, card: string): Promise<number> {
  await sleep(Math.random() * AGAIN_MS);
  for (;;) {
    const { granted } = await tapOnce(lamps, device, card);
    if (!granted) return performance.now();
    await sleep(AGAIN_MS);
  }
}

/** Takes a credential away as another program would, by the register's file alone: the gateway hears of it at its next look. Done and on disk when it returns. */
function revoke(data: string): void {
  const register = new Database(join(data, 'register.sqlite'));
  try {
    register.pragma('busy_timeout = 5000');
    register.prepare(`UPDATE "Credential" SET "status" = 'revoked' WHERE "id" = (SELECT MIN("id") FROM "Credential")`).run();
  } finally {
    register.close();
  }
}

const at = (sorted: readonly number[], share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

/** A crowd that tells the lamp of each tap to whoever waits for it. */
export function gatherTappers(served: Served, { devices }: BenchDistrict, pauses: number): { readonly crowd: Crowd; readonly lamps: Lamps } {
  const lamps: Lamps = new Map();
  return { lamps, crowd: gather(served.plain, { devices, pauses, answered: (device, answer) => lamps.get(device)?.(answer) }) };
}

/** One credential taken away at many doors while all are connected: until each refuses, and until each holds a list without it. */
export async function revokeBench({ crowd, lamps }: ReturnType<typeof gatherTappers>, district: BenchDistrict): Promise<Row[]> {
  const doors = crowd.devices.slice(0, district.roamed);
  await until('every door holds a list', () => doors.every(({ list }) => list !== ''));
  for (const door of doors) {
    const { granted, reason } = await tapOnce(lamps, door, district.roamer);
    if (!granted) throw new Error(`the card that is to be revoked is refused already: ${reason}`);
  }
  const lists = new Map(doors.map((door) => [door, door.list]));
  revoke(district.data);
  const confirmed = performance.now();
  const refused = Promise.all(doors.map((door) => untilRefused(lamps, door, district.roamer)));
  await until('every door holds a newer list', () => doors.every((door) => door.list !== lists.get(door)));
  const listed = (performance.now() - confirmed) / 1000;
  const waits = (await refused).map((when) => when - confirmed).sort((a, b) => a - b);
  return [
    bounded(`card revoked at ${doors.length} doors → refused, p50`, { ours: at(waits, 0.5) }, 1000, 'ms'),
    bounded(`card revoked at ${doors.length} doors → refused, p99`, { ours: at(waits, 0.99) }, 1000, 'ms'),
    bounded(`card revoked at ${doors.length} doors → every list without it`, { ours: listed }, 5, 's'),
  ];
}
