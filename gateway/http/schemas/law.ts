import { type Static, Type } from 'typebox';
import { Sentence } from './places.ts';

/** Rules of jurisdictions (domain.md 2). Days are `yyyy-mm-dd`; codes are those of `gateway/core/rules/law.json`, which also has their words. */
const Day = Type.String({ minLength: 10, maxLength: 10 });
const MaybeDay = Type.Union([Type.String(), Type.Null()]);
const Code = Type.String({ minLength: 1, maxLength: 40 });
const Place = Type.String({ minLength: 2, maxLength: 9 });
const Mode = Type.Union([Type.Literal(''), Type.Literal('hotel'), Type.Literal('compound'), Type.Literal('scattered')]);
/** A code with its words. */
const Named = Type.Object({ code: Type.String(), ...Sentence.properties });
export type Named = Static<typeof Named>;
/** One step of how a rule or a date was found: the console makes the sentence. */
const Step = Type.Object({ code: Type.String(), values: Type.Record(Type.String(), Type.String()) });

/** A rule as it holds, or held. `name`: what it is about. */
export const LawRule = Type.Object({
  id: Type.Integer(),
  subject: Type.String(),
  name: Sentence,
  jurisdiction: Named,
  mode: Named,
  /** Null: the law leaves it open. */
  amount: Type.Union([Type.Integer(), Type.Null()]),
  most: Type.Union([Type.Integer(), Type.Null()]),
  unit: Named,
  /** `none`: it is a number, and no period. */
  trigger: Named,
  actor: Named,
  recipient: Named,
  exemptions: Type.Array(Named),
  /** Row of the domain report, or `office`. */
  law: Type.String(),
  source: Sentence,
  article: Type.String(),
  /** text | excerpt | unverified */
  verified: Named,
  effectiveFrom: MaybeDay,
  effectiveTo: MaybeDay,
});
export type LawRule = Static<typeof LawRule>;

/** What holds of one subject. `version`: what a change is based on; `next`: entered, and not in force yet. */
export const LawHere = Type.Object({
  subject: Type.String(),
  name: Sentence,
  rule: LawRule,
  explains: Type.Array(Step),
  units: Type.Array(Named),
  version: Type.Integer(),
  next: Type.Array(LawRule),
});
export type LawHere = Static<typeof LawHere>;

/** GET /rules. `chain`: the place and those it inherits from. `holidaysTo`: last year whose holidays are entered. */
export const LawPage = Type.Object({ on: Type.String(), chain: Type.Array(Named), rules: Type.Array(LawHere), holidaysTo: Type.Integer(), mayChange: Type.Boolean() });
export type LawPage = Static<typeof LawPage>;
export const LawQuery = Type.Object({ jurisdiction: Place, mode: Type.Optional(Mode), on: Type.Optional(Day) });

/** GET /jurisdictions */
export const LawPlaces = Type.Object({ places: Type.Array(Named), modes: Type.Array(Named), actors: Type.Array(Named), recipients: Type.Array(Named), marks: Type.Array(Named) });
export type LawPlaces = Static<typeof LawPlaces>;

/** GET /rules/history */
export const LawHistoryQuery = Type.Object({ jurisdiction: Place, subject: Code, mode: Type.Optional(Mode) });
export const LawHistory = Type.Object({ rules: Type.Array(LawRule) });
export type LawHistory = Static<typeof LawHistory>;

/** GET /rules/due. `on`: the day of the trigger; `at`: its moment, epoch ms, where hours count. */
export const DueQuery = Type.Object({
  jurisdiction: Place,
  subject: Code,
  mode: Type.Optional(Mode),
  on: Type.Optional(Day),
  at: Type.Optional(Type.Integer({ minimum: 0, maximum: 4_102_444_800_000 })),
});
/** Null: no rule says, or the law leaves it open. */
export const DueAnswer = Type.Object({ due: Type.Union([Type.Object({ dueAt: Type.Integer(), rule: LawRule, explains: Type.Array(Step) }), Type.Null()]) });
export type DueAnswer = Static<typeof DueAnswer>;

/** POST /rules: a change from a day on; it waits for a second person. */
export const LawChange = Type.Object({
  jurisdiction: Place,
  subject: Code,
  mode: Mode,
  amount: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
  unit: Code,
  actor: Code,
  recipient: Code,
  exemptions: Type.Array(Code, { maxItems: 20 }),
  source: Type.String({ minLength: 1, maxLength: 160 }),
  article: Type.String({ maxLength: 60 }),
  verified: Code,
  effectiveFrom: Day,
  effectiveTo: Type.Union([Day, Type.Null()]),
  version: Type.Integer({ minimum: 0 }),
  reason: Type.String({ minLength: 1, maxLength: 100 }),
});
export type LawChange = Static<typeof LawChange>;
