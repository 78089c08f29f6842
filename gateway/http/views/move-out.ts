import { maskName } from '../../core/mask.ts';
import { rightTo } from '../../core/matrix.ts';
import { objectionUntil, TAKE_BACK_MS } from '../../core/move-out.ts';
import type { MoveOutRow, TenancyPlace } from '../../store/tenancies.ts';
import { contentVersion } from '../rule-told.ts';
import type { MoveOutView } from '../schemas/tenancies.ts';
import type { Viewer } from '../viewer.ts';

/** The version of a contract: another content, another number. */
export const termVersion = ({ termEnd, accessUntil, endedBy }: Pick<TenancyPlace, 'termEnd' | 'accessUntil' | 'endedBy'>): number =>
  contentVersion({ termEnd, accessUntil, endedBy });

function stateOf({ undoneAt, decision, objectedAt, confirmedAt }: MoveOutRow): MoveOutView['state'] {
  if (undoneAt !== null) return 'undone';
  if (decision !== '') return decision;
  if (objectedAt !== null) return 'objected';
  return confirmedAt === null ? 'stated' : 'confirmed';
}

/** Until when whoever stated it may take it back: until it takes effect, and while somebody objects. */
function undoUntil({ accountId }: Pick<Viewer, 'accountId'>, row: MoveOutRow, now: number): number | null {
  if (row.statedBy !== accountId || row.undoneAt !== null || row.decidedAt !== null) return null;
  const until = Math.max(row.statedAt + TAKE_BACK_MS, row.until);
  return now < until ? until : null;
}

/** A move-out as this viewer is shown it at `now` (epoch ms). Why it was decided so is for those it is about, and for whoever decides. */
export function moveOutView(viewer: Pick<Viewer, 'role' | 'accountId' | 'personId'>, row: MoveOutRow, now: number): MoveOutView {
  const { id, tenancyId, unitId, room, building, personId, until, statedAt, own, objectedAt, decidedAt, decidedUntil } = row;
  const state = stateOf(row);
  const last = objectionUntil(statedAt, until);
  const whole = rightTo('moveOut', viewer.role, 'R')?.form === '';
  return {
    ...{ id, tenancyId, unitId, room, building, personId, until, statedAt, own, state, objectedAt, decidedAt, decidedUntil, now },
    people: row.people.map((person) => (whole && (viewer.role !== 'TEN' || person.id === viewer.personId) ? person.name : maskName(person.name))),
    undoUntil: undoUntil(viewer, row, now),
    objectUntil: viewer.role === 'TEN' && (personId === null || personId === viewer.personId) && state === 'stated' && !own && now <= last ? last : null,
    basis: row.basis,
    stopId: viewer.role === 'TEN' ? null : (row.decisionStopId ?? row.stopId),
  };
}
