import { type Outcome, runSeed } from './run.ts';
import { faultText } from './world/faults.ts';

/** Runs a seed without some of its faults. */
export type Rerun = (without: ReadonlySet<number>) => Promise<Pick<Outcome, 'failures' | 'faults'>>;

/**
 * Drops faults one at a time for as long as the first checker that failed still fails, until none can be dropped.
 * Returns the places of those that can go, and of those that must stay; undefined when nothing fails.
 */
export async function smallest(rerun: Rerun): Promise<{ readonly checker: string; readonly without: ReadonlySet<number>; readonly left: readonly number[] } | undefined> {
  const whole = await rerun(new Set());
  const checker = whole.failures[0]?.checker;
  if (checker === undefined) return undefined;
  let without: ReadonlySet<number> = new Set();
  for (let dropped = true; dropped; ) {
    dropped = false;
    for (const place of whole.faults.keys()) {
      if (without.has(place)) continue;
      const fewer = new Set([...without, place]);
      const { failures } = await rerun(fewer);
      if (!failures.some((failure) => failure.checker === checker)) continue;
      without = fewer;
      dropped = true;
    }
  }
  return { checker, without, left: [...whole.faults.keys()].filter((place) => !without.has(place)) };
}

/** Prints the smallest list of faults a seed fails with, and how to see it again. */
export async function shrink(seed: number, say: (line: string) => void): Promise<void> {
  const found = await smallest((without) => runSeed({ seed, without }));
  if (found === undefined) return say(`Seed ${seed} does not fail.`);
  const { checker, without, left } = found;
  const { failures, faults } = await runSeed({ seed, without });
  const failure = failures.find((known) => known.checker === checker);
  say(`Seed ${seed} fails at ${((failure?.at ?? 0) / 1000).toFixed(1)} s: ${checker}: ${failure?.message}`);
  say(left.length === 0 ? 'It needs none of the faults.' : `It needs ${left.length} of ${faults.length} faults:`);
  for (const place of left) {
    const fault = faults[place];
    if (fault !== undefined) say(`  ${place}  ${faultText(fault)}`);
  }
  say(`npm run sim:soak -- --replay ${seed}${without.size > 0 ? ` --without ${[...without].join(',')}` : ''}`);
}
