import { dateAt, DAY_MS } from '../../core/local-date.ts';
import { maskDocument, maskName, maskPhone } from '../../core/mask.ts';
import { rightTo } from '../../core/matrix.ts';
import { mayBeOnDuty } from '../../core/work.ts';
import type { WorkRow } from '../../store/work-grants.ts';
import { contentVersion } from '../rule-told.ts';
import type { WorkView } from '../schemas/work-grants.ts';
import type { Viewer } from '../viewer.ts';

/** A right that ends so soon is marked, so that it is renewed before somebody stands before the door. */
const SOON_MS = 30 * DAY_MS;

/** The version of a right: another content, another number. */
export const workVersion = ({ purpose, scheduleId, untilAt, duty }: WorkRow): number => contentVersion({ purpose, scheduleId, untilAt, duty });

function stateAt({ fromAt, untilAt }: WorkRow, now: number): WorkView['state'] {
  if (untilAt !== null && untilAt <= now) return 'over';
  if (now < fromAt) return 'coming';
  return untilAt !== null && untilAt - now < SOON_MS ? 'soon' : 'running';
}

/** A right as this viewer is shown it: names in full only for who entered them, documents and phones for nobody. */
export function workView({ role }: Pick<Viewer, 'role'>, row: WorkRow, now: number): WorkView {
  const { id, person, purpose, fromAt, untilAt, schedule, duty, cards, stopId } = row;
  const whole = rightTo('workGrant', role, 'R')?.form === '';
  return {
    id,
    person: { id: person.id, name: whole ? person.name : maskName(person.name), phoneMasked: maskPhone(person.phone), documentMasked: maskDocument(person.document) },
    purpose,
    fromAt,
    untilAt,
    lastDay: untilAt === null ? null : dateAt(untilAt - 1),
    schedule,
    duty,
    mayBeOnDuty: mayBeOnDuty(purpose),
    state: stateAt(row, now),
    cards: cards.map((card) => ({ ...card, tail: whole ? card.tail : '' })),
    stopId,
    version: workVersion(row),
  };
}
