import { appendFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BroadcastChannel, isMainThread, threadId } from 'node:worker_threads';

/**
 * Loaded into a server before its own code: SIGWINCH, which nothing of ours listens to, collects the garbage of all its
 * threads, so that what is left is what it needs. With BENCH_HEAPS, a file, each thread writes down what that is.
 */
setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');
const channel = new BroadcastChannel('bench-collect');

function collected(): void {
  if (typeof collect !== 'function') return;
  collect();
  collect();
  const file = process.env['BENCH_HEAPS'];
  if (file === undefined) return;
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  const [heap, outside, buffers] = [heapUsed, external, arrayBuffers].map((bytes) => Math.round(bytes / 2 ** 20));
  appendFileSync(file, `${process.pid} thread ${threadId}: heap ${heap} MB, outside ${outside} MB, buffers ${buffers} MB\n`);
}

if (isMainThread)
  process.on('SIGWINCH', () => {
    channel.postMessage('collect');
    collected();
  });
else channel.onmessage = collected;
// After it has an ear: whoever only listens here may still end.
channel.unref();
