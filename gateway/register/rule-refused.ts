/** Why rules or a schedule are not changed. `wrong`: the field cannot be so. `way-in`: it would shut people out of their homes. `stale`: somebody changed it meanwhile. `taken`: there is one already. `over`: it has ended. */
type RuleRefusal = 'wrong' | 'way-in' | 'stale' | 'used' | 'full' | 'missing' | 'taken' | 'over';

/** Rules of a door, a schedule or a right of somebody who works here were not changed: nothing was written. */
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
