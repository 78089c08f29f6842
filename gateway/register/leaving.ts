import { accessEnd } from '../core/decide.ts';
import type { CardReads } from '../store/card-doors.ts';
import type { WriteDb } from '../store/register.ts';
import { ms, msOrNull } from '../store/values.ts';
import { type Standing, type StopDoorData, stopDoors, stopStatements } from './stop-row.ts';

/** Who leaves which home. */
export interface Leaving {
  readonly tenancyId: number;
  readonly unitId: number;
  readonly buildingId: number;
  readonly personIds: readonly number[];
}

type Reads = Pick<WriteDb, 'credential' | 'accessGrant' | 'occupant' | 'door'> & CardReads;

const STAY = {
  untilAt: true,
  tenancy: { select: { id: true, unitId: true, accessUntil: true, termEnd: true, unit: { select: { building: { select: { holdoverDays: true } } } } } },
} as const;

/** What somebody still has in the building besides this tenancy: the homes of others that run, and whether its shared doors. */
async function keeps(db: Reads, personId: number, { tenancyId, buildingId }: Leaving, now: number): Promise<{ readonly homes: ReadonlySet<number>; readonly shared: boolean }> {
  const stays = await db.occupant.findMany({ where: { personId, fromAt: { lte: BigInt(now) }, tenancyId: { not: tenancyId }, tenancy: { unit: { buildingId } } }, select: STAY });
  const homes = stays.flatMap(({ untilAt, tenancy }) => {
    const access = { accessUntil: msOrNull(tenancy.accessUntil) ?? 0, termEnd: msOrNull(tenancy.termEnd) ?? 0 };
    const end = Math.min(msOrNull(untilAt) ?? Number.POSITIVE_INFINITY, accessEnd(access, tenancy.unit.building.holdoverDays));
    return end > now ? [tenancy.unitId] : [];
  });
  const grants = await db.accessGrant.count({ where: { personId, buildingId, fromAt: { lte: BigInt(now) }, OR: [{ untilAt: null }, { untilAt: { gt: BigInt(now) } }] } });
  return { homes: new Set(homes), shared: homes.length + grants > 0 };
}

/**
 * What of people who leave a home is on the receipt: the tails of their cards, and the doors that lose them. Doors that
 * a person goes on opening, by another home or for his work, are not among his. To be asked before anything is taken away.
 */
async function leavingDoors(db: Reads, leaving: Leaving, now: number, standing: Standing): Promise<{ readonly tail: string; readonly doors: StopDoorData[] }> {
  const places = new Map((await db.door.findMany({ where: { buildingId: leaving.buildingId }, select: { id: true, unitId: true } })).map(({ id, unitId }) => [id, unitId]));
  const doors = new Map<number, StopDoorData>();
  const tails: string[] = [];
  for (const personId of leaving.personIds) {
    const cards = await db.credential.findMany({ where: { personId, status: 'active' }, select: { id: true, tail: true }, orderBy: { id: 'asc' } });
    const kept = await keeps(db, personId, leaving, now);
    tails.push(...cards.map(({ tail }) => tail));
    for (const door of await stopDoors(
      db,
      cards.map(({ id }) => id),
      now,
      standing,
    )) {
      const unitId = places.get(door.doorId);
      const lost = unitId === null ? !kept.shared : unitId === leaving.unitId && !kept.homes.has(leaving.unitId);
      if (lost) doors.set(door.doorId, door);
    }
  }
  return { tail: tails.join(' '), doors: [...doors.values()] };
}

/** How the end of people's access is remembered. Times are epoch ms. */
export interface LeavingStop {
  readonly reason: 'moved-out' | 'again';
  readonly until: number;
  readonly accountId: number;
  readonly at: number;
  readonly now: number;
  readonly standing: Standing;
}

/** The statements that remember the receipt, made before anything is taken away; they come right after the one that takes it. */
export async function leavingStop(db: WriteDb, leaving: Leaving, { reason, until, accountId, at, now, standing }: LeavingStop) {
  const { unitId, buildingId, personIds } = leaving;
  const { tail, doors } = await leavingDoors(db, leaving, now, standing);
  const [personId = null] = personIds.length === 1 ? personIds : [];
  return () =>
    stopStatements(db, {
      credentialId: 0,
      personId,
      tail,
      reason,
      stoppedAt: at,
      ...(until > now ? { endsAt: BigInt(until) } : {}),
      stoppedBy: accountId,
      places: [{ unitId, buildingId }],
      doors,
    });
}

/** Of a tenancy's people, those who live there at `now` or will. */
export const livingOf = (occupants: readonly { readonly personId: number; readonly untilAt: bigint | null }[], now: number): number[] =>
  occupants.filter(({ untilAt }) => untilAt === null || ms(untilAt) > now).map(({ personId }) => personId);
