import { type Static, Type } from 'typebox';
import { PAGE_NEXT, PAGE_QUERY } from '../page.ts';
import { Sentence } from './places.ts';

/**
 * Retention, holds, requests of people about their own data, notices, consents and impact assessments, below /api/v1.
 *
 * GET  /me/requests → OwnRequest[] · POST /me/requests RequestFile → OwnRequest · POST /me/requests/:id/copy CopyWish → OwnCopy (JSON) or CSV, once
 * POST /people/:id/requests RequestFile → RequestRow (clerk, at the counter)
 * GET  /requests RequestQuery → RequestPage · GET /requests/:id → RequestDetail + ETag
 * POST /requests/:id/correction Correction → RequestDetail · POST /requests/:id/decide Decide → RequestDetail (both If-Match)
 * GET  /retention → RuleView[] · PUT /retention/:kind RuleSet → RuleView (If-Match) · GET /retention/due → DueView[]
 * GET  /retention/runs RunQuery → RunPage · POST /retention/runs RunWish → RunView · POST /retention/runs/:id/{approve,refuse} → RunView
 * GET  /holds HoldQuery → HoldPage · POST /holds HoldPlace → HoldView · POST /holds/:id/release HoldRelease → HoldView
 * GET  /notices/current → CurrentNotice · GET /notices/template → NoticeText · GET /notices → NoticeView[] · POST /notices NoticeText → NoticeView + ETag
 * PUT  /notices/:id NoticeText → NoticeView (If-Match) · POST /notices/:id/publish → NoticeView (If-Match)
 * GET  /me/consents → ConsentsView · POST /me/consents ConsentSet → ConsentsView
 * GET  /assessments → AssessmentRow[] · GET /assessments/:id → AssessmentView + ETag · POST /assessments AssessmentText → AssessmentView
 * PUT  /assessments/:id AssessmentText → AssessmentView · POST /assessments/:id/accept AssessmentAccept · POST /assessments/:id/retire (If-Match)
 *
 * Times are epoch ms. Every If-Match is the ETag of the row as it was read.
 */
const Maybe = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()]);
const RowId = Type.Integer({ minimum: 1, maximum: 4_294_967_295 });
const Time = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
/** Free words of a person; sealed where they are kept. */
const Words = Type.String({ minLength: 2, maxLength: 2000 });

export const RequestKind = Type.Union([Type.Literal('copy'), Type.Literal('correct'), Type.Literal('delete'), Type.Literal('withdraw')]);
export type RequestKind = Static<typeof RequestKind>;
const RequestState = Type.Union([Type.Literal('open'), Type.Literal('answered'), Type.Literal('refused')]);

/** What the person asks for. `text` may be left out except for a correction: what is wrong, and what is right. */
export const RequestFile = Type.Object({ kind: RequestKind, text: Type.Optional(Type.String({ maxLength: 2000 })) });
export type RequestFile = Static<typeof RequestFile>;

/** A person's own request. `copyUntil`: a copy waits to be fetched until then; null: none, or it was fetched, or it is too late. */
export const OwnRequest = Type.Object({
  id: Type.Integer(),
  kind: RequestKind,
  state: RequestState,
  receivedAt: Type.Integer(),
  dueAt: Type.Integer(),
  decidedAt: Maybe(Type.Integer()),
  text: Type.String(),
  /** What was answered, '' while it is open. */
  answer: Type.String(),
  copyUntil: Maybe(Type.Integer()),
  copiedAt: Maybe(Type.Integer()),
});
export type OwnRequest = Static<typeof OwnRequest>;
export const OwnRequests = Type.Object({ requests: Type.Array(OwnRequest) });
export type OwnRequests = Static<typeof OwnRequests>;

export const CopyWish = Type.Object({ format: Type.Union([Type.Literal('json'), Type.Literal('csv')]) });
export type CopyWish = Static<typeof CopyWish>;

/** Everything the gateway holds about the person who asks, as the JSON file he is given; the CSV has the same, one value a line. */
export const OwnCopy = Type.Object({
  about: Type.Object({ madeAt: Type.String(), request: Type.Integer(), entriesKeptDays: Type.Integer() }),
  person: Type.Object({
    name: Type.String(),
    documentType: Type.String(),
    document: Type.String(),
    documentCheckedBy: Type.String(),
    phone: Type.String(),
    sex: Type.Integer(),
    born: Type.String(),
    createdAt: Type.String(),
  }),
  homes: Type.Array(
    Type.Object({
      home: Type.String(),
      building: Type.String(),
      address: Type.String(),
      role: Type.String(),
      from: Type.String(),
      until: Type.String(),
      registration: Type.String(),
      registrationDue: Type.String(),
      tenancyKind: Type.String(),
      termEnd: Type.String(),
    }),
  ),
  credentials: Type.Array(Type.Object({ tech: Type.String(), tail: Type.String(), kind: Type.String(), label: Type.String(), status: Type.String(), createdAt: Type.String() })),
  /** Cards of his that were stopped, and rights to work in a building that were ended; `confirmed`: doors that said so. */
  stops: Type.Array(Type.Object({ tail: Type.String(), reason: Type.String(), at: Type.String(), undone: Type.String(), doors: Type.Integer(), confirmed: Type.Integer() })),
  work: Type.Array(
    Type.Object({
      building: Type.String(),
      address: Type.String(),
      purpose: Type.String(),
      from: Type.String(),
      until: Type.String(),
      hours: Type.String(),
      duty: Type.Boolean(),
    }),
  ),
  entries: Type.Array(Type.Object({ index: Type.Integer(), at: Type.String(), door: Type.String(), result: Type.String(), why: Type.String() })),
  /** Who looked at it: when, in which role and what; never who by name. */
  looks: Type.Array(Type.Object({ index: Type.Integer(), at: Type.String(), role: Type.String(), office: Type.String(), purpose: Type.String(), seen: Type.String() })),
  consents: Type.Array(Type.Object({ purpose: Type.String(), given: Type.Boolean(), at: Type.String(), notice: Type.Integer() })),
  requests: Type.Array(Type.Object({ id: Type.Integer(), kind: Type.String(), state: Type.String(), receivedAt: Type.String(), text: Type.String(), answer: Type.String() })),
});
export type OwnCopy = Static<typeof OwnCopy>;

/** A line of the queue: nobody's words, a masked name. */
export const RequestRow = Type.Object({
  id: Type.Integer(),
  kind: RequestKind,
  state: RequestState,
  /** 李* */
  person: Type.Object({ id: Type.Integer(), name: Type.String() }),
  receivedAt: Type.Integer(),
  dueAt: Type.Integer(),
  overdue: Type.Boolean(),
  /** Filed by a clerk at the counter. */
  counter: Type.Boolean(),
  decidedAt: Maybe(Type.Integer()),
});
export type RequestRow = Static<typeof RequestRow>;

/** `open`: by due date, the nearest first; `closed`: newest decision first. */
export const RequestQuery = Type.Object({ ...PAGE_QUERY, state: Type.Optional(Type.Union([Type.Literal('open'), Type.Literal('closed')])) });
export type RequestQuery = Static<typeof RequestQuery>;
export const RequestPage = Type.Object({ requests: Type.Array(RequestRow), ...PAGE_NEXT });
export type RequestPage = Static<typeof RequestPage>;

export const RequestDetail = Type.Intersect([
  RequestRow,
  Type.Object({
    version: Type.Integer(),
    text: Type.String(),
    answer: Type.String(),
    /** The person's row as it stands, masked; `personVersion` goes back with a correction. */
    phoneMasked: Type.String(),
    documentType: Type.String(),
    documentMasked: Type.String(),
    personVersion: Type.Integer(),
    homes: Type.Array(Type.Object({ unitId: Type.Integer(), room: Type.String(), building: Type.String(), buildingEn: Type.String(), current: Type.Boolean() })),
    /** Why the data may not be deleted now; null: it may. */
    mustKeep: Maybe(Sentence),
    /** The person is anonymised: nothing of him is left. */
    anonymised: Type.Boolean(),
    copiedAt: Maybe(Type.Integer()),
  }),
]);
export type RequestDetail = Static<typeof RequestDetail>;

/** What is put right; fields left out stay. `note`: how it was checked. */
export const Correction = Type.Object({
  personVersion: Type.Integer({ minimum: 1 }),
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  phone: Type.Optional(Type.String({ minLength: 5, maxLength: 32 })),
  documentType: Type.Optional(Type.String({ pattern: '^\\d{3,4}$' })),
  documentNumber: Type.Optional(Type.String({ minLength: 3, maxLength: 40 })),
  note: Type.String({ minLength: 2, maxLength: 100 }),
});
export type Correction = Static<typeof Correction>;

/** `words`: the answer, or the reason of a refusal, as the person reads it. */
export const Decide = Type.Object({ decision: Type.Union([Type.Literal('answered'), Type.Literal('refused')]), words: Words });
export type Decide = Static<typeof Decide>;

/** Kinds of data with a clock (gateway/core/retention.ts). */
export const RuleView = Type.Object({
  kind: Type.String(),
  name: Sentence,
  /** What happens when the time is over. */
  after: Sentence,
  days: Type.Integer(),
  usual: Type.Integer(),
  least: Type.Integer(),
  most: Type.Integer(),
  /** Why not shorter and not longer. */
  law: Sentence,
  presets: Type.Array(Type.Integer()),
  /** Below this many days a law is set aside: `warning` says which. Null: no such border. */
  warnBelow: Maybe(Type.Integer()),
  warning: Maybe(Sentence),
  /** Runs by itself every night; the others wait for a person. */
  automatic: Type.Boolean(),
  /** False: kept and never destroyed by a run (the audit log). */
  runs: Type.Boolean(),
  version: Type.Integer(),
  setAt: Maybe(Type.Integer()),
});
export type RuleView = Static<typeof RuleView>;
export const RuleList = Type.Object({ rules: Type.Array(RuleView) });
export type RuleList = Static<typeof RuleList>;
/** `understood`: needed below `warnBelow`, after reading the warning. */
export const RuleSet = Type.Object({ days: Type.Integer({ minimum: 1, maximum: 36_500 }), understood: Type.Optional(Type.Boolean()) });
export type RuleSet = Static<typeof RuleSet>;
export const ByKind = Type.Object({ kind: Type.String({ pattern: '^[a-zA-Z]{2,32}$' }) });

/** What a run of this kind would do now. `due` counts what would go, `held` what a hold keeps back. */
export const DueView = Type.Object({ kind: Type.String(), name: Sentence, cutoff: Type.Integer(), due: Type.Integer(), held: Type.Integer(), words: Sentence });
export type DueView = Static<typeof DueView>;
export const DueList = Type.Object({ due: Type.Array(DueView) });
export type DueList = Static<typeof DueList>;

const RunState = Type.Union([Type.Literal('waiting'), Type.Literal('running'), Type.Literal('done'), Type.Literal('failed'), Type.Literal('refused')]);
export const RunView = Type.Object({
  id: Type.Integer(),
  kind: Type.String(),
  name: Sentence,
  state: RunState,
  startedAt: Type.Integer(),
  finishedAt: Maybe(Type.Integer()),
  cutoff: Type.Integer(),
  due: Type.Integer(),
  done: Type.Integer(),
  held: Type.Integer(),
  words: Sentence,
  /** Journal index of the deletion receipt. */
  entry: Maybe(Type.Integer()),
});
export type RunView = Static<typeof RunView>;
export const RunQuery = Type.Object({ ...PAGE_QUERY });
export const RunPage = Type.Object({ runs: Type.Array(RunView), ...PAGE_NEXT });
export type RunPage = Static<typeof RunPage>;
export const RunWish = Type.Object({ kind: Type.String({ pattern: '^[a-zA-Z]{2,32}$' }) });
export type RunWish = Static<typeof RunWish>;

export const HoldSubject = Type.Union([Type.Literal('person'), Type.Literal('unit'), Type.Literal('building'), Type.Literal('entries')]);
export type HoldSubject = Static<typeof HoldSubject>;
/** `entries`: the log of a building (`subjectId`) from `from` until `until`. `reviewAt`: at most a year ahead. */
export const HoldPlace = Type.Object({
  caseNumber: Type.String({ minLength: 3, maxLength: 40 }),
  subject: HoldSubject,
  subjectId: RowId,
  from: Type.Optional(Time),
  until: Type.Optional(Time),
  reason: Type.String({ minLength: 5, maxLength: 500 }),
  reviewAt: Time,
});
export type HoldPlace = Static<typeof HoldPlace>;
export const HoldRelease = Type.Object({ note: Type.String({ minLength: 5, maxLength: 500 }) });
export type HoldRelease = Static<typeof HoldRelease>;
export const HoldView = Type.Object({
  id: Type.Integer(),
  caseNumber: Type.String(),
  subject: HoldSubject,
  subjectId: Type.Integer(),
  /** 0302 · 42 Yingchun Road, or 李* of a person. */
  about: Sentence,
  from: Maybe(Type.Integer()),
  until: Maybe(Type.Integer()),
  reason: Type.String(),
  placedAt: Type.Integer(),
  reviewAt: Type.Integer(),
  /** The review date is past and it still stands. */
  reviewDue: Type.Boolean(),
  releasedAt: Maybe(Type.Integer()),
  releaseNote: Type.String(),
});
export type HoldView = Static<typeof HoldView>;
export const HoldQuery = Type.Object({ ...PAGE_QUERY, state: Type.Optional(Type.Union([Type.Literal('standing'), Type.Literal('released')])) });
export const HoldPage = Type.Object({ holds: Type.Array(HoldView), ...PAGE_NEXT });
export type HoldPage = Static<typeof HoldPage>;

/** A notice as people read it: plain text, a blank line parts paragraphs, a line ending in a colon heads one. */
export const NoticeView = Type.Object({
  id: Type.Integer(),
  number: Type.Integer(),
  zh: Type.String(),
  en: Type.String(),
  publishedAt: Maybe(Type.Integer()),
  version: Type.Integer(),
});
export type NoticeView = Static<typeof NoticeView>;
export const NoticeList = Type.Object({ notices: Type.Array(NoticeView) });
export type NoticeList = Static<typeof NoticeList>;
export const CurrentNotice = Type.Object({ notice: Maybe(NoticeView) });
export type CurrentNotice = Static<typeof CurrentNotice>;
const NoticeWords = Type.String({ minLength: 20, maxLength: 20_000 });
export const NoticeText = Type.Object({ zh: NoticeWords, en: NoticeWords });
export type NoticeText = Static<typeof NoticeText>;

/** `notice`: read. The others are switches; refusing one never stops the key. */
export const ConsentPurpose = Type.Union([Type.Literal('notice'), Type.Literal('doorLog'), Type.Literal('cardAsKey'), Type.Literal('welfareCheck')]);
export type ConsentPurpose = Static<typeof ConsentPurpose>;
export const ConsentSet = Type.Object({ purpose: ConsentPurpose, given: Type.Boolean() });
export type ConsentSet = Static<typeof ConsentSet>;
export const ConsentsView = Type.Object({
  /** As they stand; null: never asked. `notice` counts for the current version only. */
  now: Type.Object({ notice: Maybe(Type.Boolean()), doorLog: Maybe(Type.Boolean()), cardAsKey: Maybe(Type.Boolean()), welfareCheck: Maybe(Type.Boolean()) }),
  history: Type.Array(Type.Object({ purpose: ConsentPurpose, given: Type.Boolean(), at: Type.Integer(), notice: Type.Integer() })),
});
export type ConsentsView = Static<typeof ConsentsView>;

const Answer = Type.String({ minLength: 1, maxLength: 4000 });
/** The fixed questions of PIPL art. 56. */
export const AssessmentText = Type.Object({
  title: Type.String({ minLength: 2, maxLength: 120 }),
  purpose: Answer,
  necessity: Answer,
  data: Answer,
  risk: Answer,
  measures: Answer,
});
export type AssessmentText = Static<typeof AssessmentText>;
const AssessmentState = Type.Union([Type.Literal('draft'), Type.Literal('accepted'), Type.Literal('retired')]);
export const AssessmentRow = Type.Object({
  id: Type.Integer(),
  title: Type.String(),
  state: AssessmentState,
  createdAt: Type.Integer(),
  decidedAt: Maybe(Type.Integer()),
  reviewAt: Maybe(Type.Integer()),
  /** The review date is past. */
  reviewDue: Type.Boolean(),
  /** The viewer wrote it: somebody else must accept it. */
  own: Type.Boolean(),
});
export type AssessmentRow = Static<typeof AssessmentRow>;
export const AssessmentList = Type.Object({ assessments: Type.Array(AssessmentRow) });
export type AssessmentList = Static<typeof AssessmentList>;
export const AssessmentView = Type.Intersect([
  AssessmentRow,
  Type.Object({ version: Type.Integer(), purpose: Type.String(), necessity: Type.String(), data: Type.String(), risk: Type.String(), measures: Type.String() }),
]);
export type AssessmentView = Static<typeof AssessmentView>;
/** When it is looked at again, at most three years ahead. */
export const AssessmentAccept = Type.Object({ reviewAt: Time });
export type AssessmentAccept = Static<typeof AssessmentAccept>;
