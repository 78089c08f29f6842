import type { DoorState } from '../../doors/link.ts';
import type { UnitRow } from '../../store/homes.ts';
import type { BuildingRow, DoorRow } from '../../store/places.ts';
import { liveFor } from '../disclosure.ts';
import type { BuildingSummary, BuildingView, DoorView } from '../schemas/places.ts';
import type { Role } from '../schemas/session.ts';
import { unitTile } from './unit.ts';

export const buildingSummary = ({ id, code, name, nameEn, address, mode, units, doors }: BuildingRow): BuildingSummary => ({ id, code, name, nameEn, address, mode, units, doors });

/** A door that has no controller yet has no live state; one that was never heard of is offline since ever. */
export function doorView(role: Role, door: DoorRow, states: readonly DoorState[]): DoorView {
  const { id, code, name, nameEn, kind, unitId } = door;
  const state = states.find(({ doorId }) => doorId === id);
  const live = state === undefined ? ({ online: false, since: 0, contact: 'unknown', lock: 'unknown', power: true, queued: 0, have: '', want: '' } as const) : liveFor(role, state);
  return { id, code, name, nameEn, kind, unitId, ...(door.fitted ? { live } : {}) };
}

export interface BuildingParts {
  readonly building: BuildingRow;
  readonly units: readonly UnitRow[];
  readonly doors: readonly DoorRow[];
  readonly states: readonly DoorState[];
  readonly openedToday: number;
}

/** The building as a stack of floors, the highest on top. */
export function buildingView(role: Role, parts: BuildingParts, now: number): BuildingView {
  const { building, units, doors, states, openedToday } = parts;
  const floors = [...new Set(units.map(({ floor }) => floor))].sort((a, b) => b - a);
  const tilesOn = (floor: number) =>
    units
      .filter((unit) => unit.floor === floor)
      .sort((a, b) => a.room.localeCompare(b.room, 'en', { numeric: true }))
      .map((unit) => unitTile(unit, building.holdoverDays, now));
  return {
    ...buildingSummary(building),
    openedToday,
    floors: floors.map((floor) => ({ floor, units: tilesOn(floor) })),
    doorList: doors.map((door) => doorView(role, door, states)),
  };
}
