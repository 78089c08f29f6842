import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openPinTries } from '../../gateway/pin-tries-file.ts';

const NOW = 1_797_000_000_000;
let data = '';
beforeEach(() => {
  data = mkdtempSync(path.join(tmpdir(), 'doorbook-tries-'));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const file = (): string => path.join(data, 'pin-tries.json');
const failed = (error: unknown): never => {
  throw error;
};
const kept = (): unknown => JSON.parse(readFileSync(file(), 'utf8'));

test('five wrong PINs are five after a restart, too, and a right one ends the row there', async () => {
  const tries = openPinTries(data, failed);
  for (let n = 0; n < 5; n += 1) tries.begin('card 7', NOW);
  await vi.waitFor(() => expect(kept()).toEqual([['card 7', { wrong: 5, shutUntil: NOW + 900_000 }]]), 5000);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  const again = openPinTries(data, failed);
  expect(again.begin('card 7', NOW + 1000)).toBe(false);
  again.right('card 7');
  await vi.waitFor(() => expect(kept()).toEqual([]), 5000);
});

test('a right PIN alone writes nothing', async () => {
  const tries = openPinTries(data, failed);
  tries.begin('card 7', NOW);
  tries.right('card 7');
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(() => statSync(file())).toThrow('ENOENT');
});

test.each(['', '{', '{}', '[["card 7",{"wrong":"5"}],[7,{"wrong":1,"shutUntil":0}],null]'])('a file that says %j holds no rows, and the next one is whole', async (text) => {
  writeFileSync(file(), text);
  const tries = openPinTries(data, failed);
  expect(tries.rows()).toEqual([]);
  tries.begin('card 7', NOW);
  await vi.waitFor(() => expect(kept()).toEqual([['card 7', { wrong: 1, shutUntil: 0 }]]), 5000);
});

test('a disk that takes nothing is told of, and does not stop the count', async () => {
  const told = vi.fn();
  const tries = openPinTries(path.join(data, 'gone'), told);
  for (let n = 0; n < 5; n += 1) tries.begin('card 7', NOW);
  await vi.waitFor(() => expect(told).toHaveBeenCalledTimes(1), 5000);
  expect(tries.begin('card 7', NOW)).toBe(false);
});
