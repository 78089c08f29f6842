import { setTimeout as sleep } from 'node:timers/promises';
import { LightDevice } from '../../firmware-sim/light-device.ts';
import { jittered } from '../../firmware-sim/back-off.ts';
import { tapLoad } from './tap-load.ts';
import { bounded, type Row } from './row.ts';
import type { Served } from './servers.ts';
import type { BenchDistrict } from './site.ts';

const LOOK_MS = 20;
const PATIENCE_MS = 120_000;
const TAPPERS = 50;
const CALM = { rate: 100, outstanding: 0 };
const NOBODY = { up: () => undefined, lost: () => undefined, answered: () => undefined };

/** A device that was offline for long hands everything over, while people tap at other doors. */
export async function storedEventsBench(
  served: Served,
  district: BenchDistrict,
  { events, seconds: lasting }: { readonly events: number; readonly seconds: number },
): Promise<Row[]> {
  const [own, ...others] = district.devices;
  if (own === undefined) throw new Error('no controllers');
  const device = new LightDevice({ mqtt: served.plain, device: own, backoff: jittered(Math.random), events: NOBODY });
  const tapping = tapLoad(served.plain.port, { devices: others.slice(0, TAPPERS), cards: district.cards }, { ...CALM, seconds: lasting });
  await sleep(1500);
  device.start(200);
  for (let at = 0; at < events; at += 1) device.feed({ t: 'exit', door: 1 });
  const stored = device.queued;
  while (!device.connected) await sleep(LOOK_MS);
  const began = performance.now();
  while (device.queued > 0 && performance.now() - began < PATIENCE_MS) await sleep(LOOK_MS);
  const seconds = (performance.now() - began) / 1000;
  const left = device.queued;
  device.stop();
  const { p99 } = await tapping;
  if (left > 0 || stored < events) throw new Error(`${left} of ${stored} stored events were not taken in ${seconds} s`);
  return [
    bounded(`${stored.toLocaleString('en')} stored events handed over`, { ours: seconds }, 10, 's'),
    bounded('tap → durable verdict meanwhile, 100/s, p99', { ours: p99 }, 50, 'ms'),
  ];
}
