import { type Static, Type } from 'typebox';
import { Role } from './session.ts';
import { Sentence } from './places.ts';

/** Divisions, offices, areas, grids, building leaders, acts for a second person, the outbox. Times are epoch ms. */
const Moment = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const MaybeMoment = Type.Union([Moment, Type.Null()]);
const Id = Type.Integer({ minimum: 1, maximum: 4_294_967_295 });
const MaybeId = Type.Union([Id, Type.Null()]);
const Name = Type.String({ minLength: 1, maxLength: 64 });
const NameEn = Type.String({ maxLength: 64 });
const DivisionCode = Type.String({ minLength: 12, maxLength: 12 });

/** A division of the country (domain.md 3.3). `warnings`: what is unusual about its code, never a refusal. */
export const DivisionView = Type.Object({
  code: Type.String(),
  /** province | prefecture | county | township | community */
  level: Type.String(),
  /** street | town | township | residents | villagers; '' above, or when the code is outside the known ranges */
  kind: Type.String(),
  parentCode: Type.Union([Type.String(), Type.Null()]),
  name: Type.String(),
  nameEn: Type.String(),
  validFrom: Type.Integer(),
  validUntil: Type.Union([Type.Integer(), Type.Null()]),
  replacedBy: Type.Union([Type.String(), Type.Null()]),
  version: Type.Integer(),
  warnings: Type.Array(Sentence),
});
export type DivisionView = Static<typeof DivisionView>;

/** `validFrom` left out: from now on. */
export const DivisionNew = Type.Object({ code: DivisionCode, name: Name, nameEn: Type.Optional(NameEn), validFrom: Type.Optional(Moment) });
export type DivisionNew = Static<typeof DivisionNew>;
export const DivisionChange = Type.Object({
  name: Type.Optional(Name),
  nameEn: Type.Optional(NameEn),
  validUntil: Type.Optional(MaybeMoment),
  replacedBy: Type.Optional(Type.Union([DivisionCode, Type.Null()])),
});
export type DivisionChange = Static<typeof DivisionChange>;

export const OrgKind = Type.Union([
  Type.Literal('bureau'),
  Type.Literal('station'),
  Type.Literal('serviceStation'),
  Type.Literal('governanceOffice'),
  Type.Literal('committee'),
  Type.Literal('workPoint'),
  Type.Literal('group'),
  Type.Literal('property'),
]);
export type OrgKind = Static<typeof OrgKind>;

/** What an office looks after: a division with everything below it, or a single building. */
const CoverView = Type.Object({
  id: Type.Integer(),
  divisionCode: Type.Union([Type.String(), Type.Null()]),
  buildingId: MaybeId,
  /** Name of the division or building. */
  name: Sentence,
  fromAt: Type.Integer(),
  untilAt: Type.Union([Type.Integer(), Type.Null()]),
});

export const OrgView = Type.Object({
  id: Type.Integer(),
  parentId: MaybeId,
  depth: Type.Integer(),
  kind: Type.String(),
  name: Type.String(),
  nameEn: Type.String(),
  closedAt: Type.Union([Type.Integer(), Type.Null()]),
  version: Type.Integer(),
  covers: Type.Array(CoverView),
  /** Accounts with an assignment to it in force. */
  people: Type.Integer(),
});
export type OrgView = Static<typeof OrgView>;

export const OrgNew = Type.Object({ parentId: MaybeId, kind: OrgKind, name: Name, nameEn: Type.Optional(NameEn) });
export type OrgNew = Static<typeof OrgNew>;
/** `parentId`: moves it with everything below it. */
export const OrgChange = Type.Object({ parentId: Type.Optional(MaybeId), kind: Type.Optional(OrgKind), name: Type.Optional(Name), nameEn: Type.Optional(NameEn) });
export type OrgChange = Static<typeof OrgChange>;
/** Exactly one of `divisionCode` and `buildingId`. */
export const CoverNew = Type.Object({
  divisionCode: Type.Optional(DivisionCode),
  buildingId: Type.Optional(Id),
  fromAt: Type.Optional(Moment),
  untilAt: Type.Optional(MaybeMoment),
});
export type CoverNew = Static<typeof CoverNew>;

export const AreaView = Type.Object({
  id: Type.Integer(),
  code: Type.String(),
  orgId: Type.Integer(),
  name: Type.String(),
  nameEn: Type.String(),
  closedAt: Type.Union([Type.Integer(), Type.Null()]),
  version: Type.Integer(),
});
export type AreaView = Static<typeof AreaView>;
export const AreaNew = Type.Object({ code: Type.String({ minLength: 1, maxLength: 24 }), orgId: Id, name: Name, nameEn: Type.Optional(NameEn) });
export const AreaChange = Type.Object({ name: Type.Optional(Name), nameEn: Type.Optional(NameEn) });

/** Somebody on a post: the officer or grid worker of a grid, the leader of a building. */
export const PostView = Type.Object({
  assignmentId: Type.Integer(),
  accountId: Type.Integer(),
  displayName: Type.String(),
  role: Role,
  fromAt: Type.Integer(),
  untilAt: Type.Union([Type.Integer(), Type.Null()]),
});
export type PostView = Static<typeof PostView>;

const GridVersionView = Type.Object({
  n: Type.Integer(),
  fromAt: Type.Integer(),
  untilAt: Type.Union([Type.Integer(), Type.Null()]),
  buildingIds: Type.Array(Type.Integer()),
});

/** A grid with all its versions, newest first, and who is on its two posts now. */
export const GridView = Type.Object({
  id: Type.Integer(),
  code: Type.String(),
  communityCode: Type.String(),
  areaId: MaybeId,
  name: Type.String(),
  nameEn: Type.String(),
  closedAt: Type.Union([Type.Integer(), Type.Null()]),
  version: Type.Integer(),
  versions: Type.Array(GridVersionView),
  officer: Type.Union([PostView, Type.Null()]),
  worker: Type.Union([PostView, Type.Null()]),
});
export type GridView = Static<typeof GridView>;
const Buildings = Type.Array(Id, { maxItems: 2_000, uniqueItems: true });
/** `code`: 12-digit community and 3 digits. */
export const GridNew = Type.Object({
  code: Type.String({ minLength: 15, maxLength: 15 }),
  name: Name,
  nameEn: Type.Optional(NameEn),
  areaId: Type.Optional(MaybeId),
  buildingIds: Buildings,
});
export type GridNew = Static<typeof GridNew>;
export const GridChange = Type.Object({ name: Type.Optional(Name), nameEn: Type.Optional(NameEn), areaId: Type.Optional(MaybeId) });
export type GridChange = Static<typeof GridChange>;
/** Cut anew: from this moment (left out: now) the grid has these buildings. */
export const GridCut = Type.Object({ fromAt: Type.Optional(Moment), buildingIds: Buildings });
export type GridCut = Static<typeof GridCut>;

const ManagementMode = Type.Union([Type.Literal('hotel'), Type.Literal('compound'), Type.Literal('scattered')]);
/** A building as the offices see it: how it is managed, who leads it, which grid it lies in now. */
export const ManagedBuilding = Type.Object({
  id: Type.Integer(),
  code: Type.String(),
  name: Type.String(),
  nameEn: Type.String(),
  mode: Type.String(),
  version: Type.Integer(),
  gridId: MaybeId,
  leader: Type.Union([PostView, Type.Null()]),
});
export type ManagedBuilding = Static<typeof ManagedBuilding>;
export const BuildingChange = Type.Object({ mode: ManagementMode });

/** GET /pending-acts. */
export const PendingActView = Type.Object({
  id: Type.Integer(),
  kind: Type.String(),
  what: Sentence,
  reason: Type.String(),
  requestedBy: Type.Object({ id: Type.Integer(), displayName: Type.String(), role: Type.Union([Role, Type.Null()]) }),
  requestedAt: Type.Integer(),
  expiresAt: Type.Integer(),
  state: Type.Union([Type.Literal('waiting'), Type.Literal('approved'), Type.Literal('refused'), Type.Literal('withdrawn'), Type.Literal('expired')]),
  decidedBy: Type.Union([Type.Object({ id: Type.Integer(), displayName: Type.String() }), Type.Null()]),
  decidedAt: Type.Union([Type.Integer(), Type.Null()]),
  note: Type.String(),
  breakGlass: Type.Boolean(),
  /** The viewer may approve or refuse it: right role, not the requester nor the same natural person. */
  mayDecide: Type.Boolean(),
  /** The viewer asked for it. */
  own: Type.Boolean(),
});
export type PendingActView = Static<typeof PendingActView>;
export const PendingActPage = Type.Object({ acts: Type.Array(PendingActView), next: Type.Union([Type.String(), Type.Null()]) });
export type PendingActPage = Static<typeof PendingActPage>;
/** 202: it waits for a second person. */
export const Asked = Type.Object({ act: Type.Integer() });
export type Asked = Static<typeof Asked>;
export const ActNote = Type.Object({ note: Type.Optional(Type.String({ maxLength: 500 })) });

export const BreakGlass = Type.Object({ act: Id, reason: Type.String({ minLength: 10, maxLength: 500 }) });
/** An alarm: an act was carried out by its requester alone. Stays until somebody else has looked into it. */
export const AlarmView = Type.Object({
  /** Row number to acknowledge. */
  id: Type.Integer(),
  what: Sentence,
  reason: Type.String(),
  by: Type.Object({ id: Type.Integer(), displayName: Type.String() }),
  at: Type.Integer(),
  /** Journal entry that says so. */
  entry: Type.Integer(),
  /** Undefined words: not acknowledged yet. */
  acknowledged: Type.Union([Type.Object({ by: Type.String(), at: Type.Integer(), note: Type.String() }), Type.Null()]),
  mayAcknowledge: Type.Boolean(),
});
export type AlarmView = Static<typeof AlarmView>;
export const Acknowledge = Type.Object({ note: Type.String({ minLength: 10, maxLength: 500 }) });

/** A message that was handed over, or in the demo shown here. `link` only while it can be used. */
export const OutboxView = Type.Object({
  id: Type.Integer(),
  at: Type.Integer(),
  kind: Type.String(),
  accountId: MaybeId,
  to: Type.String(),
  text: Sentence,
  link: Type.Union([Type.String(), Type.Null()]),
});
export type OutboxView = Static<typeof OutboxView>;
export const OutboxPage = Type.Object({ messages: Type.Array(OutboxView), next: Type.Union([Type.String(), Type.Null()]) });
export type OutboxPage = Static<typeof OutboxPage>;
