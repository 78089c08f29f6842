import type { CredentialFacts, DoorFacts, Facts, OccupancyFacts, PersonFacts } from './facts.ts';
import type { Note, Reason } from './reasons.ts';

/** The answer, with its one named reason. */
export interface Decision {
  readonly granted: boolean;
  readonly reason: Reason;
  readonly note: Note | undefined;
  /** 0 when refused. */
  readonly openMs: number;
  /** The occupancy the decision rests on: the justifying one, or the nearest one that failed. */
  readonly occupancy: OccupancyFacts | undefined;
}

const DAY_MS = 86_400_000;

/** A refusal under its name; `occupancy`: the one that came nearest, when there is one. */
export const refusal = (reason: Reason, occupancy?: OccupancyFacts): Decision => ({ granted: false, reason, note: undefined, openMs: 0, occupancy });

/** When this occupancy stops opening doors, as epoch ms; Infinity: when a person ends it. */
export function accessEnd(occupancy: Pick<OccupancyFacts, 'accessUntil' | 'termEnd'>, holdoverDays: number | null): number {
  const stated = occupancy.accessUntil === 0 ? Number.POSITIVE_INFINITY : occupancy.accessUntil;
  if (holdoverDays === null || occupancy.termEnd === 0) return stated;
  return Math.min(stated, occupancy.termEnd + holdoverDays * DAY_MS);
}

function credentialRefusal(credential: CredentialFacts, now: number): Reason | undefined {
  if (credential.status === 'revoked') return 'REVOKED';
  if (credential.status === 'suspended') return 'SUSPENDED';
  // No clock stands before 0, which is "no bound".
  if (now < credential.validFrom) return 'NOT_YET_VALID';
  if (credential.validUntil !== 0 && now >= credential.validUntil) return 'EXPIRED';
  return undefined;
}

function noteOn(occupancy: OccupancyFacts, now: number): Note | undefined {
  if (occupancy.termEnd !== 0 && now >= occupancy.termEnd) return 'HOLDOVER';
  if (occupancy.registrationDue !== 0 && now >= occupancy.registrationDue) return 'REGISTRATION_OVERDUE';
  return undefined;
}

/** The first occupancy that opens this door now; failing that, the refusal of the one that came nearest. */
function byOccupancy(door: DoorFacts, person: PersonFacts, occupancies: readonly OccupancyFacts[], now: number): Decision {
  let nearest = refusal('WRONG_DOOR', occupancies[0]);
  for (const occupancy of occupancies) {
    if (occupancy.buildingId !== door.buildingId) continue;
    if (door.unitId !== 0 && door.unitId !== occupancy.unitId) continue;
    if (now < occupancy.from) nearest = refusal('NOT_YET_VALID', occupancy);
    else if (now >= accessEnd(occupancy, door.holdoverDays)) {
      if (nearest.reason !== 'NOT_YET_VALID') nearest = refusal('LEASE_ENDED', occupancy);
    } else return { granted: true, reason: 'OK', note: noteOn(occupancy, now), openMs: person.slow ? door.openMs * 2 : door.openMs, occupancy };
  }
  return nearest;
}

/**
 * May this credential open this door now? Deny by default, rules in the order below, one named reason
 * for every refusal (domain.md 4.1, design.md 2 and 3). Pure: `now` is epoch ms, nothing else is read.
 */
export function decide(facts: Facts, now: number): Decision {
  const { door, credential, person, occupancies } = facts;
  if (door === undefined) return refusal('UNKNOWN_DOOR');
  if (credential === undefined) return refusal('UNKNOWN_CREDENTIAL');
  const held = credentialRefusal(credential, now);
  if (held !== undefined) return refusal(held);
  if (person === undefined || !person.registered || occupancies.length === 0) return refusal('NOT_REGISTERED');
  const decision = byOccupancy(door, person, occupancies, now);
  if (decision.granted && door.lockdown) return refusal('LOCKDOWN', decision.occupancy);
  return decision;
}
