/** Says how often something may still happen. */
export interface Limiter {
  /** True while `key` has been allowed fewer than `burst` times in its running window. Counts the ones it allows. */
  allow(key: string): boolean;
}

/** A window for each key, opened by its first use. Keys must come from a bounded set (device ids), never from the wire. */
export function createLimiter(burst: number, windowMs: number, uptime: () => number): Limiter {
  const windows = new Map<string, { start: number; used: number }>();
  return {
    allow(key) {
      const at = uptime();
      const window = windows.get(key);
      if (window === undefined || at - window.start >= windowMs) {
        windows.set(key, { start: at, used: 1 });
        return true;
      }
      window.used += 1;
      return window.used <= burst;
    },
  };
}
