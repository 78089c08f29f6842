import type { DoorState } from '../../doors/link.ts';
import type { UnitRow } from '../../store/homes.ts';
import type { BuildingRow, DoorRow } from '../../store/places.ts';
import { liveFor } from '../disclosure.ts';
import type { BuildingSummary, BuildingView, DoorView } from '../schemas/places.ts';
import type { Role } from '../schemas/session.ts';
import type { Viewer } from '../viewer.ts';
import { told } from './told.ts';
import { countPeople, unitTile } from './unit.ts';

export const buildingSummary = ({ id, code, name, nameEn, address, mode, units, doors }: BuildingRow): BuildingSummary => ({ id, code, name, nameEn, address, mode, units, doors });

/** A door that has no controller yet has no live state; one that was never heard of is offline since ever. `now`: epoch ms. */
export function doorView(role: Role, door: DoorRow, states: readonly DoorState[], now: number): DoorView {
  const { id, code, name, nameEn, kind, unitId, retestDue } = door;
  const lockdownUntil = (door.lockdownUntil ?? 0) > now ? door.lockdownUntil : null;
  const state = states.find(({ doorId }) => doorId === id);
  const live =
    state === undefined ? ({ online: false, since: 0, contact: 'unknown', lock: 'unknown', power: true, queued: 0, have: '', want: '' } as const) : liveFor(role, door, state);
  return { id, code, name, nameEn, kind, unitId, retestDue, lockdownUntil, ...(door.fitted ? { live } : {}) };
}

/** Doors with their state; none for who has no right to doors. */
export const doorViews = (role: Role, doors: readonly DoorRow[], states: readonly DoorState[], now: number): DoorView[] =>
  told(role).doors ? doors.map((door) => doorView(role, door, states, now)) : [];

export interface BuildingParts {
  readonly building: BuildingRow;
  /** Homes in the viewer's scope, and doors. */
  readonly units: readonly UnitRow[];
  readonly doors: readonly DoorRow[];
  readonly states: readonly DoorState[];
  readonly openedToday: number | null;
}

/** Fewer people than this are not told as a number of a whole building (domain.md 5.8: a ≥ 10). */
const LEAST_PEOPLE = 10;

function totalsOf(viewer: Viewer, { building, units }: BuildingParts, now: number): BuildingView['totals'] {
  if (!told(viewer.role).totals) return null;
  const totals = countPeople(units, building.holdoverDays, now);
  return totals.people >= LEAST_PEOPLE ? totals : null;
}

/** The building as a stack of floors, the highest on top. */
export function buildingView(viewer: Viewer, parts: BuildingParts, now: number): BuildingView {
  const { building, units, doors, states, openedToday } = parts;
  const floors = [...new Set(units.map(({ floor }) => floor))].sort((a, b) => b - a);
  const tilesOn = (floor: number) =>
    units
      .filter((unit) => unit.floor === floor)
      .sort((a, b) => a.room.localeCompare(b.room, 'en', { numeric: true }))
      .map((unit) => unitTile(viewer, unit, building.holdoverDays, now));
  return {
    ...buildingSummary(building),
    openedToday,
    totals: totalsOf(viewer, parts, now),
    floors: floors.map((floor) => ({ floor, units: tilesOn(floor) })),
    doorList: doorViews(viewer.role, doors, states, now),
  };
}
