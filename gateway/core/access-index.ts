import { toMs, toSeconds, u32Column, u8Column } from './columns.ts';
import { createCredentialTable } from './credential-table.ts';
import type { CredentialFacts, CredentialStatus, DoorFacts, Facts, OccupancyFacts, PersonFacts } from './decide.ts';
import { BuildingId, CredentialId, type DoorId, PersonId, TenancyId, UnitId } from './ids.ts';

/** A door as the register has it; `holdoverDays` comes from its building. */
export type DoorRow = Omit<DoorFacts, 'holdoverDays'>;

/** A person living in a home under a tenancy. Times are epoch ms, 0: none. */
export interface OccupancyRow extends OccupancyFacts {
  readonly personId: PersonId;
}

export interface CredentialRow {
  readonly id: CredentialId;
  /** FINGERPRINT_BYTES bytes. */
  readonly fingerprint: Uint8Array;
  readonly status: CredentialStatus;
  readonly validFrom: number;
  readonly validUntil: number;
  readonly personId: PersonId | 0;
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
  /** Everything a decision needs about this fingerprint at this door. */
  facts(doorId: DoorId | 0, fingerprint: Uint8Array | undefined): Facts;
  /** Buildings whose doors a row of the register may concern; none for rows that concern no person. */
  buildingsOf(entity: string, row: number): BuildingId[];
  readonly credentials: number;
  /** Bytes of the typed columns (doors and buildings, which are few, not counted). */
  readonly bytes: number;
}

const STATUS: readonly CredentialStatus[] = ['active', 'revoked', 'suspended'];
const PRESENT = 1;
const REGISTERED = 2;
const SLOW = 4;

function credentialColumns(rows: number) {
  const table = createCredentialTable(rows);
  const [holder, from, until] = [u32Column(rows), u32Column(rows), u32Column(rows)];
  const status = u8Column(rows);
  return {
    table,
    put(row: CredentialRow): void {
      table.put(row.id, row.fingerprint);
      holder.set(row.id, row.personId);
      from.set(row.id, toSeconds(row.validFrom));
      until.set(row.id, toSeconds(row.validUntil));
      status.set(row.id, STATUS.indexOf(row.status));
    },
    holderOf: (row: number): number => holder.get(row),
    facts(fingerprint: Uint8Array): CredentialFacts | undefined {
      const row = table.find(fingerprint);
      if (row === 0) return undefined;
      const holderRow = holder.get(row);
      return {
        id: CredentialId(row), status: STATUS[status.get(row)] ?? 'suspended', validFrom: toMs(from.get(row)), validUntil: toMs(until.get(row)),
        personId: holderRow === 0 ? 0 : PersonId(holderRow),
      };
    },
    bytes: () => table.bytes + holder.bytes + from.bytes + until.bytes + status.bytes,
  };
}

/** Occupancies in slots, chained twice: by person for decisions, by tenancy for changes. Slot 0 is "none". */
function occupancyColumns(rows: number) {
  const cell = () => u32Column(rows);
  const [tenancy, person, unit, building] = [cell(), cell(), cell(), cell()];
  const [from, until, term, due] = [cell(), cell(), cell(), cell()];
  const [nextOfPerson, nextOfTenancy, headOfPerson, headOfTenancy] = [cell(), cell(), cell(), cell()];
  const all = [tenancy, person, unit, building, from, until, term, due, nextOfPerson, nextOfTenancy, headOfPerson, headOfTenancy];
  const free: number[] = [];
  let last = 0;

  function unchain(slot: number): void {
    const owner = person.get(slot);
    if (headOfPerson.get(owner) === slot) return headOfPerson.set(owner, nextOfPerson.get(slot));
    let before = headOfPerson.get(owner);
    while (nextOfPerson.get(before) !== slot) before = nextOfPerson.get(before);
    nextOfPerson.set(before, nextOfPerson.get(slot));
  }

  function add(row: OccupancyRow): void {
    const slot = free.pop() ?? ++last;
    tenancy.set(slot, row.tenancyId);
    person.set(slot, row.personId);
    unit.set(slot, row.unitId);
    building.set(slot, row.buildingId);
    from.set(slot, toSeconds(row.from));
    until.set(slot, toSeconds(row.accessUntil));
    term.set(slot, toSeconds(row.termEnd));
    due.set(slot, toSeconds(row.registrationDue));
    nextOfPerson.set(slot, headOfPerson.get(row.personId));
    headOfPerson.set(row.personId, slot);
    nextOfTenancy.set(slot, headOfTenancy.get(row.tenancyId));
    headOfTenancy.set(row.tenancyId, slot);
  }

  const read = (slot: number): OccupancyFacts => ({
    tenancyId: TenancyId(tenancy.get(slot)), unitId: UnitId(unit.get(slot)), buildingId: BuildingId(building.get(slot)),
    from: toMs(from.get(slot)), accessUntil: toMs(until.get(slot)), termEnd: toMs(term.get(slot)), registrationDue: toMs(due.get(slot)),
  });

  return {
    replace(id: TenancyId, occupancies: readonly OccupancyRow[]): void {
      for (let slot = headOfTenancy.get(id); slot !== 0; slot = nextOfTenancy.get(slot)) {
        unchain(slot);
        free.push(slot);
      }
      headOfTenancy.set(id, 0);
      for (const row of occupancies) add(row);
    },
    of(personId: number): OccupancyFacts[] {
      const found: OccupancyFacts[] = [];
      for (let slot = headOfPerson.get(personId); slot !== 0; slot = nextOfPerson.get(slot)) found.push(read(slot));
      return found;
    },
    /** Every occupancy of one tenancy is in one building. */
    buildingOf: (tenancyId: number): BuildingId[] => {
      const head = headOfTenancy.get(tenancyId);
      return head === 0 ? [] : [BuildingId(building.get(head))];
    },
    bytes: () => all.reduce((sum, column) => sum + column.bytes, 0),
  };
}

/** An empty index with room for `credentials` credentials before its columns grow. */
export function createAccessIndex(credentials = 0): AccessIndex {
  const cards = credentialColumns(credentials);
  const stays = occupancyColumns(credentials);
  const people = u8Column(credentials);
  const doors = new Map<DoorId, DoorRow>();
  const holdover = new Map<BuildingId, number | null>();

  function personFacts(id: PersonId | 0): PersonFacts | undefined {
    const flags = people.get(id);
    if (id === 0 || (flags & PRESENT) === 0) return undefined;
    return { id, registered: (flags & REGISTERED) !== 0, slow: (flags & SLOW) !== 0 };
  }

  function doorFacts(id: DoorId | 0): DoorFacts | undefined {
    const door = id === 0 ? undefined : doors.get(id);
    // A door whose building is not known yet opens for nobody.
    const days = door && holdover.get(door.buildingId);
    return door === undefined || days === undefined ? undefined : { ...door, holdoverDays: days };
  }

  return {
    putBuilding: (id, holdoverDays) => void holdover.set(id, holdoverDays),
    putDoor: (door) => void doors.set(door.id, door),
    removeDoor: (id) => void doors.delete(id),
    putPerson: (person) => people.set(person.id, PRESENT | (person.registered ? REGISTERED : 0) | (person.slow ? SLOW : 0)),
    removePerson: (id) => people.set(id, 0),
    putTenancy: (id, occupancies) => stays.replace(id, occupancies),
    putCredential: (credential) => cards.put(credential),
    removeCredential: (id) => cards.table.remove(id),
    facts(doorId, fingerprint) {
      const credential = fingerprint && cards.facts(fingerprint);
      const person = credential && personFacts(credential.personId);
      return { door: doorFacts(doorId), credential, person, occupancies: person ? stays.of(person.id) : [] };
    },
    buildingsOf(entity, row) {
      if (entity === 'tenancy') return stays.buildingOf(row);
      const person = entity === 'credential' ? cards.holderOf(row) : entity === 'person' ? row : 0;
      return stays.of(person).map((stay) => stay.buildingId);
    },
    get credentials() {
      return cards.table.size;
    },
    get bytes() {
      return cards.bytes() + stays.bytes() + people.bytes;
    },
  };
}
