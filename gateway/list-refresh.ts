import type { ControllerId } from './core/ids.ts';
import { type BuiltList, unpackList } from './doors/access-list.ts';
import type { ListSource } from './doors/lists.ts';
import type { ListAnswer, ListQuestion, ListStart } from './list-worker.ts';
import { supervise } from './supervise.ts';

/** Changes of one act, or of an import, arrive together: lists are made once it has been quiet so long, ms. */
const QUIET_MS = 200;
/** And at the latest so long after the first change. */
const LATEST_MS = 3000;
/** Rises when an operator restores a backup; the issue that builds restore stores it. */
const EPOCH = 1;
const STOP_MS = 1000;

/** Lists made in their own thread. `version` is the number of the last change of the register. */
export interface ListThread extends ListSource {
  close(): Promise<void>;
}

interface Waiting {
  resolve(list: BuiltList): void;
  reject(error: Error): void;
}

/** Starts the thread that makes lists; one that ends is started again, and what it had not answered is rejected. */
export function startLists(start: ListStart, lastN: () => number): ListThread {
  const waiting = new Map<number, Waiting>();
  let next = 0;
  const thread = supervise<ListAnswer, ListQuestion | { readonly stop: true }>({
    file: new URL('./list-worker.js', import.meta.url),
    workerData: () => start,
    onMessage({ id, made }) {
      const asked = waiting.get(id);
      waiting.delete(id);
      if ('error' in made) asked?.reject(new Error(made.error));
      else asked?.resolve(unpackList(made));
    },
    onDown(why) {
      const lost = [...waiting.values()];
      waiting.clear();
      for (const { reject } of lost) reject(new Error(`the thread that makes lists ended: ${why}`));
    },
  });
  return {
    version: () => ({ epoch: EPOCH, n: lastN() }),
    build: (order) =>
      new Promise((resolve, reject) => {
        waiting.set(next, { resolve, reject });
        thread.post({ id: next, order });
        next += 1;
      }),
    close: () => thread.stop({ stop: true }, STOP_MS),
  };
}

/** Gathers controllers whose lists may have changed and has them made anew when the register has gone quiet. */
export function createListRefresh(refresh: (controllerIds: readonly ControllerId[]) => void) {
  const waiting = new Set<ControllerId>();
  let timer: NodeJS.Timeout | undefined;
  let first = 0;

  function flush(): void {
    timer = undefined;
    const due = [...waiting];
    waiting.clear();
    refresh(due);
  }

  return {
    ask(controllerIds: Iterable<ControllerId>): void {
      for (const id of controllerIds) waiting.add(id);
      if (waiting.size === 0) return;
      const now = performance.now();
      if (timer === undefined) first = now;
      clearTimeout(timer);
      timer = setTimeout(flush, Math.max(0, Math.min(QUIET_MS, first + LATEST_MS - now)));
    },
    stop: () => clearTimeout(timer),
  };
}
