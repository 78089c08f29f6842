import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { huntAll, knownSeeds, MOST_SEEDS } from './bugs/hunt.mjs';
import { BUGS } from './bugs/table.mjs';
import { bundle } from './bundle.mjs';
import { runSeeds } from './crew.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const CHECKERS = ['grants', 'entries', 'revocation', 'versions', 'tree', 'healed', 'queues', 'openings', 'fire', 'starvation', 'identity', 'readers', 'locks'];

describe('planted bugs', () => {
  test('each of the thirteen checkers has one, and each is where the table says, once', () => {
    expect([...new Set(BUGS.map(({ checker }) => checker))].sort()).toEqual([...CHECKERS].sort());
    for (const { name, file, from } of BUGS) expect(readFileSync(path.join(root, file), 'utf8').split(from).length - 1, `${name}: ${file}`).toBe(1);
  });

  test('each is found by its own checker within 500 seeds, and the same seeds are clean without it', { timeout: 900_000 }, async () => {
    const seeds = new Set<number>();
    const missed: string[] = [];
    await huntAll(BUGS, {
      workers: 2,
      known: knownSeeds(),
      onFound(bug, found) {
        if (found === undefined) missed.push(`${bug.checker} does not find: ${bug.name}`);
        else seeds.add(found.seed);
      },
    });
    expect(missed).toEqual([]);
    expect(Math.max(...seeds)).toBeLessThanOrEqual(MOST_SEEDS);
    // What was found is the bug's doing only if the seed says nothing without it.
    const clean = await bundle('sim');
    for (const seed of seeds) {
      const [outcome] = await runSeeds(clean, { from: seed, count: 1, workers: 1 });
      expect(outcome?.failures, `seed ${seed} without a bug`).toEqual([]);
    }
  });
});
