import { AsyncLocalStorage } from 'node:async_hooks';

/** Runs one piece of work after another, in the order they were handed in; a failing one does not stop the next. */
export interface WriteQueue {
  /** Resolves or rejects as the work does. Throws when called from inside work that is still running: it would wait for itself. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Pieces of work that are not done, the running one among them. */
  waiting(): number;
  /** Resolves when everything handed in so far is done. */
  idle(): Promise<void>;
}

export function createWriteQueue(): WriteQueue {
  const current = new AsyncLocalStorage<{ running: boolean }>();
  let tail: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return {
    async run(work) {
      if (current.getStore()?.running === true) throw new Error('A write was started inside another write: use the database handle it was given.');
      const slot = { running: true };
      waiting += 1;
      const result = tail
        .then(() => current.run(slot, work))
        .finally(() => {
          slot.running = false;
          waiting -= 1;
        });
      tail = result.catch(() => undefined);
      return result;
    },
    waiting: () => waiting,
    idle: async () => void (await tail),
  };
}
