import { Worker } from 'node:worker_threads';
import type { DistrictAnswer, DistrictQuestion, DistrictStart } from '../district-worker.ts';
import type { SealedPart, SealPart } from '../register/district-rows.ts';

/** After so long without a piece the thread ends, ms: a district comes in once. */
const IDLE_MS = 30_000;

/** Seals pieces in a thread of its own that is there while it is wanted. */
export interface DistrictSealer {
  readonly seal: SealPart;
  close(): void;
}

interface Waiting {
  readonly done: (part: SealedPart) => void;
  readonly failed: (error: Error) => void;
}

/** The thread is started with the first piece. A thread that dies fails the pieces it had; the next one starts another. */
export function createDistrictSealer(start: DistrictStart, file = new URL('../district-worker.js', import.meta.url)): DistrictSealer {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let ids = 0;

  function close(): void {
    clearTimeout(idle);
    void worker?.terminate();
    worker = undefined;
  }
  function fail(error: Error): void {
    worker = undefined;
    for (const each of waiting.values()) each.failed(error);
    waiting.clear();
  }
  function started(): Worker {
    const made = new Worker(file, { workerData: start });
    made.on('message', (answer: DistrictAnswer) => {
      const asked = waiting.get(answer.id);
      waiting.delete(answer.id);
      if ('part' in answer) asked?.done(answer.part);
      else asked?.failed(new Error(answer.error));
      if (waiting.size === 0) idle = setTimeout(close, IDLE_MS).unref();
    });
    made.on('error', fail);
    made.on('exit', (code) => worker === made && fail(new Error(`the thread that reads a district ended (${code})`)));
    return made;
  }
  return {
    seal: (bytes, context) =>
      new Promise((done, failed) => {
        clearTimeout(idle);
        ids += 1;
        waiting.set(ids, { done, failed });
        worker ??= started();
        worker.postMessage({ id: ids, bytes, context } satisfies DistrictQuestion);
      }),
    close,
  };
}
