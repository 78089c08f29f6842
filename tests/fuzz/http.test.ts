import { expect, test } from 'vitest';
import type { HttpReport } from './http-run.ts';
import { elsewhere } from './work.ts';

const SEED = 20_261_123;
const REQUESTS = 60_000;

test('60,000 requests made from the API document, by everybody: no 5xx, no insides, nothing without the right to it, every error in its form', async () => {
  const shares = [SEED, SEED + 1].map((seed) => elsewhere<HttpReport>({ http: { seed, requests: REQUESTS / 2 } }));
  const done = new Set<string>();
  for (const report of await Promise.all(shares)) {
    const { requests, seconds, cpu, statuses, grewMb } = report;
    console.info(JSON.stringify({ requests, seconds, cpu, statuses, grewMb, dearest: report.dearest.slice(0, 3) }));
    for (const name of report.done) done.add(name);
    expect(report.findings).toEqual([]);
    expect(requests).toBe(REQUESTS / 2);
    expect(grewMb).toBeLessThan(400);
    // Every kind of refusal was met, so the checks of their form had something to check.
    for (const status of ['200', '400', '401', '403', '404', '409', '412', '413', '415', '422', '428']) expect(statuses[status] ?? 0, status).toBeGreaterThan(0);
  }
  // Requests were good enough to be carried out, not only to be refused.
  expect(done.size).toBeGreaterThan(75);
}, 900_000);
