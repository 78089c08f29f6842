import type { DoorSide, Happening, Outcome } from '../link.ts';
import type { LinkLog } from '../device.ts';

/** What is told of a line, in the order it happened. */
export type Told =
  | { readonly t: 'happened'; readonly of: Happening }
  | { readonly t: 'outcome'; readonly of: Outcome }
  | { readonly t: 'link'; readonly of: Parameters<DoorSide['link']>[0] };

/** While the log takes nothing, so many wait; beyond, the oldest stay and the newest are counted and lost, as on a controller. */
const MOST = 10_000;
/** When the log is tried again, ms. */
const AGAIN_MS = 1000;

/** Tells the log what happened on a line. */
export interface Teller {
  tell(told: Told): void;
  /** Told, and not in the log yet. */
  readonly waiting: number;
  stop(): void;
}

/** One entry at a time, in order; one that the log does not take is told again until it does. */
export function createTeller(side: Pick<DoorSide, 'happened' | 'outcome' | 'link'>, log: LinkLog): Teller {
  const queue: Told[] = [];
  let busy = false;
  let lost = 0;
  let again: NodeJS.Timeout | undefined;

  const store = (told: Told): Promise<void> => (told.t === 'happened' ? side.happened(told.of) : told.t === 'outcome' ? side.outcome(told.of) : side.link(told.of));

  async function work(): Promise<void> {
    if (busy || again !== undefined) return;
    busy = true;
    try {
      for (let [first] = queue; first !== undefined; [first] = queue) {
        await store(first);
        queue.shift();
      }
    } catch (error) {
      log.error({ error: String(error), waiting: queue.length, lost }, 'what happened on a serial line is not in the log yet');
      again = setTimeout(() => {
        again = undefined;
        void work();
      }, AGAIN_MS);
    } finally {
      busy = false;
    }
  }

  return {
    tell(told) {
      if (queue.length >= MOST) lost += 1;
      else queue.push(told);
      void work();
    },
    get waiting() {
      return queue.length;
    },
    stop: () => clearTimeout(again),
  };
}
