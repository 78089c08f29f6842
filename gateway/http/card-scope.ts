import type { CardHome } from '../store/card-doors.ts';
import { hasUnit, inScope, type Viewer } from './viewer.ts';

/** A tenant has his own cards; everybody else those whose holder's home is his, and the stock of his buildings. */
export function hasCard(viewer: Viewer, { personId, homes }: { readonly personId: number | null; readonly homes: readonly CardHome[] }): boolean {
  if (viewer.role === 'TEN') return personId !== null && personId === viewer.personId;
  return viewer.scope.all || homes.some(({ unitId, buildingId }) => (unitId === 0 ? inScope(viewer, buildingId) : hasUnit(viewer, { id: unitId, buildingId })));
}
