import { type Static, Type } from 'typebox';
import { Role } from './session.ts';

const Line = Type.String({ maxLength: 120 });
const Empty = Type.Literal('');
const Fitted = Type.Object({ fitted: Type.Union([Empty, Type.Literal('yes'), Type.Literal('none')]), tested: Type.Boolean() });
const Step = Type.Union([Empty, Type.Literal('pass'), Type.Literal('fail'), Type.Literal('none')]);
const Day = Type.String({ maxLength: 10, pattern: '^(\\d{4}-\\d{2}-\\d{2})?$', description: 'yyyy-mm-dd, or empty' });
const amount = (maximum: number, description: string) => Type.Union([Type.Number({ minimum: 0, maximum }), Type.Null()], { description });
const whole = (minimum: number, maximum: number, description: string) => Type.Union([Type.Integer({ minimum, maximum }), Type.Null()], { description });

/** How a door is wired and what it was seen to do (gateway/register/commissioning.ts). '' and null: not filled in yet. */
export const SheetBody = Type.Object({
  lock: Type.Object({
    kind: Type.Union([Empty, Type.Literal('magnet'), Type.Literal('strike'), Type.Literal('bolt'), Type.Literal('motor'), Type.Literal('other')]),
    model: Line,
    failMode: Type.Union([Empty, Type.Literal('safe'), Type.Literal('secure')], { description: 'Without power: safe opens, secure stays locked' }),
  }),
  fire: Type.Object({ relay: Type.Union([Empty, Type.Literal('series'), Type.Literal('no'), Type.Literal('none')]), tested: Type.Boolean() }),
  exit: Type.Object({ way: Type.Union([Empty, Type.Literal('button'), Type.Literal('handle'), Type.Literal('no')]), tested: Type.Boolean() }),
  contact: Fitted,
  tamper: Fitted,
  reader: Type.Object({ kind: Line, bits: whole(8, 128, 'Data bits it gives') }),
  wiring: Type.Object({ lock: Line, reader: Line, contact: Line, exit: Line, fire: Line }),
  power: Type.Object({ supply: Line, batteryAh: amount(1000, 'Ampere-hours; null: no battery'), hours: amount(1000, 'How long it was seen to last'), testedOn: Day }),
  place: Type.Object({ where: Line, heightCm: whole(0, 500, 'Height of the reader, cm') }),
  steps: Type.Object({ card: Step, refusal: Step, exit: Step, fire: Step, battery: Step, offline: Step }),
  tester: Type.String({ maxLength: 40 }),
  witness: Type.String({ maxLength: 40 }),
  testedOn: Day,
  retestOn: Day,
  note: Type.String({ maxLength: 500 }),
});
export type SheetBody = Static<typeof SheetBody>;

const Moment = Type.Union([Type.Integer(), Type.Null()]);
const By = Type.Union([Type.Object({ name: Type.String({ description: "'' for the local operator" }), role: Role }), Type.Null()]);

/** One version of a sheet. Times are epoch ms. */
export const SheetView = Type.Object({
  version: Type.Integer(),
  state: Type.Union([Type.Literal('draft'), Type.Literal('signed')]),
  body: SheetBody,
  photo: Type.Boolean(),
  changedAt: Type.Integer(),
  changedBy: By,
  signedAt: Moment,
  signedBy: By,
  retestDue: Moment,
  entry: Type.Union([Type.Integer(), Type.Null()], { description: 'Journal entry of the signature' }),
});
export type SheetView = Static<typeof SheetView>;

/** GET /doors/:id/commissioning: the version asked for, else the newest; null: there is none yet. Its ETag is what a change must name. */
export const SheetPage = Type.Object({
  door: Type.Object({
    id: Type.Integer(),
    code: Type.String(),
    name: Type.String(),
    nameEn: Type.String(),
    kind: Type.String(),
    unitId: Type.Union([Type.Integer(), Type.Null()]),
  }),
  building: Type.Object({ id: Type.Integer(), name: Type.String(), nameEn: Type.String(), address: Type.String() }),
  sheet: Type.Union([SheetView, Type.Null()]),
  versions: Type.Array(Type.Object({ version: Type.Integer(), state: Type.Union([Type.Literal('draft'), Type.Literal('signed')]), signedAt: Moment })),
  revision: Type.Integer({ description: 'For If-Match' }),
  mayWrite: Type.Boolean(),
});
export type SheetPage = Static<typeof SheetPage>;

/** How many doors in scope have no signed sheet, and of how many the test is due again. */
export const SheetCount = Type.Object({ doors: Type.Integer(), without: Type.Integer(), due: Type.Integer() });
export type SheetCount = Static<typeof SheetCount>;
