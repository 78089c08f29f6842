import type { DoorId } from '../core/ids.ts';
import type { CardReading } from '../core/cards.ts';
import { type CardWish, giveCard } from '../register/give-card.ts';
import type { Note } from '../register/lock-down.ts';
import { RuleRefused } from '../register/rule-refused.ts';
import type { Register } from '../store/register.ts';
import type { DoorSidePort } from './deps.ts';
import { refusal } from './problem.ts';
import type { CardWindow } from './schemas/give-card.ts';

/** A card is waited for so long, ms: time to walk to the door. */
const WINDOW_MS = 60_000;
/** How one ended is shown for so long, ms. */
const SHOWN_MS = 5 * 60_000;

/** Who is to get the card that is held to a door's reader. */
export interface WindowWish extends Omit<CardWish, 'number' | 'now'> {
  readonly doorId: DoorId;
  readonly home: { readonly buildingId: number; readonly unitId: number };
}

/** Cards that are given by holding them to a reader: in memory only, so that a desk side that ends waits for none. */
export interface CardWindows {
  /** Waits for a card at this door. Throws CARD_WINDOW_OPEN while somebody else does. */
  open(wish: WindowWish, note: Note): CardWindow;
  /** The one of this tenancy; undefined: nobody waited lately. */
  of(tenancyId: number): CardWindow | undefined;
  /** Waits no more. */
  close(tenancyId: number): void;
  /** What the door side tells of a card that opened nothing. */
  heard(read: { readonly doorId: DoorId; readonly reading: CardReading; readonly entry: number }): Promise<void>;
}

/** What they are made of. `given`: the register has another card. */
export interface CardWindowsParts {
  readonly register: Register;
  readonly doorSide: Pick<DoorSidePort, 'watchCards'>;
  readonly clock: () => number;
  readonly given: (home: WindowWish['home']) => Promise<void>;
}

interface Waiting {
  readonly wish: WindowWish;
  readonly note: Note;
  readonly until: number;
  state: 'waiting' | 'giving' | 'given' | 'ended';
  tail: string;
  /** Why the last card that was held to it could not be given. */
  refused: CardWindow['refused'];
}

/** What was expected, in both languages, as the register says it in one line. */
function sentenceOf({ detail }: RuleRefused): CardWindow['refused'] {
  const [zh = '', en = ''] = (detail?.expected ?? '').split(' / ');
  return zh === '' ? { zh: '他在这里的租住已经结束。', en: 'His stay here is over.' } : { zh, en };
}

export function createCardWindows({ register, doorSide, clock, given }: CardWindowsParts): CardWindows {
  const windows = new Map<number, Waiting>();
  const isOpen = ({ state, until }: Waiting): boolean => state === 'giving' || (state === 'waiting' && clock() < until);
  const at = (doorId: DoorId): Waiting | undefined => [...windows.values()].find((each) => each.wish.doorId === doorId && isOpen(each));

  function viewOf(window: Waiting): CardWindow {
    const { wish, until, state, tail, refused } = window;
    const shown = state === 'waiting' && clock() >= until ? 'over' : state;
    return { state: shown, personId: wish.personId, doorId: wish.doorId, until, leftMs: isOpen(window) ? Math.max(0, until - clock()) : 0, tail, refused };
  }

  return {
    open(wish, note) {
      const other = at(wish.doorId);
      if (other !== undefined && other.wish.tenancyId !== wish.tenancyId) throw refusal('CARD_WINDOW_OPEN');
      const before = windows.get(wish.tenancyId);
      if (before !== undefined && isOpen(before) && before.wish.doorId !== wish.doorId) doorSide.watchCards(before.wish.doorId, 0);
      const window: Waiting = { wish, note, until: clock() + WINDOW_MS, state: 'waiting', tail: '', refused: null };
      windows.set(wish.tenancyId, window);
      doorSide.watchCards(wish.doorId, window.until);
      return viewOf(window);
    },
    of(tenancyId) {
      const window = windows.get(tenancyId);
      if (window === undefined || clock() < window.until + SHOWN_MS) return window && viewOf(window);
      windows.delete(tenancyId);
      return undefined;
    },
    close(tenancyId) {
      const window = windows.get(tenancyId);
      if (window === undefined || window.state !== 'waiting') return;
      window.state = 'ended';
      doorSide.watchCards(window.wish.doorId, 0);
    },
    async heard({ doorId, reading, entry }) {
      const window = at(doorId);
      if (window === undefined || window.state !== 'waiting') return;
      window.state = 'giving';
      const { home, tenancyId, personId, kind, lastDay } = window.wish;
      try {
        window.tail = await giveCard(register, { tenancyId, personId, kind, lastDay, number: reading, now: clock() }, (words) => window.note(`${words} tap=${entry}`));
        window.state = 'given';
        window.refused = null;
        doorSide.watchCards(doorId, 0);
      } catch (error) {
        // The next card may be the right one.
        window.state = 'waiting';
        if (!(error instanceof RuleRefused)) throw error;
        window.refused = sentenceOf(error);
        return;
      }
      await given(home);
    },
  };
}
