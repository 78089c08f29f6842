import { type Appended, type EventKey, type Journal, JournalUnavailable, type NewEntry, type StoredEntry } from '../../gateway/journal/entry.ts';

/** A journal in memory with the contract of the real one, and a switch that makes its disk full. */
export interface MemoryJournal extends Journal {
  readonly entries: StoredEntry[];
  full: boolean;
}

const name = (key: EventKey): string => `${key.controllerId}/${key.instance}/${key.boot}/${key.seq}`;

export function memoryJournal(): MemoryJournal {
  const entries: StoredEntry[] = [];
  const byKey = new Map<string, StoredEntry>();
  return {
    entries,
    full: false,
    async append(entry: NewEntry): Promise<Appended> {
      if (this.full) throw new JournalUnavailable('disk full');
      const known = entry.event.key && byKey.get(name(entry.event.key));
      if (known) return { index: known.index, duplicate: true, same: known.event.digest === entry.event.digest, stored: known.event };
      const stored = { index: entries.length + 1, ...entry };
      entries.push(stored);
      if (entry.event.key) byKey.set(name(entry.event.key), stored);
      return { index: stored.index, duplicate: false };
    },
    find: async (key) => byKey.get(name(key)),
  };
}
