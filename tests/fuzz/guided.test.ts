import { describe, expect, test } from 'vitest';
import { startCoverage } from './coverage.ts';
import { fuzz } from './fuzz.ts';

// Before what is followed is compiled: that is why the targets are imported afterwards.
startCoverage();
const { TARGETS } = await import('./targets.ts');
const { toy } = await import('./targets/toy.ts');

const SEED = 20_261_123;
const MS = 2500;
const TRIES = 100_000;

describe('led by new blocks', () => {
  test('a lock of three letters opens, which chance does not open in as many tries', async () => {
    await expect(fuzz(toy, { runs: TRIES, seed: SEED })).resolves.toMatchObject({ runs: TRIES });
    await expect(fuzz(toy, { runs: TRIES, seed: SEED, guided: true })).rejects.toThrow('the lock is open');
  });

  test.each(['roster', 'cbor', 'messages', 'meter', 'mqtt'])('%s: most of its blocks are reached, and nothing is found', async (name) => {
    const target = TARGETS.find((each) => each.name === name);
    if (target === undefined) throw new Error('no such target');
    const report = await fuzz(target, { runs: 1e9, ms: MS, seed: SEED, guided: true });
    console.info(JSON.stringify(report));
    expect(report.share).toBeGreaterThan(0.6);
  });
});
