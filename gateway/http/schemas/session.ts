import { type Static, Type } from 'typebox';

export const Role = Type.Union([Type.Literal('SA'), Type.Literal('LL'), Type.Literal('OF')]);
export type Role = Static<typeof Role>;

/** GET/POST /api/v1/session. `csrf` goes back in the `x-csrf-token` header of every unsafe request. */
export const SessionView = Type.Object({
  account: Type.Union([Type.Object({ id: Type.Integer(), login: Type.String(), displayName: Type.String(), role: Role }), Type.Null()]),
  csrf: Type.String(),
  /** True on the demo building: one-click entry and the card tray are there. */
  demo: Type.Boolean(),
  /** True while no account exists: only the set-up link works. */
  setup: Type.Boolean(),
});
export type SessionView = Static<typeof SessionView>;

export const SignIn = Type.Object({ login: Type.String({ minLength: 1, maxLength: 64 }), password: Type.String({ minLength: 1, maxLength: 256 }) });
export const SetUp = Type.Object({
  token: Type.String({ minLength: 1, maxLength: 64 }),
  login: Type.String({ minLength: 3, maxLength: 64 }),
  password: Type.String({ minLength: 15, maxLength: 256 }),
  displayName: Type.String({ minLength: 1, maxLength: 64 }),
});
export type SetUp = Static<typeof SetUp>;
export const DemoEnter = Type.Object({ role: Role });

/** Every error: a stable code, a sentence in each language, and for bad input the field and what was expected. */
export const Problem = Type.Object({
  code: Type.String(),
  message: Type.Object({ zh: Type.String(), en: Type.String() }),
  field: Type.Optional(Type.String()),
  expected: Type.Optional(Type.String()),
});
export type Problem = Static<typeof Problem>;
