import { accessEnd } from '../core/decide.ts';
import { addDays, dateAt, endOfDay, type LocalDate } from '../core/local-date.ts';
import { TAKE_BACK_MS } from '../core/move-out.ts';
import type { Register, WriteDb } from '../store/register.ts';
import { ms, msOrNull } from '../store/values.ts';
import { checkDay } from './begin-tenancy.ts';
import { type Leaving, leavingStop, livingOf } from './leaving.ts';
import type { Revocation, Revoke, TakeBack } from './revocations.ts';
import { RuleRefused } from './rule-refused.ts';
import type { Standing } from './stop-row.ts';

/** A later move-out is stated nearer to its day. */
const MOST_DAYS = 366;

/** Who acts when, how the doors stand, and where it is noted first. `now`: epoch ms. */
export interface MovingBy {
  readonly accountId: number;
  readonly now: number;
  readonly standing: Standing;
  readonly revoke: Revoke;
}

/** Who moves out. `personId` null: all. `day`: the last day, to 24:00; undefined: now. `own`: who says so is the one who leaves. */
export interface MovingOut extends MovingBy {
  readonly tenancyId: number;
  readonly personId: number | null;
  readonly day?: LocalDate | undefined;
  readonly own: boolean;
}

const PLACE = {
  unit: { select: { id: true, buildingId: true, building: { select: { holdoverDays: true } } } },
  occupants: { select: { personId: true, fromAt: true, untilAt: true } },
  moveOuts: { where: { undoneAt: null }, orderBy: { id: 'desc' } },
} as const;

async function tenancyOf(db: Pick<WriteDb, 'tenancy'>, id: number) {
  const row = await db.tenancy.findUnique({ where: { id }, include: PLACE });
  if (row === null) throw new RuleRefused('missing');
  return row;
}
type Whole = Awaited<ReturnType<typeof tenancyOf>>;

/** Whose access ends: one of the people, or all, when he is the last. Throws RuleRefused: over, objection, missing. */
function leavingOf(row: Whole, personId: number | null, now: number): { readonly one: number | null; readonly leaving: Leaving } {
  const who = personId === null ? undefined : row.occupants.find((occupant) => occupant.personId === personId);
  if (personId !== null && who === undefined) throw new RuleRefused('missing');
  if (row.moveOuts.some(({ objectedAt, decidedAt }) => objectedAt !== null && decidedAt === null)) throw new RuleRefused('objection');
  const end = accessEnd({ accessUntil: msOrNull(row.accessUntil) ?? 0, termEnd: msOrNull(row.termEnd) ?? 0 }, row.unit.building.holdoverDays);
  if (end <= now || row.endedBy === 'movedOut' || row.endedBy === 'decision') throw new RuleRefused('over');
  const living = livingOf(row.occupants, now);
  if (who?.untilAt !== null && who !== undefined) throw new RuleRefused('over');
  const one = personId !== null && living.some((id) => id !== personId) ? personId : null;
  const { id: unitId, buildingId } = row.unit;
  return { one, leaving: { tenancyId: row.id, unitId, buildingId, personIds: one === null ? living : [one] } };
}

/** When access ends, epoch ms. Throws RuleRefused by `day`. */
function untilOf(row: Whole, { day, now }: MovingOut): number {
  if (day === undefined) return now;
  const today = dateAt(now);
  checkDay('day', day, today, addDays(today, MOST_DAYS));
  const until = endOfDay(day);
  if (row.accessUntil !== null && until >= ms(row.accessUntil)) throw new RuleRefused('wrong', { field: 'day', expected: `< ${dateAt(ms(row.accessUntil))}` });
  return until;
}

/** The revocation of one person's access, or of a whole tenancy's. `at`: when it was stated, epoch ms. */
export const revocationOf = ({ tenancyId, unitId }: Leaving, one: number | null, about: { readonly until: number; readonly at: number; readonly decided?: number }): Revocation =>
  one === null ? { what: 'tenancy-ended', tenancyId, unitId, ...about } : { what: 'occupant-left', tenancyId, personId: one, ...about };

/** The statement that sets when access ends; null: until somebody ends it. */
export const endStatement = (db: WriteDb, { tenancyId, one }: { tenancyId: number; one: number | null }, until: bigint | null, endedBy: string) =>
  one === null
    ? db.tenancy.updateMany({ where: { id: tenancyId }, data: { accessUntil: until, endedBy } })
    : db.occupant.updateMany({ where: { tenancyId, personId: one }, data: { untilAt: until } });

/**
 * People move out: their access ends then, noted as a revocation first, with a receipt for the doors that have to hear
 * of it. Of one person the tenancy goes on, unless he is the last. Returns the row number of the move-out. Throws
 * RuleRefused: over, objection (one stands, and a clerk decides), wrong (day), missing.
 */
export async function moveOut({ write }: Register, moving: MovingOut): Promise<number> {
  const { tenancyId, personId, own, accountId, now, standing, revoke } = moving;
  return write(async (db) => {
    const row = await tenancyOf(db, tenancyId);
    const { one, leaving } = leavingOf(row, personId, now);
    const until = untilOf(row, moving);
    const stop = await leavingStop(db, leaving, { reason: 'moved-out', until, accountId, at: now, now, standing });
    await revoke(db, [revocationOf(leaving, one, { until, at: now })], accountId);
    const before = one === null ? { untilBefore: row.accessUntil, endedByBefore: row.endedBy } : {};
    await db.$transaction([
      endStatement(db, { tenancyId, one }, BigInt(until), 'movedOut'),
      ...stop(),
      db.moveOut.create({ data: { tenancyId, personId: one, until: BigInt(until), ...before, statedAt: BigInt(now), statedBy: accountId, own } }),
      db.$executeRaw`UPDATE "MoveOut" SET "stopId" = (SELECT max("id") FROM "CardStop") WHERE "id" = (SELECT max("id") FROM "MoveOut")`,
    ]);
    return (await db.moveOut.findFirstOrThrow({ where: { tenancyId }, orderBy: { id: 'desc' }, select: { id: true } })).id;
  });
}

/** A move-out with its tenancy. */
export type MoveOutRecord = NonNullable<Awaited<ReturnType<WriteDb['moveOut']['findUnique']>>>;

/** Statements that give back what a move-out took, and end the waiting for its doors. `entry`: the one that says so. Nothing, where access ends for another reason by now. */
export const giveBack = (db: WriteDb, { tenancyId, personId, until, untilBefore, endedByBefore, stopId }: MoveOutRecord, entry: number, now: number) => [
  personId === null
    ? db.tenancy.updateMany({ where: { id: tenancyId, accessUntil: until, endedBy: 'movedOut' }, data: { accessUntil: untilBefore, endedBy: endedByBefore } })
    : db.occupant.updateMany({ where: { tenancyId, personId, untilAt: until }, data: { untilAt: null } }),
  db.cardStop.updateMany({ where: { id: stopId ?? 0, undoneAt: null }, data: { undoneAt: BigInt(now), undoEntry: entry } }),
];

/**
 * Takes a statement back, by whoever made it, until it takes effect, and for TAKE_BACK_MS whatever came of it. Noted
 * first. Throws RuleRefused: missing, not-yours, undo-over, over (decided).
 */
export async function takeMoveOutBack(
  { write }: Register,
  id: number,
  { accountId, now, takeBack }: Pick<MovingBy, 'accountId' | 'now'> & { readonly takeBack: TakeBack },
): Promise<void> {
  await write(async (db) => {
    const row = await db.moveOut.findUnique({ where: { id } });
    if (row === null) throw new RuleRefused('missing');
    if (row.statedBy !== accountId) throw new RuleRefused('not-yours');
    if (row.decidedAt !== null) throw new RuleRefused('over');
    // While an objection stands he may always agree with it.
    const open = now < ms(row.statedAt) + TAKE_BACK_MS || now < ms(row.until) || row.objectedAt !== null;
    if (row.undoneAt !== null || !open) throw new RuleRefused('undo-over');
    const entry = row.objectedAt === null ? await takeBack('move-out-undone', { tenancyId: row.tenancyId, personId: row.personId ?? 0, at: ms(row.statedAt) }, accountId) : 0;
    const given = row.objectedAt === null ? giveBack(db, row, entry, now) : [];
    await db.$transaction([...given, db.moveOut.update({ where: { id }, data: { undoneAt: BigInt(now) } })]);
  });
}
