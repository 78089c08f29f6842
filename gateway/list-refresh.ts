import type { ControllerId } from './core/ids.ts';
import type { BoardUserSource } from './doors/esp-rfid/registry.ts';
import type { ListSource } from './doors/lists.ts';
import type { BoardQuestion, FromListThread, ListAnswer, ListQuestion, ListStart } from './list-worker.ts';
import { supervise } from './supervise.ts';

/** Changes of one act, or of an import, arrive together: lists are made once it has been quiet so long, ms. */
const QUIET_MS = 200;
/** And at the latest so long after the first change. */
const LATEST_MS = 3000;
const STOP_MS = 1000;

/** Lists made in their own thread. `version` is the number of the last change of the register. */
export interface ListThread extends ListSource, BoardUserSource {
  /** Lists asked for and not made yet. */
  waiting(): number;
  close(): Promise<void>;
}

/** Told of the thread's ups and downs. */
export interface ListThreadWatch {
  readonly onDown: (why: string, waitMs: number) => void;
  /** It can make lists, also again: those that were lost meanwhile are asked for anew by whoever wants them. */
  readonly onReady: () => void;
}

type Made = Exclude<ListAnswer['made'], { readonly error: string }>;

interface Waiting {
  resolve(made: Made): void;
  reject(error: Error): void;
}

/** Starts the thread that makes lists; one that ends is started again, and what it had not answered is rejected. */
export function startLists(start: ListStart, lastN: () => number, watch?: ListThreadWatch, epoch: () => number = () => 1): ListThread {
  const waiting = new Map<number, Waiting>();
  let next = 0;
  const thread = supervise<FromListThread, ListQuestion | BoardQuestion | { readonly stop: true }>({
    file: new URL('./list-worker.js', import.meta.url),
    workerData: () => start,
    onMessage(message) {
      if ('ready' in message) return watch?.onReady();
      const { id, made } = message;
      const asked = waiting.get(id);
      waiting.delete(id);
      if ('error' in made) asked?.reject(new Error(made.error));
      else asked?.resolve(made);
    },
    onDown(why, waitMs) {
      watch?.onDown(why, waitMs);
      const lost = [...waiting.values()];
      waiting.clear();
      for (const { reject } of lost) reject(new Error(`the thread that makes lists ended: ${why}`));
    },
  });
  const ask = (asked: Omit<ListQuestion, 'id'> | Omit<BoardQuestion, 'id'>): Promise<Made> =>
    new Promise((resolve, reject) => {
      // Into a thread that is down nothing goes, and nothing comes back from it.
      if (thread.post({ id: next, ...asked })) waiting.set(next, { resolve, reject });
      else reject(new Error('the thread that makes lists is being started again'));
      next += 1;
    });
  const otherwise = (): never => {
    throw new Error('the thread that makes lists answered another question');
  };
  return {
    version: () => ({ epoch: epoch(), n: lastN() }),
    async build(order) {
      const made = await ask({ order });
      return 'chunks' in made ? made : otherwise();
    },
    async users(controllerId) {
      const made = await ask({ boardOf: controllerId });
      return 'chunks' in made ? otherwise() : made;
    },
    waiting: () => waiting.size,
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
