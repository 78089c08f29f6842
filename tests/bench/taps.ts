import { type ChildProcess, execFile, fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort, startGateway } from '../helpers/gateway-process.ts';
import type { LoadPlan, LoadResult } from './mqtt-load.ts';
import { bounded, median, type Row, share } from './row.ts';
import { type BenchSite, makeSite } from './site.ts';

const here = (name: string): string => path.join(path.dirname(fileURLToPath(import.meta.url)), name);
const DOORS = 50;
const RUNS = 3;
const CALM = { rate: 100, outstanding: 0, seconds: 6 };
const BUSY = { rate: 1000, outstanding: 0, seconds: 6 };
const FLAT_OUT = { rate: 0, outstanding: 200, seconds: 4 };

async function load(port: number, site: BenchSite, shape: { rate: number; outstanding: number; seconds: number }): Promise<LoadResult> {
  const plan: LoadPlan = { port, devices: site.devices, cards: site.cards, ...shape };
  const { stdout } = await promisify(execFile)(process.execPath, [here('mqtt-load.js'), JSON.stringify(plan)], { maxBuffer: 1 << 20 });
  const result: LoadResult = JSON.parse(stdout);
  if (result.answered < result.sent) throw new Error(`${result.sent - result.answered} of ${result.sent} requests were not answered`);
  return result;
}

async function startEcho(): Promise<{ readonly port: number; readonly child: ChildProcess }> {
  const child = fork(here('echo.js'));
  const port = await new Promise<number>((resolve) => child.once('message', (message: { port: number }) => resolve(message.port)));
  return { port, child };
}

/** Tap → durable verdict over MQTT, the whole gateway as a process, against a bare aedes that echoes. Runs alternate. */
export async function tapBench(): Promise<Row[]> {
  const site = await makeSite(DOORS, 400);
  const mqttPort = await freePort();
  const gateway = await startGateway({ data: site.data, env: { MQTT_PORT: String(mqttPort) } });
  const echo = await startEcho();
  const results: Record<'calm' | 'busy' | 'flat', { ours: LoadResult[]; bare: LoadResult[] }> = {
    calm: { ours: [], bare: [] },
    busy: { ours: [], bare: [] },
    flat: { ours: [], bare: [] },
  };
  try {
    for (let run = 0; run < RUNS; run++) {
      for (const [name, shape] of [
        ['calm', CALM],
        ['busy', BUSY],
        ['flat', FLAT_OUT],
      ] as const) {
        results[name].bare.push(await load(echo.port, site, shape));
        results[name].ours.push(await load(mqttPort, site, shape));
      }
    }
  } finally {
    echo.child.kill();
    await gateway.kill('SIGTERM');
    rmSync(site.data, { recursive: true, force: true });
  }
  const middle = (of: readonly LoadResult[], figure: 'p50' | 'p99' | 'perSecond'): number => median(of.map((result) => result[figure]));
  type Both = { readonly ours: readonly LoadResult[]; readonly bare: readonly LoadResult[] };
  const both = (of: Both, figure: 'p50' | 'p99' | 'perSecond') => ({ ours: middle(of.ours, figure), bare: middle(of.bare, figure) });
  const { calm, busy, flat } = results;
  return [
    bounded('tap → durable verdict, 100/s, p50', both(calm, 'p50'), 3, 'ms'),
    bounded('tap → durable verdict, 1,000/s, p50', both(busy, 'p50'), 2, 'ms'),
    bounded('tap → durable verdict, 1,000/s, p99', both(busy, 'p99'), 25, 'ms'),
    share('taps, 200 outstanding', both(flat, 'perSecond'), 0.3, 'taps/s'),
  ];
}
