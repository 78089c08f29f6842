import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCrowd } from '../../firmware-sim/crowd-file.ts';
import { makeCrowd } from './make-crowd.ts';
import type { Row } from './row.ts';

const root = path.resolve(import.meta.dirname, '../..');
let dir = '';
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'doorbook-short-bench-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('the bench of controllers runs from end to end, and every figure is one', async () => {
  const file = path.join(dir, 'rows.json');
  await promisify(execFile)(process.execPath, ['scripts/bench.mjs', 'controllers', '--controllers', '20', '--json', file], { cwd: root });
  const rows: Row[] = JSON.parse(readFileSync(file, 'utf8'));
  expect(rows.map(({ name }) => name)).toEqual([
    '20 controllers connect, plain',
    '20 controllers connect, TLS',
    '15 controllers come back at once, plain',
    'tap at the first doors meanwhile, plain, longest',
    '15 controllers come back at once, TLS',
    'tap at the first doors meanwhile, TLS, longest',
    'memory of an idle controller',
    'card revoked at 20 doors → refused, p50',
    'card revoked at 20 doors → refused, p99',
    'card revoked at 20 doors → every list without it',
    '40 stored events handed over',
    'tap → durable verdict meanwhile, 100/s, p99',
  ]);
  // Twenty controllers are fewer than what memory moves by itself.
  for (const { name, ours } of rows) if (!name.startsWith('memory')) expect(ours, name).toBeGreaterThan(0);
}, 300_000);

test('a crowd is made with its secrets, and never in a folder that holds something', async () => {
  const data = path.join(dir, 'many');
  const lines: string[] = [];
  await makeCrowd(data, 25, (line) => void lines.push(line));
  expect(lines.at(-1)).toBe(`npm run sim -- fleet --data ${data} --rate 1000`);
  const { devices, cards, pin } = readCrowd(data);
  expect([devices.length, new Set(devices.map(({ secretHex }) => secretHex)).size, cards.length]).toEqual([25, 25, 90]);
  expect(pin).toMatch(/^[\w-]{43}$/);
  await expect(makeCrowd(data, 25, () => undefined)).rejects.toThrow('--make: expected a new or empty folder');
});
