import type { Fleet } from './fleet.ts';
import type { DeviceRegistry } from './registry.ts';

/** Controllers and their broker, as the link knows them. */
export interface LinkNumbers {
  readonly online: number;
  readonly offline: number;
  /** Controllers that hold another list than they should. */
  readonly wrongList: number;
  /** Events waiting on devices. */
  readonly queued: number;
  readonly connections: number;
  /** Connections that have not logged in. */
  readonly halfOpen: number;
  /** What was turned away since the start, by a stable lower-case word. */
  readonly refused: Readonly<Record<string, number>>;
}

/** A link that has not opened. */
export const NO_LINK: LinkNumbers = { online: 0, offline: 0, wrongList: 0, queued: 0, connections: 0, halfOpen: 0, refused: {} };

/** Counts over the controllers the register has now. */
export function linkNumbers(registry: DeviceRegistry, fleet: Fleet, guard: { readonly halfOpen: number; readonly refused: ReadonlyMap<string, number> }): LinkNumbers {
  let [online, offline, wrongList, queued, connections] = [0, 0, 0, 0, 0];
  for (const { deviceId } of registry.all()) {
    const device = fleet.device(deviceId);
    if (device === undefined) continue;
    if (device.online) online += 1;
    else offline += 1;
    if (device.connection !== undefined) connections += 1;
    if (device.list !== undefined && device.list.version !== device.have) wrongList += 1;
    queued += device.queued;
  }
  return { online, offline, wrongList, queued, connections, halfOpen: guard.halfOpen, refused: Object.fromEntries(guard.refused) };
}
