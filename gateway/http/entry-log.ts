import { DAY_MS } from '../core/local-date.ts';
import type { EntryKind } from '../journal/entry.ts';
import { dayOf, dayStart } from '../journal/seal.ts';
import type { EntryLog } from '../register/run-retention.ts';
import type { Held } from '../store/holds.ts';
import type { Deps } from './deps.ts';

type Journal = Pick<Deps['journal'], 'before' | 'oldDays'>;

/** Local days before the cutoff of which something can still be read. */
const readableDays = (journal: Journal, cutoff: number): number[] => journal.oldDays(dayOf(cutoff)).flatMap(({ day, entries }) => (entries > 0 ? [day] : []));

/** Audit entries have day keys of their own, which no run over the others takes. */
const KINDS: readonly EntryKind[] = ['access', 'outcome', 'door', 'link', 'command', 'register', 'system'];

/** Is there an entry of this day that a hold is on? A day has one key, so one such entry keeps the whole day. */
function isHeldDay(journal: Journal, { persons, units, buildings, ranges }: Held, day: number): boolean {
  const [from, until] = [dayStart(day), dayStart(day) + DAY_MS];
  const has = (about: { readonly personId: number } | { readonly unitId: number } | { readonly buildingId: number }): boolean =>
    journal.before({ from, until, kinds: KINDS, ...about }, 1).length > 0;
  return (
    ranges.some((range) => range.from < until && range.until > from && has({ buildingId: range.buildingId })) ||
    [...persons].some((personId) => has({ personId })) ||
    [...units].some((unitId) => has({ unitId })) ||
    [...buildings].some((buildingId) => has({ buildingId }))
  );
}

/** The log's side of retention: counted and destroyed by local days, because a day has one key. */
export function entryLogOf({ journal, doorSide }: { readonly journal: Journal; readonly doorSide: Pick<Deps['doorSide'], 'destroyEntries'> }): EntryLog {
  function look(cutoff: number, held: Held): { due: number; heldDays: number[] } {
    const days = readableDays(journal, cutoff);
    return { due: days.length, heldDays: days.filter((day) => isHeldDay(journal, held, day)) };
  }
  return {
    async due(cutoff, held) {
      const { due, heldDays } = look(cutoff, held);
      return { due, held: heldDays.length };
    },
    async destroy(cutoff, held) {
      const { due, heldDays } = look(cutoff, held);
      const { days } = await doorSide.destroyEntries(dayOf(cutoff), { days: heldDays, persons: [...held.persons] });
      return { due, held: heldDays.length, done: days };
    },
  };
}
