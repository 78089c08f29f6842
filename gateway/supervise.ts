import { Worker } from 'node:worker_threads';

/** A worker thread that is started again whenever it ends, until it is told to stop. */
export interface Supervised<Down> {
  /** Sends a message. False when the thread is down: the message is lost, and no `onDown` will tell of it. One that ends later tells by `onDown`. */
  post(message: Down): boolean;
  /** Ends the thread at once, as a crash would, and lets it come back. */
  restart(): Promise<void>;
  /** Asks the thread to end with `message`, ends it after `graceMs`. */
  stop(message: Down, graceMs: number): Promise<void>;
}

export interface Supervision<Up> {
  readonly file: URL;
  /** What each start is given. */
  readonly workerData: () => unknown;
  readonly onMessage: (message: Up) => void;
  /** The thread ended without being asked to; it is started again after `waitMs`. */
  readonly onDown: (why: string, waitMs: number) => void;
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 10_000;
/** A thread that has run this long starts over with the shortest wait. */
const STEADY_MS = 30_000;

/** Starts the thread. Waits double from 0.1 s to 10 s while it keeps ending early; the clock is the process's running time. */
export function supervise<Up, Down>(given: Supervision<Up>): Supervised<Down> {
  let stopping = false;
  let wait = FIRST_WAIT_MS;
  let timer: NodeJS.Timeout | undefined;
  let up = false;
  let worker = start();

  function start(): Worker {
    const started = performance.now();
    const made = new Worker(given.file, { workerData: given.workerData() });
    let why = 'ended';
    up = true;
    made.on('message', given.onMessage);
    made.on('error', (error) => {
      why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    });
    made.on('exit', () => {
      up = false;
      if (stopping) return;
      wait = performance.now() - started > STEADY_MS ? FIRST_WAIT_MS : Math.min(wait * 2, LONGEST_WAIT_MS);
      given.onDown(why, wait);
      timer = setTimeout(() => {
        worker = start();
      }, wait);
    });
    return made;
  }

  return {
    post(message) {
      if (up) worker.postMessage(message);
      return up;
    },
    restart: async () => void (await worker.terminate()),
    async stop(message, graceMs) {
      stopping = true;
      clearTimeout(timer);
      await new Promise<void>((resolve) => {
        // Ending a thread that has already ended resolves too, so this never waits for ever.
        const late = setTimeout(() => void worker.terminate().then(() => resolve()), graceMs);
        worker.once('exit', () => {
          clearTimeout(late);
          resolve();
        });
        worker.postMessage(message);
      });
    },
  };
}
