import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCrowd } from '../../firmware-sim/crowd-file.ts';
import { makeCrowd } from './make-crowd.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'doorbook-short-bench-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

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
