import { LIST_VALID_MS } from '../../core/list-version.ts';
import type { DoorState } from '../../doors/link.ts';
import { UNDO_MS } from '../../register/stop-credential.ts';
import type { DoorStanding } from '../../register/stop-row.ts';
import type { StopDoorRow, StopRow } from '../../store/card-stops.ts';
import type { BuildingRow } from '../../store/places.ts';
import type { DoorList } from '../door-list.ts';
import type { StopDoor, StopReceipt, StopSummary } from '../schemas/card-stops.ts';
import { hasDoor, hasUnit, inScope, type Viewer } from '../viewer.ts';
import { buildingSummary } from './building.ts';

/**
 * What each door may go on with when a card is stopped at `now`: the end it was last told, else what it can have been
 * told at most before this gateway started. A door that holds no list and was offered none lets nobody in by itself.
 */
export function standingIn(states: readonly DoorState[], now: number): (doorId: number) => DoorStanding {
  const known = new Map(states.map((state) => [Number(state.doorId), state]));
  return (doorId) => {
    const { online = false, have = '', listUntil = 0 }: Partial<DoorState> = known.get(doorId) ?? {};
    const seen = online || have !== '' || listUntil > 0;
    if (online && have === '' && listUntil === 0) return { seen, holds: 'nolist', latestAt: null };
    return { seen, holds: 'list', latestAt: listUntil > 0 ? listUntil : now + LIST_VALID_MS };
  };
}

type Doors = Pick<DoorList, 'of' | 'name'>;

/** A door's row of the receipt at `now`. */
function stopDoor({ doorId, holds, latestAt, confirmedAt }: StopDoorRow, doors: Doors, now: number): StopDoor {
  const row = { doorId, door: doors.name(doorId), at: null, until: null };
  if (confirmedAt !== null) return { ...row, state: 'stopped', at: confirmedAt };
  if (holds === 'none') return { ...row, state: 'none' };
  if (holds === 'nolist' || holds === 'gateway' || latestAt === null) return { ...row, state: 'nolist' };
  return latestAt <= now ? { ...row, state: 'ended', at: latestAt } : { ...row, state: 'waiting', until: latestAt };
}

/** Doors of the receipt that are the viewer's to know: of another home of the same person he does not learn. */
function rowsFor(viewer: Viewer, stop: StopRow, doors: Doors, now: number): StopDoor[] {
  return stop.doors.flatMap((row) => {
    const door = doors.of(row.doorId);
    return door !== undefined && hasDoor(viewer, door) ? [stopDoor(row, doors, now)] : [];
  });
}

const homesFor = (viewer: Viewer, { homes }: StopRow): StopRow['homes'] =>
  homes.filter(({ unitId, buildingId }) => (unitId === 0 ? inScope(viewer, buildingId) : hasUnit(viewer, { id: unitId, buildingId })));

function summaryOf(viewer: Viewer, stop: StopRow, rows: readonly StopDoor[]): StopSummary {
  const { id, credentialId, tail, reason, stoppedAt, endsAt, undoneAt } = stop;
  const count = (state: StopDoor['state']): number => rows.filter((row) => row.state === state).length;
  const rooms = homesFor(viewer, stop).flatMap(({ room }) => (room === '' ? [] : [room]));
  return { id, credentialId, tail, reason, rooms, stoppedAt, endsAt, undoneAt, doors: rows.length, stopped: count('stopped'), waiting: undoneAt === null ? count('waiting') : 0 };
}

/** A stop as a line of a list. */
export const stopSummary = (viewer: Viewer, stop: StopRow, doors: Doors, now: number): StopSummary => summaryOf(viewer, stop, rowsFor(viewer, stop, doors, now));

/** The place the receipt is shown with: the first home that is the viewer's. */
export const stopHome = (viewer: Viewer, stop: StopRow): StopRow['homes'][number] | undefined => homesFor(viewer, stop)[0];

/** A stop as the receipt that `viewer` is shown at `now`. */
export function stopReceipt(viewer: Viewer, stop: StopRow, building: BuildingRow | undefined, { doors, now }: { readonly doors: Doors; readonly now: number }): StopReceipt {
  const rows = rowsFor(viewer, stop, doors, now);
  const mine = stop.stoppedBy === viewer.accountId;
  const undoUntil = stop.stoppedAt + UNDO_MS;
  const unitId = stopHome(viewer, stop)?.unitId ?? 0;
  return {
    ...summaryOf(viewer, stop, rows),
    building: building === undefined ? null : buildingSummary(building),
    unitId: unitId === 0 ? null : unitId,
    mine,
    undoUntil: mine && stop.credentialId !== 0 && stop.undoneAt === null && now < undoUntil ? undoUntil : null,
    now,
    rows,
  };
}
