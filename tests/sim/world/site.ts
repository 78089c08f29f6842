import { createHash } from 'node:crypto';
import { BuildingId, ControllerId, CredentialId, DoorId, PersonId, TenancyId, UnitId } from '../../../gateway/core/ids.ts';
import type { Random } from '../engine/random.ts';
import type { Register } from './register.ts';

/** Moment the world begins: 2026-11-01 00:00 UTC. */
export const START = Date.UTC(2026, 10, 1);
/** Doors of a world. */
const DOORS = 20;

/** What stands in a site and does not change. */
export interface Site {
  readonly doors: readonly { readonly id: DoorId; readonly controllerId: ControllerId; readonly number: number }[];
  readonly units: readonly { readonly id: UnitId; readonly buildingId: BuildingId }[];
}

/** Ids for new rows; 0 names none. */
function counter(): () => number {
  let last = 0;
  return () => {
    last += 1;
    return last;
  };
}

/** Device id of a controller, and its secret. */
const deviceIdOf = (controllerId: number): string => `sim-d${controllerId}`;
const secretOf = (deviceId: string): Uint8Array => createHash('sha256').update(`secret of ${deviceId}`).digest();

/** Builds 1 to 3 buildings with 20 doors on controllers of up to 8, and enters them in the register. */
export function buildSite(random: Random, register: Register): Site {
  const [nextDoor, nextController, nextUnit] = [counter(), counter(), counter()];
  const buildings = random.whole(1, 3);
  const doors: Site['doors'][number][] = [];
  const units: Site['units'][number][] = [];
  register.write((put) => {
    for (let number = 1; number <= buildings; number += 1) {
      const buildingId = BuildingId(number);
      put('building', { id: buildingId, holdoverDays: random.chance(0.3) ? 0 : null });
      const homes = random.whole(4, 8);
      const own: UnitId[] = [];
      for (let home = 0; home < homes; home += 1) own.push(UnitId(nextUnit()));
      units.push(...own.map((id) => ({ id, buildingId })));
      const most = number === buildings ? DOORS : Math.floor((DOORS * number) / buildings);
      let shared = 0;
      while (doors.length < most) {
        const controllerId = ControllerId(nextController());
        const deviceId = deviceIdOf(controllerId);
        put('controller', { id: controllerId, deviceId, site: 'sim', secretSealed: secretOf(deviceId), retired: false, schedules: [], boardCards: '' });
        for (let place = random.whole(2, 8), door = 1; door <= place && doors.length < most; door += 1) {
          const id = DoorId(nextDoor());
          shared += 1;
          const unitId = shared <= 2 || random.chance(0.3) ? 0 : random.pick(own);
          put('door', { id, buildingId, unitId, openMs: random.pick([3000, 5000, 8000]), lockdownUntil: 0, passbackMs: 0, passbackHard: false, controllerId, number: door });
          doors.push({ id, controllerId, number: door });
        }
      }
    }
  });
  return { doors, units };
}

/** Ids of people, tenancies and cards to come. */
export interface Numbers {
  readonly person: () => PersonId;
  readonly tenancy: () => TenancyId;
  readonly card: () => CredentialId;
}

/** Counts from 1. */
export function numbers(): Numbers {
  const [person, tenancy, card] = [counter(), counter(), counter()];
  return { person: () => PersonId(person()), tenancy: () => TenancyId(tenancy()), card: () => CredentialId(card()) };
}
