import type { LineList } from '../../../gateway/http/schemas/serial-lines.ts';
import { get } from '../../parts/api.ts';
import { LiveLink } from '../../parts/live.svelte.ts';
import { loaded } from '../../parts/loaded.svelte.ts';
import { loadSession, may, session } from '../../parts/session.svelte.ts';
import { toSignIn } from '../leave.ts';

/** Counts of a line run on without a word from the gateway, ms. */
const LOOK_MS = 5_000;

/** Serial lines, fetched again whenever the gateway says that they changed, and every five seconds. Call `close` when the page goes. */
export function followLines() {
  const all = loaded(() => get<LineList>('/lines'));
  const looking = setInterval(() => {
    if (document.visibilityState === 'visible') void all.reload();
  }, LOOK_MS);
  const live = may('ledger:R')
    ? new LiveLink({
        onMessage: ({ t }) => {
          if (t === 'serial' || t === 'register') void all.reload();
        },
        onLost: () =>
          void loadSession().then(
            () => session()?.account === null && toSignIn(),
            () => undefined,
          ),
      })
    : undefined;
  return {
    get data() {
      return all.data;
    },
    get problem() {
      return all.problem;
    },
    reload: () => void all.reload(),
    close(): void {
      clearInterval(looking);
      live?.close();
    },
  };
}
