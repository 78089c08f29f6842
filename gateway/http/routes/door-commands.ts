import { Type } from 'typebox';
import { DoorId } from '../../core/ids.ts';
import { rightTo } from '../../core/matrix.ts';
import type { DoorRow } from '../../store/places.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { CommandWish, DoorAnswered, UnlockWish } from '../schemas/door-commands.ts';
import type { Site } from '../site.ts';
import { hasDoor, inScope, seen, type Viewer } from '../viewer.ts';

/** Which doors the right is for: a landlord's are the shared ones of his building, never a home's; the operator's only those of the demo (domain.md 5.8). */
function mayUnlock(viewer: Viewer, door: DoorRow, demo: boolean): boolean {
  const form = rightTo('remoteUnlock', viewer.role, 'X')?.form;
  return form === 'main' ? door.unitId === null : form === 'test' && demo;
}

/** The operator any door; a landlord, whose building it is as a whole, locks and identifies its shared doors and restarts none. */
const mayCommand = (viewer: Viewer, door: DoorRow, what: CommandWish['what']): boolean =>
  viewer.role === 'SA' || (what !== 'restart' && door.unitId === null && inScope(viewer, door.buildingId));

/**
 * A person's orders to a door. Each is written down before and after by the door side (`gateway/door-side.ts`, order).
 * What the door does not carry out within seconds is over: nothing is kept for later.
 */
export function doorCommandRoutes(app: App, { deps: { config, doorSide }, doorList }: Site): void {
  const doorOf = (viewer: Viewer, id: number): DoorRow => seen(viewer, doorList.of(id), (door) => hasDoor(viewer, door));

  app.post(
    '/doors/:id/unlock',
    {
      config: may('remoteUnlock', 'X', 'door', { only: ['SA', 'LL'] }),
      schema: {
        summary: 'Open a shared door, for its usual time or for so many seconds',
        params: ById,
        body: Type.Union([UnlockWish, Type.Null()]),
        response: { 200: DoorAnswered, ...PROBLEMS },
      },
    },
    async (request) => {
      const viewer = who(request);
      const door = doorOf(viewer, request.params.id);
      if (!mayUnlock(viewer, door, config.demo)) throw refusal('NOT_ALLOWED');
      const { seconds } = request.body ?? {};
      const openMs = seconds === undefined ? door.openMs : seconds * 1000;
      return { result: await doorSide.command(DoorId(door.id), { what: 'unlock', openMs }, viewer.accountId) };
    },
  );

  app.post(
    '/doors/:id/commands',
    {
      config: may('door', 'U', 'door'),
      schema: {
        summary: 'Lock a door now, have it show which one it is, or restart its controller',
        description: 'Done, or over within seconds: with expired and offline nothing happened, and nothing is kept for later.',
        params: ById,
        body: CommandWish,
        response: { 200: DoorAnswered, ...PROBLEMS },
      },
    },
    async (request) => {
      const viewer = who(request);
      const door = doorOf(viewer, request.params.id);
      const { what } = request.body;
      if (!mayCommand(viewer, door, what)) throw refusal('NOT_ALLOWED');
      return { result: await doorSide.command(DoorId(door.id), { what, openMs: 0 }, viewer.accountId) };
    },
  );
}
