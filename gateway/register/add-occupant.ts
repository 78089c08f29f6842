import { accessEnd } from '../core/decide.ts';
import { mayBeCrowded } from '../core/household.ts';
import { addDays, dateAt, type LocalDate, startOfDay } from '../core/local-date.ts';
import { MOST_DAYS_AHEAD } from '../core/term.ts';
import type { Register } from '../store/register.ts';
import { ms, msOrNull } from '../store/values.ts';
import { checkDay, type TenancyWarning } from './begin-tenancy.ts';
import type { Note } from './lock-down.ts';
import { cardStatements, newcomersOf, type NewcomerWish, type NewHome, occupantData, UNIT_PLACE } from './newcomers.ts';
import { registrationDues } from './registration-due.ts';
import { RuleRefused } from './rule-refused.ts';

/** Who comes to live under which tenancy. */
export interface OccupantWish extends Omit<NewHome, 'unitId'> {
  readonly tenancyId: number;
  readonly firstDay: LocalDate;
  readonly person: NewcomerWish;
}

/**
 * Somebody comes to live with those who are there, noted first; what whoever entered him should know besides. He who
 * lived here under this tenancy before comes back to his place. Throws RuleRefused as `beginTenancy`, and over.
 */
export async function addOccupant({ write, vault }: Register, { tenancyId, firstDay, person, within, now }: OccupantWish, note: Note): Promise<readonly TenancyWarning[]> {
  return write(async (db) => {
    const tenancy = await db.tenancy.findUnique({
      where: { id: tenancyId },
      include: { unit: { select: UNIT_PLACE }, occupants: { select: { personId: true, relation: true, untilAt: true } } },
    });
    if (tenancy === null) throw new RuleRefused('missing');
    const { unit, occupants, startAt } = tenancy;
    const today = dateAt(now);
    checkDay('firstDay', firstDay, dateAt(ms(startAt)), addDays(today > dateAt(ms(startAt)) ? today : dateAt(ms(startAt)), MOST_DAYS_AHEAD));
    const fromAt = Math.max(startOfDay(firstDay), ms(startAt));
    const end = accessEnd({ accessUntil: msOrNull(tenancy.accessUntil) ?? 0, termEnd: msOrNull(tenancy.termEnd) ?? 0 }, unit.building.holdoverDays);
    if (end <= Math.max(now, fromAt)) throw new RuleRefused('over');
    const [newcomer] = await newcomersOf(db, vault, [person], { unit, within, now });
    if (newcomer === undefined) throw new RuleRefused('missing');
    await note(`unit=${unit.id} from=${firstDay} cards=${newcomer.cards.length}`);
    const due = (await registrationDues(db, unit.building))(fromAt);
    const data = occupantData(vault, newcomer, { fromAt, due, now });
    const { person: who, ...again } = data;
    const back = occupants.some(({ personId }) => personId === newcomer.personId);
    const row = back
      ? db.occupant.update({ where: { tenancyId_personId: { tenancyId, personId: newcomer.personId ?? 0 } }, data: { ...again, untilAt: null }, select: { id: true } })
      : db.occupant.create({ data: { ...again, person: who, tenancy: { connect: { id: tenancyId } } }, select: { id: true } });
    await db.$transaction([row, ...cardStatements(db, vault, newcomer, now)]);
    const here = occupants.filter(({ untilAt }) => untilAt === null || ms(untilAt) > now).map(({ relation }) => relation);
    return mayBeCrowded([...here, person.relation]) ? ['OCCUPANT_LIMIT'] : [];
  });
}
