import type { WriteDb } from '../store/register.ts';
import { ms } from '../store/values.ts';
import { leavingStop, livingOf } from './leaving.ts';
import { endStatement } from './move-out.ts';
import type { Revocation } from './revocations.ts';
import { unknownAt } from './stop-again.ts';

type Left = Extract<Revocation, { what: 'tenancy-ended' | 'occupant-left' }>;

const UNIT = { unit: { select: { id: true, buildingId: true } }, occupants: { select: { personId: true, untilAt: true } } } as const;

/**
 * Ends access again in a restored register, where it does not end as early, with a receipt; 1 when it did. Who was said to
 * have moved out may still object: the register that knew of it is lost, his right is not.
 */
export async function moveOutAgain(db: WriteDb, revocation: Left, now: number): Promise<number> {
  const { tenancyId, until, at, decided } = revocation;
  const one = revocation.what === 'occupant-left' ? revocation.personId : null;
  const row = await db.tenancy.findUnique({ where: { id: tenancyId }, include: UNIT });
  if (row === null || (revocation.what === 'tenancy-ended' && row.unit.id !== revocation.unitId)) return 0;
  const occupant = row.occupants.find(({ personId }) => personId === one);
  const before = one === null ? row.accessUntil : occupant?.untilAt;
  if (before === undefined || (before !== null && ms(before) <= until)) return 0;
  const { id: unitId, buildingId } = row.unit;
  const leaving = { tenancyId, unitId, buildingId, personIds: one === null ? livingOf(row.occupants, now) : [one] };
  const stated = at ?? now;
  const stop = await leavingStop(db, leaving, { reason: 'again', until, accountId: 0, at: stated, now, standing: unknownAt(now) });
  const ended = decided === undefined ? {} : { decidedAt: BigInt(stated), decidedBy: 0, decision: 'ends', decidedUntil: BigInt(until) };
  await db.$transaction([
    endStatement(db, { tenancyId, one }, BigInt(until), decided === undefined ? 'movedOut' : 'decision'),
    ...stop(),
    db.moveOut.create({
      data: {
        tenancyId,
        personId: one,
        until: BigInt(until),
        ...(one === null ? { untilBefore: row.accessUntil, endedByBefore: row.endedBy } : {}),
        statedAt: BigInt(stated),
        statedBy: 0,
        ...ended,
      },
    }),
    db.$executeRaw`UPDATE "MoveOut" SET "stopId" = (SELECT max("id") FROM "CardStop") WHERE "id" = (SELECT max("id") FROM "MoveOut")`,
  ]);
  return 1;
}
