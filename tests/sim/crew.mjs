import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * Runs one process of a linked simulation.
 * @param {string} file what `bundle` made
 * @param {readonly (string | number)[]} args of tests/sim/main.ts
 * @param {(outcome: SeedOutcome) => void} onSeed
 * @returns {Promise<void>} rejects when the process fails
 */
export function runProcess(file, args, onSeed) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--max-semi-space-size=32', '--single-threaded-gc', file, ...args.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{')) onSeed(JSON.parse(line));
    });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`the simulation ended with code ${code}`))));
  });
}

/**
 * @typedef {{ readonly checker: string, readonly at: number, readonly message: string }} SeedFailure
 * @typedef {{ readonly seed: number, readonly digest: string, readonly events: number, readonly entries: number, readonly ms: number, readonly failures: readonly SeedFailure[], readonly faults: number | readonly string[] }} SeedOutcome
 */

/**
 * Runs `count` seeds from `from` on, in several processes that take turns.
 * @param {string} file
 * @param {{ from: number, count: number, workers: number, onSeed?: (outcome: SeedOutcome) => void }} wish
 * @returns {Promise<SeedOutcome[]>} by seed
 */
export async function runSeeds(file, { from, count, workers, onSeed = () => undefined }) {
  /** @type {SeedOutcome[]} */
  const outcomes = [];
  const one = (/** @type {number} */ place) =>
    runProcess(file, ['--from', from + place, '--count', count - place, '--step', workers], (outcome) => {
      outcomes.push(outcome);
      onSeed(outcome);
    });
  await Promise.all(Array.from({ length: Math.min(workers, count) }, (_, place) => one(place)));
  return outcomes.sort((a, b) => a.seed - b.seed);
}
