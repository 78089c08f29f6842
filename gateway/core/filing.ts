import { addWorkingDays, type WorkCalendar } from './working-days.ts';
import { dateAt, endOfDay } from './local-date.ts';

/** How far the filing of a home for letting is (domain.md S1.09, S8.11). */
export const FILING_STATES = ['draft', 'submitted', 'inspecting', 'filed', 'orderedToFix', 'orderedToFile', 'rejectedFire', 'suspended', 'cancelled'] as const;
/** One of `FILING_STATES`. */
export type FilingState = (typeof FILING_STATES)[number];

/** What somebody does with a filing. */
export const FILING_STEPS = ['submit', 'inspect', 'accept', 'supplement', 'orderFix', 'orderFile', 'rejectFire', 'suspend', 'resume', 'cancel'] as const;
/** One of `FILING_STEPS`. */
export type FilingStep = (typeof FILING_STEPS)[number];

interface Way {
  readonly from: readonly FilingState[];
  readonly to: FilingState;
  /** The landlord's own act; else the station's. */
  readonly landlord: boolean;
  /** A reason, or for a supplement the full list of what is asked for, goes to the landlord. */
  readonly reason: boolean;
}

const WITH_STATION: readonly FilingState[] = ['submitted', 'inspecting'];
const station = (from: readonly FilingState[], to: FilingState, reason = true): Way => ({ from, to, landlord: false, reason });
const landlord = (from: readonly FilingState[], to: FilingState): Way => ({ from, to, landlord: true, reason: false });

const WAYS: Readonly<Record<FilingStep, Way>> = {
  submit: landlord(['draft', 'orderedToFix', 'orderedToFile', 'rejectedFire'], 'submitted'),
  inspect: station(['submitted'], 'inspecting', false),
  accept: station(WITH_STATION, 'filed', false),
  supplement: station(WITH_STATION, 'draft'),
  orderFix: station([...WITH_STATION, 'filed'], 'orderedToFix'),
  orderFile: station(['draft', 'cancelled'], 'orderedToFile'),
  rejectFire: station([...WITH_STATION, 'filed', 'suspended'], 'rejectedFire'),
  suspend: station(['filed'], 'suspended'),
  resume: station(['suspended'], 'filed'),
  cancel: landlord(['draft', 'submitted', 'inspecting', 'filed', 'orderedToFix', 'orderedToFile', 'rejectedFire', 'suspended'], 'cancelled'),
};

/** Who is at it. */
export type FilingActor = 'landlord' | 'station';

/** The steps somebody may take from here. A supplement is asked for once (domain.md 5.3-3). */
export const stepsFrom = (state: FilingState, actor: FilingActor, supplemented: boolean): FilingStep[] =>
  FILING_STEPS.filter((step) => WAYS[step].landlord === (actor === 'landlord') && WAYS[step].from.includes(state) && !(step === 'supplement' && supplemented));

/** Where a step leads. */
export const stateAfter = (step: FilingStep): FilingState => WAYS[step].to;

/** Is a reason to be given with it? */
export const needsReason = (step: FilingStep): boolean => WAYS[step].reason;

/** What proves that a home may be let by who lets it. */
export const TITLE_KINDS = ['deed', 'land', 'purchase', 'public', 'villageProof', 'other'] as const;
/** One of `TITLE_KINDS`. */
export type TitleKind = (typeof TITLE_KINDS)[number];

/** The pre-let check of a landlord (domain.md 5.2-3): fire equipment, ways out, wiring, and that only rooms meant for it are lived in (L-13). */
export const CHECK_ITEMS = ['extinguisher', 'wayOut', 'wiring', 'gas', 'noPartition', 'livingRooms'] as const;
/** One of `CHECK_ITEMS`. */
export type CheckItem = (typeof CHECK_ITEMS)[number];

/** What of a filing must be there before it is sent in. */
export interface FilingPapers {
  readonly titleKind: string;
  readonly titleNumber: string;
  /** Square metres in tenths; 0: not said. */
  readonly area: number;
  /** Items that were looked at and found in order. */
  readonly checked: readonly string[];
}

/** What is still missing, in the order in which it is asked. */
export type FilingGap = 'title' | 'area' | 'check';

/** What keeps papers from being sent in; empty: nothing. */
export function gapsOf({ titleKind, titleNumber, area, checked }: FilingPapers): FilingGap[] {
  const gaps: FilingGap[] = [];
  if (titleKind === '' || titleNumber === '') gaps.push('title');
  if (area <= 0) gaps.push('area');
  if (CHECK_ITEMS.some((item) => !checked.includes(item))) gaps.push('check');
  return gaps;
}

/** Working days within which a filing that was sent in is decided: the default of domain.md 5.3-3. */
const DECIDE_DAYS = 5;
/** Working days to put right what was ordered, or to file after an order to: no text read names a number, so a default. */
const ANSWER_DAYS = 10;

/** When whoever is to act next is due, epoch ms: the end of a working day. Null: nobody is waited for. */
export function filingDue(state: FilingState, now: number, calendar: WorkCalendar): number | null {
  const within = (days: number): number => endOfDay(addWorkingDays(dateAt(now), days, calendar));
  if (WITH_STATION.includes(state)) return within(DECIDE_DAYS);
  return state === 'orderedToFix' || state === 'orderedToFile' ? within(ANSWER_DAYS) : null;
}
