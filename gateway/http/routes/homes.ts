import type { FloorPlan } from '../../core/room-plan.ts';
import { renameUnit, setUse } from '../../register/change-unit.ts';
import { addUnit, makeFloors, plannedHomes } from '../../register/make-units.ts';
import { homeFacts } from '../../store/home-facts.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { needVersion, setVersion } from '../etag.ts';
import { who } from '../guard.ts';
import { homeTold } from '../home-told.ts';
import { may } from '../permissions.ts';
import { noteOf } from '../register-note.ts';
import { FloorsBody, FloorsMade, FloorsPreview, FloorsQuery, HomeFacts, RoomBody, UnitAdd, UseBody } from '../schemas/homes.ts';
import type { Site } from '../site.ts';
import { hasUnit, inScope, seen, type Viewer } from '../viewer.ts';

const skipOf = (text: string | undefined): number[] => (text === undefined ? [] : text.split(',').map(Number));

/** Making homes: whole floors, or one. */
function makingRoutes(app: App, site: Site): void {
  const { register, places } = site.deps;
  /** The building, when all of it is the viewer's: a single home of it gives nobody the others to make. */
  const wholeBuilding = async (viewer: Viewer, id: number): Promise<number> => seen(viewer, await places.building(id), (row) => inScope(viewer, row.id)).id;

  app.get(
    '/buildings/:id/floors',
    {
      config: may('building', 'C', 'building'),
      schema: {
        summary: 'The homes that floors would make, with their numbers; nothing is made',
        params: ById,
        querystring: FloorsQuery,
        response: { 200: FloorsPreview, ...PROBLEMS },
      },
    },
    async (request) => {
      const viewer = who(request);
      const buildingId = await wholeBuilding(viewer, request.params.id);
      const { from, to, perFloor, digits = 2, skip } = request.query;
      const homes = await plannedHomes(register, buildingId, { from, to, perFloor, digits, skip: skipOf(skip) }).catch(homeTold);
      const fresh = homes.filter(({ there }) => !there).length;
      const floors = [...new Set(homes.map(({ floor }) => floor))];
      return { fresh, there: homes.length - fresh, floors: floors.map((floor) => ({ floor, rooms: homes.filter((each) => each.floor === floor).map(({ room }) => room) })) };
    },
  );

  app.post(
    '/buildings/:id/floors',
    {
      config: may('building', 'C', 'building'),
      schema: { summary: 'Make the homes of several floors; those that are there stay as they are', params: ById, body: FloorsBody, response: { 200: FloorsMade, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const buildingId = await wholeBuilding(viewer, request.params.id);
      const { from, to, perFloor, digits = 2, skip = [], use = 'let' } = request.body;
      const plan: FloorPlan = { from, to, perFloor, digits, skip };
      const made = await makeFloors(register, { buildingId, plan, use }, noteOf(site, viewer, { what: 'homes-made', buildingId })).catch(homeTold);
      await site.registerChanged({ buildingId });
      return { made };
    },
  );

  app.post(
    '/buildings/:id/units',
    {
      config: may('building', 'C', 'building'),
      schema: { summary: 'Add one home', params: ById, body: UnitAdd, response: { 200: HomeFacts, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const buildingId = await wholeBuilding(viewer, request.params.id);
      const { room, use = 'let' } = request.body;
      const id = await addUnit(register, { buildingId, room, use }, noteOf(site, viewer, { what: 'home-added', buildingId })).catch(homeTold);
      await site.registerChanged({ buildingId });
      return seen(viewer, await homeFacts(register, id), (row) => hasUnit(viewer, row));
    },
  );
}

/** Homes as facts of their building. */
export function homeRoutes(app: App, site: Site): void {
  makingRoutes(app, site);
  const { register, clock } = site.deps;
  const factsOf = async (viewer: Viewer, id: number): Promise<HomeFacts> => seen(viewer, await homeFacts(register, id), (row) => hasUnit(viewer, row));

  app.get(
    '/units/:id/facts',
    {
      config: may('building', 'R', 'unit'),
      schema: { summary: 'A home without its people: number and use', params: ById, response: { 200: HomeFacts, ...PROBLEMS } },
    },
    async (request, reply) => {
      const facts = await factsOf(who(request), request.params.id);
      setVersion(reply, facts.version);
      return facts;
    },
  );

  app.put(
    '/units/:id/room',
    {
      config: may('building', 'U', 'unit'),
      schema: { summary: 'Put the number of a home right; tenancies, doors and keys stay with it', params: ById, body: RoomBody, response: { 200: HomeFacts, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const { id, buildingId, version } = await factsOf(viewer, request.params.id);
      needVersion(request, version);
      await renameUnit(register, { id, version }, request.body.room, noteOf(site, viewer, { what: 'home-renamed', buildingId })).catch(homeTold);
      await site.registerChanged({ buildingId });
      return factsOf(viewer, id);
    },
  );

  app.put(
    '/units/:id/use',
    {
      config: may('building', 'U', 'unit'),
      schema: { summary: 'Say what a home is for', params: ById, body: UseBody, response: { 200: HomeFacts, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const { id, buildingId, version } = await factsOf(viewer, request.params.id);
      needVersion(request, version);
      const note = noteOf(site, viewer, { what: 'home-use', buildingId });
      await setUse(register, { id, version }, request.body.use, { now: clock(), note }).catch(homeTold);
      await site.registerChanged({ buildingId });
      return factsOf(viewer, id);
    },
  );
}
