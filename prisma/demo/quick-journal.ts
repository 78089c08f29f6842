import type { Appended, EventKey, Journal, NewEntry, StoredEntry } from '../../gateway/journal/entry.ts';

/** A journal that answers before the disk does, for writing the past, where nobody stands at a door. */
export interface QuickJournal extends Journal {
  /** Resolves when everything appended so far is on disk, under the numbers that were promised. */
  settled(): Promise<void>;
}

const name = ({ controllerId, instance, boot, seq }: EventKey): string => `${controllerId}/${instance}/${boot}/${seq}`;

/** How many entries may be on their way: so few that on a slow computer, too, none waits the three seconds after which the journal gives up. */
const ON_THE_WAY = 256;

/** Wraps the real journal, whose newest entry is `last`. Nobody else may append meanwhile. */
export function quickJournal(journal: Journal, last: number): QuickJournal {
  const byKey = new Map<string, StoredEntry>();
  let index = last;
  let under: Promise<void>[] = [];

  async function settled(): Promise<void> {
    const waiting = under;
    under = [];
    await Promise.all(waiting);
  }

  async function check(expected: number, appended: Promise<Appended>): Promise<void> {
    const { index: stored } = await appended;
    if (stored !== expected) throw new Error(`the past expected entry ${expected} and got ${stored}`);
  }

  return {
    async append(entry: NewEntry): Promise<Appended> {
      const known = entry.event.key && byKey.get(name(entry.event.key));
      if (known) return { index: known.index, duplicate: true, same: known.event.digest === entry.event.digest, stored: known.event };
      const stored = { index: ++index, ...entry };
      if (entry.event.key) byKey.set(name(entry.event.key), stored);
      under.push(check(stored.index, journal.append(entry)));
      if (under.length >= ON_THE_WAY) await settled();
      return { index: stored.index, duplicate: false };
    },
    find: async (key) => byKey.get(name(key)),
    settled,
  };
}
