import { unitCode } from '../core/codes.ts';
import { accessEnd } from '../core/decide.ts';
import type { Register, WriteDb } from '../store/register.ts';
import { msOrNull } from '../store/values.ts';
import { HomeRefused } from './home-refused.ts';
import type { Note } from './lock-down.ts';
import { duplicate, roomSaid, type UnitUse } from './make-units.ts';

/** A home as it was on screen. */
export interface UnitSeen {
  readonly id: number;
  readonly version: number;
}

const TENANCY = { termEnd: true, accessUntil: true } as const;

async function standing(db: WriteDb, { id, version }: UnitSeen) {
  const found = await db.rentalUnit.findUnique({ where: { id }, include: { building: { select: { code: true, holdoverDays: true } }, tenancies: { select: TENANCY } } });
  if (found === null) throw new HomeRefused('NOT_FOUND', { field: 'id' });
  if (found.version !== version) throw new HomeRefused('STALE_VERSION');
  return found;
}

/** Gives a home the number it should have had; its tenancies, doors and keys stay with it. Noted first. Throws HomeRefused. */
export async function renameUnit({ write }: Register, was: UnitSeen, text: string, note: Note): Promise<void> {
  const room = roomSaid(text);
  await write(async (db) => {
    const unit = await standing(db, was);
    if (unit.room === room.room) return;
    if ((await db.rentalUnit.count({ where: { buildingId: unit.buildingId, room: room.room } })) > 0) throw duplicate(room.room);
    await note(`${unit.room} → ${room.room}`);
    await db.rentalUnit.update({ where: { id: was.id }, data: { ...room, code: unitCode(unit.building.code, room), version: { increment: 1 } } });
  });
}

/** Nobody but the owner, or nobody at all, lives there. */
const WITHOUT_TENANTS: ReadonlySet<UnitUse> = new Set(['self', 'vacant']);

/**
 * Says what a home is for, noted first. While a tenancy runs or is to come, it is neither its owner's own nor empty: the
 * tenancy is ended first, with what that asks of everybody. `now`: epoch ms. Throws HomeRefused.
 */
export async function setUse({ write }: Register, was: UnitSeen, use: UnitUse, { now, note }: { readonly now: number; readonly note: Note }): Promise<void> {
  await write(async (db) => {
    const unit = await standing(db, was);
    if (unit.use === use) return;
    const { holdoverDays } = unit.building;
    const runs = unit.tenancies.some(({ termEnd, accessUntil }) => now < accessEnd({ termEnd: msOrNull(termEnd) ?? 0, accessUntil: msOrNull(accessUntil) ?? 0 }, holdoverDays));
    if (runs && WITHOUT_TENANTS.has(use)) throw new HomeRefused('TENANCY_RUNS', { field: 'use', expected: 'let | lent' });
    await note(`${unit.room} ${unit.use} → ${use}`);
    await db.rentalUnit.update({ where: { id: was.id }, data: { use, version: { increment: 1 } } });
  });
}
