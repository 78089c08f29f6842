const QUIET_MS = 600;

/** Verifying the log: fetched once the page stands, since nobody waits for it. */
export const VERIFYING = {
  watch: () => new Promise((resolve) => setTimeout(resolve, QUIET_MS)).then(() => import('./log/LogWatch.svelte')),
  line: () => import('./log/Verified.svelte'),
} as const;
