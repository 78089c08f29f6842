import { type Static, Type } from 'typebox';

/** How a door works. */
export const DoorRulesBody = Type.Object({
  openMs: Type.Integer({ minimum: 1000, maximum: 600_000, description: 'Usual open time, ms' }),
  heldMs: Type.Integer({ minimum: 5000, maximum: 3_600_000, description: 'How long it may stand open, ms' }),
  openSchedule: Type.Union([Type.Integer({ minimum: 1, maximum: 255 }), Type.Null()], { description: 'Schedule during which it stands unlocked' }),
  firstCard: Type.Boolean({ description: 'It does so only after the first card of the hours' }),
  pinSchedule: Type.Union([Type.Integer({ minimum: 1, maximum: 255 }), Type.Null()], { description: 'Schedule during which a card needs its PIN' }),
  interlock: Type.Integer({ minimum: 0, maximum: 8, description: 'Doors of one controller with the same number are open one at a time; 0: alone' }),
  passbackMinutes: Type.Integer({ minimum: 0, maximum: 1440, description: 'A card that went in does not go in again for so long; 0: it may' }),
  passbackHard: Type.Boolean({ description: 'It is refused then, else only noted. Never at the only way into a home or a building' }),
});
export type DoorRulesBody = Static<typeof DoorRulesBody>;

const Named = Type.Object({ number: Type.Integer(), name: Type.String() });

/** `version`: to be sent back as If-Match. */
export const DoorRulesView = Type.Object({
  rules: DoorRulesBody,
  version: Type.Integer(),
  schedules: Type.Array(Named),
  /** Other doors of its controller. */
  neighbours: Type.Array(Type.Object({ id: Type.Integer(), name: Type.String(), nameEn: Type.String(), interlock: Type.Integer() })),
  onlyWayIn: Type.Boolean(),
  /** Cards that open this door now and have no PIN: in PIN hours they are refused. */
  withoutPin: Type.Integer(),
  mayWrite: Type.Boolean(),
});
export type DoorRulesView = Static<typeof DoorRulesView>;

/** Eight days, Monday to Sunday and public holidays, of spans such as 08:00–22:00; one may go on into the next day. */
export const ScheduleBody = Type.Object({
  name: Type.String({ maxLength: 200 }),
  days: Type.Array(Type.Array(Type.String({ maxLength: 20 }), { maxItems: 8 }), { minItems: 8, maxItems: 8 }),
});
export type ScheduleBody = Static<typeof ScheduleBody>;

export const ScheduleView = Type.Object({
  number: Type.Integer(),
  name: Type.String(),
  days: Type.Array(Type.Array(Type.String())),
  version: Type.Integer(),
  used: Type.Boolean(),
});
export type ScheduleView = Static<typeof ScheduleView>;

/** Schedules belong to the whole site: whoever changes them has all its buildings. */
export const SchedulePage = Type.Object({ schedules: Type.Array(ScheduleView), mayWrite: Type.Boolean() });
export type SchedulePage = Static<typeof SchedulePage>;
