import { BuildingId, DoorId } from '../../core/ids.ts';
import { eventOf, NO_PERSON } from '../../journal/entry.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { placeTold } from '../place-told.ts';
import { BuildingAdd, BuildingAdded, DoorFit, DoorFitted } from '../schemas/places.ts';
import type { Site } from '../site.ts';
import { hasDoor, inScope, seen, type Viewer } from '../viewer.ts';
import { buildingSummary, doorView } from '../views/building.ts';

interface Added {
  readonly what: 'building-added' | 'door-fitted';
  readonly buildingId: number;
  readonly doorId?: number;
  readonly code: string;
}

/** Tells the doors and the consoles, then writes it down. The register has changed already, so a log that is down does not undo it: entry 0 says so. */
async function note(site: Site, viewer: Viewer, { what, buildingId, doorId, code }: Added): Promise<number> {
  const { doorSide, clock, onError } = site.deps;
  await site.registerChanged({ buildingId });
  const event = eventOf({ kind: 'register', what, buildingId: BuildingId(buildingId), doorId: doorId === undefined ? 0 : DoorId(doorId), gatewayTime: clock() });
  try {
    return (await doorSide.append({ event, person: { ...NO_PERSON, accountId: viewer.accountId, words: code } })).index;
  } catch (error) {
    onError(error, `entry of ${what}`);
    return 0;
  }
}

/** Making a building, and fitting its doors. */
export function newPlaceRoutes(app: App, site: Site): void {
  const { places, filing, doorSide, clock } = site.deps;

  app.post(
    '/buildings',
    {
      config: may('building', 'C', 'site', { only: ['SA'] }),
      schema: { summary: 'Add a building', body: BuildingAdd, response: { 200: BuildingAdded, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const wish = { nameEn: '', address: '', mode: 'scattered', readerBits: 32, readerOrder: 'msb', ...request.body } as const;
      const { id, code, site: siteId } = await filing.building(wish).catch(placeTold);
      const building = seen(viewer, await places.building(id), (row) => inScope(viewer, row.id));
      // Lines that were configured before there was a building to have them.
      await site.serial.enterConfigured();
      const entry = await note(site, viewer, { what: 'building-added', buildingId: id, code });
      return { building: buildingSummary(building), site: siteId, entry };
    },
  );

  app.post(
    '/buildings/:id/doors',
    {
      config: may('door', 'U', 'building', { only: ['SA'] }),
      schema: { summary: 'Add a door, which waits for a controller', params: ById, body: DoorFit, response: { 200: DoorFitted, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const building = seen(viewer, await places.building(request.params.id), (row) => inScope(viewer, row.id));
      const { id, code, ...controller } = await filing.door({ nameEn: '', ...request.body, buildingId: building.id }).catch(placeTold);
      const entry = await note(site, viewer, { what: 'door-fitted', buildingId: building.id, doorId: id, code });
      const door = seen(viewer, site.doorList.of(id), (row) => hasDoor(viewer, row));
      return { door: doorView(viewer.role, door, doorSide.states(), clock()), ...controller, entry };
    },
  );
}
