import { type Static, Type } from 'typebox';
import { Sentence } from './places.ts';

const Kind = Type.Optional(Type.Union([Type.Literal('tenant'), Type.Literal('spare'), Type.Literal('carer')]));
const LastDay = Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'Its last day; a carer’s card needs one, at most a year ahead' }));

/** A card for somebody who lives in a home. `number`: ten digits, 4H+4H, or hex, as printed on it or read from it. */
export const CardBody = Type.Object({
  personId: Type.Integer({ minimum: 1 }),
  number: Type.String({ minLength: 1, maxLength: 40 }),
  kind: Kind,
  lastDay: LastDay,
});

/** The last four digits of the card that was given. */
export const CardGiven = Type.Object({ tail: Type.String() });

/** A card that is to be held to a door's reader within a minute. */
export const CardWindowBody = Type.Object({ personId: Type.Integer({ minimum: 1 }), doorId: Type.Integer({ minimum: 1 }), kind: Kind, lastDay: LastDay });

/** How waiting for one goes: `waiting` until a card is held to it, `given`, `over` after a minute, `ended` by whoever began. */
export const CardWindow = Type.Object({
  state: Type.Union([Type.Literal('waiting'), Type.Literal('giving'), Type.Literal('given'), Type.Literal('over'), Type.Literal('ended')]),
  personId: Type.Integer(),
  doorId: Type.Integer(),
  /** Epoch ms; and what is left of it, ms, by the gateway's own clock. */
  until: Type.Number(),
  leftMs: Type.Number(),
  /** Last digits of the card that was given; '' before. */
  tail: Type.String(),
  /** Why the last card that was held to it could not be given; it goes on waiting. */
  refused: Type.Union([Sentence, Type.Null()]),
});
export type CardWindow = Static<typeof CardWindow>;

/** Whether a card is waited for, and at which doors one can be. */
export const CardWaiting = Type.Object({
  window: Type.Union([CardWindow, Type.Null()]),
  doors: Type.Array(Type.Object({ id: Type.Integer(), name: Type.String(), nameEn: Type.String() })),
});
export type CardWaiting = Static<typeof CardWaiting>;
