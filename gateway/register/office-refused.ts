/** Why the register refuses a change of offices, grids or assignments: codes of the API (`gateway/http/problem-codes.ts`). */
export type OfficeProblem =
  | 'BAD_INPUT'
  | 'NOT_FOUND'
  | 'TAKEN'
  | 'POST_TAKEN'
  | 'STILL_IN_USE'
  | 'IS_CLOSED'
  | 'ORG_CYCLE'
  | 'ORG_TOO_DEEP'
  | 'GRID_SPANS'
  | 'GRID_OVERLAP'
  | 'GRID_PAST'
  | 'STALE_VERSION';

/** Thrown by the verbs on offices, grids and assignments, before anything was written. */
export class OfficeRefused extends Error {
  override readonly name = 'OfficeRefused';
  readonly code: OfficeProblem;
  readonly detail: { readonly field?: string; readonly expected?: string };

  constructor(code: OfficeProblem, detail: OfficeRefused['detail'] = {}) {
    super(code);
    this.code = code;
    this.detail = detail;
  }
}

/** Called once everything is checked and before anything is written; when it rejects nothing is. */
export type Note = () => Promise<unknown>;

/** `found`, or NOT_FOUND naming the field that pointed to it. */
export function needed<R>(found: R | null | undefined, field: string): R {
  if (found == null) throw new OfficeRefused('NOT_FOUND', { field });
  return found;
}
