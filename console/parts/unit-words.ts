import type { UnitTile } from '../../gateway/http/schemas/places.ts';
import { dayNumber } from './time.ts';

/** Calendar days from now to a time; negative when it has passed. */
export const daysTo = (ms: number, now: number): number => dayNumber(ms) - dayNumber(now);

/** Colour of a unit's edge; its words say the same. */
export function unitTone(state: UnitTile['state']): 'fine' | 'attend' | 'refuse' | 'empty' | 'untold' {
  if (state === 'overdue') return 'refuse';
  if (state === 'due' || state === 'holdover' || state === 'soon') return 'attend';
  return state;
}

/** Does somebody live there whose document nobody has checked? */
export const unchecked = (unit: Pick<UnitTile, 'registered' | 'people'>): boolean => unit.registered !== null && unit.people !== null && unit.registered < unit.people;

/** Homes where somebody has something to do, the most urgent first. */
export function toDo(units: readonly UnitTile[]): UnitTile[] {
  const due = (unit: UnitTile): number => (unit.state === 'holdover' || unit.state === 'soon' ? unit.termEnd : unit.registrationDue) ?? Number.MAX_SAFE_INTEGER;
  return units.filter((unit) => ['due', 'overdue', 'holdover', 'soon'].includes(unit.state)).sort((a, b) => due(a) - due(b) || a.room.localeCompare(b.room));
}
