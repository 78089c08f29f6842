import { type Static, Type } from 'typebox';

const L = Type.Literal;
const When = Type.Union([Type.Integer(), Type.Null()]);
const Both = Type.Object({ zh: Type.String(), en: Type.String() });
const State = Type.Union([L('none'), L('submitted'), L('supplement'), L('registered'), L('refused'), L('cancelled')]);
const StayReason = Type.Union([L('work'), L('study'), L('family'), L('visit'), L('other')]);
const Basis = Type.Union([L('rent'), L('lent'), L('dormitory'), L('own')]);
const Months = Type.Integer({ minimum: 1, maximum: 240, description: 'Months he means to stay' });
const Decision = Type.Union([L('accept'), L('supplement'), L('refuse'), L('cancel')]);

/** The residence registration of somebody who lives in a home, as far as it is the viewer's to know. Times are epoch ms. */
export const RegistrationView = Type.Object({
  occupantId: Type.Integer(),
  personId: Type.Integer(),
  name: Type.String(),
  documentType: Type.String(),
  documentMasked: Type.String(),
  unitId: Type.Integer(),
  buildingId: Type.Integer(),
  building: Type.Object({ name: Type.String(), nameEn: Type.String() }),
  room: Type.String(),
  state: State,
  /** What happens next: who acts, and by when; null: nobody is waited for. */
  next: Type.Union([Type.Object({ who: Type.Union([L('declarer'), L('station')]), dueAt: When }), Type.Null()]),
  /** Who must see to it that it is sent in, and by which law; null: no rule of the place was counted. */
  duty: Type.Union([Type.Object({ who: Both, source: Both }), Type.Null()]),
  /** Somebody has seen the identity document. */
  seen: Type.Boolean(),
  /** To be looked at; none of them is a bar. */
  warnings: Type.Array(Type.Union([L('unitNotFiled'), L('unseen')])),
  /** What was declared; null: nothing yet. */
  declared: Type.Union([Type.Object({ stayReason: Type.String(), basis: Type.String(), months: Type.Integer() }), Type.Null()]),
  /** What is missing, or the basis of a refusal. */
  words: Type.String(),
  submittedAt: When,
  /** Role of whoever sent it in; '' nobody did. */
  submittedAs: Type.String(),
  decidedAt: When,
  /** When its certificate was last printed. */
  printedAt: When,
  /** What the viewer may do now. */
  steps: Type.Array(Type.Union([L('submit'), Decision])),
  version: Type.Integer(),
});
export type RegistrationView = Static<typeof RegistrationView>;

/** `more`: there are others, which come when these are done. */
export const RegistrationList = Type.Object({ registrations: Type.Array(RegistrationView), more: Type.Boolean() });
export type RegistrationList = Static<typeof RegistrationList>;

export const QueueQuery = Type.Object({
  which: Type.Union([L('waiting'), L('open'), L('print')], { description: 'waiting: to be decided; open: to be sent in; print: registered, no certificate printed yet' }),
});

export const DeclaredBody = Type.Object({ stayReason: StayReason, basis: Basis, months: Months });
export type DeclaredBody = Static<typeof DeclaredBody>;

export const RegistrationDecisionBody = Type.Object({
  step: Decision,
  version: Type.Integer({ minimum: 0, maximum: 4_294_967_295, description: 'Of the registration as it was on screen' }),
  words: Type.Optional(Type.String({ maxLength: 1000, description: 'The whole list of what is missing, or the basis; the person reads it' })),
  documentSeen: Type.Optional(Type.Boolean({ description: 'The original of the identity document is before you' })),
});

/** A registration certificate, to be printed. `proof`: what its QR code holds. */
export const CertificateView = Type.Object({
  number: Type.String(),
  name: Type.String(),
  documentType: Type.String(),
  documentMasked: Type.String(),
  building: Type.Object({ name: Type.String(), nameEn: Type.String() }),
  room: Type.String(),
  community: Type.String(),
  fromAt: Type.Integer(),
  registeredAt: When,
  /** Last day, yyyy-mm-dd. */
  until: Type.String(),
  proof: Type.String(),
});
export type CertificateView = Static<typeof CertificateView>;

/** What waits at the counter; 100 stands for 100 and more. */
export const CounterView = Type.Object({
  waiting: Type.Integer(),
  open: Type.Integer(),
  print: Type.Integer(),
  filings: Type.Integer(),
  objections: Type.Integer(),
});
export type CounterView = Static<typeof CounterView>;
