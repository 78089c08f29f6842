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
  readonly lockdown: boolean;
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

/** All a decision may look at; undefined: not in the register. */
export interface Facts {
  readonly door: DoorFacts | undefined;
  readonly credential: CredentialFacts | undefined;
  readonly person: PersonFacts | undefined;
  readonly occupancies: readonly OccupancyFacts[];
}
