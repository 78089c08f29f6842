import { expect, test } from 'vitest';
import type { Report } from './fuzz.ts';
import { PACKETS_EACH } from './targets/mqtt.ts';
import { elsewhere } from './work.ts';

const SEED = 20_261_123;
const PACKETS = 1_000_000;
/** Two cores, half of it on each. */
const RUNS = Math.ceil(PACKETS / PACKETS_EACH / 2);

test('1,000,000 MQTT packets between a socket and the handlers: nothing undeclared is thrown, none takes over 10 ms, memory stays', async () => {
  const shares = [SEED, SEED + 1].map((seed) => elsewhere<Report>({ target: 'mqtt', wish: { runs: RUNS, seed } }));
  for (const report of await Promise.all(shares)) {
    console.info(JSON.stringify(report));
    expect(report.runs).toBe(RUNS);
    expect(report.worstMs).toBeLessThan(10);
    expect(report.grewMb).toBeLessThan(120);
    expect(report.keptMb).toBeLessThan(10);
  }
}, 300_000);
