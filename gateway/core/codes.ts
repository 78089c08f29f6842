import { halfWidth } from './text.ts';

/** Codes of places (domain.md 3.4): 12-digit community, B and 5 digits for a building, then its homes and doors. */
const BUILDING = /^\d{12}B\d{5}$/;
const DOOR = /^(\d{12}B\d{5})D(\d{2})$/;
const GRID = /^\d{15}$/;
const UNIT = /^\d{12}B\d{5}-(?:B[1-9]|\d{2})\d{2,3}$/;
const BUILDING_LENGTH = 18;

/** True for a building code such as 890101001001B00042. */
export const isBuildingCode = (text: string): boolean => BUILDING.test(text);

/** True for a grid code: community and 3-digit serial. */
export const isGridCode = (text: string): boolean => GRID.test(text);

/** Building and number of a door code such as 890101001001B00042D01, or undefined. */
export function readDoorCode(text: string): { readonly building: string; readonly number: number } | undefined {
  const match = DOOR.exec(text);
  return match?.[1] === undefined ? undefined : { building: match[1], number: Number(match[2]) };
}

/** A home inside its building. `room` is what people say and what ends the unit code: 0503, B101. */
export interface RoomNumber {
  /** Signed: basement 1 is −1. */
  readonly floor: number;
  readonly room: string;
}

/** Building, floor and room of a unit code such as 890101001001B00042-0503, or undefined. */
export function readUnitCode(text: string): (RoomNumber & { readonly building: string }) | undefined {
  if (!UNIT.test(text)) return undefined;
  const room = text.slice(BUILDING_LENGTH + 1);
  return { building: text.slice(0, BUILDING_LENGTH), floor: floorOf(room.slice(0, 2)), room };
}

const floorOf = (text: string): number => (text.startsWith('B') ? -Number(text.slice(1)) : Number(text));

/** Code of a home in a building. */
export const unitCode = (building: string, room: RoomNumber): string => `${building}-${room.room}`;

const PLAIN = /^(\d{1,2})(\d{2})$/;
const WIDE = /^(\d{2})(\d{3})$/;
const SPLIT = /^(\d{1,2})(?:-|层|楼|F)(\d{1,2})$/;
const BASEMENT = /^(?:B|-|负|地下)([1-9])(?:-|层|楼)?(\d{2,3})$/;

/**
 * Reads a room as a roster writes it: 503, 0503, 12003, 5-03, 5层03, B101, 负1-01, with or without 室, 房 or 号
 * behind it. Undefined when floor and room cannot be told apart, as in 1-203, which may be entrance 1.
 */
export function readRoom(text: string): RoomNumber | undefined {
  const plain = halfWidth(text)
    .toUpperCase()
    .replace(/\s/g, '')
    .replace(/(?:室|房间|房|号房|号)+$/, '');
  const below = BASEMENT.exec(plain);
  if (below !== null) return { floor: -Number(below[1]), room: `B${below[1]}${below[2]}` };
  const match = PLAIN.exec(plain) ?? WIDE.exec(plain) ?? SPLIT.exec(plain);
  if (match === null) return undefined;
  const twoDigits = (text: string | undefined): string => String(text).padStart(2, '0');
  return { floor: Number(match[1]), room: twoDigits(match[1]) + twoDigits(match[2]) };
}
