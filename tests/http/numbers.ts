import type { DoorNumbers } from '../../gateway/door-numbers.ts';
import { NOON } from '../helpers/register.ts';

/** What a door side might have counted. */
export const NUMBERS: DoorNumbers = {
  taps: { byReason: { OK: 7, WRONG_DOOR: 2, UNAVAILABLE: 1, STALE: 1 }, latency: [3, 4, 2, 1, 0, 0, 0, 0, 0, 0, 0, 1], seconds: 3.5, failed: 0 },
  link: { online: 3, offline: 1, wrongList: 1, queued: 12, connections: 3, halfOpen: 2, refused: { password: 5 } },
  journal: { last: 411, outstanding: 6, checkpoint: { size: 384, at: NOON - 9000 } },
  index: { loadMs: 250, lag: 4, lists: 2 },
  alarms: { stalled: 2 },
  restarts: { journal: 1, desk: 2, lists: 0 },
  thread: { p99: 0.002, max: 0.01, heapBytes: 50_000_000 },
};
