import type { DoorAlarmCount } from '../../../gateway/http/schemas/door-alarms.ts';
import { get } from '../../parts/api.ts';

let count = $state.raw<DoorAlarmCount>({ open: 0, more: false });

/** How many alarms of doors wait for somebody, as last asked. */
export const waitingAlarms = (): DoorAlarmCount => count;

/** Asks anew; without an answer the last one stays. */
export async function askWaiting(): Promise<void> {
  count = await get<DoorAlarmCount>('/door-alarms/count').catch(() => count);
}
