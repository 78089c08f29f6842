/**
 * `npm run sim:soak -- --seeds N [--from S] [--workers K]`: runs simulated worlds, says how many a second, and names each
 * seed that fails; `--replay SEED [--without 3,7]` prints every event of one; `--shrink SEED` drops faults while it fails;
 * `--bugs` plants each known bug and notes the first seed that finds it, where the test looks first.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { huntAll, SEEDS_FILE } from '../tests/sim/bugs/hunt.mjs';
import { BUGS } from '../tests/sim/bugs/table.mjs';
import { bundle } from '../tests/sim/bundle.mjs';
import { runSeeds } from '../tests/sim/crew.mjs';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    from: { type: 'string' },
    workers: { type: 'string' },
    replay: { type: 'string' },
    shrink: { type: 'string' },
    without: { type: 'string' },
    bugs: { type: 'boolean' },
  },
});
const number = (text, otherwise) => {
  const value = text === undefined ? otherwise : Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  console.error(`Expected a whole number from 1 on, got ${text}.`);
  process.exit(2);
};

const SAY_MS = 5000;

async function soak(file) {
  const [count, from, workers] = [number(values.seeds, 1000), number(values.from, 1), number(values.workers, availableParallelism())];
  const started = performance.now();
  const rate = (done) => `${(done / ((performance.now() - started) / 1000)).toFixed(1)} seeds/s`;
  let [done, failed, said] = [0, 0, started];
  const onSeed = ({ seed, failures }) => {
    done += 1;
    if (failures.length > 0) {
      failed += 1;
      const [{ checker, at, message }] = failures;
      console.log(`✗ seed ${seed} at ${(at / 1000).toFixed(1)} s: ${checker}: ${message}\n  npm run sim:soak -- --shrink ${seed}`);
    }
    if (performance.now() - said < SAY_MS) return;
    said = performance.now();
    console.log(`${done} of ${count} seeds, ${rate(done)}`);
  };
  const outcomes = await runSeeds(file, { from, count, workers, onSeed });
  const events = outcomes.reduce((sum, outcome) => sum + outcome.events, 0);
  console.log(`${done} seeds from ${from} on, ${rate(done)}, ${(events / 1e6).toFixed(1)} million events, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

async function bugs() {
  const seeds = {};
  let missed = 0;
  await huntAll(BUGS, {
    workers: number(values.workers, availableParallelism()),
    onFound(bug, found) {
      console.log(found === undefined ? `✗ ${bug.checker}: not found: ${bug.name}` : `✓ ${bug.checker}: ${bug.name}: seed ${found.seed}: ${found.message}`);
      if (found === undefined) missed += 1;
      else seeds[bug.name] = found.seed;
    },
  });
  writeFileSync(SEEDS_FILE, `${JSON.stringify(Object.fromEntries(BUGS.flatMap(({ name }) => (name in seeds ? [[name, seeds[name]]] : []))), undefined, 2)}\n`);
  process.exitCode = missed === 0 ? 0 : 1;
}

/** Becomes a single process that speaks for itself. */
function alone(file, args) {
  spawn(process.execPath, [file, ...args], { stdio: 'inherit' }).on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
}

async function main() {
  if (values.bugs === true) return bugs();
  const file = await bundle('sim');
  if (values.shrink !== undefined) return alone(file, ['--shrink', '--from', values.shrink]);
  if (values.replay !== undefined) return alone(file, ['--from', values.replay, '--print', ...(values.without === undefined ? [] : ['--without', values.without])]);
  return soak(file);
}

await main();
