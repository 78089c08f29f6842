import { rmSync } from 'node:fs';
import { freePort, startGateway } from '../helpers/gateway-process.ts';
import type { LoadResult } from './mqtt-load.ts';
import { bounded, median, type Row, share } from './row.ts';
import { startBare } from './servers.ts';
import { makeSite } from './site.ts';
import { tapLoad } from './tap-load.ts';

const DOORS = 50;
const RUNS = 3;
const CALM = { rate: 100, outstanding: 0, seconds: 6 };
const BUSY = { rate: 1000, outstanding: 0, seconds: 6 };
const FLAT_OUT = { rate: 0, outstanding: 200, seconds: 4 };

/** Tap → durable verdict over MQTT, the whole gateway as a process, against a bare aedes that echoes. Runs alternate. */
export async function tapBench(): Promise<Row[]> {
  const site = await makeSite(DOORS, 400);
  const mqttPort = await freePort();
  const gateway = await startGateway({ data: site.data, env: { MQTT_PORT: String(mqttPort) } });
  const bare = await startBare();
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
        results[name].bare.push(await tapLoad(bare.plain.port, site, shape));
        results[name].ours.push(await tapLoad(mqttPort, site, shape));
      }
    }
  } finally {
    await bare.stop();
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
