import { type Static, Type } from 'typebox';

const L = Type.Literal;

const FilingState = Type.Union([L('draft'), L('submitted'), L('inspecting'), L('filed'), L('orderedToFix'), L('orderedToFile'), L('rejectedFire'), L('suspended'), L('cancelled')]);
const LandlordStep = Type.Union([L('submit'), L('cancel')]);
const StationStep = Type.Union([L('inspect'), L('accept'), L('supplement'), L('orderFix'), L('orderFile'), L('rejectFire'), L('suspend'), L('resume')]);
const TitleKind = Type.Union([L('deed'), L('land'), L('purchase'), L('public'), L('villageProof'), L('other')]);
const CheckItem = Type.Union([L('extinguisher'), L('wayOut'), L('wiring'), L('gas'), L('noPartition'), L('livingRooms')]);

/** The filing of a home, as far as it is the viewer's to know; papers are left out for who is told the state alone. */
export const FilingView = Type.Object({
  unitId: Type.Integer(),
  buildingId: Type.Integer(),
  building: Type.Object({ name: Type.String(), nameEn: Type.String() }),
  room: Type.String(),
  use: Type.String(),
  state: FilingState,
  /** End of the working day by which whoever acts next is due, epoch ms; null: nobody is waited for. */
  dueAt: Type.Union([Type.Integer(), Type.Null()]),
  /** Two landlords claim this home. */
  claimed: Type.Boolean(),
  papers: Type.Union([
    Type.Object({
      titleKind: Type.String(),
      titleNumber: Type.String(),
      /** Square metres in tenths. */
      area: Type.Integer(),
      checked: Type.Array(Type.String()),
      checkedAt: Type.Union([Type.Integer(), Type.Null()]),
      /** What the station asked for or ordered. */
      reason: Type.String(),
    }),
    Type.Null(),
  ]),
  /** What is missing before it can be sent in. */
  gaps: Type.Array(Type.Union([L('title'), L('area'), L('check')])),
  /** What the viewer may do with it now; `fill`: its papers. */
  steps: Type.Array(
    Type.Union([L('fill'), L('submit'), L('cancel'), L('inspect'), L('accept'), L('supplement'), L('orderFix'), L('orderFile'), L('rejectFire'), L('suspend'), L('resume')]),
  ),
  version: Type.Integer(),
});
export type FilingView = Static<typeof FilingView>;

/** `more`: there are others, which come when these are done. */
export const FilingList = Type.Object({ filings: Type.Array(FilingView), more: Type.Boolean() });
export type FilingList = Static<typeof FilingList>;

export const PapersBody = Type.Object({
  titleKind: TitleKind,
  titleNumber: Type.String({ minLength: 1, maxLength: 200 }),
  area: Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Square metres in tenths' }),
  checked: Type.Array(CheckItem, { maxItems: 6, description: 'Items of the check before letting that were in order' }),
});
export type PapersBody = Static<typeof PapersBody>;

const Homes = Type.Array(Type.Object({ unitId: Type.Integer({ minimum: 1, maximum: 4_294_967_295 }), version: Type.Integer({ minimum: 0, maximum: 4_294_967_295 }) }), {
  minItems: 1,
  maxItems: 200,
  description: 'Homes of one building, each with the version of its filing that was on screen; 0: it had none',
});
export const LandlordStepBody = Type.Object({ step: LandlordStep, homes: Homes });
export const StationStepBody = Type.Object({
  step: StationStep,
  homes: Homes,
  reason: Type.Optional(Type.String({ maxLength: 1000, description: 'What is asked for or ordered; the landlord reads it' })),
});
export const Stepped = Type.Object({ filings: Type.Array(FilingView) });
