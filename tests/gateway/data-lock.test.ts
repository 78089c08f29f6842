import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { lockData } from '../../gateway/data-lock.ts';

const data = mkdtempSync(path.join(tmpdir(), 'doorbook-lock-'));
const file = path.join(data, 'gateway.pid');
afterAll(() => rmSync(data, { recursive: true }));

test('keeps a second process out while the first one runs', () => {
  writeFileSync(file, String(process.ppid));
  expect(() => lockData(data)).toThrow(`process ${process.ppid} has ${data} open`);
});

test('takes over from a process that is gone, and gives up at the end', () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  writeFileSync(file, String(pid));
  const unlock = lockData(data);
  expect(existsSync(file)).toBe(true);
  unlock();
  expect(existsSync(file)).toBe(false);
});
