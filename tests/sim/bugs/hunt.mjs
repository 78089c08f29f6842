import { bundle } from '../bundle.mjs';
import { runProcess } from '../crew.mjs';

/** A bug must be found within as many seeds. */
export const MOST_SEEDS = 500;

/**
 * Plants a bug and runs seeds from 1 on until its checker finds it.
 * @param {import('./table.mjs').Bug} bug
 * @param {number} place a name for the linked file
 * @returns {Promise<{ seed: number, message: string } | undefined>} undefined: not found
 */
export async function hunt(bug, place) {
  const file = await bundle(`bug-${place}`, bug);
  /** @type {{ seed: number, message: string } | undefined} */
  let found;
  await runProcess(file, ['--from', 1, '--count', MOST_SEEDS, '--until', bug.checker], ({ seed, failures }) => {
    const failure = failures.find(({ checker }) => checker === bug.checker);
    if (failure !== undefined) found = { seed, message: failure.message };
  });
  return found;
}
