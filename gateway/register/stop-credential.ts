import { type CardHome, placesOfCard } from '../store/card-doors.ts';
import type { Register, WriteDb } from '../store/register.ts';
import { ms } from '../store/values.ts';
import { CardRefused } from './card-refused.ts';
import type { Revoke } from './revocations.ts';
import { type Standing, stopDoors, stopStatements } from './stop-row.ts';

/** How long whoever stopped a card may undo it, ms (design.md 2). */
export const UNDO_MS = 10_000;

/** Why a card is stopped: lost or stolen, used against the rules, given back. */
export type StopReason = 'lost' | 'misused' | 'returned';

/** Who stops which card why, and how the doors stand. Times are epoch ms. */
export interface Stopping {
  readonly credentialId: number;
  readonly reason: StopReason;
  readonly accountId: number;
  /** A landlord may not lock somebody out of his home by taking his only key (domain.md 5.2-8). */
  readonly keepsOnlyKey: boolean;
  readonly now: number;
  readonly standing: Standing;
  readonly revoke: Revoke;
}

const CARD = { id: true, kind: true, tail: true, status: true, personId: true, buildingId: true } as const;

/** Is it the last working card of somebody who lives here? A code is no key: it opens nothing at a door that is offline; nor is a card that his carer has. */
async function isOnlyKey(db: WriteDb, { id, personId }: { readonly id: number; readonly personId: number | null }, homes: readonly CardHome[]): Promise<boolean> {
  if (personId === null || homes.length === 0) return false;
  return (await db.credential.count({ where: { personId, status: 'active', tech: { not: 'PIN' }, kind: { not: 'carer' }, id: { not: id } } })) === 0;
}

/**
 * Stops a card at once and remembers which doors have to hear of it; the row number of the stop. A card that was
 * stopped so already keeps its stop. Throws CardRefused: missing, stopped (in another way), only-key.
 */
export async function stopCredential({ write }: Register, { credentialId, reason, accountId, keepsOnlyKey, now, standing, revoke }: Stopping): Promise<number> {
  return write(async (db) => {
    const card = await db.credential.findUnique({ where: { id: credentialId }, select: CARD });
    if (card === null) throw new CardRefused('missing');
    if (card.status !== 'active') {
      const earlier = await db.cardStop.findFirst({ where: { credentialId, undoneAt: null }, orderBy: { id: 'desc' }, select: { id: true } });
      if (earlier === null) throw new CardRefused('stopped');
      return earlier.id;
    }
    const { homes, places } = await placesOfCard(db, card, now);
    if (keepsOnlyKey && reason !== 'lost' && (await isOnlyKey(db, card, homes))) throw new CardRefused('only-key');
    const doors = await stopDoors(db, [credentialId], now, standing);
    const { personId, tail } = card;
    await revoke(db, [{ what: 'credential-stopped', credentialId, at: now, ...(personId === null ? {} : { personId }) }], accountId);
    const [, stop] = await db.$transaction([
      db.credential.update({ where: { id: credentialId }, data: { status: 'revoked' } }),
      ...stopStatements(db, { credentialId, personId, tail, reason, stoppedAt: now, stoppedBy: accountId, places, doors }),
    ]);
    return stop.id;
  });
}

/**
 * Takes back a stop, by whoever made it, within UNDO_MS: the card works again. The log is told afterwards: should that
 * be lost with the power, a register from a backup keeps the card stopped. Throws CardRefused: missing, not-yours, over.
 */
export async function undoStop({ write }: Register, { stopId, accountId, now }: { readonly stopId: number; readonly accountId: number; readonly now: number }): Promise<void> {
  await write(async (db) => {
    const stop = await db.cardStop.findUnique({ where: { id: stopId } });
    if (stop === null || stop.credentialId === 0) throw new CardRefused('missing');
    if (stop.stoppedBy !== accountId) throw new CardRefused('not-yours');
    const since = now - ms(stop.stoppedAt);
    if (stop.undoneAt !== null || since < 0 || since >= UNDO_MS) throw new CardRefused('over');
    await db.$transaction([
      db.credential.updateMany({ where: { id: stop.credentialId, personId: stop.personId, status: 'revoked' }, data: { status: 'active' } }),
      db.cardStop.update({ where: { id: stopId }, data: { undoneAt: BigInt(now) } }),
    ]);
  });
}
