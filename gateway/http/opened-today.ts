import { dateAt, startOfDay } from '../core/local-date.ts';
import type { JournalReads } from './deps.ts';
import type { Role } from './schemas/session.ts';

const HOUR_MS = 3_600_000;

/**
 * How often a building's doors were opened today by `now` (epoch ms): a count, never who or when. A landlord is told
 * of full hours only: a number that grows as he watches would tell him when somebody came (invariant I5).
 */
export function openedToday(journal: JournalReads, asked: { readonly buildingId: number; readonly role: Role; readonly now: number }): number {
  const { buildingId, role, now } = asked;
  const today = journal.countGranted({ buildingId, from: startOfDay(dateAt(now)) });
  // Zones are whole hours from UTC here, so the hour began at a multiple of an hour.
  return role === 'LL' ? today - journal.countGranted({ buildingId, from: Math.floor(now / HOUR_MS) * HOUR_MS }) : today;
}
