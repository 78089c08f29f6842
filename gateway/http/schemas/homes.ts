import { type Static, Type } from 'typebox';

/** Homes as facts of a building: numbers and what they are for, never who lives there. */
export const UnitUse = Type.Union([Type.Literal('let'), Type.Literal('self'), Type.Literal('lent'), Type.Literal('vacant')], {
  description: 'let; self: its owner lives there; lent: free of charge; vacant: empty',
});
export type UnitUse = Static<typeof UnitUse>;

const Floor = Type.Integer({ minimum: -9, maximum: 99, description: 'Signed: basement 1 is −1; there is no floor 0' });
const PerFloor = Type.Integer({ minimum: 1, maximum: 999 });
const Digits = Type.Union([Type.Literal(2), Type.Literal(3)], { description: 'Digits of a home within its floor: 2 writes 0101, 3 writes 01001' });

/** Floors whose homes are to be made. */
export const FloorsBody = Type.Object({
  from: Floor,
  to: Floor,
  perFloor: PerFloor,
  digits: Type.Optional(Digits),
  skip: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 99 }), { maxItems: 20, description: 'Floors the house leaves out' })),
  use: Type.Optional(UnitUse),
});
export type FloorsBody = Static<typeof FloorsBody>;

/** The same as a query. */
export const FloorsQuery = Type.Object({
  from: Floor,
  to: Floor,
  perFloor: PerFloor,
  digits: Type.Optional(Digits),
  skip: Type.Optional(Type.String({ pattern: '^[0-9]{1,2}(,[0-9]{1,2}){0,19}$', description: 'Floors the house leaves out, parted by commas' })),
});

/** What a plan would make. */
export const FloorsPreview = Type.Object({
  /** How many homes are new; the others are there and stay as they are. */
  fresh: Type.Integer(),
  there: Type.Integer(),
  /** Lowest first. */
  floors: Type.Array(Type.Object({ floor: Type.Integer(), rooms: Type.Array(Type.String()) })),
});
export type FloorsPreview = Static<typeof FloorsPreview>;
export const FloorsMade = Type.Object({ made: Type.Integer() });
export type FloorsMade = Static<typeof FloorsMade>;

export const UnitAdd = Type.Object({ room: Type.String({ minLength: 1, maxLength: 32 }), use: Type.Optional(UnitUse) });
export const RoomBody = Type.Object({ room: Type.String({ minLength: 1, maxLength: 32 }) });
export const UseBody = Type.Object({ use: UnitUse });

/** A home without its people. `version` goes back as If-Match with a change. */
export const HomeFacts = Type.Object({
  id: Type.Integer(),
  buildingId: Type.Integer(),
  code: Type.String(),
  floor: Type.Integer(),
  room: Type.String(),
  use: UnitUse,
  version: Type.Integer(),
});
export type HomeFacts = Static<typeof HomeFacts>;
