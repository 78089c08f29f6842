import { addDays, completedYears, type LocalDate } from './local-date.ts';

/** How far somebody's residence permit is (S1.01–1.07). `none`: nobody asked for it. */
export const PERMIT_STATES = ['none', 'applied', 'accepted', 'issued', 'refused', 'ended'] as const;
/** One of `PERMIT_STATES`. */
export type PermitState = (typeof PERMIT_STATES)[number];

/** What somebody does with a permit. `move`: another address goes on it; `replace`: it was lost. */
export const PERMIT_STEPS = ['apply', 'accept', 'refuse', 'issue', 'endorse', 'move', 'replace', 'end'] as const;
/** One of `PERMIT_STEPS`. */
export type PermitStep = (typeof PERMIT_STEPS)[number];

/** Whoever asks for it, or the counter. */
export type PermitActor = 'holder' | 'station';

interface Way {
  readonly from: readonly PermitState[];
  readonly to: PermitState;
  readonly actor: PermitActor;
  /** The basis goes to the person. */
  readonly words: boolean;
}
const station = (from: PermitState, to: PermitState, words = false): Way => ({ from: [from], to, actor: 'station', words });

const WAYS: Readonly<Record<PermitStep, Way>> = {
  apply: { from: ['none', 'refused', 'ended'], to: 'applied', actor: 'holder', words: false },
  accept: station('applied', 'accepted'),
  refuse: station('applied', 'refused', true),
  issue: station('accepted', 'issued'),
  endorse: station('issued', 'issued'),
  move: station('issued', 'issued'),
  replace: station('issued', 'issued'),
  end: station('issued', 'ended', true),
};

/** Why a permit is given: one of them besides the time of residence (L-02). */
export const PERMIT_REASONS = ['job', 'home', 'schooling'] as const;
/** One of `PERMIT_REASONS`. */
export type PermitReason = (typeof PERMIT_REASONS)[number];

/** How a permit stands. Times are epoch ms. */
export interface PermitStand {
  readonly state: PermitState;
  /** The yearly endorsement is due by then; null: it was not issued. */
  readonly validUntil: number | null;
  /** From when on that may be endorsed. */
  readonly windowFrom: number | null;
  /** The address on it is where he is registered. */
  readonly sameAddress: boolean;
}

/** An endorsement that is late suspends what the permit is good for, until it is made (L-04). */
export const isSuspended = ({ state, validUntil }: PermitStand, now: number): boolean => state === 'issued' && validUntil !== null && validUntil < now;

/** The steps somebody may take now: an endorsement from the first day of its window, a change of address only when there is one. */
export const permitSteps = (stand: PermitStand, actor: PermitActor, now: number): PermitStep[] =>
  PERMIT_STEPS.filter((step) => {
    if (WAYS[step].actor !== actor || !WAYS[step].from.includes(stand.state)) return false;
    if (step === 'endorse') return stand.windowFrom !== null && now >= stand.windowFrom;
    return step !== 'move' || !stand.sameAddress;
  });

/** Where a step leads. */
export const permitAfter = (step: PermitStep): PermitState => WAYS[step].to;
/** Is a basis to be given with it? */
export const permitNeedsWords = (step: PermitStep): boolean => WAYS[step].words;

/** A period of a rule, counted in whole months, years or days. */
export interface Span {
  readonly amount: number;
  readonly unit: string;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** The corresponding day so many months later or, negative, earlier; the month's last day where it has none such (Civil Code art. 202). */
function monthsFrom(start: LocalDate, months: number): LocalDate {
  const month = Number(start.slice(0, 4)) * 12 + Number(start.slice(5, 7)) - 1 + months;
  const last = new Date(Date.UTC(Math.floor(month / 12), (month % 12) + 1, 0)).getUTCDate();
  return `${Math.floor(month / 12)}-${two((month % 12) + 1)}-${two(Math.min(Number(start.slice(8)), last))}`;
}

/** The day a span after another, or before it. Of years, months and days; other units count as days. */
export function daySpanned(start: LocalDate, { amount, unit }: Span, back = false): LocalDate {
  const signed = back ? -amount : amount;
  if (unit === 'year') return monthsFrom(start, signed * 12);
  if (unit === 'month') return monthsFrom(start, signed);
  return addDays(start, signed);
}

/** What keeps somebody from a permit now. */
export type PermitBar = 'notRegistered' | 'tooShort' | 'tooYoung';

/** What the place asks: residence before it, and how old somebody must be; undefined: it names none. */
export interface PermitRules {
  readonly residence: Span | undefined;
  readonly minAge: number | undefined;
}

/** May he ask for one on this day? `registeredOn` null: he is not registered; `born` '': not known, and then no age keeps him from it. `from`: the first day he may. */
export function eligible(
  rules: PermitRules,
  { registeredOn, born }: { readonly registeredOn: LocalDate | null; readonly born: string },
  on: LocalDate,
): { readonly bars: PermitBar[]; readonly from: LocalDate | null } {
  const from = registeredOn === null ? null : rules.residence === undefined ? registeredOn : daySpanned(registeredOn, rules.residence);
  const bars: PermitBar[] = [];
  if (from === null) bars.push('notRegistered');
  else if (on < from) bars.push('tooShort');
  // Of an unknown birth two thousand years have passed: it keeps nobody from anything.
  const { minAge = 0 } = rules;
  if (completedYears(born, on) < minAge) bars.push('tooYoung');
  return { bars, from };
}

/** Who has stayed for so long lives here for a time, whatever he intends. */
const TEMPORARY_DAYS = 30;

/** How long somebody is here, of what is derived and never typed (S12.07, domain.md 3.9). */
export type StayCategory = 'resident' | 'temporary' | 'transient' | 'documentPending';

/** The category of a stay on this day. `months`: what he intends; 0: not said. `registeredOn` null: not registered, so by what he intends and has stayed nothing counts yet. */
export function stayCategory(
  { seen, registeredOn, months }: { readonly seen: boolean; readonly registeredOn: LocalDate | null; readonly months: number },
  on: LocalDate,
): StayCategory | undefined {
  if (!seen) return 'documentPending';
  if (registeredOn === null) return undefined;
  if (on >= monthsFrom(registeredOn, 6)) return 'resident';
  return months > 0 || on >= addDays(registeredOn, TEMPORARY_DAYS) ? 'temporary' : 'transient';
}
