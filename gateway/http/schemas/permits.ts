import { type Static, Type } from 'typebox';

const L = Type.Literal;
const When = Type.Union([Type.Integer(), Type.Null()]);
const Day = Type.Union([Type.String(), Type.Null()]);
const Reason = Type.Union([L('job'), L('home'), L('schooling')]);
const StationStep = Type.Union([L('accept'), L('refuse'), L('issue'), L('endorse'), L('move'), L('replace'), L('end')]);
const Version = Type.Integer({ minimum: 0, maximum: 4_294_967_295, description: 'Of the permit as it was on screen; 0: there was none' });

/** Somebody's residence permit. Times are epoch ms, days yyyy-mm-dd. */
export const PermitView = Type.Object({
  occupantId: Type.Integer(),
  personId: Type.Integer(),
  name: Type.String(),
  room: Type.String(),
  state: Type.Union([L('none'), L('applied'), L('accepted'), L('issued'), L('refused'), L('ended')]),
  /** The yearly endorsement is late. */
  suspended: Type.Boolean(),
  reason: Type.String(),
  words: Type.String(),
  number: Type.String(),
  /** By when whoever is waited for is due. */
  dueAt: When,
  issuedAt: When,
  validUntil: When,
  countedFrom: When,
  replaced: Type.Integer(),
  /** What keeps him from asking now, and from when on he may. */
  bars: Type.Array(Type.Union([L('notRegistered'), L('tooShort'), L('tooYoung')])),
  from: Day,
  /** Derived (S12.07); null: not registered, so nothing counts yet. */
  category: Type.Union([L('resident'), L('temporary'), L('transient'), L('documentPending'), Type.Null()]),
  steps: Type.Array(Type.Union([L('apply'), StationStep])),
  version: Type.Integer(),
});
export type PermitView = Static<typeof PermitView>;

/** What the counter has to act on, the first due first. */
export const PermitList = Type.Object({ permits: Type.Array(PermitView) });
export type PermitList = Static<typeof PermitList>;

export const PermitAsk = Type.Object({ reason: Reason, version: Version });
export const PermitStepBody = Type.Object({
  step: StationStep,
  version: Version,
  words: Type.Optional(Type.String({ maxLength: 1000, description: 'The basis of a refusal or an end' })),
});
