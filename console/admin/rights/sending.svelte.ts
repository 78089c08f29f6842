import type { Problem } from '../../../gateway/http/schemas/session.ts';
import { problemOf } from '../../parts/api.ts';

/** Something being sent: one at a time, with what went wrong. */
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
    /** True when it succeeded. */
    async run(send: () => Promise<unknown>): Promise<boolean> {
      if (busy) return false;
      busy = true;
      problem = undefined;
      try {
        await send();
        return true;
      } catch (error) {
        problem = problemOf(error);
        return false;
      } finally {
        busy = false;
      }
    },
  };
}
