import { type Static, Type } from 'typebox';

/** `seconds`: longer for people who need it; the door's usual time when left out. */
export const UnlockWish = Type.Object({ seconds: Type.Optional(Type.Integer({ minimum: 3, maximum: 600 })) });

/** What a door may be told besides opening. */
export const CommandWish = Type.Object({ what: Type.Union([Type.Literal('lock'), Type.Literal('identify'), Type.Literal('restart')]) });
export type CommandWish = Static<typeof CommandWish>;

/** What became of an order. expired: no answer in time; offline: the door is not there. Either way nothing happened, and nothing is kept for later. */
export const DoorAnswered = Type.Object({ result: Type.Union([Type.Literal('done'), Type.Literal('refused'), Type.Literal('expired'), Type.Literal('offline')]) });
export type DoorAnswered = Static<typeof DoorAnswered>;
