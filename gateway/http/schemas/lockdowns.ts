import { type Static, Type } from 'typebox';
import { Role } from './session.ts';

/** `minutes` 5 to 120; `reason` stands in the log. */
export const LockdownWish = Type.Object({
  minutes: Type.Integer({ description: '5 to 120; it ends by itself then' }),
  reason: Type.String({ maxLength: 1000, description: '1 to 100 characters, for the log' }),
});

/** `until`: its end, epoch ms. */
export const LockdownBegun = Type.Object({ doors: Type.Array(Type.Integer()), until: Type.Integer() });
export type LockdownBegun = Static<typeof LockdownBegun>;

/** How many doors were in one. */
export const LockdownEnded = Type.Object({ doors: Type.Integer() });
export type LockdownEnded = Static<typeof LockdownEnded>;

/** A lockdown that runs. Times are epoch ms; what is null is not known, or not this viewer's to know. */
export const LockdownView = Type.Object({
  doors: Type.Array(Type.Integer()),
  until: Type.Integer(),
  since: Type.Union([Type.Integer(), Type.Null()]),
  role: Type.Union([Role, Type.Null()]),
  name: Type.Union([Type.String(), Type.Null()]),
  reason: Type.Union([Type.String(), Type.Null()]),
});
export type LockdownView = Static<typeof LockdownView>;
