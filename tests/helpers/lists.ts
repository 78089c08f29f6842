import { type ListRow, NO_PIN } from '../../gateway/wire/mqtt/list.ts';
import type { DoorSettings, ListHeader } from '../../gateway/wire/mqtt/list-header.ts';

/** A row without schedule, flags or PIN. */
export const plainRow = (fingerprint: string, doors = 1, until = 0): ListRow => [fingerprint, doors, until, 0, 0, NO_PIN];

/** A door with nothing special about it. */
export const settings = (over: Partial<DoorSettings> = {}): DoorSettings => ({ o: 5000, h: 0, u: 0, f: 0, p: 0, i: 0, a: 0, x: 0, k: 0, ...over });

/** The header of an empty list of device yc42-d01. */
export const header = (over: Partial<ListHeader> = {}): ListHeader => ({
  v: 1,
  d: 'yc42-d01',
  e: 1,
  n: 1,
  until: 0,
  count: 0,
  of: 0,
  dig: 'ab'.repeat(32),
  doors: [settings()],
  tz: 480,
  sched: [],
  hol: [],
  work: [],
  ...over,
});
