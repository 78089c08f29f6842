import '../../gateway/journal/writer.ts';
import './ports/list-worker.ts';
import { type Outcome, runSeed } from './run.ts';
import { shrink } from './shrink.ts';
import { faultText } from './world/faults.ts';

/**
 * The simulation's process. `--from S --count N --step K`: runs seeds and prints one line of JSON for each.
 * `--print`: every event as a line before it. `--without 3,7`: leaves these faults of the plan out. `--until CHECKER`:
 * stops at the first seed, and moment, at which this checker finds something. `--shrink`: the smallest list of faults
 * with which the seed still fails.
 */
const has = (name: string): boolean => process.argv.includes(`--${name}`);
const text = (name: string): string | undefined => (has(name) ? process.argv[process.argv.indexOf(`--${name}`) + 1] : undefined);
const whole = (name: string, otherwise: number): number => Number(text(name) ?? otherwise);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const [from, count, step] = [whole('from', 1), whole('count', 1), whole('step', 1)];
const without = new Set((text('without') ?? '').split(',').filter(Boolean).map(Number));
const until = text('until');

function line({ faults, ...outcome }: Outcome, ms: number): string {
  return JSON.stringify({ ...outcome, ms, faults: outcome.failures.length > 0 || has('print') ? faults.map((fault, place) => `${place}  ${faultText(fault)}`) : faults.length });
}

if (has('shrink')) await shrink(from, say);
else {
  for (let seed = from; seed < from + count; seed += step) {
    const started = process.cpuUsage();
    const outcome = await runSeed({ seed, without, ...(has('print') ? { print: say } : {}), ...(until === undefined ? {} : { until }) });
    say(line(outcome, Math.round(process.cpuUsage(started).user / 1000)));
    if (until !== undefined && outcome.failures.some(({ checker }) => checker === until)) break;
  }
}
