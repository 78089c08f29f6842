import { dateAt } from '../../gateway/core/local-date.ts';
import type { JournalReads } from '../../gateway/http/deps.ts';
import { type EventData, eventOf, type NewEntry, NO_PERSON, type StoredEntry } from '../../gateway/journal/entry.ts';
import type { EntryFilter } from '../../gateway/journal/filter.ts';
import type { DecisionCount, TimeRange, UnitCount } from '../../gateway/journal/reader.ts';
import { NOON } from './register.ts';
import { dayOf } from '../../gateway/journal/seal.ts';

const agree = (wanted: number | string | undefined, is: number | string | undefined): boolean => wanted === undefined || wanted === is;
const isDecision = ({ event }: StoredEntry): boolean => event.kind === 'access';

/** What a filter asks for, entry by entry: the reference the real reader is held to. */
export function matches(entry: StoredEntry, filter: EntryFilter): boolean {
  const { event, person } = entry;
  const { index = Number.POSITIVE_INFINITY, from = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY, kinds, result } = filter;
  const refused = isDecision(entry) && !event.granted;
  const granted = isDecision(entry) && event.granted;
  return (
    entry.index < index &&
    event.gatewayTime >= from &&
    event.gatewayTime < until &&
    (kinds === undefined || kinds.includes(event.kind)) &&
    (result === undefined || (result === 'granted' ? granted : refused)) &&
    (filter.reason === undefined || (refused && event.reason === filter.reason)) &&
    !(filter.withoutPassages === true && (granted || event.kind === 'outcome')) &&
    agree(filter.buildingId, event.buildingId) &&
    agree(filter.doorId, event.doorId) &&
    agree(filter.personId, person.personId) &&
    agree(filter.unitId, person.unitId) &&
    agree(filter.accountId, person.accountId)
  );
}

/** Decisions among these, counted one by one. */
export function counted(entries: readonly StoredEntry[]): DecisionCount {
  const decisions = entries.filter(isDecision);
  const granted = decisions.filter(({ event }) => event.granted).length;
  const newest = decisions.at(-1);
  return { granted, refused: decisions.length - granted, lastDay: newest && dateAt(newest.event.gatewayTime) };
}

/** A journal in memory, read as the real one is. Its first entry has index 1. */
export class FakeJournal implements JournalReads {
  readonly entries: StoredEntry[] = [];

  add(event: Partial<EventData> & Pick<EventData, 'kind'>, person = NO_PERSON): StoredEntry {
    const entry = { index: this.entries.length + 1, event: eventOf({ gatewayTime: NOON, ...event }), person };
    this.entries.push(entry);
    return entry;
  }

  store(entry: NewEntry): number {
    const index = this.entries.length + 1;
    this.entries.push({ index, ...entry });
    return index;
  }

  last(): number {
    return this.entries.length;
  }

  at(index: number): StoredEntry | undefined {
    return this.entries[index - 1];
  }

  since(index: number, limit: number): StoredEntry[] {
    return this.entries.slice(index, index + limit);
  }

  happened(index: number, rows: number): { entries: StoredEntry[]; upTo: number } {
    const some = this.since(index, rows);
    return { entries: some.filter(({ event }) => event.kind === 'door' || event.kind === 'link'), upTo: some.at(-1)?.index ?? index };
  }

  before(filter: EntryFilter, limit: number): StoredEntry[] {
    return this.entries
      .filter((entry) => matches(entry, filter))
      .reverse()
      .slice(0, limit);
  }

  audits(filter: EntryFilter, limit: number): StoredEntry[] {
    return this.before({ ...filter, kinds: ['audit'] }, limit);
  }

  auditOf(personId: number, limit: number, before = Number.POSITIVE_INFINITY): StoredEntry[] {
    return this.audits({ personId, index: before }, limit);
  }

  unitCounts({ unitIds, from, until }: TimeRange & { readonly unitIds: readonly number[] }): UnitCount[] {
    return unitIds.map((unitId) => ({ unitId, ...counted(this.entries.filter((entry) => matches(entry, { unitId, from, until }))) }));
  }

  buildingCount({ buildingId, from, until }: TimeRange & { readonly buildingId: number }): DecisionCount {
    return counted(this.entries.filter((entry) => matches(entry, { buildingId, from, until })));
  }

  countGranted({ buildingId, from }: { buildingId: number; from: number }): number {
    return this.entries.filter((entry) => matches(entry, { buildingId, from, result: 'granted' })).length;
  }

  oldDays(before: number): { day: number; entries: number }[] {
    const days = this.entries.map(({ event }) => dayOf(event.gatewayTime)).filter((day) => day < before);
    return [...new Set(days)].map((day) => ({ day, entries: days.filter((each) => each === day).length }));
  }
}
