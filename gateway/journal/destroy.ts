import type { JournalStore } from '../store/journal-store.ts';
import { dayStart, keysOf, monthOf } from './seal.ts';
import { SLOT, type SlotName } from './slot-file.ts';
import type { Rewrapped } from './slot-rewrap.ts';
import type { SlotWriter } from './slots.ts';

/** What is to be destroyed: everything of the local days before one, but for what is held. Day numbers are those of `dayOf`. */
export interface Destruction {
  readonly before: number;
  readonly held: {
    /** Their entries stay, whole. */
    readonly days: readonly number[];
    /** Their keys stay even when no entry is left; to keep somebody's entries, hold the days they are of. */
    readonly persons: readonly number[];
  };
}

/** Keys that are gone: of days, and of people of whom no entry is left. */
export type Destroyed = Rewrapped;

/** Milliseconds the writer works on it before entries that wait have their turn. */
const SLICE_MS = 2;

function breather(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < SLICE_MS) return;
    await new Promise((resolve) => setImmediate(resolve));
    since = performance.now();
  };
}

/** First moments of the days that stay, and of the days behind them; the last is open. */
function spansOf({ before, held }: Destruction): { readonly from: number; readonly until: number }[] {
  const days = [...new Set(held.days)].filter((day) => day < before);
  return [...days.map((day) => ({ from: dayStart(day), until: dayStart(day + 1) })), { from: dayStart(before), until: Number.MAX_SAFE_INTEGER }];
}

/** Is there an entry about this person in one of the spans? By tag: the entries themselves need not be opened. */
function personCheck(store: JournalStore, slots: SlotWriter, spans: ReturnType<typeof spansOf>): (personId: number) => boolean {
  const keys = keysOf(slots);
  const months = slots.months();
  const asked = spans.flatMap(({ from, until }) => months.filter((month) => month >= monthOf(from) && month <= monthOf(until - 1)).map((month) => ({ month, from, until })));
  return (personId) =>
    asked.some(({ month, from, until }) => {
      const tag = keys.tag(month, 'person', personId);
      return tag !== undefined && store.hasPerson(tag, from, until);
    });
}

/**
 * Destroys the keys of old days, of months of which no day is left, and of people of whom no entry is left: what they
 * sealed is unreadable from then on, here and in every copy. Rows and leaf hashes stay, so the log still proves itself.
 */
export async function destroyKeys(store: JournalStore, slots: SlotWriter, wish: Destruction): Promise<Destroyed> {
  const { before, held } = wish;
  const spans = spansOf(wish);
  const [heldDays, heldPersons] = [new Set(held.days), new Set(held.persons)];
  const staysDay = (day: number): boolean => day >= before || heldDays.has(day);
  const months = new Set(spans.map(({ from }) => monthOf(from)));
  const staysMonth = (month: number): boolean => month >= monthOf(dayStart(before)) || months.has(month);
  if (slots.days().every(staysDay) && slots.months().every(staysMonth)) return { days: 0, persons: 0 };
  const hasEntries = personCheck(store, slots, spans);
  function keep({ type, id }: SlotName): boolean {
    if (type === SLOT.day) return staysDay(id);
    if (type === SLOT.month) return staysMonth(id);
    return type !== SLOT.person || heldPersons.has(id) || hasEntries(id);
  }
  return slots.rewrap({ keep, breathe: breather() });
}
