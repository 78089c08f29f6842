import { dayEnd, dayStart } from '../../parts/time.ts';
import type { Chosen } from './Filters.svelte';

/** The filter as the API takes it, without what does not limit. */
export function filterOf({ unit, door, result, from, until }: Chosen): Record<string, string | number> {
  return {
    ...(unit === undefined ? {} : { unit }),
    ...(door === '' ? {} : { door: Number(door) }),
    ...(result === '' ? {} : { result }),
    ...(from === '' ? {} : { from: dayStart(from) }),
    ...(until === '' ? {} : { until: dayEnd(until) }),
  };
}

/** The same as a query string; `before`: where the page before ended. */
export const queryOf = (chosen: Chosen, before: number | undefined): string =>
  new URLSearchParams(Object.entries({ ...filterOf(chosen), limit: 60, ...(before === undefined ? {} : { before }) }).map(([key, value]) => [key, String(value)])).toString();
