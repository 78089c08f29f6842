import { type Static, Type } from 'typebox';
import { PAGE_NEXT } from '../page.ts';

/** What somebody does in a building where he does not live. */
export const WorkPurpose = Type.Union(
  [Type.Literal('cleaning'), Type.Literal('care'), Type.Literal('caretaker'), Type.Literal('watch'), Type.Literal('repair'), Type.Literal('other')],
  {
    description: 'What somebody does in the building',
  },
);
const Day = Type.String({ pattern: '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$', description: 'Local date, yyyy-mm-dd' });
const Schedule = Type.Union([Type.Integer({ minimum: 1, maximum: 255 }), Type.Null()], { description: 'Number of the schedule in the site; null: all hours' });

/** What may be changed of a right. It has a last day, at most 366 days away. */
export const WorkTermsBody = Type.Object({ purpose: WorkPurpose, lastDay: Day, schedule: Schedule });
export type WorkTermsBody = Static<typeof WorkTermsBody>;

/** Somebody who works in the building, his document in the hand of whoever enters him. */
export const WorkBody = Type.Object({
  ...WorkTermsBody.properties,
  firstDay: Type.Optional(Day),
  name: Type.String({ maxLength: 200 }),
  documentType: Type.String({ maxLength: 40, description: 'Code or name of the kind of document' }),
  documentNumber: Type.String({ maxLength: 60 }),
  phone: Type.Optional(Type.String({ maxLength: 40 })),
  checked: Type.Boolean({ description: 'Whoever enters him has looked at the document; without it no card of his opens' }),
});
export type WorkBody = Static<typeof WorkBody>;

export const DutyBody = Type.Object({ duty: Type.Boolean({ description: 'His card opens in a lockdown and ends it at that door' }) });
export const WorkCardBody = Type.Object({ number: Type.String({ minLength: 1, maxLength: 40, description: 'As printed on the card, or as a reader gave it' }) });

/** A right. `version`: to be sent back as If-Match; times are epoch ms. */
export const WorkView = Type.Object({
  id: Type.Integer(),
  person: Type.Object({ id: Type.Integer(), name: Type.String(), phoneMasked: Type.String(), documentMasked: Type.String() }),
  purpose: WorkPurpose,
  fromAt: Type.Integer(),
  untilAt: Type.Union([Type.Integer(), Type.Null()]),
  lastDay: Type.Union([Day, Type.Null()]),
  schedule: Type.Union([Type.Object({ number: Type.Integer(), name: Type.String() }), Type.Null()]),
  duty: Type.Boolean(),
  mayBeOnDuty: Type.Boolean(),
  state: Type.Union([Type.Literal('coming'), Type.Literal('running'), Type.Literal('soon'), Type.Literal('over')], { description: 'soon: it ends within 30 days' }),
  /** His cards; their digits only for who gives them out. */
  cards: Type.Array(Type.Object({ id: Type.Integer(), tail: Type.String(), status: Type.String() })),
  stopId: Type.Union([Type.Integer(), Type.Null()], { description: 'Receipt of its end' }),
  version: Type.Integer(),
});
export type WorkView = Static<typeof WorkView>;

/** People who work in a building. */
export const WorkPage = Type.Object({
  people: Type.Array(WorkView),
  ...PAGE_NEXT,
  /** Hours to choose from. */
  schedules: Type.Array(Type.Object({ number: Type.Integer(), name: Type.String() })),
  mayWrite: Type.Boolean(),
  mayEnd: Type.Boolean(),
});
export type WorkPage = Static<typeof WorkPage>;
