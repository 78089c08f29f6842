import { type CardReads, placesOfCard } from '../store/card-doors.ts';
import type { Register, WriteDb } from '../store/register.ts';
import { ms } from '../store/values.ts';
import type { Revoke } from './revocations.ts';
import { RuleRefused } from './rule-refused.ts';
import { type Standing, stopDoors, stopStatements } from './stop-row.ts';

/** Which right, in which building. */
export interface WorkPlace {
  readonly grantId: number;
  readonly personId: number;
  readonly buildingId: number;
}

/**
 * What of a right is on the receipt of its end: the tails of the holder's cards, and the shared doors that lose them.
 * Whoever lives in the building, or has another right there, goes on opening them: then there are none.
 */
export async function workDoors(db: Pick<WriteDb, 'credential' | 'accessGrant' | 'rentalUnit' | 'door'> & CardReads, place: WorkPlace, now: number, standing: Standing) {
  const { grantId, personId, buildingId } = place;
  const cards = await db.credential.findMany({ where: { personId, status: 'active' }, select: { id: true, kind: true, tail: true, personId: true, buildingId: true } });
  const tail = cards.map((card) => card.tail).join(' ');
  const others = { personId, buildingId, id: { not: grantId }, fromAt: { lte: BigInt(now) }, OR: [{ untilAt: null }, { untilAt: { gt: BigInt(now) } }] };
  const stays = (await Promise.all(cards.map((card) => placesOfCard(db, card, now)))).some(({ homes }) => homes.some((home) => home.buildingId === buildingId));
  if (stays || (await db.accessGrant.count({ where: others })) > 0) return { tail, doors: [] };
  const shared = new Set((await db.door.findMany({ where: { buildingId, unitId: null }, select: { id: true } })).map(({ id }) => id));
  const ids = cards.map(({ id }) => id);
  return { tail, doors: (await stopDoors(db, ids, now, standing)).filter(({ doorId }) => shared.has(doorId)) };
}

/**
 * Ends the right of somebody who works in a building, at once, and remembers which doors have to hear of it; the row
 * number of the stop. One that was ended so before keeps its stop. Throws RuleRefused: missing, over.
 */
export async function endWork(
  { write }: Register,
  {
    grantId,
    accountId,
    now,
    standing,
    revoke,
  }: { readonly grantId: number; readonly accountId: number; readonly now: number; readonly standing: Standing; readonly revoke: Revoke },
): Promise<number> {
  return write(async (db) => {
    const grant = await db.accessGrant.findUnique({ where: { id: grantId } });
    if (grant === null) throw new RuleRefused('missing');
    const earlier = await db.cardStop.findFirst({ where: { grantId }, orderBy: { id: 'desc' }, select: { id: true } });
    if (earlier !== null) return earlier.id;
    if (grant.untilAt !== null && ms(grant.untilAt) <= now) throw new RuleRefused('over');
    const { personId, buildingId } = grant;
    const { tail, doors } = await workDoors(db, { grantId, personId, buildingId }, now, standing);
    await revoke(db, [{ what: 'grant-ended', grantId, personId, until: now, at: now }], accountId);
    const places = [{ unitId: 0, buildingId }];
    const [, stop] = await db.$transaction([
      db.accessGrant.update({ where: { id: grantId }, data: { untilAt: BigInt(now) } }),
      ...stopStatements(db, { credentialId: 0, grantId, personId, tail, reason: 'work-ended', stoppedAt: now, stoppedBy: accountId, places, doors }),
    ]);
    return stop.id;
  });
}
