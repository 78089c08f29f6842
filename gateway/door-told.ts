import type { Alarms } from './alarms.ts';
import type { DoorState } from './doors/link.ts';
import type { ListEpoch } from './list-epoch.ts';
import { said } from './patience.ts';

/** Who is told when lists must begin anew. */
export interface NewerLists {
  readonly alarms: Pick<Alarms, 'raise'>;
  readonly epoch: ListEpoch;
  readonly refreshAll: () => void;
}

/** Passes on how a door stands, and notices one that holds a newer list than this register ever made: then the register was put back, and every list begins anew. */
export function noticeNewerLists({ alarms, epoch, refreshAll }: NewerLists, tell: (state: DoorState) => void): (state: DoorState) => void {
  return (state) => {
    tell(state);
    const { have } = state;
    try {
      if (!epoch.saw(have)) return;
    } catch (error) {
      return void alarms.raise('register-unread', said(error));
    }
    alarms.raise('register-older', `A door holds list ${have}, which this register never made. Lists begin anew as ${epoch.current()}.`);
    refreshAll();
  };
}

/** Hands over together what comes within one turn of the event loop: waking another thread takes longer than what it is told, and a street comes back at once. */
export function inOneTurn<T>(send: (all: readonly T[]) => void): (one: T) => void {
  let waiting: T[] = [];
  return (one) => {
    waiting.push(one);
    if (waiting.length > 1) return;
    setImmediate(() => {
      const all = waiting;
      waiting = [];
      send(all);
    });
  };
}
