import type { Deps } from './deps.ts';
import type { DoorList } from './door-list.ts';
import type { ObjectKind } from './permissions.ts';
import { hasDoor, hasUnit, inScope, touches, type Viewer } from './viewer.ts';

/** Does the viewer's scope hold the thing with this row number? False also for what does not exist. */
type InScope = (viewer: Viewer, id: number) => Promise<boolean>;

/** One question for each kind of thing a route may name. */
export type Objects = Readonly<Record<ObjectKind, InScope>>;

/** The guard's answers to "is it his?", before a handler runs. */
export function createObjects({ places, homes, rosters }: Deps, doorList: DoorList): Objects {
  const everywhere: InScope = async (viewer) => viewer.scope.all;
  return {
    building: async (viewer, id) => touches(viewer, id) && (await places.building(id)) !== undefined,
    async unit(viewer, id) {
      const unit = await homes.unitPlace(id);
      return unit !== undefined && hasUnit(viewer, unit);
    },
    async door(viewer, id) {
      const door = doorList.of(id);
      return door !== undefined && hasDoor(viewer, door);
    },
    async person(viewer, id) {
      return viewer.personId === id || (await homes.homesOfPerson(id)).some((unit) => hasUnit(viewer, unit));
    },
    async roster(viewer, id) {
      const roster = await rosters.find(id);
      return roster !== undefined && inScope(viewer, roster.buildingId);
    },
    account: everywhere,
    org: everywhere,
    grid: everywhere,
    purpose: everywhere,
    pendingAct: everywhere,
    dataRequest: everywhere,
  };
}
