import { BuildingId, DoorId } from '../../core/ids.ts';
import { eventOf, NO_PERSON } from '../../journal/entry.ts';
import { doorRulesOf } from '../../store/door-rules.ts';
import type { DoorRow } from '../../store/places.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { placeTold } from '../place-told.ts';
import { refusal } from '../problem.ts';
import { BoardLoginMade, BoardLoginWish, ControllerRetired, ControllerView, EnrolOffer } from '../schemas/enrolment.ts';
import type { Site } from '../site.ts';
import { hasDoor, inScope, seen, type Viewer } from '../viewer.ts';

const FITTER = may('door', 'U', 'door');

/** A shared door is fitted by whoever has the whole building, that of a home by whoever has the home. */
const isFitter = (viewer: Viewer, door: DoorRow): boolean => (door.unitId === null ? inScope(viewer, door.buildingId) : hasDoor(viewer, door));

/** The door, when its controller is this viewer's to fit: one that works other doors too is of whoever has them all. */
async function doorOf({ doorList, deps }: Site, viewer: Viewer, id: number): Promise<DoorRow> {
  const door = seen(viewer, doorList.of(id), (row) => hasDoor(viewer, row));
  const neighbours = (await doorRulesOf(deps.register).of(door.id))?.neighbours ?? [];
  const others = neighbours.map((neighbour) => doorList.of(neighbour.id));
  if (![door, ...others].every((each) => each !== undefined && isFitter(viewer, each))) throw refusal('NOT_ALLOWED');
  return door;
}
const by = ({ deps }: Site, { accountId }: Viewer) => ({ accountId: accountId === 0 ? null : accountId, now: deps.clock() });

interface Noted {
  readonly what: 'code-made' | 'board-login' | 'controller-out';
  readonly door: { readonly id: number; readonly buildingId: number };
  readonly device: string;
}

/** The register has changed already, so a log that is down does not undo it: entry 0 says so. */
async function noted({ deps: { doorSide, clock, onError } }: Site, viewer: Viewer, { what, door, device }: Noted): Promise<number> {
  const event = eventOf({ kind: 'register', what, buildingId: BuildingId(door.buildingId), doorId: DoorId(door.id), gatewayTime: clock() });
  try {
    return (await doorSide.append({ event, person: { ...NO_PERSON, accountId: viewer.accountId, words: device } })).index;
  } catch (error) {
    onError(error, `entry of ${what}`);
    return 0;
  }
}

/** The login of an esp-rfid board, which takes the place of a code. */
function boardRoutes(app: App, site: Site): void {
  app.post(
    '/doors/:id/controller/board-login',
    {
      config: { ...FITTER, shownOnce: true },
      schema: {
        summary: 'A new password for the esp-rfid board of a door, told once',
        description: 'The one before ends at once. With `cards` the door gets a board in the place of a native controller that is not in service.',
        params: ById,
        body: BoardLoginWish,
        response: { 200: BoardLoginMade, ...PROBLEMS },
      },
    },
    async (request) => {
      const viewer = who(request);
      const door = await doorOf(site, viewer, request.params.id);
      const login = await site.enrolment.boardLogin(door.id, { ...by(site, viewer), cards: request.body.cards }).catch(placeTold);
      await site.registerChanged({ buildingId: door.buildingId });
      await noted(site, viewer, { what: 'board-login', door, device: login.user });
      return login;
    },
  );
}

/** Fitting, replacing and retiring the controller of a door. */
export function controllerRoutes(app: App, site: Site): void {
  boardRoutes(app, site);
  const { clock } = site.deps;

  app.get(
    '/doors/:id/controller',
    { config: FITTER, schema: { summary: 'The controller of a door', params: ById, response: { 200: ControllerView, ...PROBLEMS } } },
    async (request) => {
      const viewer = who(request);
      return seen(viewer, await site.enrolment.look((await doorOf(site, viewer, request.params.id)).id, clock()), () => true);
    },
  );

  app.post(
    '/doors/:id/controller/codes',
    {
      config: { ...FITTER, shownOnce: true },
      schema: {
        summary: 'A one-time code for the controller of a door, good for 15 minutes',
        description: 'One that is open is cancelled. The device that is there goes on until another trades the code.',
        params: ById,
        response: { 200: EnrolOffer, ...PROBLEMS },
      },
    },
    async (request) => {
      const viewer = who(request);
      const door = await doorOf(site, viewer, request.params.id);
      const offer = await site.enrolment.offer(door.id, by(site, viewer)).catch(placeTold);
      await noted(site, viewer, { what: 'code-made', door, device: offer.device });
      return offer;
    },
  );

  app.post(
    '/doors/:id/controller/retire',
    { config: FITTER, schema: { summary: 'Take the controller of a door out of service, at once', params: ById, response: { 200: ControllerRetired, ...PROBLEMS } } },
    async (request) => {
      const viewer = who(request);
      const door = await doorOf(site, viewer, request.params.id);
      const { device } = await site.enrolment.retire(door.id, by(site, viewer)).catch(placeTold);
      await site.registerChanged({ buildingId: door.buildingId });
      return { device, entry: await noted(site, viewer, { what: 'controller-out', door, device }) };
    },
  );
}
