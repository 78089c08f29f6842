import { Worker } from 'node:worker_threads';

/** Longer than this in one input is a loop without an end, ms. */
const STUCK_MS = 10_000;

/** Runs beside a thread that may never come back; says what it was at, and ends the process. */
const CODE = `
const { workerData } = require('node:worker_threads');
const { writeSync } = require('node:fs');
const { numbers, bytes, name, ms } = workerData;
let seen = -1;
let since = Date.now();
setInterval(() => {
  const now = Atomics.load(numbers, 0);
  if (now !== seen) [seen, since] = [now, Date.now()];
  if (now % 2 === 0 || Date.now() - since < ms) return;
  const input = Buffer.from(Uint8Array.from(bytes.subarray(0, Atomics.load(numbers, 1))));
  writeSync(2, '\\n' + name + ': does not come back from this input (base64): ' + input.toString('base64') + '\\n');
  process.kill(process.pid, 'SIGABRT');
}, 250);
`;

/** Told of every input before it is run and when it is done. */
export interface Watchdog {
  begin(input: Uint8Array): void;
  end(): void;
  close(): Promise<unknown>;
}

/** Watches for inputs that never end: no timer of this thread could. */
export function createWatchdog(name: string, longest: number, ms = STUCK_MS): Watchdog {
  const numbers = new Int32Array(new SharedArrayBuffer(8));
  const bytes = new Uint8Array(new SharedArrayBuffer(longest));
  const worker = new Worker(CODE, { eval: true, execArgv: [], workerData: { numbers, bytes, name, ms } });
  worker.unref();
  return {
    begin(input) {
      bytes.set(input.subarray(0, longest));
      Atomics.store(numbers, 1, Math.min(longest, input.length));
      Atomics.add(numbers, 0, 1);
    },
    end: () => void Atomics.add(numbers, 0, 1),
    close: () => worker.terminate(),
  };
}
