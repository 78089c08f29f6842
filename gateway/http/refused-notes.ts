import type { Deps } from './deps.ts';
import type { Viewer } from './viewer.ts';

/** Somebody asked for what is not his, or too much, or from another site: what a mistake looks like, and an attempt (ASVS 16.3.2, 16.3.3). */
const NOTED: ReadonlySet<string> = new Set(['NOT_ALLOWED', 'SCOPE_DENIED', 'NOT_ASSIGNED', 'CSRF', 'CROSS_SITE', 'RATE_LIMITED']);
/** The same refusal of the same account is one line in this time, so that nobody fills the log by asking. */
const AGAIN_MS = 60_000;
const KEPT = 5_000;

/**
 * Writes refusals to the gateway's own log: account number, code and route, never an address with its values. The journal
 * stays free of them: it holds what was done.
 */
export function createRefusedNotes({ clock, onNotice }: Pick<Deps, 'clock' | 'onNotice'>): (viewer: Viewer | undefined, code: string, route: string) => void {
  const noted = new Map<string, number>();
  return (viewer, code, route) => {
    if (onNotice === undefined || !NOTED.has(code)) return;
    const line = `refused: ${viewer === undefined ? 'nobody signed in' : `account ${viewer.accountId}`} ${code} ${route}`;
    const now = clock();
    if (now - (noted.get(line) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return;
    if (noted.size >= KEPT) noted.clear();
    noted.set(line, now);
    onNotice(line);
  };
}
