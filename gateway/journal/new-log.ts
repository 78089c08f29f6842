import { openJournalStore } from '../store/journal-store.ts';
import { addLog } from './log.ts';

/**
 * Begins a new log in a journal that nobody has open, citing the one before it as it stands: for a restore, after which
 * the gateway may sign again what it signed before. Its first entry is written when the gateway opens it.
 * Returns what it cites: `origin size root`.
 */
export function beginNewLog(file: string): string | undefined {
  const store = openJournalStore(file);
  try {
    return addLog(store).cites;
  } finally {
    store.close();
  }
}
