import { unwireDoor, wireDoor } from '../../register/wire-door.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { who } from '../guard.ts';
import { lineTold } from '../line-told.ts';
import { may } from '../permissions.ts';
import { noteOf } from '../register-note.ts';
import { DoorWiring, LineView } from '../schemas/serial-lines.ts';
import type { Site } from '../site.ts';
import { hasDoor, seen } from '../viewer.ts';

const ANSWER = { 200: LineView, ...PROBLEMS } as const;

/** Which devices of a serial line a door is made of. */
export function doorWiringRoutes(app: App, site: Site): void {
  const { register, doorSide, clock } = site.deps;
  const { lines, view } = site.serial;
  async function changed(buildingId: number): Promise<void> {
    await site.registerChanged({ buildingId });
    site.live.onSerial();
  }

  app.put(
    '/doors/:id/wiring',
    {
      config: may('serialLine', 'U', 'door'),
      schema: {
        summary: 'Make a door of devices of one serial line',
        description: 'It moves to that line. A controller that works it now must be retired first.',
        params: ById,
        body: DoorWiring,
        response: ANSWER,
      },
    },
    async (request) => {
      const viewer = who(request);
      const { id: doorId, buildingId } = seen(viewer, site.doorList.of(request.params.id), (row) => hasDoor(viewer, row));
      const state = doorSide.states().find((each) => each.doorId === doorId);
      const heard = state !== undefined && (state.online || state.have !== '');
      const by = { accountId: viewer.accountId, now: clock(), revoke: site.revoke, seen: heard };
      await wireDoor(register, { doorId, wiring: request.body }, { ...by, note: noteOf(site, viewer, { what: 'door-wired', buildingId, doorId }) }).catch(lineTold);
      await changed(buildingId);
      return view(seen(viewer, await lines.ofDoor(doorId), () => true));
    },
  );

  app.delete(
    '/doors/:id/wiring',
    {
      config: may('serialLine', 'U', 'door'),
      schema: { summary: 'Take a door off its serial line: it waits for a controller', params: ById, response: ANSWER },
    },
    async (request) => {
      const viewer = who(request);
      const { id: doorId, buildingId } = seen(viewer, site.doorList.of(request.params.id), (row) => hasDoor(viewer, row));
      const line = await lines.ofDoor(doorId);
      await unwireDoor(register, doorId, noteOf(site, viewer, { what: 'door-unwired', buildingId, doorId })).catch(lineTold);
      await changed(buildingId);
      return view(seen(viewer, line && (await lines.find(line.id)), () => true));
    },
  );
}
