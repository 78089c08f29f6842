import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ControllerId } from '../../gateway/core/ids.ts';
import { startLists } from '../../gateway/list-refresh.ts';
import { type Supervised, supervise } from '../../gateway/supervise.ts';

let dir: string;
let thread: Supervised<string> | undefined;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'doorbook-thread-'));
});
afterEach(async () => {
  await thread?.stop('stop', 500);
  thread = undefined;
  rmSync(dir, { recursive: true, force: true });
});

const ECHO = `import { parentPort } from 'node:worker_threads';
parentPort.on('message', (message) => {
  if (message === 'stop') process.exit(0);
  if (message === 'fall') throw new Error('fell');
  parentPort.postMessage(message);
});
parentPort.postMessage('up');`;

describe('a supervised thread', () => {
  test('whose file is missing at the start is waited for, and says that nothing can be sent to it meanwhile', async () => {
    const file = path.join(dir, 'echo.mjs');
    const [heard, downs]: [string[], string[]] = [[], []];
    thread = supervise<string, string>({
      file: pathToFileURL(file),
      workerData: () => null,
      onMessage: (message) => void heard.push(message),
      onDown: (why) => void downs.push(why),
    });
    await expect.poll(() => downs.length).toBeGreaterThan(0);
    expect(downs[0]).toMatch(/Cannot find module/);
    expect(thread.post('lost')).toBe(false);
    writeFileSync(file, ECHO);
    await expect.poll(() => heard, { timeout: 5000 }).toEqual(['up']);
    expect(thread.post('hello')).toBe(true);
    await expect.poll(() => heard).toEqual(['up', 'hello']);
  });

  test('that falls is started again', async () => {
    const file = path.join(dir, 'echo.mjs');
    writeFileSync(file, ECHO);
    const [heard, downs]: [string[], string[]] = [[], []];
    thread = supervise<string, string>({
      file: pathToFileURL(file),
      workerData: () => null,
      onMessage: (message) => void heard.push(message),
      onDown: (why) => void downs.push(why),
    });
    thread.post('fall');
    await expect.poll(() => heard, { timeout: 5000 }).toEqual(['up', 'up']);
    expect(downs).toEqual([expect.stringContaining('fell')]);
  });
});

test('a list thread that cannot start keeps nobody waiting: whoever asks for a list is told at once', async () => {
  const downs: string[] = [];
  // Beside the sources there is no compiled thread.
  const lists = startLists({ register: path.join(dir, 'register.sqlite'), keysDir: dir }, () => 7, { onDown: (why) => void downs.push(why), onReady: () => undefined });
  const order = { controllerId: ControllerId(1), listKey: Buffer.alloc(32), version: { epoch: 1, n: 7 } };
  await expect(lists.build(order)).rejects.toThrow('the thread that makes lists');
  await expect(lists.build(order)).rejects.toThrow('is being started again');
  expect([lists.waiting(), downs.length > 0]).toEqual([0, true]);
  await lists.close();
});
