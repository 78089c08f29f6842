/** Why a change of homes is refused: codes of the API (`gateway/http/problem-codes.ts`). */
type HomeProblem = 'BAD_INPUT' | 'NOT_FOUND' | 'STALE_VERSION' | 'UNIT_DUPLICATE' | 'ADDRESS_UNKNOWN' | 'FILING_STEP' | 'FILING_INCOMPLETE' | 'TITLE_CLAIMED' | 'TENANCY_RUNS';

/** Thrown by the verbs on homes and their addresses, before anything was written. */
export class HomeRefused extends Error {
  override readonly name = 'HomeRefused';
  readonly code: HomeProblem;
  readonly detail: { readonly field?: string; readonly expected?: string };

  constructor(code: HomeProblem, detail: HomeRefused['detail'] = {}) {
    super(`${code} ${detail.field ?? ''}`);
    this.code = code;
    this.detail = detail;
  }
}
