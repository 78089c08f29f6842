import type { Problem } from '../../gateway/http/schemas/session.ts';
import { problemOf } from './api.ts';

/** Something fetched for a page: its data, or the problem that kept it away. A reload keeps the old data on screen. */
export function loaded<T>(fetcher: () => Promise<T>) {
  let data = $state.raw<T | undefined>();
  let problem = $state.raw<Problem | undefined>();
  let turn = 0;

  async function reload(): Promise<void> {
    turn += 1;
    const mine = turn;
    try {
      const answer = await fetcher();
      if (mine === turn) {
        data = answer;
        problem = undefined;
      }
    } catch (error) {
      if (mine === turn) problem = problemOf(error);
    }
  }

  void reload();
  return {
    get data() {
      return data;
    },
    get problem() {
      return problem;
    },
    reload,
  };
}
