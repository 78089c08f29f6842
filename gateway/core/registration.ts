import { dateAt, endOfDay } from './local-date.ts';
import { addWorkingDays, type WorkCalendar } from './working-days.ts';

/** How far the residence registration of somebody who lives in a home is (domain.md 5.1-5, 5.1-6). `none`: nobody has sent it in. */
export const REGISTRATION_STATES = ['none', 'submitted', 'supplement', 'registered', 'refused', 'cancelled'] as const;
/** One of `REGISTRATION_STATES`. */
export type RegistrationState = (typeof REGISTRATION_STATES)[number];

/** What somebody does with a registration. */
export const REGISTRATION_STEPS = ['submit', 'accept', 'supplement', 'refuse', 'cancel'] as const;
/** One of `REGISTRATION_STEPS`. */
export type RegistrationStep = (typeof REGISTRATION_STEPS)[number];

/** Who is at it: whoever sends it in, or the counter that decides. */
export type RegistrationActor = 'declarer' | 'station';

interface Way {
  readonly from: readonly RegistrationState[];
  readonly to: RegistrationState;
  readonly actor: RegistrationActor;
  /** The whole list of what is missing, or the basis of a refusal: the person reads it. */
  readonly words: boolean;
}

const WAYS: Readonly<Record<RegistrationStep, Way>> = {
  submit: { from: ['none', 'supplement', 'refused', 'cancelled'], to: 'submitted', actor: 'declarer', words: false },
  accept: { from: ['submitted'], to: 'registered', actor: 'station', words: false },
  supplement: { from: ['submitted'], to: 'supplement', actor: 'station', words: true },
  refuse: { from: ['submitted'], to: 'refused', actor: 'station', words: true },
  cancel: { from: ['registered'], to: 'cancelled', actor: 'station', words: true },
};

/** How a registration stands: its state, whether a supplement was asked for already, and whether the stay has ended. */
export interface RegistrationStand {
  readonly state: RegistrationState;
  readonly supplemented: boolean;
  readonly over: boolean;
}

/** The steps somebody may take. A supplement is asked for once, with its whole list; after the stay none is taken. */
export const registrationSteps = ({ state, supplemented, over }: RegistrationStand, actor: RegistrationActor): RegistrationStep[] =>
  over ? [] : REGISTRATION_STEPS.filter((step) => WAYS[step].actor === actor && WAYS[step].from.includes(state) && !(step === 'supplement' && supplemented));

/** Where a step leads. */
export const registrationAfter = (step: RegistrationStep): RegistrationState => WAYS[step].to;
/** Are words to be given with it? */
export const needsWords = (step: RegistrationStep): boolean => WAYS[step].words;

/**
 * The state that holds now. Moving out ends a registration by itself (S1.20); taking the move-out back brings it back,
 * so it is worked out of the stay and never stored. `accepted`: the register knew before that the police have it.
 */
export function stateNow(kept: RegistrationState | undefined, { accepted, over }: { readonly accepted: boolean; readonly over: boolean }): RegistrationState {
  const state = kept ?? (accepted ? 'registered' : 'none');
  return over && state === 'registered' ? 'cancelled' : state;
}

/** Why somebody stays (domain.md 3.6). */
export const STAY_REASONS = ['work', 'study', 'family', 'visit', 'other'] as const;
/** One of `STAY_REASONS`. */
export type StayReason = (typeof STAY_REASONS)[number];

/** By what he lives there (domain.md 3.6). */
export const RESIDENCE_BASES = ['rent', 'lent', 'dormitory', 'own'] as const;
/** One of `RESIDENCE_BASES`. */
export type ResidenceBasis = (typeof RESIDENCE_BASES)[number];

/** Longest stay anybody names beforehand, months. */
export const MOST_MONTHS = 240;

/** Working days within which the counter decides: no text read names a number, so the default of a filing (domain.md 5.3-3). */
const DECIDE_DAYS = 5;
/** Working days to bring what is missing; our default likewise. */
const SUPPLEMENT_DAYS = 10;

/** When whoever acts next is due, epoch ms: the end of a working day. Null: nobody is waited for, or the place's own rule counts. */
export function registrationDueAt(state: RegistrationState, now: number, calendar: WorkCalendar): number | null {
  const within = (days: number): number => endOfDay(addWorkingDays(dateAt(now), days, calendar));
  if (state === 'submitted') return within(DECIDE_DAYS);
  return state === 'supplement' ? within(SUPPLEMENT_DAYS) : null;
}
