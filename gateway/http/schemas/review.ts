import { type Static, Type } from 'typebox';
import { LedgerLine } from './ledger.ts';
import { Sentence } from './places.ts';
import { Role } from './session.ts';
import { WorkPurpose } from './work-grants.ts';

/**
 * The officer's log review, look-ups, receipts and the reading of the audit log, all below /api/v1.
 *
 * POST /purposes PurposeOpen → 201 PurposeView · GET /purposes → PurposeView[] · GET /purposes/overdue → OverduePurpose[]
 * GET  /purposes/:id → PurposeView · PUT /purposes/:id/case-number CaseNumberSet → PurposeView · POST /purposes/:id/close → PurposeView
 * GET  /purposes/:id/units → UnitCounts · POST /purposes/:id/people PeopleOpen → PurposeView · GET /purposes/:id/entries ReviewQuery → ReviewPage
 * POST /purposes/:id/reveal RevealWish → Revealed (recent second factor) · POST /purposes/:id/export ExportWish → CSV, or 202 ExportWaits
 * POST /people/search PeopleQuery → PeopleFound (the words are in the body: no name or number in an address)
 * GET  /me/looks MonthQuery → LooksReport · POST /me/looks/release LooksRelease → ReleaseAsked
 * GET  /look-ups/waiting → ReleaseWaiting[] · POST /look-ups/:id/decide Decide → 204 (a colleague of the same area; recent second factor)
 * GET  /me/receipts, /me/entries, /me/audits PageQuery → ReceiptPage, OwnEntryPage, HomeReadPage · GET /audits AuditQuery → AuditPage
 *
 * Pages are newest first; `next` goes back as `before`. Times are epoch ms.
 */
const Maybe = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()]);
const RowId = Type.Integer({ minimum: 1, maximum: 4_294_967_295 });
const Index = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Time = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
/** Why somebody looks, in his own words. Sealed. */
const Reason = Type.String({ minLength: 5, maxLength: 200 });
const CaseNumber = Type.String({ minLength: 3, maxLength: 40 });
/** The next index of a keyset page, or null at the end. */
const Next = Maybe(Type.Integer());
const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 200 }));

/** What somebody looks for (domain.md 5.3); `request`: a person's own request, answered by the privacy officer. */
export const PurposeKind = Type.Union([Type.Literal('case'), Type.Literal('filing'), Type.Literal('incident'), Type.Literal('safety'), Type.Literal('request')]);
export type PurposeKind = Static<typeof PurposeKind>;

/** `from` and `until`: the part of the log it opens, at most 30 days. `buildingId` may be left out by the privacy officer alone. */
export const PurposeOpen = Type.Object({
  purpose: Type.Optional(PurposeKind),
  caseNumber: Type.Optional(CaseNumber),
  reason: Reason,
  buildingId: Type.Optional(RowId),
  from: Time,
  until: Time,
});
export type PurposeOpen = Static<typeof PurposeOpen>;

export const PurposeView = Type.Object({
  id: Type.Integer(),
  purpose: PurposeKind,
  /** What the kind is called. */
  words: Sentence,
  caseNumber: Type.String(),
  /** When the case number must be there; null: it is, or none is needed. */
  caseDueAt: Maybe(Type.Integer()),
  caseOverdue: Type.Boolean(),
  reason: Type.String(),
  building: Maybe(Type.Object({ id: Type.Integer(), name: Type.String(), nameEn: Type.String() })),
  from: Type.Integer(),
  until: Type.Integer(),
  openedAt: Type.Integer(),
  /** It ends by itself at this time, eight hours after it was opened. */
  expiresAt: Type.Integer(),
  closedAt: Maybe(Type.Integer()),
  state: Type.Union([Type.Literal('open'), Type.Literal('closed'), Type.Literal('expired')]),
  /** When the second act (POST …/people) was done; null: lines carry no person and no home yet. */
  peopleAt: Maybe(Type.Integer()),
  /** Journal entry that says it was opened. */
  entryIndex: Type.Integer(),
});
export type PurposeView = Static<typeof PurposeView>;

export const CaseNumberSet = Type.Object({ caseNumber: CaseNumber });
export type CaseNumberSet = Static<typeof CaseNumberSet>;

/** A case purpose whose number is late, for the supervisor: no reason, no person. */
export const OverduePurpose = Type.Object({
  id: Type.Integer(),
  account: Type.Object({ id: Type.Integer(), name: Type.String(), role: Role }),
  building: Maybe(Type.Object({ id: Type.Integer(), name: Type.String(), nameEn: Type.String() })),
  openedAt: Type.Integer(),
  caseDueAt: Type.Integer(),
  entryIndex: Type.Integer(),
});
export type OverduePurpose = Static<typeof OverduePurpose>;

/** Openings and refusals in the purpose's range, home by home, and `all` at the building's doors (also staff, unknown cards); nobody's name. `lastDay`: yyyy-mm-dd of the newest, null when there is none. */
export const UnitCounts = Type.Object({
  from: Type.Integer(),
  until: Type.Integer(),
  units: Type.Array(
    Type.Object({
      unit: Type.Object({ id: Type.Integer(), room: Type.String(), floor: Type.Integer() }),
      granted: Type.Integer(),
      refused: Type.Integer(),
      lastDay: Maybe(Type.String()),
    }),
  ),
  all: Type.Object({ granted: Type.Integer(), refused: Type.Integer() }),
});
export type UnitCounts = Static<typeof UnitCounts>;

/** The second act: why unit-level counts are not enough. */
export const PeopleOpen = Type.Object({ reason: Reason });
export type PeopleOpen = Static<typeof PeopleOpen>;

/** What of the log is wanted, within the purpose. `unit` and `person` only after the second act. `result` and `reason` name decisions. */
const FILTER = {
  unit: Type.Optional(RowId),
  door: Type.Optional(RowId),
  person: Type.Optional(RowId),
  /** A reason of a decision, e.g. WRONG_DOOR. */
  reason: Type.Optional(Type.String({ pattern: '^[A-Z_]{2,40}$' })),
  result: Type.Optional(Type.Union([Type.Literal('granted'), Type.Literal('refused')])),
  from: Type.Optional(Time),
  until: Type.Optional(Time),
} as const;
export const ReviewQuery = Type.Object({ ...FILTER, before: Type.Optional(Index), limit: Limit });
export type ReviewQuery = Static<typeof ReviewQuery>;

/** A person as an officer sees him by default. */
export const MaskedPerson = Type.Object({ id: Type.Integer(), /** 李* */ name: Type.String() });
export type MaskedPerson = Static<typeof MaskedPerson>;

export const ReviewLine = Type.Intersect([
  LedgerLine,
  Type.Object({
    unit: Maybe(Type.Object({ id: Type.Integer(), room: Type.String() })),
    person: Maybe(MaskedPerson),
    /** card | pin | phone | … ; null when the entry has none. */
    method: Maybe(Type.String()),
  }),
]);
export type ReviewLine = Static<typeof ReviewLine>;

/** Today's look-ups of the account. `left`: how many before a second person must release more. */
export const LooksToday = Type.Object({ looks: Type.Integer(), allowed: Type.Integer(), left: Type.Integer() });
export type LooksToday = Static<typeof LooksToday>;

/** `people`: lines carry persons. `cut`: the page ends early because today's look-ups are spent. */
export const ReviewPage = Type.Object({ lines: Type.Array(ReviewLine), next: Next, people: Type.Boolean(), cut: Type.Boolean(), today: LooksToday });
export type ReviewPage = Static<typeof ReviewPage>;

export const RevealField = Type.Union([Type.Literal('name'), Type.Literal('document'), Type.Literal('phone')]);
export type RevealField = Static<typeof RevealField>;
export const RevealWish = Type.Object({ personId: RowId, fields: Type.Array(RevealField, { minItems: 1, maxItems: 3, uniqueItems: true }), reason: Reason });
export type RevealWish = Static<typeof RevealWish>;
/** Only the fields asked for; '' when the register has none. `documentType`: domain.md 3.2, comes with the document. */
export const Revealed = Type.Object({
  person: Type.Integer(),
  name: Type.Optional(Type.String()),
  document: Type.Optional(Type.String()),
  documentType: Type.Optional(Type.String()),
  phone: Type.Optional(Type.String()),
  /** Journal entry that notes it. */
  entry: Type.Integer(),
  today: LooksToday,
});
export type Revealed = Static<typeof Revealed>;

/** `approval`: the pending act a second person has agreed to, when more than 100 persons are in it. `proofs`: no CSV, but a JSON file that docs/verify.mjs checks. */
export const ExportWish = Type.Object({ ...FILTER, note: Reason, approval: Type.Optional(RowId), proofs: Type.Optional(Type.Boolean()) });
export type ExportWish = Static<typeof ExportWish>;
/** More than 100 persons: a second person must agree; then ask again with this number as `approval`. */
export const ExportWaits = Type.Object({ pendingAct: Type.Integer(), persons: Type.Integer() });
export type ExportWaits = Static<typeof ExportWaits>;

/** `q`: name, pinyin, initials, last four, or a whole document number or phone. Officers and the privacy officer name their open purpose. */
export const PeopleQuery = Type.Object({
  q: Type.String({ minLength: 1, maxLength: 64 }),
  purpose: Type.Optional(RowId),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50 })),
});
export type PeopleQuery = Static<typeof PeopleQuery>;
export const FoundPerson = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  documentType: Type.String(),
  documentMasked: Type.String(),
  phoneMasked: Type.String(),
  /** His homes that the viewer may see. */
  homes: Type.Array(
    Type.Object({
      unitId: Type.Integer(),
      room: Type.String(),
      buildingId: Type.Integer(),
      building: Type.String(),
      buildingEn: Type.String(),
      /** False: he has moved out. */
      current: Type.Boolean(),
    }),
  ),
  /** Buildings he works in, for whoever is shown such rights (docs/decisions/0041). */
  works: Type.Array(
    Type.Object({
      buildingId: Type.Integer(),
      building: Type.String(),
      buildingEn: Type.String(),
      purpose: WorkPurpose,
      /** False: his right has ended. */
      current: Type.Boolean(),
    }),
  ),
});
export type FoundPerson = Static<typeof FoundPerson>;
/** `more`: there are others; narrow the words. */
export const PeopleFound = Type.Object({ people: Type.Array(FoundPerson), more: Type.Boolean(), today: LooksToday });
export type PeopleFound = Static<typeof PeopleFound>;

export const PageQuery = Type.Object({ before: Type.Optional(Index), limit: Limit });
export type PageQuery = Static<typeof PageQuery>;

/** Somebody looked at me: when, in which role and office, for what purpose, what he saw. Never who by name. */
export const Receipt = Type.Object({
  index: Type.Integer(),
  at: Type.Integer(),
  role: Type.Union([Role, Type.Null()]),
  /** What the role is called. */
  roleWords: Sentence,
  office: Maybe(Sentence),
  purpose: Maybe(Sentence),
  /** Stable word of what was done, and its sentence. */
  code: Type.String(),
  seen: Sentence,
});
export type Receipt = Static<typeof Receipt>;
/** `routine`: who sees what in the course of duty, each look still noted. */
export const ReceiptPage = Type.Object({ receipts: Type.Array(Receipt), next: Next, routine: Type.Array(Type.Object({ role: Role, roleWords: Sentence, sees: Sentence })) });
export type ReceiptPage = Static<typeof ReceiptPage>;

/** The tenant's own way through the doors. */
export const OwnEntry = Type.Object({
  index: Type.Integer(),
  at: Type.Integer(),
  doorId: Type.Integer(),
  door: Sentence,
  code: Type.String(),
  granted: Type.Boolean(),
  offline: Type.Boolean(),
  why: Sentence,
});
export type OwnEntry = Static<typeof OwnEntry>;
export const OwnEntryPage = Type.Object({ lines: Type.Array(OwnEntry), next: Next });
export type OwnEntryPage = Static<typeof OwnEntryPage>;

/** A landlord's homes: somebody looked at the register of one. No tenant, no name. */
export const HomeRead = Type.Object({
  index: Type.Integer(),
  at: Type.Integer(),
  role: Type.Union([Role, Type.Null()]),
  roleWords: Sentence,
  office: Maybe(Sentence),
  unit: Type.Object({ id: Type.Integer(), room: Type.String(), buildingId: Type.Integer(), building: Type.String(), buildingEn: Type.String() }),
  code: Type.String(),
  seen: Sentence,
});
export type HomeRead = Static<typeof HomeRead>;
export const HomeReadPage = Type.Object({ lines: Type.Array(HomeRead), next: Next });
export type HomeReadPage = Static<typeof HomeReadPage>;

/** One entry of the audit log. For the administrator `words` and `person` are always null, `masked` is true. */
export const AuditLine = Type.Object({
  index: Type.Integer(),
  at: Type.Integer(),
  /** Stable word, e.g. purpose-opened, viewed, revealed, account-disabled; and its sentence. */
  code: Type.String(),
  what: Sentence,
  /** Null: the gateway itself, or nobody signed in. */
  account: Maybe(Type.Object({ id: Type.Integer(), name: Type.String(), role: Role })),
  words: Maybe(Type.String()),
  /** Kind of the purpose it was done under. */
  purpose: Maybe(Type.Object({ kind: PurposeKind, words: Sentence, entryIndex: Type.Integer() })),
  building: Maybe(Type.Object({ id: Type.Integer(), name: Type.String(), nameEn: Type.String() })),
  unit: Maybe(Type.Object({ id: Type.Integer(), room: Type.String() })),
  person: Maybe(MaskedPerson),
  /** Entry this one cites. */
  ref: Maybe(Type.Integer()),
});
export type AuditLine = Static<typeof AuditLine>;
/** `kind`: one of the stable words. */
export const AuditQuery = Type.Object({
  account: Type.Optional(RowId),
  kind: Type.Optional(Type.String({ pattern: '^[a-z0-9-]{2,40}$' })),
  from: Type.Optional(Time),
  until: Type.Optional(Time),
  before: Type.Optional(Index),
  limit: Limit,
});
export type AuditQuery = Static<typeof AuditQuery>;
/** `ownLeftOut`: the reader has other accounts; what they did, and what was done in their areas, is not shown to him. `kinds`: what can be filtered by. */
export const AuditPage = Type.Object({
  lines: Type.Array(AuditLine),
  next: Next,
  masked: Type.Boolean(),
  ownLeftOut: Type.Boolean(),
  kinds: Type.Array(Type.Object({ code: Type.String(), words: Sentence })),
});
export type AuditPage = Static<typeof AuditPage>;

/** `month`: yyyy-mm, local; left out: this month. */
export const MonthQuery = Type.Object({ month: Type.Optional(Type.String({ pattern: '^\\d{4}-(0[1-9]|1[0-2])$' })), before: Type.Optional(Index), limit: Limit });
export type MonthQuery = Static<typeof MonthQuery>;
/** One's own look-ups of a month. `byPurpose`: null kind for looks that needed none. `lines`: newest first, keyset. */
export const LooksReport = Type.Object({
  month: Type.String(),
  today: LooksToday,
  days: Type.Array(Type.Object({ /** yyyy-mm-dd */ day: Type.String(), looks: Type.Integer(), released: Type.Integer() })),
  byPurpose: Type.Array(Type.Object({ kind: Maybe(PurposeKind), words: Sentence, looks: Type.Integer(), reveals: Type.Integer(), exports: Type.Integer() })),
  lines: Type.Array(AuditLine),
  next: Next,
});
export type LooksReport = Static<typeof LooksReport>;

/** Asks a second person for 100 more look-ups today. */
export const LooksRelease = Type.Object({ reason: Reason });
export type LooksRelease = Static<typeof LooksRelease>;
export const ReleaseAsked = Type.Object({ pendingAct: Type.Integer() });
export type ReleaseAsked = Static<typeof ReleaseAsked>;

/** What waits for a colleague of the same area: more look-ups, or a large export. POST /look-ups/:id/decide Decide → 204. */
export const ReleaseWaiting = Type.Object({
  id: Type.Integer(),
  kind: Type.Union([Type.Literal('lookUps'), Type.Literal('export'), Type.Literal('rosterExport')]),
  what: Sentence,
  by: Type.Object({ id: Type.Integer(), name: Type.String(), role: Role }),
  reason: Type.String(),
  requestedAt: Type.Integer(),
  expiresAt: Type.Integer(),
  /** False: it is his own, or that of another account of his. */
  mayDecide: Type.Boolean(),
});
export type ReleaseWaiting = Static<typeof ReleaseWaiting>;
export const Decide = Type.Object({ agree: Type.Boolean(), note: Type.Optional(Type.String({ maxLength: 200 })) });
export type Decide = Static<typeof Decide>;
