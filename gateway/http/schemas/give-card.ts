import { Type } from 'typebox';

/** A card for somebody who lives in a home. `number`: ten digits, 4H+4H, or hex, as printed on it or read from it. */
export const CardBody = Type.Object({
  personId: Type.Integer({ minimum: 1 }),
  number: Type.String({ minLength: 1, maxLength: 40 }),
  kind: Type.Optional(Type.Union([Type.Literal('tenant'), Type.Literal('spare'), Type.Literal('carer')])),
  lastDay: Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'Its last day; a carer’s card needs one, at most a year ahead' })),
});

/** The last four digits of the card that was given. */
export const CardGiven = Type.Object({ tail: Type.String() });
