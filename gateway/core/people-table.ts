import { toMs, toSeconds, type U32Table, u32Table } from './columns.ts';
import type { OccupancyFacts, PersonFacts } from './facts.ts';
import { BuildingId, type PersonId, TenancyId, UnitId } from './ids.ts';

/** A person living in a home under a tenancy. Times are epoch ms, 0: none. */
export interface OccupancyRow extends OccupancyFacts {
  readonly personId: PersonId;
}

/** Cells of an occupancy: what is known of it, then its two chains. Slot 0 is "none". */
const STAY = { tenancy: 0, person: 1, unit: 2, building: 3, from: 4, until: 5, term: 6, due: 7, nextOfPerson: 8, nextOfTenancy: 9, cells: 10 } as const;
/** Cells of a person: what is known of him, and his first occupancy. */
const PERSON = { flags: 0, head: 1, cells: 2 } as const;
const PRESENT = 1;
const REGISTERED = 2;
const SLOW = 4;

/** An occupancy as its cells say. */
const occupancyAt = (stays: U32Table, slot: number): OccupancyFacts => ({
  tenancyId: TenancyId(stays.get(slot, STAY.tenancy)),
  unitId: UnitId(stays.get(slot, STAY.unit)),
  buildingId: BuildingId(stays.get(slot, STAY.building)),
  from: toMs(stays.get(slot, STAY.from)),
  accessUntil: toMs(stays.get(slot, STAY.until)),
  termEnd: toMs(stays.get(slot, STAY.term)),
  registrationDue: toMs(stays.get(slot, STAY.due)),
});

/** People and where they live, with room for `rows` of each before it grows: occupancies chained by person for decisions, by tenancy for changes. */
export function createPeopleTable(rows: number) {
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
      row.tenancyId,
      row.personId,
      row.unitId,
      row.buildingId,
      toSeconds(row.from),
      toSeconds(row.accessUntil),
      toSeconds(row.termEnd),
      toSeconds(row.registrationDue),
      people.get(row.personId, PERSON.head),
      tenancies.get(row.tenancyId, 0),
    ];
    cells.forEach((value, cell) => {
      stays.set(slot, cell, value);
    });
    people.set(row.personId, PERSON.head, slot);
    tenancies.set(row.tenancyId, 0, slot);
  }

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
      for (let slot = people.get(person, PERSON.head); slot !== 0; slot = stays.get(slot, STAY.nextOfPerson)) found.push(occupancyAt(stays, slot));
      return found;
    },
    /** Every occupancy of one tenancy is in one building. */
    buildingOf(tenancy: number): BuildingId[] {
      const head = tenancies.get(tenancy, 0);
      return head === 0 ? [] : [BuildingId(stays.get(head, STAY.building))];
    },
    put: ({ id, registered, slow }: PersonFacts): void => people.set(id, PERSON.flags, PRESENT | (registered ? REGISTERED : 0) | (slow ? SLOW : 0)),
    /** Forgets who a person is; where he lives goes with his tenancies. */
    remove: (id: PersonId): void => people.set(id, PERSON.flags, 0),
    person(id: PersonId | 0): PersonFacts | undefined {
      const flags = people.get(id, PERSON.flags);
      if (id === 0 || (flags & PRESENT) === 0) return undefined;
      return { id, registered: (flags & REGISTERED) !== 0, slow: (flags & SLOW) !== 0 };
    },
    bytes: () => stays.bytes + people.bytes + tenancies.bytes,
  };
}
