import type { JournalStore } from '../store/journal-store.ts';
import { calendarOf, dayStart, isAuditKey, monthOf, taggerUnder } from './seal.ts';
import { SLOT, type SlotName } from './slot-file.ts';
import type { Rewrapped } from './slot-rewrap.ts';
import type { SlotWriter } from './slots.ts';

/** What is to be destroyed: everything of the local days before one, but for what is held and audit entries. Day numbers are those of `dayOf`. */
export interface Destruction {
  readonly before: number;
  /** Audit entries of the days before this one go too; without it they all stay (they are to outlive the rest: domain.md 4.6). */
  readonly auditBefore?: number;
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

/** Days that stay: the first moment of them, and the first behind them. */
interface Span {
  readonly from: number;
  readonly until: number;
}

const holdsDay =
  (day: number) =>
  ({ from, until }: Span): boolean =>
    dayStart(day) >= from && dayStart(day) < until;

const touchesMonth =
  (month: number) =>
  ({ from, until }: Span): boolean =>
    month >= monthOf(from) && month <= monthOf(until - 1);

/** By the number of a day or month key: the days that stay of the entries that it is for. */
function keptBy({ before, auditBefore = 0, held }: Destruction): (number: number) => readonly Span[] {
  const days = held.days.map((day): Span => ({ from: dayStart(day), until: dayStart(day + 1) }));
  const withAllFrom = (day: number): readonly Span[] => [...days, { from: dayStart(day), until: Number.MAX_SAFE_INTEGER }];
  const [doors, audits] = [withAllFrom(before), withAllFrom(auditBefore)];
  return (number) => (isAuditKey(number) ? audits : doors);
}

/** Number of the month key that goes with a day key, of audit entries or of the others. */
const monthOfDay = (day: number): number => day - calendarOf(day) + monthOf(dayStart(calendarOf(day)));

/**
 * Is an entry about this person among what stays, of any kind? By tag: the entries themselves need not be opened. Where
 * the month's key of a day that stays was lost, nobody can tell: then everybody has one.
 */
function personCheck(store: JournalStore, slots: SlotWriter, kept: ReturnType<typeof keptBy>): (personId: number) => boolean {
  const keyOfMonth = (month: number): Buffer | undefined => slots.key({ type: SLOT.month, id: month });
  if (slots.days().some((day) => kept(day).some(holdsDay(calendarOf(day))) && keyOfMonth(monthOfDay(day)) === undefined)) return () => true;
  // Most people came through a door lately: those months are asked before the years of audit entries.
  const months = [...slots.months()].sort((a, b) => Number(isAuditKey(a)) - Number(isAuditKey(b)));
  const asked = months.flatMap((month) => {
    const key = keyOfMonth(month);
    if (key === undefined) return [];
    const tag = taggerUnder(key);
    const spans = kept(month).filter(touchesMonth(calendarOf(month)));
    return spans.map((span) => ({ tag, ...span }));
  });
  return (personId) => asked.some(({ tag, from, until }) => store.hasPerson(tag('person', personId), from, until));
}

/**
 * Destroys the keys of old days, of months of which no day is left, and of people of whom no entry is left: what they
 * sealed is unreadable from then on, here and in every copy. Rows and leaf hashes stay, so the log still proves itself.
 */
export async function destroyKeys(store: JournalStore, slots: SlotWriter, wish: Destruction): Promise<Destroyed> {
  const kept = keptBy(wish);
  const heldPersons = new Set(wish.held.persons);
  const staysDay = (day: number): boolean => kept(day).some(holdsDay(calendarOf(day)));
  const staysMonth = (month: number): boolean => kept(month).some(touchesMonth(calendarOf(month)));
  if (slots.days().every(staysDay) && slots.months().every(staysMonth)) return { days: 0, persons: 0 };
  const hasEntries = personCheck(store, slots, kept);
  function keep({ type, id }: SlotName): boolean {
    if (type === SLOT.day) return staysDay(id);
    if (type === SLOT.month) return staysMonth(id);
    return type !== SLOT.person || heldPersons.has(id) || hasEntries(id);
  }
  return slots.rewrap({ keep, breathe: breather() });
}
