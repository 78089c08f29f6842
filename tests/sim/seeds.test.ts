import { expect, test } from 'vitest';
import { bundle } from './bundle.mjs';
import { runSeeds, type SeedOutcome } from './crew.mjs';

const SEEDS = 700;
const WORKERS = 2;
/** Seeds that are run once more, alone in a process, and must come out byte for byte: plain, with serial lines (3), sealed and with lines (10), on a real file (50). */
const AGAIN = [1, 3, 10, 50, 677];

const told = ({ seed, failures: [first] }: SeedOutcome): string =>
  `seed ${seed} at ${(first?.at ?? 0) / 1000} s: ${first?.checker}: ${first?.message}\n  npm run sim:soak -- --shrink ${seed}`;

test('24 minutes of faults and 11 of healing keep all thirteen promises, seed for seed, and replays byte for byte', { timeout: 900_000 }, async () => {
  const file = await bundle('sim');
  const started = performance.now();
  const outcomes = await runSeeds(file, { from: 1, count: SEEDS, workers: WORKERS });
  console.log(`${SEEDS} seeds, ${(SEEDS / ((performance.now() - started) / 1000)).toFixed(1)} seeds/s`);
  expect(outcomes.filter(({ failures }) => failures.length > 0).map(told)).toEqual([]);
  expect(outcomes).toHaveLength(SEEDS);
  expect(new Set(outcomes.map(({ digest }) => digest)).size, 'each seed is another world').toBe(SEEDS);
  for (const seed of AGAIN) {
    const [again] = await runSeeds(file, { from: seed, count: 1, workers: 1 });
    expect(again?.digest, `seed ${seed}`).toBe(outcomes[seed - 1]?.digest);
  }
});
