import { createFleet as createReally, type Fleet } from '../../../gateway/doors/fleet.ts';
import type { DeviceRegistry } from '../../../gateway/doors/registry.ts';

let newest: Fleet | undefined;
let looks = 0;

/** The fleet of the gateway that runs, for checkers. */
export const fleetNow = (): Fleet | undefined => newest;
/** How often somebody went through all devices: the sweep does, every second. */
export const fleetLooks = (): number => looks;

export function createFleet(registry: DeviceRegistry, now: () => number): Fleet {
  const fleet = createReally(registry, now);
  newest = {
    ...fleet,
    all() {
      looks += 1;
      return fleet.all();
    },
  };
  return newest;
}
