import type { DayCalendar, WeekPlan } from './schedule.ts';
import type { BuildingId, CredentialId, DoorId, PersonId, TenancyId, UnitId } from './ids.ts';

/** How the person asked: the seam where card, PIN, phone button and QR enter the same path. */
export type Method = 'card' | 'pin' | 'app' | 'qr' | 'remote';

/** What a door is, as far as a decision needs it. */
export interface DoorFacts {
  readonly id: DoorId;
  readonly buildingId: BuildingId;
  /** 0: a shared door of the building (street, roof); else the one home this door belongs to. */
  readonly unitId: UnitId | 0;
  readonly openMs: number;
  /** In lockdown until then, epoch ms; 0: not. It ends by itself (design.md 6.1). */
  readonly lockdownUntil: number;
  /** A card that went in does not go in again for so long, ms; 0: it may. */
  readonly passbackMs: number;
  /** It is refused; else the door opens and it is noted. */
  readonly passbackHard: boolean;
  /** Hours in which a card needs its PIN; left out: none. */
  readonly pinPlan?: WeekPlan | undefined;
  /** Days a tenancy goes on after its contract date without anybody ending it; null: until a person ends it. */
  readonly holdoverDays: number | null;
}

/** Lost or withdrawn cards are revoked; a pause is suspended. */
export type CredentialStatus = 'active' | 'revoked' | 'suspended';
/** What is known of a card. */
export interface CredentialFacts {
  readonly id: CredentialId;
  readonly status: CredentialStatus;
  /** Epoch ms; 0: no bound. */
  readonly validFrom: number;
  readonly validUntil: number;
  readonly personId: PersonId | 0;
  /** Slow verifier of its PIN, 32 hex digits; left out: it has none. */
  readonly verifier?: string | undefined;
}
/** The holder. `registered`: identity document checked by a clerk, an officer or the landlord (design.md 2). */
export interface PersonFacts {
  readonly id: PersonId;
  readonly registered: boolean;
  /** Needs the door held longer. */
  readonly slow: boolean;
}
/** One person living in one home under one tenancy. Times are epoch ms; 0: none. */
export interface OccupancyFacts {
  readonly tenancyId: TenancyId;
  readonly unitId: UnitId;
  readonly buildingId: BuildingId;
  readonly from: number;
  /** When access really ends: moved out, a clerk's decision, a booked end. */
  readonly accessUntil: number;
  /** The contract's date; passing it alone ends nothing unless the jurisdiction sets a number of days. */
  readonly termEnd: number;
  /** Due date of the residence registration while it is not accepted. */
  readonly registrationDue: number;
}

/** Somebody who works in a building, and does not live there: its shared doors, within a schedule. Times are epoch ms; 0: none. */
export interface GrantFacts {
  readonly buildingId: BuildingId;
  readonly from: number;
  readonly until: number;
  /** Hours it is good for; undefined: all. A resident's key has none: no clock touches it (design.md, I6). */
  readonly plan: WeekPlan | undefined;
  /** On duty: opens in a lockdown, and ends it at that door. */
  readonly duty: boolean;
}

/**
 * What digits came with the request. `none`: none, or the card has no PIN; `duress`: the PIN of somebody under threat, which
 * opens like the right one; `shut`: too many wrong ones, and not looked at; `code`: digits without a card, that are known.
 */
export type PinCheck = 'none' | 'right' | 'duress' | 'wrong' | 'shut' | 'code';

/** All a decision may look at; undefined: not in the register. */
export interface Facts {
  readonly door: DoorFacts | undefined;
  readonly credential: CredentialFacts | undefined;
  readonly person: PersonFacts | undefined;
  readonly occupancies: readonly OccupancyFacts[];
  readonly grants: readonly GrantFacts[];
  /** Public holidays and make-up days that schedules go by. */
  readonly calendar: DayCalendar;
  /** When this credential last went in at this door, epoch ms; 0: not since the door keeps count. */
  readonly lastIn: number;
  /** Left out: none. */
  readonly pin?: PinCheck;
  /** The serial line of the door is in a test. */
  readonly inTest?: boolean | undefined;
}
