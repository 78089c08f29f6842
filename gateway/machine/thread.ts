import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How a thread does: delays of its event loop since it was last asked, s, and its heap. */
export interface ThreadNumbers {
  readonly p99: number;
  readonly max: number;
  readonly heapBytes: number;
}

const RESOLUTION_MS = 20;

/** Watches the thread it is called in. */
export function watchThread(): () => ThreadNumbers {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  // It measures the whole interval; what is over its resolution is delay.
  const inSeconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1000);
  return () => {
    const seen = { p99: inSeconds(delays.percentile(99)), max: inSeconds(delays.max), heapBytes: process.memoryUsage().heapUsed };
    delays.reset();
    return seen;
  };
}
