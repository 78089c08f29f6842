import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startCoverage } from './coverage.ts';
import type { HttpReport } from './http-run.ts';
import type { SocketReport } from './sockets.ts';
import type { Target } from './target.ts';

const USAGE = `npm run fuzz -- TARGET [--minutes N | --runs N] [--seed N] [--plain] [--grow]
npm run fuzz -- TARGET --input FILE      runs one kept input again
npm run fuzz                             names the targets

TARGET   one of the targets, "all" for each in turn, "http" for requests made from the API document,
         "sockets" for MQTT packets on real sockets
--plain  does not follow new blocks: two to ten times as many inputs
--grow   keeps inputs that reached new blocks in tests/fuzz/corpus/TARGET`;

interface Wanted {
  readonly name: string;
  readonly seed: number;
  readonly runs: number;
  readonly ms: number;
  readonly guided: boolean;
  readonly grow: boolean;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function numberOf(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name}: expected a number above 0, got ${text}`);
  return value;
}

/** Requests or packets in rounds, each from the next seed, until the time or the number is used up. */
async function rounds({ seed, runs, ms }: Wanted, each: number, round: (seed: number, count: number) => Promise<SocketReport | HttpReport>): Promise<number> {
  const until = performance.now() + ms;
  for (let [done, at] = [0, seed]; done < runs && performance.now() < until; done += each, at += 1) {
    const report = await round(at, Math.min(each, runs - done));
    say(JSON.stringify(report));
    if ('findings' in report && report.findings.length > 0) return 1;
  }
  return 0;
}

async function targetsNamed(name: string): Promise<readonly Target[]> {
  const { TARGETS } = await import('./targets.ts');
  const found = TARGETS.filter((each) => name === 'all' || each.name === name);
  if (found.length === 0) throw new Error(`${USAGE}\n\nTargets: ${[...TARGETS.map((each) => each.name), 'http', 'sockets'].join(' ')}`);
  return found;
}

async function run(wanted: Wanted): Promise<number> {
  const { name, seed, runs, ms, guided, grow } = wanted;
  if (name === 'http') {
    const { runHttp } = await import('./http-run.ts');
    return rounds(wanted, 20_000, (from, requests) => runHttp({ seed: from, requests }));
  }
  if (name === 'sockets') {
    const { runSockets } = await import('./sockets.ts');
    return rounds(wanted, 100_000, (from, packets) => runSockets({ seed: from, packets }));
  }
  const targets = await targetsNamed(name);
  const { fuzz } = await import('./fuzz.ts');
  for (const target of targets) say(JSON.stringify(await fuzz(target, { runs, seed, ms: ms / targets.length, guided, grow })));
  return 0;
}

async function again(name: string, file: string): Promise<number> {
  const [target] = await targetsNamed(name);
  const { replay } = await import('./fuzz.ts');
  if (target !== undefined) await replay(target, [{ name: file, bytes: readFileSync(file) }]);
  say(`${name}: ${file} is fine`);
  return 0;
}

/** `npm run fuzz`. Gives the exit code: 0 when nothing was found. */
export async function command(args: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        minutes: { type: 'string' },
        runs: { type: 'string' },
        seed: { type: 'string' },
        input: { type: 'string' },
        plain: { type: 'boolean' },
        grow: { type: 'boolean' },
      },
    });
    const [name = ''] = positionals;
    // The clock chooses where no seed is given: a long run is to see other inputs every night.
    const seed = numberOf(values.seed, 'seed') ?? Date.now() % 2 ** 32;
    const [minutes, runs] = [numberOf(values.minutes, 'minutes'), numberOf(values.runs, 'runs')];
    const guided = values.plain !== true;
    if (guided && name !== 'http' && name !== 'sockets') startCoverage();
    if (values.input !== undefined) return await again(name, values.input);
    const ms = (minutes ?? (runs === undefined ? 1 : Number.POSITIVE_INFINITY)) * 60_000;
    return await run({ name, seed, runs: runs ?? Number.POSITIVE_INFINITY, ms, guided, grow: values.grow === true });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}
