import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withLock } from '../../scripts/lib/lock.mjs';
import { duration } from '../../scripts/lib/steps.mjs';
import { nodeRefusal } from '../../scripts/prepare.mjs';
import { root } from './files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'doorbook-scripts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A process that takes the lock, writes "in", stays a moment, writes "out". */
function holder(lock: string, log: string): Promise<number | null> {
  const module = JSON.stringify(pathToFileURL(path.join(root, 'scripts/lib/lock.mjs')).href);
  const work = `appendFileSync(log, 'in '); await new Promise((done) => setTimeout(done, 60)); appendFileSync(log, 'out ');`;
  const code = `import { appendFileSync } from 'node:fs'; import { withLock } from ${module}; const log = ${JSON.stringify(log)}; await withLock(${JSON.stringify(lock)}, async () => { ${work} });`;
  return new Promise((resolve) => spawn(process.execPath, ['--input-type=module', '--eval', code], { stdio: 'inherit' }).on('exit', resolve));
}

describe('the lock of the preparation', () => {
  test('lets one process in at a time, also over the lock of one that died', async () => {
    const lock = path.join(folder, 'lock');
    const log = path.join(folder, 'log');
    writeFileSync(lock, '999999999 1');
    const ends = await Promise.all([holder(lock, log), holder(lock, log), holder(lock, log)]);
    expect(ends).toEqual([0, 0, 0]);
    expect(readFileSync(log, 'utf8')).toBe('in out in out in out ');
    expect(existsSync(lock)).toBe(false);
  });

  test('is taken over when its pid has come back as another process', async () => {
    const lock = path.join(folder, 'lock');
    writeFileSync(lock, `${process.pid} 1`);
    await expect(withLock(lock, () => Promise.resolve('mine'))).resolves.toBe('mine');
  });

  test('is given back when the work fails', async () => {
    const lock = path.join(folder, 'lock');
    await expect(withLock(lock, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(existsSync(lock)).toBe(false);
  });
});

test.each([
  ['18.20.4', false],
  ['20.18.3', false],
  ['20.19.0', true],
  ['20.20.2', true],
  ['21.7.3', false],
  ['22.11.0', false],
  ['22.12.0', true],
  ['23.11.0', false],
  ['24.0.0', true],
  ['26.1.0', true],
])('Node %s runs Doorbook: %s', (version, runs) => {
  expect(nodeRefusal(version) === undefined).toBe(runs);
});

test.each([
  [0.42, '0.4 s'],
  [9.96, '10.0 s'],
  [41.2, '41 s'],
  [95, '1 min 35 s'],
])('%d s is said as %s', (seconds, words) => {
  expect(duration(seconds)).toBe(words);
});
