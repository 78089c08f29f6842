import { BuildingId, ControllerId, CredentialId, DoorId, PersonId, TenancyId, UnitId } from '../../gateway/core/ids.ts';
import type { Reason } from '../../gateway/core/reasons.ts';
import { eventOf, type NewEntry, NO_PERSON } from '../../gateway/journal/entry.ts';

/** A district whose log grows by ten million entries in 180 days: 7,000 people who each open a door four times a day. */
export const PEOPLE = 7000;
export const UNITS = 3500;
export const BUILDINGS = 120;
export const DOORS = BUILDINGS * 3;
const ENTRY_MS = (180 * 86_400_000) / 10_000_000;
/** Reasons of refusals, the commonest first. */
export const REFUSALS = ['WRONG_DOOR', 'LEASE_ENDED', 'EXPIRED', 'OUT_OF_SCHEDULE', 'REVOKED', 'NOT_YET_VALID'] as const satisfies readonly Reason[];

/** The log ends here: 1 November 2026, noon in Shanghai. Not now, so that every run meets the same months. */
export const END = Date.UTC(2026, 10, 1, 4);

/** Home of a person, and building of a home. */
export const unitOf = (personId: number): number => 1 + (personId % UNITS);
export const buildingOf = (unitId: number): number => 1 + (unitId % BUILDINGS);

/** Any number to a number that looks random, the same each time (a mixing step of MurmurHash3). */
export function scattered(n: number): number {
  let mixed = Math.imul(n ^ (n >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Time of entry `index` of a log of `size` entries. */
export const timeOf = (index: number, size: number): number => Math.floor(END - (size - index) * ENTRY_MS);

/** Who, where and how, of the tap that entry `index` belongs to: the even ones are decisions, the odd ones what the door did. */
function tapOf(index: number): { readonly personId: number; readonly unitId: number; readonly buildingId: number; readonly doorId: number; readonly reason: Reason } {
  const tap = index >>> 1;
  const who = scattered(tap);
  const how = scattered(tap + 0x51ed270b);
  const personId = 1 + (who % PEOPLE);
  const unitId = unitOf(personId);
  const buildingId = buildingOf(unitId);
  const reason = how % 12 === 0 ? REFUSALS[Math.floor(how / 12) % REFUSALS.length] : undefined;
  return { personId, unitId, buildingId, doorId: (buildingId - 1) * 3 + 1 + (who % 3), reason: reason ?? 'OK' };
}

/** One entry in a hundred is somebody at a desk, who looks at a home. */
const isLook = (index: number): boolean => index % 100 === 99;

function lookEntry(index: number, now: number): NewEntry {
  const { personId, unitId, buildingId } = tapOf(index);
  return {
    event: eventOf({ kind: 'audit', what: 'viewed', buildingId: BuildingId(buildingId), gatewayTime: now }),
    person: { ...NO_PERSON, personId: PersonId(personId), unitId: UnitId(unitId), accountId: 1 + (index % 40) },
  };
}

/** Entry `index` of a log of `size` entries, the same each time it is asked for. */
export function entryAt(index: number, size: number): NewEntry {
  const now = timeOf(index, size);
  if (isLook(index)) return lookEntry(index, now);
  const { personId, unitId, buildingId, doorId, reason } = tapOf(index);
  const decision = index % 2 === 0;
  const what = reason === 'OK' ? 'opened' : 'kept-shut';
  return {
    event: eventOf({
      kind: decision ? 'access' : 'outcome',
      key: { controllerId: ControllerId(doorId), instance: '0123456789abcdef', boot: 3, seq: index },
      buildingId: BuildingId(buildingId),
      doorId: DoorId(doorId),
      granted: reason === 'OK',
      reason,
      method: 'card',
      openMs: decision ? 5000 : 0,
      final: decision ? undefined : 'executed',
      what: decision ? undefined : what,
      ref: decision ? undefined : index - 1,
      deviceTime: now - 3,
      gatewayTime: now,
      skewMs: -3,
      list: '1.7',
      digest: decision ? '0011223344556677' : '',
    }),
    person: { ...NO_PERSON, personId: PersonId(personId), unitId: UnitId(unitId), tenancyId: TenancyId(personId), credentialId: CredentialId(personId) },
  };
}
