import { describe, expect, test } from 'vitest';
import { corpusOf } from './corpus.ts';
import { fuzz, replay } from './fuzz.ts';
import { TARGETS } from './targets.ts';

const SEED = 20_261_123;
/** Inputs for each: a second or two on a quiet core. What writes files takes longer. */
const RUNS: Readonly<Record<string, number>> = {
  mqtt: 2000,
  meter: 40_000,
  messages: 20_000,
  seal: 30_000,
  device: 8000,
  enrol: 20_000,
  'esp-rfid': 8000,
  osdp: 6000,
  cbor: 60_000,
  entries: 30_000,
  checkpoint: 15_000,
  roster: 5000,
  'csv-cell': 15_000,
  slots: 5000,
  'slot-files': 2000,
  'key-files': 1000,
  'run-file': 5000,
  'fleet-file': 5000,
  'event-store': 2500,
  'journal-file': 60,
  'log-export': 700,
  evidence: 1500,
  manifest: 3000,
  photo: 20_000,
};
const runsOf = (name: string): number => RUNS[name] ?? 2000;

describe('every reader of bytes from outside', () => {
  test.each(TARGETS.map((target) => [target.name, target] as const))('%s: kept inputs, and new ones', async (name, target) => {
    await replay(target, corpusOf(name));
    const report = await fuzz(target, { runs: runsOf(name), seed: SEED });
    expect(report.runs).toBe(runsOf(name));
    expect(report.worstMs).toBeLessThan(target.mostMs ?? 10);
    expect(report.grewMb).toBeLessThan(150);
    expect(report.keptMb).toBeLessThan(20);
  });

  test('the corpus has no folder of a target that is not there', async () => {
    expect(corpusOf('mqtt').map(({ name }) => name)).toContain('aedes-612.bin');
    expect(new Set(Object.keys(RUNS))).toEqual(new Set(TARGETS.map(({ name }) => name)));
  });
});
