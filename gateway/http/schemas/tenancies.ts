import { type Static, Type } from 'typebox';
import { PAGE_NEXT } from '../page.ts';

const At = Type.Union([Type.Integer(), Type.Null()]);
const Day = Type.String({ pattern: '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$', description: 'Local date, yyyy-mm-dd' });
const MOST_PEOPLE = 20;
const MOST_CARDS = 8;

/** How somebody belongs to the tenant; '' of a tenant himself. */
const Relation = Type.Union(
  [
    Type.Literal(''),
    Type.Literal('spouse'),
    Type.Literal('child'),
    Type.Literal('parent'),
    Type.Literal('relative'),
    Type.Literal('friend'),
    Type.Literal('colleague'),
    Type.Literal('other'),
  ],
  { description: 'How somebody belongs to the tenant' },
);

/** Somebody who moves in, his document in the hand of whoever enters him. */
export const Newcomer = Type.Object({
  role: Type.Union([Type.Literal('tenant'), Type.Literal('coOccupant')]),
  relation: Type.Optional(Relation),
  name: Type.String({ maxLength: 200 }),
  documentType: Type.String({ maxLength: 40, description: 'Code or name of the kind of document' }),
  documentNumber: Type.String({ maxLength: 60 }),
  phone: Type.Optional(Type.String({ maxLength: 40 })),
  checked: Type.Boolean({ description: 'Whoever enters him has looked at the document; without it no card of his opens' }),
  cards: Type.Optional(Type.Array(Type.String({ maxLength: 40, description: 'Number as printed on the card, or as a reader gave it' }), { maxItems: MOST_CARDS })),
});
export type Newcomer = Static<typeof Newcomer>;

/** A tenancy that begins. */
export const TenancyBody = Type.Object({
  kind: Type.Optional(Type.Union([Type.Literal('rent'), Type.Literal('free'), Type.Literal('business')])),
  firstDay: Type.Optional(Day),
  lastDay: Type.Optional(Type.Union([Day, Type.Null()], { description: 'Last day of the contract, at most 20 years; null: it has no end' })),
  endTime: Type.Optional(Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', description: 'Of a booking in a house run like a hotel: when it ends on its last day' })),
  share: Type.Optional(Type.Boolean({ description: 'The home is let to several: a tenancy may begin beside one that runs' })),
  people: Type.Array(Newcomer, { minItems: 1, maxItems: MOST_PEOPLE }),
});
export type TenancyBody = Static<typeof TenancyBody>;

const Warning = Type.Object({ code: Type.String(), zh: Type.String(), en: Type.String() });
/** What began, and what whoever entered it should know. */
export const TenancyBegun = Type.Object({ tenancyId: Type.Integer(), warnings: Type.Array(Warning) });
export type TenancyBegun = Static<typeof TenancyBegun>;

export const OccupantBody = Type.Object({ ...Newcomer.properties, firstDay: Type.Optional(Day) });
export const ExtendBody = Type.Object({ lastDay: Type.Optional(Day) });
/** A contract with its new end. Times are epoch ms; `undoUntil`: for whoever extended it. */
export const Extended = Type.Object({ termEnd: Type.Integer(), version: Type.Integer(), undoUntil: Type.Integer() });
export type Extended = Static<typeof Extended>;
export const TermView = Type.Object({ termEnd: At, version: Type.Integer() });

/** Who moves out, and when: `day` its last day to 24:00; left out: now. */
export const MoveOutBody = Type.Object({ personId: Type.Optional(Type.Integer({ minimum: 1 })), day: Type.Optional(Day) });
export type MoveOutBody = Static<typeof MoveOutBody>;

/** A move-out. Times are epoch ms. */
export const MoveOutView = Type.Object({
  id: Type.Integer(),
  tenancyId: Type.Integer(),
  unitId: Type.Integer(),
  room: Type.String(),
  building: Type.Object({ name: Type.String(), nameEn: Type.String() }),
  /** One of its people; null: all. */
  personId: At,
  people: Type.Array(Type.String()),
  until: Type.Integer(),
  statedAt: Type.Integer(),
  own: Type.Boolean(),
  /** stated: access ends by it. objected: it goes on until somebody decides. stays, ends: decided. */
  state: Type.Union([Type.Literal('stated'), Type.Literal('confirmed'), Type.Literal('objected'), Type.Literal('stays'), Type.Literal('ends'), Type.Literal('undone')]),
  /** Until when the asking account may take it back; null: it may not. */
  undoUntil: At,
  /** Until when who lives there may object; null: not any more, or it is not his. */
  objectUntil: At,
  objectedAt: At,
  decidedAt: At,
  decidedUntil: At,
  basis: Type.String(),
  /** Its receipt, door by door: GET /card-stops/:id; null: not this viewer's. */
  stopId: At,
  now: Type.Integer(),
});
export type MoveOutView = Static<typeof MoveOutView>;

export const MoveOutPage = Type.Object({ moveOuts: Type.Array(MoveOutView), ...PAGE_NEXT });
export type MoveOutPage = Static<typeof MoveOutPage>;

/** A tenant's own homes, and what was said of his leaving them. */
export const OwnMoveOuts = Type.Object({
  homes: Type.Array(Type.Object({ tenancyId: Type.Integer(), unitId: Type.Integer(), room: Type.String() })),
  moveOuts: Type.Array(MoveOutView),
});
export type OwnMoveOuts = Static<typeof OwnMoveOuts>;

/** A clerk's or officer's decision. `at`: when access ends, between 08:00 and 20:00; left out: as soon as it may. */
export const DecisionBody = Type.Object({
  ends: Type.Boolean(),
  basis: Type.String({ maxLength: 400, description: 'What the decision rests on' }),
  at: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type DecisionBody = Static<typeof DecisionBody>;
