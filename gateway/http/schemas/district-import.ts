import { type Static, Type } from 'typebox';
import { RosterFinding } from './roster.ts';

/** What came of a piece of a district's roster. Rows that are not sound were left out, and are named. */
export const DistrictApplied = Type.Object({
  /** False: nothing of it could be read; the one finding says why. */
  usable: Type.Boolean(),
  rows: Type.Integer(),
  /** Made because they were not in the register. */
  buildings: Type.Integer(),
  units: Type.Integer(),
  people: Type.Integer(),
  tenancies: Type.Integer(),
  credentials: Type.Integer(),
  unchanged: Type.Integer(),
  /** Rows left out. */
  skipped: Type.Integer(),
  /** Row numbers are those of the piece: its header is row 1. */
  findings: Type.Array(RosterFinding),
  entry: Type.Integer(),
});
export type DistrictApplied = Static<typeof DistrictApplied>;
