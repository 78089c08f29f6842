import { readFileSync } from 'node:fs';
import { bundle } from '../bundle.mjs';
import { runProcess } from '../crew.mjs';

/** A bug must be found within as many seeds. */
export const MOST_SEEDS = 500;

/** Where `npm run sim:soak -- --bugs` notes the seed that finds each bug first, by its name. */
export const SEEDS_FILE = new URL('./seeds.json', import.meta.url);

/** @returns {Readonly<Record<string, number>>} */
export const knownSeeds = () => JSON.parse(readFileSync(SEEDS_FILE, 'utf8'));

/**
 * Plants a bug and runs seeds until its checker finds it.
 * @param {import('./table.mjs').Bug} bug
 * @param {number} place a name for the linked file
 * @param {number} [known] a seed that found it last time, tried first; a change elsewhere may have made another world of it
 * @returns {Promise<{ seed: number, message: string } | undefined>} undefined: not found by any seed from 1 to MOST_SEEDS
 */
export async function hunt(bug, place, known) {
  const file = await bundle(`bug-${place}`, bug);
  /** @type {{ seed: number, message: string } | undefined} */
  let found;
  const run = (/** @type {number} */ from, /** @type {number} */ count) =>
    runProcess(file, ['--from', from, '--count', count, '--until', bug.checker], ({ seed, failures }) => {
      const failure = failures.find(({ checker }) => checker === bug.checker);
      if (failure !== undefined) found = { seed, message: failure.message };
    });
  if (known !== undefined) await run(known, 1);
  if (found === undefined) await run(1, MOST_SEEDS);
  return found;
}

/**
 * Hunts all bugs, as many at a time as there are workers.
 * @param {readonly import('./table.mjs').Bug[]} bugs
 * @param {{ workers: number, known?: Readonly<Record<string, number>>, onFound: (bug: import('./table.mjs').Bug, found: { seed: number, message: string } | undefined) => void }} wish
 */
export async function huntAll(bugs, { workers, known = {}, onFound }) {
  const waiting = bugs.map((bug, place) => ({ bug, place }));
  async function work() {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) onFound(next.bug, await hunt(next.bug, next.place, known[next.bug.name]));
  }
  await Promise.all(Array.from({ length: workers }, work));
}
