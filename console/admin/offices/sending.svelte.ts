import type { Problem } from '../../../gateway/http/schemas/session.ts';
import { problemOf } from '../../parts/api.ts';

/** One thing being sent: whether it is under way, and what kept the last one from succeeding. */
export function sending() {
  let busy = $state(false);
  let problem = $state.raw<Problem | undefined>();
  return {
    get busy() {
      return busy;
    },
    get problem() {
      return problem;
    },
    /** Does `work`; true when it succeeded. */
    async run(work: () => Promise<unknown>): Promise<boolean> {
      busy = true;
      problem = undefined;
      try {
        await work();
      } catch (error) {
        problem = problemOf(error);
      }
      busy = false;
      return problem === undefined;
    },
  };
}
