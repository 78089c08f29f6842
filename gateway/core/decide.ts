import type { CredentialFacts, DoorFacts, Facts, OccupancyFacts, PersonFacts, PinCheck } from './facts.ts';
import type { Note, Reason } from './reasons.ts';
import { CHINA_MINUTES, isWithin } from './schedule.ts';

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

/** Whoever needs it gets the door for twice as long. */
const opened = (door: DoorFacts, person: PersonFacts, note: Note | undefined, occupancy: OccupancyFacts | undefined): Decision => ({
  granted: true,
  reason: 'OK',
  note,
  openMs: person.slow ? door.openMs * 2 : door.openMs,
  occupancy,
});

/** The first occupancy that opens this door now; failing that, the refusal of the one that came nearest. */
function byOccupancy(door: DoorFacts, person: PersonFacts, occupancies: readonly OccupancyFacts[], now: number): Decision {
  let nearest = refusal('WRONG_DOOR', occupancies[0]);
  for (const occupancy of occupancies) {
    if (occupancy.buildingId !== door.buildingId) continue;
    if (door.unitId !== 0 && door.unitId !== occupancy.unitId) continue;
    if (now < occupancy.from) nearest = refusal('NOT_YET_VALID', occupancy);
    else if (now >= accessEnd(occupancy, door.holdoverDays)) {
      if (nearest.reason !== 'NOT_YET_VALID') nearest = refusal('LEASE_ENDED', occupancy);
    } else return opened(door, person, noteOn(occupancy, now), occupancy);
  }
  return nearest;
}

/** Somebody who works here: the shared doors of the building, never a home, in his hours. Undefined: none of these is for this door. */
function byGrant(door: DoorFacts, person: PersonFacts, { grants, calendar }: Pick<Facts, 'grants' | 'calendar'>, now: number): Decision | undefined {
  let nearest: Decision | undefined;
  for (const { buildingId, from, until, plan } of grants) {
    if (buildingId !== door.buildingId || door.unitId !== 0) continue;
    if (now < from) nearest ??= refusal('NOT_YET_VALID');
    else if (until !== 0 && now >= until) nearest ??= refusal('EXPIRED');
    else if (plan !== undefined && !isWithin(plan, now, calendar, CHINA_MINUTES)) nearest = refusal('OUT_OF_SCHEDULE');
    else return opened(door, person, undefined, undefined);
  }
  return nearest;
}

/** In a lockdown only somebody on duty passes. */
function inLockdown(door: DoorFacts, person: PersonFacts, { grants, calendar }: Facts, now: number): Decision | undefined {
  const passes = byGrant(door, person, { grants: grants.filter(({ duty }) => duty), calendar }, now);
  return passes?.granted === true ? { ...passes, note: 'LOCKDOWN' } : undefined;
}

/** A card that has just gone in at this door: noted, or refused where there is another way out of trouble (design.md 6.1). */
function passedBack(door: DoorFacts, decision: Decision, lastIn: number, now: number): Decision {
  if (lastIn === 0 || now - lastIn >= door.passbackMs) return decision;
  return door.passbackHard ? refusal('ANTIPASSBACK', decision.occupancy) : { ...decision, note: decision.note ?? 'ANTIPASSBACK' };
}

/** Why digits do not do where a card alone is not enough; undefined: they do. */
const wantingIn = (pin: PinCheck | undefined): Reason | undefined =>
  pin === 'right' || pin === 'duress' ? undefined : pin === 'wrong' ? 'PIN_WRONG' : pin === 'shut' ? 'PIN_SHUT' : 'PIN_NEEDED';

/** The same, but for a door in whose PIN hours the card alone is not enough. */
function withPin(door: DoorFacts, { pin, calendar }: Pick<Facts, 'pin' | 'calendar'>, decision: Decision, now: number): Decision {
  const wanting = wantingIn(pin);
  if (!decision.granted || wanting === undefined || door.pinPlan === undefined) return decision;
  return isWithin(door.pinPlan, now, calendar, CHINA_MINUTES) ? refusal(wanting, decision.occupancy) : decision;
}

/**
 * May this credential open this door now? Deny by default, rules in the order below, one named reason
 * for every refusal (domain.md 4.1, design.md 2 and 3). Pure: `now` is epoch ms, nothing else is read.
 */
export function decide(facts: Facts, now: number): Decision {
  const { door, credential, person, occupancies, grants, lastIn, inTest = false } = facts;
  if (door === undefined) return refusal('UNKNOWN_DOOR');
  if (credential === undefined) return refusal('UNKNOWN_CREDENTIAL');
  const held = credentialRefusal(credential, now);
  if (held !== undefined) return refusal(held);
  if (person === undefined || !person.registered || occupancies.length + grants.length === 0) return refusal('NOT_REGISTERED');
  const living = byOccupancy(door, person, occupancies, now);
  const decision = living.granted ? living : (byGrant(door, person, facts, now) ?? living);
  if (!decision.granted) return decision;
  if (inTest) return refusal('LINE_TEST', decision.occupancy);
  const passes = now < door.lockdownUntil ? (inLockdown(door, person, facts, now) ?? refusal('LOCKDOWN', decision.occupancy)) : passedBack(door, decision, lastIn, now);
  return withPin(door, facts, passes, now);
}
