/**
 * Why something is not changed. `wrong`: the field cannot be so. `way-in`: it would shut people out of their homes.
 * `stale`: somebody changed it meanwhile. `taken`: there is one already. `over`: it has ended. Of a tenancy besides:
 * `duplicate`: this person lives here already. `home-taken`: another tenancy runs. `ahead`: it begins too far ahead.
 * `objection`: one stands; `objection-over`: it comes too late. `hours`: not by night. `undo-over`, `not-yours`: it is
 * not taken back any more, or not by him. Of a residence registration: `step`: it cannot be taken from where it stands;
 * `unseen`: nobody has seen the identity document. Of a permit: `ineligible`: he may not have one yet.
 */
type RuleRefusal =
  | 'wrong'
  | 'way-in'
  | 'stale'
  | 'used'
  | 'full'
  | 'missing'
  | 'taken'
  | 'over'
  | 'duplicate'
  | 'home-taken'
  | 'ahead'
  | 'objection'
  | 'objection-over'
  | 'hours'
  | 'undo-over'
  | 'not-yours'
  | 'step'
  | 'unseen'
  | 'ineligible';

/** Rules of a door, a schedule, a right of somebody who works here or a tenancy were not changed: nothing was written. */
export class RuleRefused extends Error {
  override readonly name = 'RuleRefused';
  readonly why: RuleRefusal;
  readonly detail: { readonly field?: string; readonly expected?: string };

  constructor(why: RuleRefusal, detail: RuleRefused['detail'] = {}) {
    super(`${why} ${detail.field ?? ''}: expected ${detail.expected ?? ''}`);
    this.why = why;
    this.detail = detail;
  }
}
