import type { DoorId } from './core/ids.ts';
import type { DoorSide } from './doors/link.ts';
import type { ToDeskSide } from './threads.ts';

/** Readers at which somebody at a desk waits for a card that is to be given to a person. */
export interface CardWatch {
  /** Until this moment (epoch ms) the desk is told of cards that are held to this door's reader; 0: no more. */
  watch(doorId: DoorId, until: number): void;
  /** A door side whose refused cards are told where one is waited for. They are decided, logged and answered as ever. */
  over(side: DoorSide): DoorSide;
}

/** `now`: epoch ms. A card that opens the door is its holder's, going in: the desk is not told of it. */
export function createCardWatch(post: (message: Extract<ToDeskSide, { t: 'card-read' }>) => void, now: () => number): CardWatch {
  const waited = new Map<DoorId, number>();
  const isWaited = (doorId: DoorId): boolean => {
    const until = waited.get(doorId);
    if (until === undefined) return false;
    if (until > now()) return true;
    waited.delete(doorId);
    return false;
  };
  return {
    watch(doorId, until) {
      if (until === 0) waited.delete(doorId);
      else waited.set(doorId, until);
    },
    over: (side) => ({
      ...side,
      async tap(tap) {
        const verdict = await side.tap(tap);
        const { doorId, method, credential } = tap;
        // What the log could not take is given to nobody; a card that was kept aside and comes late is not the one that is waited for.
        if (doorId !== 0 && method === 'card' && credential !== undefined && !verdict.granted && verdict.entry !== 0 && verdict.answer && isWaited(doorId))
          post({ t: 'card-read', doorId, reading: credential, entry: verdict.entry });
        return verdict;
      },
    }),
  };
}
