import { type Static, Type } from 'typebox';
import { BuildingSummary, Sentence } from './places.ts';

const At = Type.Union([Type.Integer(), Type.Null()]);

/** Why a card is stopped. `lost` also for stolen. */
export const StopWish = Type.Object({ reason: Type.Optional(Type.Union([Type.Literal('lost'), Type.Literal('misused'), Type.Literal('returned')])) });
export type StopWish = Static<typeof StopWish>;

/** One door of a receipt. Times are epoch ms. */
export const StopDoor = Type.Object({
  doorId: Type.Integer(),
  door: Sentence,
  /**
   * stopped: the door acknowledged a list without the card, at `at`. waiting: not yet; what it holds ends at `until`.
   * ended: its list ended at `at`. nolist: it holds none and lets nobody in by itself. none: no controller there.
   */
  state: Type.Union([Type.Literal('stopped'), Type.Literal('waiting'), Type.Literal('ended'), Type.Literal('nolist'), Type.Literal('none')]),
  at: At,
  until: At,
});
export type StopDoor = Static<typeof StopDoor>;

/** A card that was stopped. */
export const StopSummary = Type.Object({
  id: Type.Integer(),
  credentialId: Type.Integer(),
  /** Last four digits of the card. */
  tail: Type.String(),
  reason: Type.String(),
  /** Rooms of its holder; none for a stock card. */
  rooms: Type.Array(Type.String()),
  stoppedAt: Type.Integer(),
  /** When access ends, where that is later than it was stated: what a door acknowledges is that end. */
  endsAt: At,
  undoneAt: At,
  /** Of these doors, how many acknowledged that they lack the card. */
  doors: Type.Integer(),
  stopped: Type.Integer(),
  /** Doors that are still waited for. */
  waiting: Type.Integer(),
});
export type StopSummary = Static<typeof StopSummary>;

/** The receipt of a stopped card: one row for each door it could open that is the viewer's to know. */
export const StopReceipt = Type.Object({
  ...StopSummary.properties,
  building: Type.Union([BuildingSummary, Type.Null()]),
  unitId: At,
  /** Stopped by the account that asks. */
  mine: Type.Boolean(),
  /** Until when the asking account may undo it; null: it may not. */
  undoUntil: At,
  /** The gateway's time, to count down by. */
  now: Type.Integer(),
  rows: Type.Array(StopDoor),
});
export type StopReceipt = Static<typeof StopReceipt>;
