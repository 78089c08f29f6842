import { Type } from 'typebox';
import { tenanciesOf } from '../../store/tenancies.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { who } from '../guard.ts';
import { openedToday } from '../opened-today.ts';
import { may } from '../permissions.ts';
import { BuildingSummary, BuildingView, DoorView, UnitView } from '../schemas/places.ts';
import { LedgerLine } from '../schemas/ledger.ts';
import type { Site } from '../site.ts';
import { hasDoor, hasUnit, seen, touches, type Viewer } from '../viewer.ts';
import { buildingSummary, buildingView, doorView, doorViews } from '../views/building.ts';
import { tenancyViews, unitTile } from '../views/unit.ts';

const DoorPage = Type.Object({ door: DoorView, building: BuildingSummary, lines: Type.Array(LedgerLine) });
const DOOR_LINES = 50;

const buildingOf = async ({ deps }: Site, viewer: Viewer, id: number) => seen(viewer, await deps.places.building(id), (row) => touches(viewer, row.id));

/** Buildings and the homes in them. */
export function placeRoutes(app: App, site: Site): void {
  const { places, homes, doorSide, journal, clock, register } = site.deps;
  const tenancies = tenanciesOf(register);

  app.get(
    '/buildings',
    {
      config: may('building', 'R', 'list'),
      schema: { summary: 'Buildings in scope', response: { 200: Type.Array(BuildingSummary), ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      return (await places.buildings()).filter(({ id }) => touches(viewer, id)).map(buildingSummary);
    },
  );

  app.get(
    '/buildings/:id',
    {
      config: may('building', 'R', 'building'),
      schema: { summary: 'A building as a stack of floors, with its doors', params: ById, response: { 200: BuildingView, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const building = await buildingOf(site, viewer, request.params.id);
      const [allUnits, allDoors] = await Promise.all([homes.units(building.id), places.doors(building.id)]);
      const units = allUnits.filter((unit) => hasUnit(viewer, unit));
      const doors = allDoors.filter((door) => hasDoor(viewer, door));
      const opened = openedToday(journal, viewer, { buildingId: building.id, now: clock() });
      return buildingView(viewer, { building, units, doors, states: doorSide.states(), openedToday: opened }, clock());
    },
  );

  app.get(
    '/units/:id',
    {
      config: may('occupants', 'R', 'unit'),
      schema: { summary: 'A home: tenancies, people, credentials. Each look is noted.', params: ById, response: { 200: UnitView, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const sheet = seen(viewer, await homes.unitSheet(request.params.id), ({ unit }) => hasUnit(viewer, unit));
      const building = await buildingOf(site, viewer, sheet.unit.buildingId);
      const doors = (await places.doors(building.id)).filter(({ unitId }) => unitId === null || unitId === sheet.unit.id);
      const shown = sheet.people.map(({ id }) => ({ personId: id, unitId: sheet.unit.id, buildingId: building.id }));
      await site.looks.noted(viewer, { what: 'viewed' }, shown);
      return {
        unit: unitTile(viewer, sheet.unit, building.holdoverDays, clock()),
        building: buildingSummary(building),
        tenancies: tenancyViews(viewer, sheet, { building, moveOuts: await tenancies.moveOutsOfUnit(sheet.unit.id) }, clock()),
        doors: doorViews(viewer.role, doors, doorSide.states(), clock()),
      };
    },
  );
}

/** A door: its state and latest lines. */
export function doorRoutes(app: App, site: Site): void {
  const { doorSide, clock } = site.deps;
  const doorOf = (viewer: Viewer, id: number) => seen(viewer, site.doorList.of(id), (door) => hasDoor(viewer, door));

  app.get(
    '/doors/:id',
    {
      config: may('door', 'R', 'door'),
      schema: { summary: 'A door with its latest lines', params: ById, response: { 200: DoorPage, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const door = doorOf(viewer, request.params.id);
      const building = await buildingOf(site, viewer, door.buildingId);
      const { lines } = site.ledger.page(viewer, { doorId: door.id }, DOOR_LINES);
      return { door: doorView(viewer.role, door, doorSide.states(), clock()), building: buildingSummary(building), lines };
    },
  );
}
