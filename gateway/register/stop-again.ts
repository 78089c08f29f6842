import { LIST_VALID_MS } from '../core/list-version.ts';
import { placesOfCard } from '../store/card-doors.ts';
import type { WriteDb } from '../store/register.ts';
import { workDoors } from './end-work.ts';
import type { Revocation } from './revocations.ts';
import { type Standing, stopDoors, stopStatements } from './stop-row.ts';

/** Why on a receipt that was made anew: the log does not say why it was stopped at the time. */
const AGAIN = 'again';

/**
 * Before anything is served nothing is known of the doors: one that is enrolled may hold a list of the lost register,
 * which can have been told as long a life as any.
 */
export const unknownAt =
  (now: number): Standing =>
  () => ({ seen: false, holds: 'list', latestAt: now + LIST_VALID_MS });

type Stopped = Extract<Revocation, { what: 'credential-stopped' }>;
type Ended = Extract<Revocation, { what: 'grant-ended' }>;

/** Stops a card that works in a restored register, with a receipt; 1 when it did, 0 when it had nothing to do. */
export async function stopCardAgain(db: WriteDb, { credentialId, personId: holder, at }: Stopped, now: number): Promise<number> {
  const card = await db.credential.findUnique({ where: { id: credentialId }, select: { id: true, kind: true, tail: true, status: true, personId: true, buildingId: true } });
  if (card === null || card.status !== 'active' || (holder !== undefined && card.personId !== holder)) return 0;
  const { places } = await placesOfCard(db, card, now);
  const doors = await stopDoors(db, [credentialId], now, unknownAt(now));
  const { personId, tail } = card;
  await db.$transaction([
    db.credential.update({ where: { id: credentialId }, data: { status: 'revoked' } }),
    ...stopStatements(db, { credentialId, personId, tail, reason: AGAIN, stoppedAt: at ?? now, stoppedBy: 0, places, doors }),
  ]);
  return 1;
}

/** Ends a right of somebody who works in a building in a restored register, with a receipt when it was ended there and then; 1 when it did. */
export async function endWorkAgain(db: WriteDb, { grantId, personId, until, at }: Ended, now: number): Promise<number> {
  const grant = await db.accessGrant.findFirst({ where: { id: grantId, personId, OR: [{ untilAt: null }, { untilAt: { gt: BigInt(until) } }] }, select: { buildingId: true } });
  if (grant === null) return 0;
  const { buildingId } = grant;
  const end = db.accessGrant.update({ where: { id: grantId }, data: { untilAt: BigInt(until) } });
  if (at === undefined) {
    await end;
    return 1;
  }
  const { tail, doors } = await workDoors(db, { grantId, personId, buildingId }, now, unknownAt(now));
  const places = [{ unitId: 0, buildingId }];
  await db.$transaction([end, ...stopStatements(db, { credentialId: 0, grantId, personId, tail, reason: AGAIN, stoppedAt: at, stoppedBy: 0, places, doors })]);
  return 1;
}
