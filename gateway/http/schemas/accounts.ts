import { type Static, Type } from 'typebox';
import { Sentence } from './places.ts';
import { Role } from './session.ts';

/** Accounts and their assignments, for whoever administers them. Times are epoch ms. */
const Id = Type.Integer({ minimum: 1, maximum: 4_294_967_295 });
const Moment = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const MaybeMoment = Type.Union([Moment, Type.Null()]);

export const AccountState = Type.Union([Type.Literal('invited'), Type.Literal('active'), Type.Literal('disabled')]);
export type AccountState = Static<typeof AccountState>;

export const AccountLine = Type.Object({
  id: Type.Integer(),
  /** '' until the invitation is taken up, when nobody chose one. */
  login: Type.String(),
  displayName: Type.String(),
  role: Role,
  state: AccountState,
  org: Type.Union([Type.Object({ id: Type.Integer(), name: Sentence }), Type.Null()]),
  /** Assignments in force now. */
  assignments: Type.Integer(),
});
export type AccountLine = Static<typeof AccountLine>;
export const AccountPage = Type.Object({ accounts: Type.Array(AccountLine), next: Type.Union([Type.String(), Type.Null()]) });
export type AccountPage = Static<typeof AccountPage>;

export const PlaceKind = Type.Union([Type.Literal('site'), Type.Literal('org'), Type.Literal('area'), Type.Literal('grid'), Type.Literal('building'), Type.Literal('unit')]);
export type PlaceKind = Static<typeof PlaceKind>;

export const AssignmentView = Type.Object({
  id: Type.Integer(),
  place: PlaceKind,
  /** 0 for the whole site. */
  placeId: Type.Integer(),
  name: Sentence,
  fromAt: Type.Integer(),
  untilAt: Type.Union([Type.Integer(), Type.Null()]),
  state: Type.Union([Type.Literal('coming'), Type.Literal('running'), Type.Literal('ended')]),
});
export type AssignmentView = Static<typeof AssignmentView>;

export const AccountView = Type.Object({
  account: AccountLine,
  assignments: Type.Array(AssignmentView),
  version: Type.Integer(),
  createdAt: Type.Integer(),
  disabledAt: Type.Union([Type.Integer(), Type.Null()]),
  /** A staff or document number is recorded, so that one natural person is known as one. */
  hasHolder: Type.Boolean(),
  /** The same natural person's other accounts. */
  others: Type.Array(Type.Object({ id: Type.Integer(), displayName: Type.String(), role: Role })),
  /** What stops when it is disabled. */
  sessions: Type.Integer(),
  tokens: Type.Integer(),
  openInvitations: Type.Integer(),
  /** What the viewer may do with it. */
  mayChange: Type.Boolean(),
});
export type AccountView = Static<typeof AccountView>;

export const AssignmentNew = Type.Object({
  place: PlaceKind,
  /** 0 for the whole site. */
  placeId: Type.Integer({ minimum: 0, maximum: 4_294_967_295 }),
  /** Left out: now. */
  fromAt: Type.Optional(Moment),
  untilAt: Type.Optional(MaybeMoment),
});
export type AssignmentNew = Static<typeof AssignmentNew>;
const REASON = Type.String({ minLength: 4, maxLength: 500 });

/** `holder`: staff or document number of the natural person; needed for office roles. `reason`: shown to the second person. */
export const AccountNew = Type.Object({
  role: Role,
  displayName: Type.String({ minLength: 1, maxLength: 64 }),
  login: Type.Optional(Type.String({ minLength: 3, maxLength: 64 })),
  orgId: Type.Optional(Type.Union([Id, Type.Null()])),
  holder: Type.Optional(Type.String({ minLength: 4, maxLength: 32 })),
  /** A tenant's own row in the register. */
  personId: Type.Optional(Id),
  assignments: Type.Array(AssignmentNew, { maxItems: 50 }),
  reason: Type.Optional(REASON),
});
export type AccountNew = Static<typeof AccountNew>;
/** A landlord's agent: for all or some of the landlord's own buildings and homes. */
export const AgentNew = Type.Object({
  displayName: Type.String({ minLength: 1, maxLength: 64 }),
  assignments: Type.Array(AssignmentNew, { minItems: 1, maxItems: 50 }),
});
export type AgentNew = Static<typeof AgentNew>;
export const AccountMade = Type.Object({ id: Type.Integer() });

/** The role of an account never changes: another role is another account. `holder` can be set while there is none. */
export const AccountChange = Type.Object({
  displayName: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  orgId: Type.Optional(Type.Union([Id, Type.Null()])),
  holder: Type.Optional(Type.String({ minLength: 4, maxLength: 32 })),
});
export type AccountChange = Static<typeof AccountChange>;
export const AccountReason = Type.Object({ reason: Type.Optional(REASON) });
export const AssignmentAdd = Type.Intersect([AssignmentNew, AccountReason]);
export type AssignmentAdd = Static<typeof AssignmentAdd>;
export const AssignmentEnd = Type.Object({ untilAt: Type.Optional(Moment) });

/** A link to take up an account, to be shown as it is and as a QR. */
export const Invited = Type.Object({ link: Type.String(), expiresAt: Type.Integer() });
export type Invited = Static<typeof Invited>;
export const AgentInvited = Type.Object({ id: Type.Integer(), invitation: Invited });
export type AgentInvited = Static<typeof AgentInvited>;
