import { placesOfCard } from '../store/card-doors.ts';
import type { Register } from '../store/register.ts';
import { CardRefused } from './card-refused.ts';
import type { Note } from './lock-down.ts';

const CARD = { id: true, kind: true, status: true, personId: true, buildingId: true } as const;

/**
 * A card that was lost is found and works again, noted first: the stop is undone, however long ago it was. Not when its
 * holder was given another since, nor when he lives and works nowhere here any more. `now`: epoch ms. Throws CardRefused:
 * missing (also what was stopped for another reason), not-lost (undone before, or stopped anew), replaced, no-right.
 */
export async function cardFound({ write }: Register, { stopId, now, note }: { readonly stopId: number; readonly now: number; readonly note: Note }): Promise<void> {
  await write(async (db) => {
    const stop = await db.cardStop.findUnique({ where: { id: stopId } });
    if (stop === null || stop.credentialId === 0 || stop.reason !== 'lost' || stop.personId === null) throw new CardRefused('missing');
    const { credentialId, personId, stoppedAt } = stop;
    const card = await db.credential.findFirst({ where: { id: credentialId, personId, status: 'revoked' }, select: CARD });
    const later = await db.cardStop.count({ where: { credentialId, id: { gt: stopId } } });
    if (stop.undoneAt !== null || card === null || later > 0) throw new CardRefused('not-lost');
    const others = { personId, kind: card.kind, status: 'active', tech: { not: 'PIN' }, createdAt: { gte: stoppedAt } };
    if ((await db.credential.count({ where: others })) > 0) throw new CardRefused('replaced');
    const { homes } = await placesOfCard(db, card, now);
    const works = { personId, fromAt: { lte: BigInt(now) }, OR: [{ untilAt: null }, { untilAt: { gt: BigInt(now) } }] };
    if (homes.length === 0 && (await db.accessGrant.count({ where: works })) === 0) throw new CardRefused('no-right');
    await note(`card=${stop.tail} stop=${stopId}`);
    await db.$transaction([
      db.credential.update({ where: { id: credentialId }, data: { status: 'active' } }),
      db.cardStop.update({ where: { id: stopId }, data: { undoneAt: BigInt(now) } }),
    ]);
  });
}
