import { type Static, Type } from 'typebox';
import { Sentence } from './places.ts';

/** A cell that cannot be taken, named so that a person finds it in the file. */
export const RosterFinding = Type.Object({
  /** Row number as a spreadsheet shows it: the header is row 1. 0: the file as a whole. */
  row: Type.Integer(),
  column: Type.String(),
  value: Type.String(),
  code: Type.String(),
  reason: Sentence,
  /** A warning does not keep the row out. */
  warning: Type.Boolean(),
});
export type RosterFinding = Static<typeof RosterFinding>;

export const RosterPreview = Type.Object({
  id: Type.Integer(),
  fileName: Type.String(),
  encoding: Type.String(),
  rows: Type.Integer(),
  good: Type.Integer(),
  bad: Type.Integer(),
  /** What applying would do. */
  newPeople: Type.Integer(),
  newTenancies: Type.Integer(),
  newCredentials: Type.Integer(),
  newUnits: Type.Integer(),
  unchanged: Type.Integer(),
  columns: Type.Array(Type.Object({ header: Type.String(), meaning: Type.String() })),
  findings: Type.Array(RosterFinding),
});
export type RosterPreview = Static<typeof RosterPreview>;

/** `attested`: the landlord states that he checked the documents (design.md 2); without it people come in not registered. */
export const RosterApply = Type.Object({ goodRowsOnly: Type.Boolean(), attested: Type.Boolean() });
export type RosterApply = Static<typeof RosterApply>;
export const RosterApplied = Type.Object({
  people: Type.Integer(),
  tenancies: Type.Integer(),
  credentials: Type.Integer(),
  units: Type.Integer(),
  unchanged: Type.Integer(),
  skipped: Type.Integer(),
  entry: Type.Integer(),
});
export type RosterApplied = Static<typeof RosterApplied>;
