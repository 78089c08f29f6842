import type { RoomNumber } from './codes.ts';

/** The floors of a building and how many homes are on each. Whole numbers. */
export interface FloorPlan {
  /** Signed: basement 1 is −1. There is no floor 0. */
  readonly from: number;
  readonly to: number;
  readonly perFloor: number;
  /** Digits of a home within its floor: 2 writes 0101, 3 writes 01001 (domain.md 3.4). */
  readonly digits: 2 | 3;
  /** Floors the house leaves out, such as 4, 13 and 14. */
  readonly skip: readonly number[];
}

/** What is wrong with a plan: the field, and what was expected there in both languages. */
export interface PlanTrouble {
  readonly field: keyof FloorPlan;
  readonly expected: string;
}

/** A unit code has two characters for the floor: B9 to 99. */
const LOWEST = -9;
const HIGHEST = 99;
/** Homes made in one act: a tower has some hundreds, more is a slip of the finger. */
const MOST_HOMES = 1000;

const isFloor = (floor: number): boolean => floor >= LOWEST && floor <= HIGHEST && floor !== 0;

/** The homes of a plan, lowest floor first: B101, 0101, 0102 … For a plan without `planTrouble`. */
export function planRooms({ from, to, perFloor, digits, skip }: FloorPlan): RoomNumber[] {
  const rooms: RoomNumber[] = [];
  for (let floor = from; floor <= to; floor++) {
    if (floor === 0 || skip.includes(floor)) continue;
    const storey = String(floor).replace('-', 'B').padStart(2, '0');
    for (let n = 1; n <= perFloor; n++) rooms.push({ floor, room: storey + String(n).padStart(digits, '0') });
  }
  return rooms;
}

/** The first thing that keeps a plan from being carried out; undefined: nothing does. */
export function planTrouble(plan: FloorPlan): PlanTrouble | undefined {
  const { from, to, perFloor, digits } = plan;
  const floors = `${LOWEST} 到 ${HIGHEST}，没有 0 层 / ${LOWEST} to ${HIGHEST}, without 0`;
  if (!isFloor(from)) return { field: 'from', expected: floors };
  if (!isFloor(to)) return { field: 'to', expected: floors };
  if (to < from) return { field: 'to', expected: `不低于 ${from} 层 / not below floor ${from}` };
  const most = 10 ** digits - 1;
  if (perFloor < 1 || perFloor > most) return { field: 'perFloor', expected: `1 到 ${most} / 1 to ${most}` };
  const homes = planRooms(plan).length;
  if (homes === 0) return { field: 'skip', expected: '至少留一层 / at least one floor that is there' };
  return homes > MOST_HOMES ? { field: 'perFloor', expected: `一次最多 ${MOST_HOMES} 户 / at most ${MOST_HOMES} homes at once` } : undefined;
}
