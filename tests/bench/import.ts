import { rmSync } from 'node:fs';
import { checkCharacter } from '../../gateway/core/citizen-id.ts';
import { freePort, type GatewayProcess, startGateway } from '../helpers/gateway-process.ts';
import type { LoadResult } from './mqtt-load.ts';
import { bounded, type Row } from './row.ts';
import { type BenchSite, makeSite } from './site.ts';
import { tapLoad } from './tap-load.ts';

const ROWS = 10_000;
const TAPS_A_SECOND = 200;

/** A roster of invented people: every row a person of the unallocated province 89 with a home, a date and a card. */
function roster(rows: number): string {
  const lines = ['姓名,证件类型,证件号码,手机号,房号,起租日期,退租日期,卡号'];
  for (let at = 0; at < rows; at++) {
    const day = 1 + (at % 28);
    const body = `890101${1960 + (at % 40)}${String(1 + (at % 12)).padStart(2, '0')}${String(day).padStart(2, '0')}${String(at % 1000).padStart(3, '0')}`;
    const room = `${String(1 + (Math.floor(at / 90) % 60)).padStart(2, '0')}${String(1 + (at % 90)).padStart(2, '0')}`;
    const card = (0x20000000 + at * 104_729).toString(16).toUpperCase();
    lines.push(`测试${at},居民身份证,${body}${checkCharacter(body)},120${String(at).padStart(8, '0')},${room},2026-03-${String(day).padStart(2, '0')},2027-03-01,${card}`);
  }
  return `${lines.join('\n')}\n`;
}

const tapping = (port: number, site: BenchSite, seconds: number): Promise<LoadResult> => tapLoad(port, site, { rate: TAPS_A_SECOND, outstanding: 0, seconds });

async function bringIn(gateway: GatewayProcess, file: string): Promise<number> {
  const [building] = await gateway.api<{ id: number }[]>('/buildings');
  const began = performance.now();
  const preview = await gateway.api<{ id: number; good: number; bad: number }>(`/imports?building=${building?.id ?? 0}&name=bench.csv`, {
    method: 'POST',
    body: file,
    headers: { 'content-type': 'text/csv' },
  });
  const applied = await gateway.api<{ people: number }>(`/imports/${preview.id}/apply`, {
    method: 'POST',
    body: JSON.stringify({ goodRowsOnly: true, attested: true }),
    headers: { 'content-type': 'application/json' },
  });
  if (applied.people < ROWS * 0.98) throw new Error(`only ${applied.people} people came in`);
  return (performance.now() - began) / 1000;
}

/** Importing 10,000 rows through the API, and what it costs taps meanwhile against taps with nothing else going on. */
export async function importBench(): Promise<Row[]> {
  const site = await makeSite(50, 400);
  const port = await freePort();
  const gateway = await startGateway({ data: site.data, env: { MQTT_PORT: String(port) } });
  try {
    const quiet = await tapping(port, site, 8);
    const meanwhile = tapping(port, site, 8);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const seconds = await bringIn(gateway, roster(ROWS));
    const busy = await meanwhile;
    return [
      bounded('import 10,000 rows, preview and apply', { ours: seconds }, 10, 's'),
      bounded('delay of a tap while importing, p99', { ours: Math.max(0, busy.p99 - quiet.p99) }, 20, 'ms'),
    ];
  } finally {
    await gateway.kill('SIGTERM');
    rmSync(site.data, { recursive: true, force: true });
  }
}
