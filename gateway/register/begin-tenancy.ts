import { accessEnd } from '../core/decide.ts';
import { mayBeCrowded } from '../core/household.ts';
import { addDays, dateAt, endOfDay, localDate, type LocalDate, startOfDay } from '../core/local-date.ts';
import { addMonths, MOST_DAYS_AHEAD, MOST_YEARS } from '../core/term.ts';
import type { Register, WriteDb } from '../store/register.ts';
import { msOrNull } from '../store/values.ts';
import type { Vault } from '../store/vault.ts';
import type { Note } from './lock-down.ts';
import { cardStatements, type NewcomerWish, newcomersOf, type NewHome, occupantData, UNIT_PLACE, type UnitPlace } from './newcomers.ts';
import { registrationDues } from './registration-due.ts';
import { RuleRefused } from './rule-refused.ts';

/** Something that is no error, and that whoever entered it should know. */
export type TenancyWarning = 'OCCUPANT_LIMIT';

/** A tenancy as it is asked for. Days are local dates. */
export interface TenancyWish extends NewHome {
  readonly kind: 'rent' | 'free' | 'business';
  readonly firstDay: LocalDate;
  /** Last day of the contract; null: it has no end. A booking (hotel mode) has one. */
  readonly lastDay: LocalDate | null;
  /** Of a booking: minute of the last day at which it ends. */
  readonly endMinute: number;
  /** The home is let to several: another tenancy may run beside it. */
  readonly share: boolean;
  readonly people: readonly NewcomerWish[];
}

const MINUTE_MS = 60_000;
const YEAR_MONTHS = 12;
const wrong = (field: string, expected: string): RuleRefused => new RuleRefused('wrong', { field, expected });

/** A day there is, from one to another. Throws RuleRefused by `field`. */
export function checkDay(field: string, day: LocalDate, first: LocalDate, last: LocalDate): void {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  if (localDate(year, month, date) !== day || day < first || day > last) throw wrong(field, `${first} 到 ${last} 之间的日期 / a date from ${first} to ${last}`);
}

/** From when to when, epoch ms. `accessUntil` null: until a person ends it. Throws RuleRefused: a day, or one too far ahead. */
function spanOf({ firstDay, lastDay, endMinute, now }: TenancyWish, hotel: boolean) {
  const today = dateAt(now);
  checkDay('firstDay', firstDay, addMonths(today, -MOST_YEARS * YEAR_MONTHS), addMonths(today, YEAR_MONTHS));
  const latest = addDays(today, MOST_DAYS_AHEAD);
  if (firstDay > latest) throw new RuleRefused('ahead', { field: 'firstDay', expected: `≤ ${latest}` });
  if (lastDay === null) {
    if (hotel) throw wrong('lastDay', '旅业式管理要填离店日期 / the day the guest leaves: this house is run like a hotel');
    return { startAt: startOfDay(firstDay), termEnd: null, accessUntil: null };
  }
  checkDay('lastDay', lastDay, firstDay > today ? firstDay : today, addMonths(firstDay, MOST_YEARS * YEAR_MONTHS));
  if (!hotel) return { startAt: startOfDay(firstDay), termEnd: endOfDay(lastDay), accessUntil: null };
  const booked = startOfDay(lastDay) + endMinute * MINUTE_MS;
  if (booked <= now) throw wrong('endTime', '还没到的时间 / a time that is still to come');
  return { startAt: startOfDay(firstDay), termEnd: booked, accessUntil: booked };
}

/** Names of those under whose tenancy the home is not free at `startAt` (epoch ms): one that was left today is. */
async function inTheWay(db: WriteDb, vault: Vault, unit: UnitPlace, startAt: number): Promise<string[]> {
  const rows = await db.tenancy.findMany({
    where: { unitId: unit.id },
    select: { accessUntil: true, termEnd: true, occupants: { select: { person: { select: { nameSealed: true } } }, orderBy: { id: 'asc' }, take: 1 } },
  });
  const running = rows.filter(
    ({ accessUntil, termEnd }) => accessEnd({ accessUntil: msOrNull(accessUntil) ?? 0, termEnd: msOrNull(termEnd) ?? 0 }, unit.building.holdoverDays) > startAt,
  );
  return running.map(({ occupants: [first] }) => (first === undefined ? '—' : vault.open('person.name', first.person.nameSealed)));
}

/**
 * A tenancy begins: its people are registered, their documents seen by the landlord, and their cards open the home's
 * doors from its first day. Noted first. Returns its row number, and what he should know besides. Throws RuleRefused by
 * the field: wrong, duplicate, ahead, home-taken (says whom to end first), missing.
 */
export async function beginTenancy(
  { write, vault }: Register,
  wish: TenancyWish,
  note: Note,
): Promise<{ readonly tenancyId: number; readonly warnings: readonly TenancyWarning[] }> {
  return write(async (db) => {
    const { unitId, kind, people, share, now } = wish;
    const unit = await db.rentalUnit.findUnique({ where: { id: unitId }, select: UNIT_PLACE });
    if (unit === null) throw new RuleRefused('missing');
    const hotel = unit.building.mode === 'hotel';
    const { startAt, termEnd, accessUntil } = spanOf(wish, hotel);
    if (!people.some(({ role }) => role === 'tenant')) throw wrong('people', '至少一位承租人 / at least one tenant');
    const others = share ? [] : await inTheWay(db, vault, unit, Math.max(startAt, now));
    if (others.length > 0) {
      const names = others.join('、');
      throw new RuleRefused('home-taken', { field: 'share', expected: `先办 ${names} 的退租，或选合租 / end the tenancy of ${names} first, or share the home` });
    }
    const newcomers = await newcomersOf(db, vault, people, { unit, within: wish.within, now });
    const cards = newcomers.reduce((sum, newcomer) => sum + newcomer.cards.length, 0);
    await note(`unit=${unitId} kind=${kind} from=${wish.firstDay} until=${wish.lastDay ?? '-'} people=${people.length} cards=${cards}`);
    const due = (await registrationDues(db, unit.building))(startAt);
    const made = db.tenancy.create({
      data: {
        unitId,
        kind,
        startAt: BigInt(startAt),
        termEnd: termEnd === null ? null : BigInt(termEnd),
        accessUntil: accessUntil === null ? null : BigInt(accessUntil),
        endedBy: accessUntil === null ? '' : 'booked',
        createdAt: BigInt(now),
        occupants: { create: newcomers.map((newcomer) => occupantData(vault, newcomer, { fromAt: startAt, due, now })) },
      },
      select: { id: true },
    });
    const [{ id: tenancyId }] = await db.$transaction([made, ...newcomers.flatMap((newcomer) => cardStatements(db, vault, newcomer, now))]);
    return { tenancyId, warnings: mayBeCrowded(people.map(({ relation }) => relation)) ? ['OCCUPANT_LIMIT'] : [] };
  });
}
