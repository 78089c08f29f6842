import { isReason, REASONS } from '../../core/reasons.ts';
import type { EntryKind } from '../../journal/entry.ts';
import type { EntryFilter } from '../../journal/filter.ts';
import type { PurposeRow } from '../../store/purposes.ts';
import type { DoorList } from '../door-list.ts';
import { refusal } from '../problem.ts';
import type { ReviewQuery } from '../schemas/review.ts';

/** What a review may be narrowed to. */
export type ReviewFilter = Omit<ReviewQuery, 'before' | 'limit'>;

/** Entries about comings and goings; links, the register and audit lines are no part of a review. */
const REVIEWED: readonly EntryKind[] = ['access', 'outcome', 'door', 'command'];

/**
 * The journal's filter for what is asked under a purpose: never beyond its building and range. Homes and persons can be
 * asked for after the second act only, and without a building a person must be named.
 */
export function filterUnder(purpose: PurposeRow, asked: ReviewFilter, doors: Pick<DoorList, 'of'>): EntryFilter {
  const { unit, door, person, reason, result } = asked;
  if (purpose.peopleAt === null && (unit !== undefined || person !== undefined)) throw refusal('PEOPLE_NOT_OPEN');
  if (purpose.buildingId === null && person === undefined) throw refusal('BAD_INPUT', { field: 'person', expected: '必填 / required' });
  if (reason !== undefined && !isReason(reason)) throw refusal('BAD_INPUT', { field: 'reason', expected: REASONS.join(' | ') });
  if (door !== undefined && purpose.buildingId !== null && doors.of(door)?.buildingId !== purpose.buildingId) throw refusal('SCOPE_DENIED');
  return {
    kinds: REVIEWED,
    from: Math.max(purpose.rangeFrom, asked.from ?? 0),
    until: Math.min(purpose.rangeUntil, asked.until ?? Number.MAX_SAFE_INTEGER),
    ...(purpose.buildingId === null ? {} : { buildingId: purpose.buildingId }),
    ...(unit === undefined ? {} : { unitId: unit }),
    ...(door === undefined ? {} : { doorId: door }),
    ...(person === undefined ? {} : { personId: person }),
    ...(reason === undefined || !isReason(reason) ? {} : { reason }),
    ...(result === undefined ? {} : { result }),
  };
}

/** What was asked, as the words of its audit line: row numbers and codes, nobody's name. */
export const wordsOf = (asked: object): string =>
  Object.entries(asked)
    .filter(([, value]) => typeof value === 'string' || typeof value === 'number')
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
    .slice(0, 120);
