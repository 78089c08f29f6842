import { type Static, Type } from 'typebox';

/** Role codes of domain.md 5.8 (`gateway/core/roles.ts`). */
export const Role = Type.Union([
  Type.Literal('TEN'),
  Type.Literal('LL'),
  Type.Literal('BL'),
  Type.Literal('GW'),
  Type.Literal('CL'),
  Type.Literal('OF'),
  Type.Literal('DA'),
  Type.Literal('SA'),
  Type.Literal('AU'),
  Type.Literal('PO'),
]);
export type Role = Static<typeof Role>;

/** Where a session stands: everything, or the second factor is asked, or must be set up first. */
export const SessionStep = Type.Union([Type.Literal('factor'), Type.Literal('enrol'), Type.Literal('full')]);
export type SessionStep = Static<typeof SessionStep>;

/** GET/POST /api/v1/session. `csrf` goes back in the `x-csrf-token` header of every unsafe request. */
export const SessionView = Type.Object({
  account: Type.Union([Type.Object({ id: Type.Integer(), login: Type.String(), displayName: Type.String(), role: Role, step: SessionStep }), Type.Null()]),
  /** Pairs data:letter of the permission matrix this role may do somewhere; the console shows only these. Empty while a second factor is missing. */
  may: Type.Array(Type.String()),
  /** False when no assignment is in force: the account may manage itself and nothing else. */
  assigned: Type.Boolean(),
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
  password: Type.String({ minLength: 1, maxLength: 256 }),
  displayName: Type.String({ minLength: 1, maxLength: 64 }),
});
export type SetUp = Static<typeof SetUp>;
export const DemoEnter = Type.Object({ role: Role });

/**
 * Every error: a stable code, a sentence in each language, and for bad input the field and what was expected.
 * An answer of the gateway also has what RFC 9457 asks for; problems the console makes itself do not.
 */
export const Problem = Type.Object({
  code: Type.String(),
  message: Type.Object({ zh: Type.String(), en: Type.String() }),
  field: Type.Optional(Type.String()),
  expected: Type.Optional(Type.String()),
  type: Type.Optional(Type.String({ description: 'Address of the page about this code, from the root of the gateway.' })),
  title: Type.Optional(Type.String()),
  status: Type.Optional(Type.Integer()),
});
export type Problem = Static<typeof Problem>;
