import type { Reason } from '../core/reasons.ts';
import { RESULT } from '../store/journal-store.ts';
import type { RowQuery, Tags } from '../store/journal-walk.ts';
import { reasonNumber } from './encode.ts';
import { ENTRY_KIND, type EntryKind, type StoredEntry } from './entry.ts';
import { calendarOf, isAuditKey, type Keys, monthOf, type Tagged } from './seal.ts';

/** Which entries are wanted. Fields that are not there do not limit; those that are hold together. */
export interface EntryFilter {
  /** Only entries before this index. */
  readonly index?: number;
  readonly buildingId?: number;
  readonly doorId?: number;
  /** Whom the entry is about: who came, or whose data was looked at. */
  readonly personId?: number;
  readonly unitId?: number;
  /** The account that acted: looks, orders to doors, changes of the register. */
  readonly accountId?: number;
  /** Only decisions that refused for this reason. Quick with `buildingId`; throws RangeError when nothing at all is said about whom or where. */
  readonly reason?: Reason;
  /** Only decisions that came out so. */
  readonly result?: 'granted' | 'refused';
  /** Leaves out grants and what doors did with decisions: what a landlord may see of his building is among the rest. */
  readonly withoutPassages?: boolean;
  readonly kinds?: readonly EntryKind[];
  /** Only entries of the gateway's clock from this moment on, epoch ms. */
  readonly from?: number;
  /** Only entries of the gateway's clock before this moment, epoch ms. */
  readonly until?: number;
}

const TAGGED = [
  ['buildingId', 'buildingTag', 'building'],
  ['doorId', 'doorTag', 'door'],
  ['personId', 'personTag', 'person'],
  ['unitId', 'unitTag', 'unit'],
  ['accountId', 'accountTag', 'account'],
] as const satisfies readonly (readonly [keyof EntryFilter, keyof Tags, Tagged])[];

/** The tags that stand for these ids in one month; undefined when the month's key is gone. */
function tagsIn(month: number, filter: EntryFilter, keys: Keys): Tags | undefined {
  const tags: { -readonly [column in keyof Tags]: Tags[column] } = { audit: isAuditKey(month) };
  for (const [id, column, about] of TAGGED) {
    const value = filter[id];
    if (value === undefined) continue;
    const tag = keys.tag(month, about, value);
    if (tag === undefined) return undefined;
    tags[column] = tag;
  }
  if (filter.reason === undefined || filter.buildingId === undefined) return tags;
  const reasonTag = keys.tag(month, `reason-${reasonNumber(filter.reason)}`, filter.buildingId);
  return reasonTag && { ...tags, reasonTag };
}

/** Values of the result column that wanted entries can have; undefined when that is any. */
function resultsOf({ result, reason, withoutPassages = false, kinds }: EntryFilter): number[] | undefined {
  const decision = kinds?.includes('access') ?? true;
  const outcome = kinds?.includes('outcome') ?? true;
  const refusedOnly = result === 'refused' || reason !== undefined;
  const passes = {
    [RESULT.granted]: decision && !withoutPassages && !refusedOnly,
    [RESULT.refused]: decision && result !== 'granted',
    [RESULT.outcome]: outcome && !withoutPassages && result === undefined && reason === undefined,
    // Outcomes of version 1 are among these.
    [RESULT.other]: result === undefined && reason === undefined && kinds?.every((kind) => kind === 'access') !== true,
  };
  const results = Object.values(RESULT).filter((value) => passes[value]);
  return results.length === Object.keys(RESULT).length ? undefined : results;
}

/** Month keys of the tags that entries of this time can have, of audit entries or others: tags change with the month. */
export const inTime =
  ({ from = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY }: Pick<EntryFilter, 'from' | 'until'>) =>
  (month: number): boolean =>
    calendarOf(month) >= monthOf(from) && calendarOf(month) <= monthOf(until);

/** Month keys that wanted entries can be tagged under, by their kind: audit entries have months of their own. */
function ofKind({ kinds }: EntryFilter, results: readonly number[] | undefined): (month: number) => boolean {
  const audits = (kinds?.includes('audit') ?? true) && (results?.includes(RESULT.other) ?? true);
  const others = kinds?.every((kind) => kind === 'audit') !== true;
  return (month) => (isAuditKey(month) ? audits : others);
}

/**
 * The query for the rows of a filter. Each month that has a key and can have such entries is asked for its own tags,
 * so that a clock that jumped over a month's end and back does no harm.
 * Throws RangeError for a reason and nothing about whom or where: that would read the whole log.
 */
export function queryOf(filter: EntryFilter, keys: Keys, months: readonly number[]): RowQuery {
  const { from = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY, kinds } = filter;
  const tagged = TAGGED.some(([id]) => filter[id] !== undefined);
  if (filter.reason !== undefined && !tagged) throw new RangeError('log: a reason needs a building, door, unit or person');
  const results = resultsOf(filter);
  const wanted = months.filter(ofKind(filter, results)).filter(inTime(filter));
  return {
    months: tagged ? wanted.flatMap((month) => tagsIn(month, filter, keys) ?? []) : [{}],
    results,
    kinds: kinds?.map((kind) => ENTRY_KIND[kind]),
    time: filter.from === undefined && filter.until === undefined ? undefined : { from, until },
  };
}

const agrees = (wanted: number | string | undefined, is: number | string | undefined): boolean => wanted === undefined || wanted === is;

/** Two things may share a tag, one in ten million, and not every condition has a column; what the entry says decides. */
export const isWanted = ({ event, person }: StoredEntry, filter: EntryFilter): boolean =>
  agrees(filter.buildingId, event.buildingId) &&
  agrees(filter.doorId, event.doorId) &&
  agrees(filter.reason, event.reason) &&
  agrees(filter.personId, person.personId) &&
  agrees(filter.unitId, person.unitId) &&
  agrees(filter.accountId, person.accountId) &&
  (filter.kinds?.includes(event.kind) ?? true) &&
  !(filter.withoutPassages === true && event.kind === 'outcome');
