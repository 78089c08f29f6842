import { Type } from 'typebox';
import { rightTo } from '../../core/matrix.ts';
import { endLockdown, LockdownRefused, lockDown } from '../../register/lock-down.ts';
import type { DoorRow } from '../../store/places.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { LOCKDOWN_BEGUN, lockdownFor, runningLockdowns } from '../disclosure/lockdowns.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { noteOf } from '../register-note.ts';
import { LockdownBegun, LockdownEnded, LockdownView, LockdownWish } from '../schemas/lockdowns.ts';
import type { Site } from '../site.ts';
import { hasDoor, inScope, seen, type Viewer } from '../viewer.ts';

/** Where a lockdown is: at one door, or at all shared doors of a building. */
interface Where {
  readonly buildingId: number;
  readonly doorId: number | undefined;
  readonly doorIds: readonly number[];
}

/** A landlord's are the shared doors of a building that is wholly his; homes' doors are for officers and the operator, one at a time. */
const mayLockDown = (viewer: Viewer, door: DoorRow): boolean =>
  rightTo('lockdown', viewer.role, 'X')?.form === 'main' ? door.unitId === null && inScope(viewer, door.buildingId) : hasDoor(viewer, door);

function atDoor({ doorList }: Site, viewer: Viewer, id: number): Where {
  const door = seen(viewer, doorList.of(id), (row) => hasDoor(viewer, row));
  if (!mayLockDown(viewer, door)) throw refusal('NOT_ALLOWED');
  return { buildingId: door.buildingId, doorId: door.id, doorIds: [door.id] };
}

/** The doors of homes stay as they are: whoever is in the building can go home and shut his door. */
async function atBuilding({ deps }: Site, viewer: Viewer, id: number): Promise<Where> {
  const doors = (await deps.places.doors(id)).filter(({ unitId }) => unitId === null);
  if (!inScope(viewer, id)) throw refusal('NOT_ALLOWED');
  if (doors.length === 0) throw refusal('BAD_INPUT', { field: 'id', expected: '有公用门的楼 / a building with shared doors' });
  return { buildingId: id, doorId: undefined, doorIds: doors.map((door) => door.id) };
}

/** What the register refuses of a lockdown, as the answer a person gets. */
function lockdownTold(error: unknown): never {
  if (error instanceof LockdownRefused) throw refusal('BAD_INPUT', { field: error.field, expected: error.expected });
  throw error;
}

async function begin(site: Site, viewer: Viewer, where: Where, wish: { readonly minutes: number; readonly reason: string }): Promise<LockdownBegun> {
  const { register, clock } = site.deps;
  const doorIds = [...where.doorIds];
  const until = await lockDown(register, { ...wish, doorIds, now: clock() }, noteOf(site, viewer, { ...where, what: LOCKDOWN_BEGUN })).catch(lockdownTold);
  await site.registerChanged({ buildingId: where.buildingId });
  return { doors: doorIds, until };
}

async function end(site: Site, viewer: Viewer, where: Where): Promise<LockdownEnded> {
  const { register, clock } = site.deps;
  const doors = await endLockdown(register, { doorIds: where.doorIds, now: clock() }, noteOf(site, viewer, { ...where, what: 'lockdown-ended' }));
  await site.registerChanged({ buildingId: where.buildingId });
  return { doors };
}

/** Lockdowns: from outside only duty cards open, from inside everybody leaves. They end by themselves. */
export function lockdownRoutes(app: App, site: Site): void {
  const { places, journal, clock } = site.deps;
  const targets = [
    { of: 'door', path: '/doors/:id/lockdown', what: 'a door', where: async (viewer: Viewer, id: number) => atDoor(site, viewer, id) },
    { of: 'building', path: '/buildings/:id/lockdown', what: 'all shared doors of a building', where: async (viewer: Viewer, id: number) => atBuilding(site, viewer, id) },
  ] as const;

  app.get(
    '/buildings/:id/lockdowns',
    { config: may('door', 'R', 'building'), schema: { summary: 'Lockdowns that run in a building', params: ById, response: { 200: Type.Array(LockdownView), ...PROBLEMS } } },
    async (request) => {
      const viewer = who(request);
      const doors = (await places.doors(request.params.id)).filter((door) => hasDoor(viewer, door));
      const running = runningLockdowns(journal, doors, clock());
      const accounts = await site.onlookers.byIds(running.flatMap(({ entry }) => entry?.person.accountId ?? []));
      return running.map((each) => lockdownFor(viewer, each, accounts));
    },
  );

  for (const { of, path, what, where } of targets) {
    app.post(
      path,
      {
        config: may('lockdown', 'X', of),
        schema: {
          summary: `Put ${what} into lockdown, for 5 to 120 minutes`,
          description:
            'From outside only cards of people on duty open; the exit button opens all the time. It ends by itself. While one runs, another end takes the place of its own.',
          params: ById,
          body: LockdownWish,
          response: { 200: LockdownBegun, ...PROBLEMS },
        },
      },
      async (request) => begin(site, who(request), await where(who(request), request.params.id), request.body),
    );

    app.delete(
      path,
      { config: may('lockdown', 'X', of), schema: { summary: `End the lockdown of ${what} now`, params: ById, response: { 200: LockdownEnded, ...PROBLEMS } } },
      async (request) => end(site, who(request), await where(who(request), request.params.id)),
    );
  }
}
