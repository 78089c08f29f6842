import { resolve } from 'node:path';
import { FieldError } from '../gateway/wire/fields.ts';
import { type CrowdFile, readCrowd } from './crowd-file.ts';
import { type FleetFigures, type LoadFleet, startLoadFleet } from './load-fleet.ts';
import { wordsOf } from './options.ts';
import { seeded } from './random.ts';

/** How to use it. */
export const FLEET_HELP = 'npm run sim -- fleet --data DIR [--controllers N] [--rate TAPS_A_SECOND] [--seconds S] [--tls] [--host H] [--port P] [--seed N]';

const SECOND_MS = 1000;
/** First attempts are spread so that each has this long, ms: what a gateway on two cores takes easily. */
const APART_MS = { plain: 2, tls: 5 } as const;
const DAY_S = 86_400;

interface FleetWish {
  readonly crowd: CrowdFile;
  readonly mqtt: { readonly host: string; readonly port: number; readonly pin: string | undefined };
  readonly rate: number;
  readonly seconds: number;
  readonly seed: number;
}

/** Reads the words after `fleet`. Throws FieldError naming the option, or a sentence for a person. */
export function readFleetWish(args: readonly string[]): FleetWish {
  const words = wordsOf(args, { values: ['data', 'controllers', 'rate', 'seconds', 'host', 'port', 'seed'], flags: ['tls'] });
  const [extra] = words.plain;
  if (extra !== undefined) throw new FieldError('fleet', `options alone, got ${extra}. ${FLEET_HELP}`);
  const data = words.text('data');
  if (data === undefined) throw new FieldError('--data', `the data directory the gateway runs on. ${FLEET_HELP}`);
  const whole = readCrowd(resolve(data));
  const controllers = words.number('controllers', [1, whole.devices.length]) ?? whole.devices.length;
  const tls = words.has('tls');
  return {
    crowd: { ...whole, devices: whole.devices.slice(0, controllers) },
    mqtt: { host: words.text('host') ?? whole.host, port: words.number('port', [1, 65_535]) ?? (tls ? whole.securePort : whole.port), pin: tls ? whole.pin : undefined },
    rate: words.number('rate', [0, 100_000]) ?? 0,
    seconds: words.number('seconds', [1, DAY_S]) ?? Number.POSITIVE_INFINITY,
    seed: words.number('seed', [0, 2 ** 32 - 1]) ?? 1,
  };
}

const COLUMNS = ['秒 s', '在线 connected', '刷卡 taps/s', '按时答 in time', '拒绝 refused', '门自断 local', '断线 lost', 'p50 ms', 'p99 ms'] as const;
/** Chinese letters are two wide. */
const widthOf = (text: string): number => [...text].reduce((sum, letter) => sum + (letter > '\u2e80' ? 2 : 1), 0);
const cell = (text: string, column: string): string => `${' '.repeat(Math.max(0, widthOf(column) - widthOf(text)))}${text}`;

function lineOf(second: number, { connected, taps, answered, refused, local, lost, p50, p99 }: FleetFigures): string {
  const cells = [second, connected, taps, answered, refused, local, lost].map((count) => count.toLocaleString('en'));
  return [...cells, p50.toFixed(1), p99.toFixed(1)].map((text, at) => cell(text, COLUMNS[at] ?? '')).join('  ');
}

function summaryOf({ connected, taps, answered, refused, local, lost, p50, p99 }: FleetFigures, devices: number, seconds: number): string {
  const share = taps === 0 ? '–' : `${((100 * answered) / taps).toFixed(2)} %`;
  const figures = `${connected} / ${devices} · ${taps} · ${share} · ${refused} · ${local} · ${lost} · ${p50.toFixed(1)} ms · ${p99.toFixed(1)} ms`;
  return `共 ${seconds} 秒：在线 · 刷卡 · 按时答 · 拒绝 · 门自断 · 断线 · p50 · p99\n${seconds} s in all: connected · taps · answered in time · refused · local · lost · p50 · p99\n${figures}`;
}

/** Resolves at Ctrl-C, or when the time is over; `each` is called every second before. */
function everySecond(seconds: number, each: (second: number) => void): Promise<number> {
  return new Promise((done) => {
    let second = 0;
    const end = (): void => {
      clearInterval(ticking);
      process.off('SIGINT', end).off('SIGTERM', end);
      done(second);
    };
    const ticking = setInterval(() => {
      second += 1;
      each(second);
      if (second >= seconds) end();
    }, SECOND_MS);
    process.on('SIGINT', end).on('SIGTERM', end);
  });
}

/** `fleet`: many controllers of a crowd file against the gateway that has them registered, until Ctrl-C or `--seconds`. */
export async function runFleet(args: readonly string[], print: (line: string) => void): Promise<number> {
  const { crowd, mqtt, rate, seconds, seed } = readFleetWish(args);
  const { devices, cards } = crowd;
  print(`${devices.length} → ${mqtt.host}:${mqtt.port}${mqtt.pin === undefined ? '' : ' TLS'}`);
  print(COLUMNS.join('  '));
  const fleet: LoadFleet = startLoadFleet({
    mqtt,
    devices,
    cards,
    rate,
    random: seeded(seed),
    spreadMs: devices.length * (mqtt.pin === undefined ? APART_MS.plain : APART_MS.tls),
  });
  const passed = await everySecond(seconds, (second) => print(lineOf(second, fleet.take())));
  const total = fleet.total();
  fleet.stop();
  print(summaryOf(total, devices.length, passed));
  return total.connected === devices.length ? 0 : 1;
}
