import { type Static, Type } from 'typebox';

/** How a change of the register's keys stands. */
export const KeyRotation = Type.Object(
  {
    state: Type.Union([Type.Literal('idle'), Type.Literal('running'), Type.Literal('failed')], {
      description: 'failed: it stopped; the old keys are kept, and asking again goes on',
    }),
    key: Type.Integer({ description: 'Number of the key that seals now; 1 for the first' }),
    rows: Type.Integer({ description: 'Rows sealed or hashed anew so far' }),
  },
  { additionalProperties: false },
);
export type KeyRotation = Static<typeof KeyRotation>;
