import { isDecisionHour, nextDecisionHour, objectionUntil } from '../core/move-out.ts';
import { addDays, dateAt, endOfDay } from '../core/local-date.ts';
import type { Register, WriteDb } from '../store/register.ts';
import { ms } from '../store/values.ts';
import { leavingStop, livingOf } from './leaving.ts';
import { endStatement, giveBack, type MovingBy, revocationOf } from './move-out.ts';
import type { TakeBack } from './revocations.ts';
import { RuleRefused } from './rule-refused.ts';

/** What a decision has room for, characters. */
const MOST_BASIS = 200;
/** A decision takes effect within so many days. */
const MOST_DAYS = 90;

/** Whom a move-out is about, and who answers it. `now`: epoch ms. */
export interface Answering {
  readonly personId: number;
  readonly accountId: number;
  readonly now: number;
}

/** The move-out, when it is about this person and was not stated by himself. */
async function aboutHim(db: Pick<WriteDb, 'moveOut'>, id: number, personId: number) {
  const row = await db.moveOut.findUnique({ where: { id }, include: { tenancy: { select: { occupants: { select: { personId: true, untilAt: true } } } } } });
  const lived = row?.tenancy.occupants.some((each) => each.personId === personId && (each.untilAt === null || ms(each.untilAt) >= ms(row.statedAt))) === true;
  if (row === null || !lived || (row.personId !== null && row.personId !== personId)) throw new RuleRefused('missing');
  if (row.own || row.undoneAt !== null) throw new RuleRefused('over');
  return row;
}

/**
 * "I still live here": access that a statement ended goes on at once, noted first, until a clerk or officer decides.
 * Twice is once. Throws RuleRefused: missing, over (undone, confirmed or decided), objection-over (too late).
 */
export async function objectToMoveOut({ write }: Register, id: number, { personId, accountId, now, takeBack }: Answering & { readonly takeBack: TakeBack }): Promise<void> {
  await write(async (db) => {
    const { tenancy: _, ...row } = await aboutHim(db, id, personId);
    if (row.objectedAt !== null && row.decidedAt === null) return;
    if (row.confirmedAt !== null || row.decidedAt !== null) throw new RuleRefused('over');
    if (now > objectionUntil(ms(row.statedAt), ms(row.until))) throw new RuleRefused('objection-over');
    const entry = await takeBack('move-out-objected', { tenancyId: row.tenancyId, personId: row.personId ?? 0, at: ms(row.statedAt) }, accountId);
    await db.$transaction([...giveBack(db, row, entry, now), db.moveOut.update({ where: { id }, data: { objectedAt: BigInt(now), objectedBy: accountId } })]);
  });
}

/** He did move out: from then on there is nothing to object to. Throws RuleRefused: missing, over. */
export async function confirmMoveOut({ write }: Register, id: number, { personId, now }: Answering): Promise<void> {
  await write(async (db) => {
    const row = await aboutHim(db, id, personId);
    if (row.objectedAt !== null || row.decidedAt !== null) throw new RuleRefused('over');
    if (row.confirmedAt === null) await db.moveOut.update({ where: { id }, data: { confirmedAt: BigInt(now) } });
  });
}

/** What a clerk or officer decides of an objection. `at`: when access ends, epoch ms; undefined: as soon as it may. */
export interface Decision extends MovingBy {
  readonly ends: boolean;
  readonly basis: string;
  readonly at?: number | undefined;
}

/** When a decision takes effect. Throws RuleRefused: hours, wrong. */
function effectAt({ at, now }: Decision): number {
  const until = at ?? nextDecisionHour(now);
  const latest = endOfDay(addDays(dateAt(now), MOST_DAYS));
  if (until < now || until > latest) throw new RuleRefused('wrong', { field: 'at', expected: `现在到 ${dateAt(latest)} / from now to ${dateAt(latest)}` });
  if (!isDecisionHour(until)) throw new RuleRefused('hours', { field: 'at' });
  return until;
}

/** A reason of some words on one line. Throws RuleRefused by `basis`. */
function basisOf(given: string): string {
  const basis = given.normalize('NFC').trim();
  if (basis === '' || [...basis].length > MOST_BASIS || /[\p{Cc}\p{Cf}\u2028\u2029]/u.test(basis))
    throw new RuleRefused('wrong', { field: 'basis', expected: `依据，1 到 ${MOST_BASIS} 个字 / the basis, 1 to ${MOST_BASIS} characters on one line` });
  return basis;
}

/**
 * A clerk or officer decides an objection, with its basis: access ends at an hour of the day, noted as a revocation
 * first, with a receipt for the doors; or it goes on. Throws RuleRefused: missing, over (no objection stands), wrong, hours.
 */
export async function decideMoveOut({ write, vault }: Register, id: number, decision: Decision): Promise<void> {
  const { ends, accountId, now, standing, revoke } = decision;
  await write(async (db) => {
    const row = await db.moveOut.findUnique({
      where: { id },
      include: { tenancy: { include: { unit: { select: { id: true, buildingId: true } }, occupants: { select: { personId: true, untilAt: true } } } } },
    });
    if (row === null) throw new RuleRefused('missing');
    if (row.objectedAt === null || row.decidedAt !== null || row.undoneAt !== null) throw new RuleRefused('over');
    const basisSealed = vault.seal('moveOut.basis', basisOf(decision.basis));
    const decided = { decidedAt: BigInt(now), decidedBy: accountId, basisSealed, decision: ends ? 'ends' : 'stays' };
    if (!ends) return void (await db.moveOut.update({ where: { id }, data: decided }));
    const until = effectAt(decision);
    const { tenancyId, personId: one, tenancy } = row;
    const leaving = { tenancyId, unitId: tenancy.unit.id, buildingId: tenancy.unit.buildingId, personIds: one === null ? livingOf(tenancy.occupants, now) : [one] };
    const stop = await leavingStop(db, leaving, { reason: 'moved-out', until, accountId, at: now, now, standing });
    await revoke(db, [revocationOf(leaving, one, { until, at: now, decided: 1 })], accountId);
    await db.$transaction([
      endStatement(db, { tenancyId, one }, BigInt(until), 'decision'),
      ...stop(),
      db.moveOut.update({ where: { id }, data: { ...decided, decidedUntil: BigInt(until) } }),
      db.$executeRaw`UPDATE "MoveOut" SET "decisionStopId" = (SELECT max("id") FROM "CardStop") WHERE "id" = ${id}`,
    ]);
  });
}
