import type { Problem } from '../../gateway/http/schemas/session.ts';
import { problemOf } from './api.ts';

/** Something a person sends: one at a time, whether it is under way, and what kept the last one from succeeding. */
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
    /** Does `work`; true when it succeeded. While another one is under way nothing is done. */
    async run(work: () => Promise<unknown>): Promise<boolean> {
      if (busy) return false;
      busy = true;
      problem = undefined;
      try {
        await work();
        return true;
      } catch (error) {
        problem = problemOf(error);
        return false;
      } finally {
        busy = false;
      }
    },
    /** The person went on to something else: what went wrong is of no interest any more. */
    clear(): void {
      problem = undefined;
    },
  };
}
