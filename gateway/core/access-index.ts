import { toMs, toSeconds, u32Table } from './columns.ts';
import { createCredentialTable, FINGERPRINT_CELLS } from './credential-table.ts';
import { createEntryCount } from './entry-count.ts';
import type { CredentialFacts, CredentialStatus, DoorFacts, Facts, PersonFacts } from './facts.ts';
import { createGrantTable, type GrantRow } from './grant-table.ts';
import { type BuildingId, CredentialId, type DoorId, PersonId, type TenancyId } from './ids.ts';
import { createPeopleTable, type OccupancyRow } from './people-table.ts';
import type { DayCalendar, WeekPlan } from './schedule.ts';

/** A door as the register has it; `holdoverDays` comes from its building. */
export interface DoorRow extends Omit<DoorFacts, 'holdoverDays' | 'pinPlan'> {
  /** Row number of the schedule in whose hours a card needs its PIN; left out, or 0: never. */
  readonly pinScheduleId?: number;
}

/** A credential as the register has it. Times are epoch ms, 0: no bound. */
export interface CredentialRow {
  readonly id: CredentialId;
  /** 12 bytes. */
  readonly fingerprint: Uint8Array;
  readonly status: CredentialStatus;
  readonly validFrom: number;
  readonly validUntil: number;
  readonly personId: PersonId | 0;
  /** Slow verifier of its PIN, 32 hex digits; left out, or empty: it has none. */
  readonly verifier?: string;
}

/**
 * What decides (design.md 7): every fact the unlock path needs, in typed columns in memory, indexed by row
 * number. Kept current by the change table; nothing here reads a clock or a store.
 */
export interface AccessIndex {
  putBuilding(id: BuildingId, holdoverDays: number | null): void;
  putDoor(door: DoorRow): void;
  removeDoor(id: DoorId): void;
  putPerson(person: PersonFacts): void;
  removePerson(id: PersonId): void;
  /** Replaces all occupancies of a tenancy; none: the tenancy is gone. */
  putTenancy(id: TenancyId, occupancies: readonly OccupancyRow[]): void;
  putCredential(credential: CredentialRow): void;
  removeCredential(id: CredentialId): void;
  putGrant(grant: GrantRow): void;
  removeGrant(id: number): void;
  /** A schedule's plan; none: it is gone, and what kept to it opens nothing. */
  putSchedule(id: number, plan: WeekPlan | undefined): void;
  /** A credential went in at a door that keeps count, `at` epoch ms. */
  entered(doorId: DoorId, credentialId: CredentialId, at: number): void;
  /** A duty card ended the lockdown at a door; the register follows. */
  endLockdown(doorId: DoorId): void;
  /** Everything a decision needs about this fingerprint at this door. */
  facts(doorId: DoorId | 0, fingerprint: Uint8Array | undefined): Facts;
  /** Buildings whose doors a row of the register may concern; none for rows that concern no person. */
  buildingsOf(entity: string, row: number): BuildingId[];
  readonly credentials: number;
  /** Bytes of the typed columns (doors and buildings, which are few, not counted). */
  readonly bytes: number;
}

const NO_HOLIDAYS: DayCalendar = { holidays: new Set(), makeUpDays: new Set() };
const STATUS: readonly CredentialStatus[] = ['active', 'revoked', 'suspended'];

/** Cells of a credential behind its fingerprint. 8 in all: half a cache line. */
const CARD = { status: FINGERPRINT_CELLS, holder: 4, from: 5, until: 6, cells: 8 } as const;

function credentialTable(rows: number) {
  const cells = u32Table(CARD.cells, rows);
  const table = createCredentialTable(cells, rows);
  // Few cards have a PIN.
  const verifiers = new Map<number, string>();
  return {
    table,
    put(row: CredentialRow): void {
      table.put(row.id, row.fingerprint);
      cells.set(row.id, CARD.status, STATUS.indexOf(row.status));
      cells.set(row.id, CARD.holder, row.personId);
      cells.set(row.id, CARD.from, toSeconds(row.validFrom));
      cells.set(row.id, CARD.until, toSeconds(row.validUntil));
      if (row.verifier) verifiers.set(row.id, row.verifier);
      else verifiers.delete(row.id);
    },
    holderOf: (row: number): number => cells.get(row, CARD.holder),
    facts(fingerprint: Uint8Array): CredentialFacts | undefined {
      const row = table.find(fingerprint);
      if (row === 0) return undefined;
      return {
        id: CredentialId(row),
        status: STATUS[cells.get(row, CARD.status)] ?? 'suspended',
        validFrom: toMs(cells.get(row, CARD.from)),
        validUntil: toMs(cells.get(row, CARD.until)),
        personId: PersonId(cells.get(row, CARD.holder)),
        verifier: verifiers.get(row),
      };
    },
    bytes: () => table.bytes + cells.bytes,
  };
}

/** An empty index with room for `credentials` credentials before its tables grow; schedules go by `calendar`. */
export function createAccessIndex(credentials = 0, calendar: DayCalendar = NO_HOLIDAYS): AccessIndex {
  const cards = credentialTable(credentials);
  const people = createPeopleTable(credentials);
  const grants = createGrantTable();
  const entries = createEntryCount();
  const doors = new Map<DoorId, DoorRow>();
  const holdover = new Map<BuildingId, number | null>();

  function doorFacts(id: DoorId | 0): DoorFacts | undefined {
    const door = id === 0 ? undefined : doors.get(id);
    if (door === undefined) return undefined;
    // A door whose building is not known yet opens for nobody.
    const days = holdover.get(door.buildingId);
    if (days === undefined) return undefined;
    const { buildingId, unitId, openMs, lockdownUntil, passbackMs, passbackHard, pinScheduleId = 0 } = door;
    const pinPlan = pinScheduleId === 0 ? undefined : grants.planOf(pinScheduleId);
    return { id: door.id, buildingId, unitId, openMs, lockdownUntil, passbackMs, passbackHard, pinPlan, holdoverDays: days };
  }

  return {
    putBuilding: (id, holdoverDays) => void holdover.set(id, holdoverDays),
    putDoor: (door) => void doors.set(door.id, door),
    removeDoor: (id) => void doors.delete(id),
    putPerson: people.put,
    removePerson: people.remove,
    putTenancy: (id, occupancies) => people.replace(id, occupancies),
    putCredential: (credential) => cards.put(credential),
    removeCredential: (id) => cards.table.remove(id),
    putGrant: grants.put,
    removeGrant: grants.remove,
    putSchedule: grants.putSchedule,
    entered(doorId, credentialId, at) {
      if ((doors.get(doorId)?.passbackMs ?? 0) > 0) entries.entered(doorId, credentialId, at);
    },
    endLockdown(doorId) {
      const door = doors.get(doorId);
      if (door !== undefined) doors.set(doorId, { ...door, lockdownUntil: 0 });
    },
    facts(doorId, fingerprint) {
      const credential = fingerprint && cards.facts(fingerprint);
      const person = credential && people.person(credential.personId);
      return {
        door: doorFacts(doorId),
        credential,
        person,
        occupancies: person ? people.occupanciesOf(person.id) : [],
        grants: person ? grants.facts(person.id) : [],
        calendar,
        lastIn: entries.lastIn(doorId, credential?.id ?? 0),
      };
    },
    buildingsOf(entity, row) {
      if (entity === 'tenancy') return people.buildingOf(row);
      const workplace = entity === 'grant' ? grants.buildingOf(row) : undefined;
      if (workplace !== undefined) return [workplace];
      const person = entity === 'credential' ? cards.holderOf(row) : entity === 'person' ? row : 0;
      return people.occupanciesOf(person).map((stay) => stay.buildingId);
    },
    get credentials() {
      return cards.table.size;
    },
    get bytes() {
      return cards.bytes() + people.bytes();
    },
  };
}
