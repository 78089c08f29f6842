import { type CardHome, type CardReads, doorsOfCard } from '../store/card-doors.ts';
import type { WriteDb } from '../store/register.ts';

/** What a door may go on with. `latestAt`: end of its list, epoch ms; null: it holds none. */
export interface DoorStanding {
  /** Something has spoken as its controller since the gateway started. */
  readonly seen: boolean;
  readonly holds: 'list' | 'nolist';
  readonly latestAt: number | null;
}

/** How each door stands. */
export type Standing = (doorId: number) => DoorStanding;

/** A door of a stop, as it is written. */
export interface StopDoorData {
  readonly doorId: number;
  readonly holds: string;
  readonly latestAt: bigint | null;
}

/** The doors that cards open at `now` (epoch ms), each once, with what they may go on with. To be asked before anything is taken away. */
export async function stopDoors(db: CardReads, credentialIds: readonly number[], now: number, standing: Standing): Promise<StopDoorData[]> {
  const doors = new Map<number, StopDoorData>();
  for (const credentialId of credentialIds) {
    for (const { doorId, fitted, byGateway } of await doorsOfCard(db, credentialId, now, (id) => standing(id).seen)) {
      const { holds, latestAt } = byGateway ? { holds: 'gateway', latestAt: null } : standing(doorId);
      doors.set(doorId, fitted ? { doorId, holds, latestAt: latestAt === null ? null : BigInt(latestAt) } : { doorId, holds: 'none', latestAt: null });
    }
  }
  return [...doors.values()];
}

/** A stop to be remembered. `places`: by which others find its receipt; `stoppedAt`: epoch ms. */
export interface NewStop {
  readonly credentialId: number;
  readonly grantId?: number;
  readonly personId: number | null;
  readonly tail: string;
  readonly reason: string;
  readonly stoppedAt: number;
  /** When access ends, where that is later. */
  readonly endsAt?: bigint;
  readonly stoppedBy: number;
  readonly places: readonly CardHome[];
  readonly doors: readonly StopDoorData[];
}

/**
 * The statements that remember a stop; they come right after the one that takes access away, in its transaction: the
 * trigger has counted the change by then, and lists made up to there lack it.
 */
export const stopStatements = (db: WriteDb, { places, doors, stoppedAt, ...stop }: NewStop) =>
  [
    db.cardStop.create({ data: { ...stop, stoppedAt: BigInt(stoppedAt), homes: { create: [...places] }, doors: { create: [...doors] } }, select: { id: true } }),
    db.$executeRaw`UPDATE "CardStop" SET "changeN" = (SELECT coalesce(max("seq"), 0) FROM "sqlite_sequence" WHERE "name" = 'Change') WHERE "changeN" = 0`,
  ] as const;
