import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { replaceFile } from '../../gateway/store/durable-file.ts';

const COMPILED = pathToFileURL(path.resolve(import.meta.dirname, '../../dist/gateway/store/durable-file.js')).href;
const BYTES = 200_000;

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'doorbook-durable-'));
  file = path.join(dir, 'keys.json');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('the new bytes take the place of the old, and nothing else stays', () => {
  replaceFile(file, Buffer.from('old and longer'));
  replaceFile(file, Buffer.from('new'));
  expect(readFileSync(file, 'utf8')).toBe('new');
  expect(existsSync(`${file}.tmp`)).toBe(false);
});

test('when the new bytes cannot be written, the old stay', () => {
  replaceFile(file, Buffer.from('old'));
  mkdirSync(`${file}.tmp`);
  expect(() => replaceFile(file, Buffer.from('new'))).toThrow(/EISDIR/);
  expect(readFileSync(file, 'utf8')).toBe('old');
});

test('killed at any moment, it leaves a whole file', async () => {
  const loop = `import { replaceFile } from '${COMPILED}';
    for (let i = 0; ; i += 1) { replaceFile(${JSON.stringify(file)}, Buffer.alloc(${BYTES}, 65 + i % 26)); if (i === 0) process.stdout.write('on'); }`;
  for (const wait of [3, 11, 17, 23, 31]) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', loop], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, wait));
    child.kill('SIGKILL');
    await once(child, 'exit');
    const bytes = readFileSync(file);
    expect([bytes.length, new Set(bytes).size]).toEqual([BYTES, 1]);
  }
}, 30_000);
