import type { Problem } from '../../../gateway/http/schemas/session.ts';
import { get, problemOf } from '../../parts/api.ts';

interface Answer {
  readonly next: string | null;
}

/** A list that is fetched page by page: `rowsOf` takes the rows out of an answer. `again` starts from the first page; until it is there the old rows stay. */
export function pages<A extends Answer, R>(path: () => string, rowsOf: (answer: A) => readonly R[]) {
  let rows = $state.raw<readonly R[] | undefined>();
  let next = $state.raw<string | null>(null);
  let problem = $state.raw<Problem | undefined>();
  let turn = 0;

  async function read(after: string | null): Promise<void> {
    turn += 1;
    const mine = turn;
    const address = path();
    try {
      const answer = await get<A>(after === null ? address : `${address}${address.includes('?') ? '&' : '?'}after=${encodeURIComponent(after)}`);
      if (mine !== turn) return;
      rows = after === null ? rowsOf(answer) : [...(rows ?? []), ...rowsOf(answer)];
      next = answer.next;
      problem = undefined;
    } catch (error) {
      if (mine === turn) problem = problemOf(error);
    }
  }

  void read(null);
  return {
    get rows() {
      return rows;
    },
    get problem() {
      return problem;
    },
    get hasMore() {
      return next !== null;
    },
    again: () => read(null),
    more: () => read(next),
  };
}
