import { accessEnd } from '../core/decide.ts';
import { divisionPrefix } from '../core/division-code.ts';
import { NOWHERE, type Scope } from '../core/scope.ts';
import type { AccountRow } from './accounts.ts';
import type { ReadDb, Register } from './register.ts';
import { ms, msOrNull } from './values.ts';

/** From assignments and tenancies to places: computed anew whenever it is asked, so that an end is an end (domain.md 5.8, rule 2). */
export interface Scopes {
  of(account: Pick<AccountRow, 'id' | 'role' | 'personId'>, now: number): Promise<Scope>;
}

interface Span {
  readonly fromAt: bigint;
  readonly untilAt: bigint | null;
}

/** Collects places while remembering when the picture changes by itself. */
class Gathering {
  all = false;
  held = false;
  readonly buildings = new Set<number>();
  readonly units = new Map<number, number>();
  until = Number.POSITIVE_INFINITY;
  readonly #now: number;

  constructor(now: number) {
    this.#now = now;
  }

  /** Is the span in force? Its next edge is noted either way. */
  inForce({ fromAt, untilAt }: Span): boolean {
    const [from, until] = [ms(fromAt), msOrNull(untilAt) ?? Number.POSITIVE_INFINITY];
    const edge = this.#now < from ? from : until;
    if (edge > this.#now) this.until = Math.min(this.until, edge);
    return from <= this.#now && this.#now < until;
  }

  scope(): Scope {
    for (const [unit, building] of this.units) if (this.buildings.has(building)) this.units.delete(unit);
    return { all: this.all, buildings: this.buildings, units: this.units, until: this.until, held: this.held };
  }
}

async function addOrg(read: ReadDb, found: Gathering, orgId: number): Promise<void> {
  const orgs = await read.orgUnit.findMany({ where: { closedAt: null }, include: { covers: true } });
  const wanted = new Set([orgId]);
  // Four levels at most, parents before children is not promised.
  for (let depth = 0; depth < 4; depth++) for (const { id, parentId } of orgs) if (parentId !== null && wanted.has(parentId)) wanted.add(id);
  const covers = orgs.filter(({ id }) => wanted.has(id)).flatMap((org) => org.covers.filter((cover) => found.inForce(cover)));
  for (const { buildingId } of covers) if (buildingId !== null) found.buildings.add(buildingId);
  const prefixes = covers.flatMap(({ divisionCode }) => (divisionCode === null ? [] : [{ code: { startsWith: divisionPrefix(divisionCode) } }]));
  if (prefixes.length === 0) return;
  for (const { id } of await read.building.findMany({ where: { OR: prefixes }, select: { id: true } })) found.buildings.add(id);
}

async function addGrids(read: ReadDb, found: Gathering, where: { id: number } | { areaId: number }): Promise<void> {
  const grids = await read.grid.findMany({ where: { ...where, closedAt: null }, include: { versions: { include: { buildings: true } } } });
  for (const version of grids.flatMap(({ versions }) => versions)) {
    if (found.inForce(version)) for (const { buildingId } of version.buildings) found.buildings.add(buildingId);
  }
}

async function addUnit(read: ReadDb, found: Gathering, unitId: number): Promise<void> {
  const unit = await read.rentalUnit.findUnique({ where: { id: unitId }, select: { buildingId: true } });
  if (unit !== null) found.units.set(unitId, unit.buildingId);
}

async function addPlace(read: ReadDb, found: Gathering, { place, placeId }: { place: string; placeId: number }): Promise<void> {
  if (place === 'site') found.all = true;
  if (place === 'building') found.buildings.add(placeId);
  if (place === 'unit') await addUnit(read, found, placeId);
  if (place === 'grid') await addGrids(read, found, { id: placeId });
  if (place === 'area') await addGrids(read, found, { areaId: placeId });
  if (place === 'org') await addOrg(read, found, placeId);
}

/** A tenant's homes: where he lives now under a tenancy whose access has not ended. */
async function addHomes(read: ReadDb, found: Gathering, personId: number): Promise<void> {
  const lived = await read.occupant.findMany({ where: { personId }, include: { tenancy: { include: { unit: { include: { building: true } } } } } });
  for (const { fromAt, untilAt, tenancy } of lived) {
    const { unit } = tenancy;
    const access = { accessUntil: msOrNull(tenancy.accessUntil) ?? 0, termEnd: msOrNull(tenancy.termEnd) ?? 0 };
    const end = Math.min(msOrNull(untilAt) ?? Number.POSITIVE_INFINITY, accessEnd(access, unit.building.holdoverDays));
    const span = { fromAt, untilAt: Number.isFinite(end) ? BigInt(end) : null };
    if (found.inForce(span)) found.units.set(unit.id, unit.buildingId);
  }
}

/** Scopes of the register's accounts. */
export function scopesOf({ read }: Register): Scopes {
  return {
    async of({ id, role, personId }, now) {
      const found = new Gathering(now);
      if (role === 'TEN') {
        if (personId === null) return NOWHERE;
        await addHomes(read, found, personId);
        return found.scope();
      }
      const assignments = await read.assignment.findMany({ where: { accountId: id } });
      for (const assignment of assignments.filter((each) => found.inForce(each))) {
        found.held = true;
        await addPlace(read, found, assignment);
      }
      return found.scope();
    },
  };
}
