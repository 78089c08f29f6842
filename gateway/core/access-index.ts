import { toMs, toSeconds, u32Table } from './columns.ts';
import { createCredentialTable, FINGERPRINT_CELLS } from './credential-table.ts';
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

/** Cells of a credential behind its fingerprint. 8 in all: half a cache line. */
const CARD = { status: FINGERPRINT_CELLS, holder: 4, from: 5, until: 6, cells: 8 } as const;

function credentialTable(rows: number) {
  const cells = u32Table(CARD.cells, rows);
  const table = createCredentialTable(cells, rows);
  return {
    table,
    put(row: CredentialRow): void {
      table.put(row.id, row.fingerprint);
      cells.set(row.id, CARD.status, STATUS.indexOf(row.status));
      cells.set(row.id, CARD.holder, row.personId);
      cells.set(row.id, CARD.from, toSeconds(row.validFrom));
      cells.set(row.id, CARD.until, toSeconds(row.validUntil));
    },
    holderOf: (row: number): number => cells.get(row, CARD.holder),
    facts(fingerprint: Uint8Array): CredentialFacts | undefined {
      const row = table.find(fingerprint);
      if (row === 0) return undefined;
      const holder = cells.get(row, CARD.holder);
      return {
        id: CredentialId(row), status: STATUS[cells.get(row, CARD.status)] ?? 'suspended',
        validFrom: toMs(cells.get(row, CARD.from)), validUntil: toMs(cells.get(row, CARD.until)), personId: holder === 0 ? 0 : PersonId(holder),
      };
    },
    bytes: () => table.bytes + cells.bytes,
  };
}

/** Cells of an occupancy: what is known of it, then its two chains. Slot 0 is "none". */
const STAY = { tenancy: 0, person: 1, unit: 2, building: 3, from: 4, until: 5, term: 6, due: 7, nextOfPerson: 8, nextOfTenancy: 9, cells: 10 } as const;
/** Cells of a person: what is known of him, and his first occupancy. */
const PERSON = { flags: 0, head: 1, cells: 2 } as const;
const PRESENT = 1;
const REGISTERED = 2;
const SLOW = 4;

/** People and where they live: occupancies chained by person for decisions, by tenancy for changes. */
function peopleTable(rows: number) {
  const stays = u32Table(STAY.cells, rows);
  const people = u32Table(PERSON.cells, rows);
  const tenancies = u32Table(1, rows);
  const free: number[] = [];
  let last = 0;

  function unchain(slot: number): void {
    const owner = stays.get(slot, STAY.person);
    const after = stays.get(slot, STAY.nextOfPerson);
    if (people.get(owner, PERSON.head) === slot) return people.set(owner, PERSON.head, after);
    let before = people.get(owner, PERSON.head);
    while (stays.get(before, STAY.nextOfPerson) !== slot) before = stays.get(before, STAY.nextOfPerson);
    stays.set(before, STAY.nextOfPerson, after);
  }

  function add(row: OccupancyRow): void {
    const slot = free.pop() ?? ++last;
    const cells = [
      row.tenancyId, row.personId, row.unitId, row.buildingId, toSeconds(row.from), toSeconds(row.accessUntil), toSeconds(row.termEnd), toSeconds(row.registrationDue),
      people.get(row.personId, PERSON.head), tenancies.get(row.tenancyId, 0),
    ];
    cells.forEach((value, cell) => {
      stays.set(slot, cell, value);
    });
    people.set(row.personId, PERSON.head, slot);
    tenancies.set(row.tenancyId, 0, slot);
  }

  const read = (slot: number): OccupancyFacts => ({
    tenancyId: TenancyId(stays.get(slot, STAY.tenancy)), unitId: UnitId(stays.get(slot, STAY.unit)), buildingId: BuildingId(stays.get(slot, STAY.building)),
    from: toMs(stays.get(slot, STAY.from)), accessUntil: toMs(stays.get(slot, STAY.until)), termEnd: toMs(stays.get(slot, STAY.term)),
    registrationDue: toMs(stays.get(slot, STAY.due)),
  });

  return {
    replace(id: TenancyId, occupancies: readonly OccupancyRow[]): void {
      for (let slot = tenancies.get(id, 0); slot !== 0; slot = stays.get(slot, STAY.nextOfTenancy)) {
        unchain(slot);
        free.push(slot);
      }
      tenancies.set(id, 0, 0);
      for (const row of occupancies) add(row);
    },
    occupanciesOf(person: number): OccupancyFacts[] {
      const found: OccupancyFacts[] = [];
      for (let slot = people.get(person, PERSON.head); slot !== 0; slot = stays.get(slot, STAY.nextOfPerson)) found.push(read(slot));
      return found;
    },
    /** Every occupancy of one tenancy is in one building. */
    buildingOf(tenancy: number): BuildingId[] {
      const head = tenancies.get(tenancy, 0);
      return head === 0 ? [] : [BuildingId(stays.get(head, STAY.building))];
    },
    setPerson: (id: PersonId, flags: number): void => people.set(id, PERSON.flags, flags),
    person(id: PersonId | 0): PersonFacts | undefined {
      const flags = people.get(id, PERSON.flags);
      if (id === 0 || (flags & PRESENT) === 0) return undefined;
      return { id, registered: (flags & REGISTERED) !== 0, slow: (flags & SLOW) !== 0 };
    },
    bytes: () => stays.bytes + people.bytes + tenancies.bytes,
  };
}

/** An empty index with room for `credentials` credentials before its tables grow. */
export function createAccessIndex(credentials = 0): AccessIndex {
  const cards = credentialTable(credentials);
  const people = peopleTable(credentials);
  const doors = new Map<DoorId, DoorRow>();
  const holdover = new Map<BuildingId, number | null>();

  function doorFacts(id: DoorId | 0): DoorFacts | undefined {
    const door = id === 0 ? undefined : doors.get(id);
    // A door whose building is not known yet opens for nobody.
    const days = door && holdover.get(door.buildingId);
    if (door === undefined || days === undefined) return undefined;
    return { id: door.id, buildingId: door.buildingId, unitId: door.unitId, openMs: door.openMs, lockdown: door.lockdown, holdoverDays: days };
  }

  return {
    putBuilding: (id, holdoverDays) => void holdover.set(id, holdoverDays),
    putDoor: (door) => void doors.set(door.id, door),
    removeDoor: (id) => void doors.delete(id),
    putPerson: ({ id, registered, slow }) => people.setPerson(id, PRESENT | (registered ? REGISTERED : 0) | (slow ? SLOW : 0)),
    removePerson: (id) => people.setPerson(id, 0),
    putTenancy: (id, occupancies) => people.replace(id, occupancies),
    putCredential: (credential) => cards.put(credential),
    removeCredential: (id) => cards.table.remove(id),
    facts(doorId, fingerprint) {
      const credential = fingerprint && cards.facts(fingerprint);
      const person = credential && people.person(credential.personId);
      return { door: doorFacts(doorId), credential, person, occupancies: person ? people.occupanciesOf(person.id) : [] };
    },
    buildingsOf(entity, row) {
      if (entity === 'tenancy') return people.buildingOf(row);
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
