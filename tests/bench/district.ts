import { spawn } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { checkCharacter } from '../../gateway/core/citizen-id.ts';
import { freePort, type GatewayProcess, startGateway } from '../helpers/gateway-process.ts';
import { plainCopy } from './district-plain.ts';
import { bounded, type Row, share } from './row.ts';
import { type BenchSite, makeSite } from './site.ts';
import { tapLoad } from './tap-load.ts';

/** The district of domain.md 1.11; smaller ones keep its shares. */
export const WHOLE_DISTRICT = 1_140_000;
const [UNITS_A_PERSON, CARDS_A_PERSON] = [443_000 / WHOLE_DISTRICT, 1_500_000 / WHOLE_DISTRICT];
const [FLOORS, ROOMS] = [6, 6];
const HOMES = FLOORS * ROOMS;
const TAPS_A_SECOND = 50;
const WINDOW_S = 5;
const READS = 400;
const PROGRAM = fileURLToPath(new URL('../../gateway/doorbook.js', import.meta.url));
const two = (n: number): string => String(n).padStart(2, '0');

/** An invented person: number of the unallocated province 89, one home, one card or two. */
function personLine(at: number): string {
  const unit = Math.floor(at * UNITS_A_PERSON);
  const building = Math.floor(unit / HOMES);
  const room = unit % HOMES;
  const code = `890101${String(2 + Math.floor(building / 1000)).padStart(3, '0')}001B${String(1 + (building % 1000)).padStart(5, '0')}`;
  const day = Math.floor(at / 1000);
  const body = `890101${1950 + (Math.floor(day / 336) % 50)}${two(1 + (Math.floor(day / 28) % 12))}${two(1 + (day % 28))}${String(at % 1000).padStart(3, '0')}`;
  const card = (serial: number): string => (0x20000000 + serial * 2001).toString(16).toUpperCase();
  const first = Math.floor(at * CARDS_A_PERSON);
  const cards = Math.floor((at + 1) * CARDS_A_PERSON) - first > 1 ? `${card(first)};${card(first + 1)}` : card(first);
  return `测试${at},居民身份证,${body}${checkCharacter(body)},120${String(at).padStart(8, '0')},${code}-${two(1 + Math.floor(room / ROOMS))}${two(1 + (room % ROOMS))},2026-03-01,2027-02-28,${cards}`;
}

function writeDistrict(file: string, people: number): void {
  const out = openSync(file, 'w');
  writeSync(out, '姓名,证件类型,证件号码,手机号,房号,起租日期,退租日期,卡号\n');
  for (let at = 0; at < people; at += 5000) {
    const lines = Array.from({ length: Math.min(5000, people - at) }, (_, more) => personLine(at + more));
    writeSync(out, `${lines.join('\n')}\n`);
  }
  closeSync(out);
}

/** Runs the command as an operator does; resolves with its seconds. */
function bringIn(data: string, file: string): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, [PROGRAM, 'import-district', file, '--make-buildings', '--lang', 'en'], {
    env: { ...process.env, DOORBOOK_DATA: data },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    said.push(line);
    console.error(`  ${line}`);
  });
  child.stderr.on('data', (part: Buffer) => said.push(String(part)));
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => (code === 0 ? resolve((performance.now() - began) / 1000) : reject(new Error(`import-district: ${said.join('\n')}`))));
  });
}

/** Taps until told to stop; the worst p99 of windows of five seconds. */
function tapping(port: number, site: BenchSite): { stop(): Promise<number> } {
  let on = true;
  const worst = (async () => {
    let p99 = 0;
    while (on) p99 = Math.max(p99, (await tapLoad(port, site, { rate: TAPS_A_SECOND, outstanding: 0, seconds: WINDOW_S })).p99);
    return p99;
  })();
  worst.catch(() => undefined);
  return {
    stop() {
      on = false;
      return worst;
    },
  };
}

/** What a desk asks for all day, of homes here and there; the time under which 95 of 100 stay, ms. */
async function reads(gateway: GatewayProcess): Promise<number> {
  const buildings = await gateway.api<{ id: number }[]>('/buildings');
  const times: number[] = [];
  for (let at = 0; at < READS; at += 1) {
    const building = `/buildings/${buildings[Math.floor((at * buildings.length) / READS)]?.id ?? 0}`;
    const asked = [building, `${building}/floors?from=1&to=${FLOORS}&perFloor=${ROOMS}`, `${building}/lockdowns`, '/door-alarms/count'];
    const where = asked[at % asked.length] ?? building;
    const began = performance.now();
    await gateway.api(where);
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[Math.floor(READS * 0.95)] ?? Number.NaN;
}

/**
 * A district comes in by one command while doors go on: against the same rows put into an empty register of the same
 * schema by prepared statements and nothing else.
 */
export async function districtBench(people: number): Promise<Row[]> {
  const site = await makeSite(50, 400);
  const file = path.join(site.data, 'district.csv');
  writeDistrict(file, people);
  const port = await freePort();
  const gateway = await startGateway({ data: site.data, env: { MQTT_PORT: String(port) } });
  try {
    const taps = tapping(port, site);
    const seconds = await bringIn(site.data, file);
    const p99 = await taps.stop();
    const read = await reads(gateway);
    await gateway.kill('SIGTERM');
    const plain = plainCopy(path.join(site.data, 'register.sqlite'), path.join(site.data, 'plain.sqlite'));
    const name = `district of ${people.toLocaleString('en')} people`;
    return [
      share(`${name}, imported, people a second`, { ours: people / seconds, bare: people / plain }, 0.7, '/s'),
      bounded(`${name}, a tap meanwhile, p99 of the worst five seconds`, { ours: p99 }, 50, 'ms'),
      bounded(`${name}, an ordinary read after it, p95`, { ours: read }, 50, 'ms'),
    ];
  } finally {
    await gateway.kill('SIGKILL');
    rmSync(site.data, { recursive: true, force: true });
  }
}
