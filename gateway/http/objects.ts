import { cardStopsOf } from '../store/card-stops.ts';
import { dataRequestsOf } from '../store/data-requests.ts';
import { doorAlarmsOf } from '../store/door-alarms.ts';
import { serialLinesOf } from '../store/line-list.ts';
import { registrationsOf } from '../store/registrations.ts';
import { purposesOf } from '../store/purposes.ts';
import { tenanciesOf } from '../store/tenancies.ts';
import { workGrantsOf } from '../store/work-grants.ts';
import type { Deps } from './deps.ts';
import { alarmSeen } from './disclosure/door-alarms.ts';
import type { DoorList } from './door-list.ts';
import { officeObjects } from './office-objects.ts';
import type { Offices } from './offices.ts';
import type { ObjectKind } from './permissions.ts';
import { hasCard } from './card-scope.ts';
import { hasDoor, hasUnit, inScope, touches, type Viewer } from './viewer.ts';

/** Does the viewer's scope hold the thing with this row number? False also for what does not exist. */
type InScope = (viewer: Viewer, id: number) => Promise<boolean>;

/** One question for each kind of thing a route may name. */
export type Objects = Readonly<Record<ObjectKind, InScope>>;

/** The guard's answers to "is it his?", before a handler runs. */
export function createObjects(deps: Deps, doorList: DoorList, offices: Offices): Objects {
  const { places, homes, rosters, register } = deps;
  const purposes = purposesOf(register);
  const requests = dataRequestsOf(register);
  const stops = cardStopsOf(register);
  const alarms = doorAlarmsOf(register);
  const work = workGrantsOf(register);
  const tenancies = tenanciesOf(register);
  const registrations = registrationsOf(register);
  const lines = serialLinesOf(register);
  /** Lives, lived, works or worked at a place of the viewer's. */
  const near = async (viewer: Viewer, personId: number): Promise<boolean> =>
    (await homes.homesOfPerson(personId)).some((unit) => hasUnit(viewer, unit)) || (await work.placesOf(personId)).some((id) => inScope(viewer, id));
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
      return viewer.personId === id || (await near(viewer, id));
    },
    async roster(viewer, id) {
      const roster = await rosters.find(id);
      return roster !== undefined && inScope(viewer, roster.buildingId);
    },
    ...officeObjects({ offices, deps }),
    async credential(viewer, id) {
      const card = await stops.owner(id, deps.clock());
      return card !== undefined && hasCard(viewer, card);
    },
    async cardStop(viewer, id) {
      const stop = await stops.find(id);
      return stop !== undefined && hasCard(viewer, stop);
    },
    async workGrant(viewer, id) {
      const buildingId = await work.place(id);
      return buildingId !== undefined && inScope(viewer, buildingId);
    },
    async tenancy(viewer, id) {
      const place = await tenancies.place(id);
      return place !== undefined && hasUnit(viewer, place);
    },
    async occupant(viewer, id) {
      const place = await registrations.place(id);
      return place !== undefined && hasUnit(viewer, place);
    },
    async moveOut(viewer, id) {
      const row = await tenancies.moveOut(id);
      return row !== undefined && hasUnit(viewer, { id: row.unitId, buildingId: row.buildingId });
    },
    async doorAlarm(viewer, id) {
      const alarm = await alarms.find(id);
      return alarm !== undefined && alarmSeen(viewer, alarm, doorList) !== 'none';
    },
    // Whoever has single lines looks at them in the list alone.
    serialLine: async (viewer, id) => viewer.scope.all && (await lines.find(id)) !== undefined,
    lineDevice: async (viewer, id) => viewer.scope.all && (await lines.ofDevice(id)) !== undefined,
    // Whoever supervises has a list of those that are late; a purpose itself is its owner's alone.
    purpose: async (viewer, id) => (await purposes.find(id))?.accountId === viewer.accountId,
    async dataRequest(viewer, id) {
      const row = await requests.find(id);
      return row !== undefined && (viewer.scope.all || (await near(viewer, row.personId)));
    },
  };
}
