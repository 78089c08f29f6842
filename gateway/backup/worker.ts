import { setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { makeBackup } from './make.ts';
import type { BackupStart, FromBackup, ToBackup } from './messages.ts';

/** The backup thread (design.md 4): reads both databases on connections of its own and takes what others leave of disk and processor. */
const NICE = 10;
/** A piece of copying is followed by a rest of the same length: at most half of the disk is ours. */
const LONGEST_REST_MS = 200;

function gently(): void {
  try {
    // On Linux 0 is this thread alone.
    if (process.platform === 'linux') setPriority(0, NICE);
  } catch {
    // Not allowed here: the rests remain.
  }
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));
const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function run(port: MessagePort, wish: BackupStart): Promise<void> {
  const post = (message: FromBackup): void => port.postMessage(message);
  const answered = (): Promise<ToBackup> => new Promise((resolve) => void port.once('message', resolve));
  try {
    const made = await makeBackup(wish, {
      async still(pin) {
        const still = answered();
        post({ t: 'hold' });
        await still;
        try {
          return pin();
        } finally {
          post({ t: 'pinned' });
        }
      },
      told: (step, copied, total) => post({ t: 'at', step, copied, total }),
      rest: (ms) => void Atomics.wait(sleeper, 0, 0, Math.min(LONGEST_REST_MS, Math.ceil(ms))),
      pause,
      now: Date.now,
    });
    const { at, folder, keysFolder, bytes, manifest } = made;
    post({ t: 'made', at, folder, keysFolder, bytes, n: manifest.register.n, last: manifest.journal.last });
  } catch (error) {
    post({ t: 'failed', message: sentence(error) });
  }
  port.close();
}

if (parentPort !== null) {
  gently();
  const start: BackupStart = workerData;
  await run(parentPort, start);
}
