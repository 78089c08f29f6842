import { dateAt, startOfDay } from '../core/local-date.ts';
import { rightTo } from '../core/matrix.ts';
import type { JournalReads } from './deps.ts';
import { seesAll } from './disclosure.ts';
import { inScope, type Viewer } from './viewer.ts';

const HOUR_MS = 3_600_000;

/**
 * How often a building's doors were opened today by `now` (epoch ms): a count, never who or when. Who does not see
 * every entry is told of full hours only: a number that grows as he watches would tell him when somebody came
 * (invariant I5). Null for who has no right to counts, and for who has single homes of the building: it counts the others, too.
 */
export function openedToday(journal: Pick<JournalReads, 'countGranted'>, viewer: Viewer, asked: { readonly buildingId: number; readonly now: number }): number | null {
  const { buildingId, now } = asked;
  const form = rightTo('unitCounts', viewer.role, 'R', true)?.form;
  if (form === undefined || form === 'state' || !inScope(viewer, buildingId)) return null;
  const today = journal.countGranted({ buildingId, from: startOfDay(dateAt(now)) });
  // Zones are whole hours from UTC here, so the hour began at a multiple of an hour.
  return seesAll(viewer.role) ? today : today - journal.countGranted({ buildingId, from: Math.floor(now / HOUR_MS) * HOUR_MS });
}
