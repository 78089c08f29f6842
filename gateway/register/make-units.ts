import { readRoom, type RoomNumber, unitCode } from '../core/codes.ts';
import { type FloorPlan, planRooms, planTrouble } from '../core/room-plan.ts';
import type { Register, WriteDb } from '../store/register.ts';
import { HomeRefused } from './home-refused.ts';
import type { Note } from './lock-down.ts';

/** What a home is for (domain.md S3.02): let, lived in by its owner, lent free of charge, or standing empty. */
export type UnitUse = 'let' | 'self' | 'lent' | 'vacant';

/** A home of a plan, and whether the building has it already. */
export interface PlannedHome extends RoomNumber {
  readonly there: boolean;
}

const ROOM_FORM = '楼层和房号分得清的写法，如 0503、B101 / floor and room told apart, such as 0503 or B101';

async function buildingOf(db: Pick<WriteDb, 'building'>, id: number): Promise<{ readonly code: string; readonly rooms: ReadonlySet<string> }> {
  const found = await db.building.findUnique({ where: { id }, select: { code: true, units: { select: { room: true } } } });
  if (found === null) throw new HomeRefused('NOT_FOUND', { field: 'id' });
  return { code: found.code, rooms: new Set(found.units.map(({ room }) => room)) };
}

function roomsOf(plan: FloorPlan): RoomNumber[] {
  const trouble = planTrouble(plan);
  if (trouble !== undefined) throw new HomeRefused('BAD_INPUT', trouble);
  return planRooms(plan);
}

/** The number people say as floor and room. Throws HomeRefused. */
export function roomSaid(text: string): RoomNumber {
  const room = readRoom(text);
  if (room === undefined) throw new HomeRefused('BAD_INPUT', { field: 'room', expected: ROOM_FORM });
  return room;
}

/** Two homes of a building never have one number. */
export const duplicate = (room: string): HomeRefused =>
  new HomeRefused('UNIT_DUPLICATE', { field: 'room', expected: `还没有的房号，${room} 已经有了 / a number that is not there yet; ${room} is` });

/** The homes a plan would make, before anything is. Throws HomeRefused: the plan cannot be carried out. */
export async function plannedHomes({ read }: Pick<Register, 'read'>, buildingId: number, plan: FloorPlan): Promise<PlannedHome[]> {
  const rooms = roomsOf(plan);
  const building = await buildingOf(read, buildingId);
  return rooms.map((each) => ({ ...each, there: building.rooms.has(each.room) }));
}

/** Floors of homes that are to be made. */
export interface FloorsWish {
  readonly buildingId: number;
  readonly plan: FloorPlan;
  readonly use: UnitUse;
}

/**
 * Makes the homes of a plan in one statement, noted first; those that are there stay as they are. Returns how many were
 * made. Throws HomeRefused: the plan cannot be carried out, or every home of it is there.
 */
export async function makeFloors({ write }: Register, { buildingId, plan, use }: FloorsWish, note: Note): Promise<number> {
  const rooms = roomsOf(plan);
  return write(async (db) => {
    const building = await buildingOf(db, buildingId);
    const fresh = rooms.filter(({ room }) => !building.rooms.has(room));
    const [first] = rooms;
    if (fresh.length === 0)
      throw new HomeRefused('UNIT_DUPLICATE', { field: 'perFloor', expected: `还没有的房间，${first?.room ?? ''} 起都有了 / homes that are not there yet; all are` });
    await note(`floors=${plan.from}..${plan.to} each=${plan.perFloor} made=${fresh.length}`);
    await db.rentalUnit.createMany({ data: fresh.map((room) => ({ code: unitCode(building.code, room), buildingId, use, ...room })) });
    return fresh.length;
  });
}

/** Adds one home under the number people say, noted first; its row number. Throws HomeRefused. */
export async function addUnit({ write }: Register, { buildingId, room: text, use }: { buildingId: number; room: string; use: UnitUse }, note: Note): Promise<number> {
  const room = roomSaid(text);
  return write(async (db) => {
    const building = await buildingOf(db, buildingId);
    if (building.rooms.has(room.room)) throw duplicate(room.room);
    await note(room.room);
    return (await db.rentalUnit.create({ data: { code: unitCode(building.code, room), buildingId, use, ...room } })).id;
  });
}
