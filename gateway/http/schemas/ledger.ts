import { type Static, Type } from 'typebox';
import { DoorLive, Sentence } from './places.ts';

/**
 * One ledger line: time · door · what · outcome. The columns every role of the first form gets (design.md 9):
 * no person, no unit, no card. A landlord is sent no grants at all.
 */
export const LedgerLine = Type.Object({
  /** Number of the line: newer ones are greater. The journal's index for who sees all; for others one that tells nothing of what is left out. `ref` and all cursors are of the same kind. */
  index: Type.Integer(),
  at: Type.Integer(),
  deviceTime: Type.Integer(),
  skewMs: Type.Integer(),
  buildingId: Type.Integer(),
  doorId: Type.Integer(),
  door: Sentence,
  kind: Type.String(),
  /** Stable code: a reason for access lines, a word such as `exit`, `forced`, `online` for others. */
  code: Type.String(),
  granted: Type.Boolean(),
  offline: Type.Boolean(),
  note: Type.Union([Type.String(), Type.Null()]),
  final: Type.Union([Type.String(), Type.Null()]),
  /** Sentence for a person; the note's sentence follows when there is one. */
  why: Sentence,
  noteWhy: Type.Union([Sentence, Type.Null()]),
  /** Line this one completes. */
  ref: Type.Union([Type.Integer(), Type.Null()]),
  /** granted | refused | attention | info: which chip. */
  tone: Type.Union([Type.Literal('granted'), Type.Literal('refused'), Type.Literal('attention'), Type.Literal('info')]),
});
export type LedgerLine = Static<typeof LedgerLine>;

export const LedgerPage = Type.Object({
  lines: Type.Array(LedgerLine),
  /** Pass as `before` for the next page; null at the end. */ next: Type.Union([Type.Integer(), Type.Null()]),
});
export type LedgerPage = Static<typeof LedgerPage>;

/** Server → console over `/api/v1/live?building=ID&since=INDEX`. */
export const LiveMessage = Type.Union([
  Type.Object({ t: Type.Literal('hello'), last: Type.Integer(), role: Type.String() }),
  /** Oldest first; after a reconnect the missed ones come this way too. `gap`: more were missed than are sent, reload. */
  Type.Object({ t: Type.Literal('lines'), lines: Type.Array(LedgerLine), last: Type.Integer(), gap: Type.Boolean() }),
  Type.Object({ t: Type.Literal('doors'), doors: Type.Array(Type.Object({ doorId: Type.Integer(), live: DoorLive })) }),
  /** The register changed: fetch the building again. */
  Type.Object({ t: Type.Literal('register') }),
  /** Alarms of doors changed: fetch them again. */
  Type.Object({ t: Type.Literal('alarms') }),
  /** Serial lines changed, or what their devices do: fetch GET /lines. */
  Type.Object({ t: Type.Literal('serial') }),
  /** There is a new checkpoint of the log, up to this entry: fetch GET /log/checkpoint. */
  Type.Object({ t: Type.Literal('checkpoint'), index: Type.Integer() }),
]);
export type LiveMessage = Static<typeof LiveMessage>;
