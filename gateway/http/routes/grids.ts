import { Type } from 'typebox';
import { closeGrid, openGrid, recutGrid } from '../../register/cut-grid.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { administered, hasGrid } from '../district.ts';
import { needVersion, setVersion } from '../etag.ts';
import { who } from '../guard.ts';
import { told } from '../offices.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { GridChange, GridCut, GridNew, GridView } from '../schemas/offices.ts';
import type { Site } from '../site.ts';
import { inScope, type Viewer } from '../viewer.ts';
import { gridViews } from '../views/office.ts';

async function gridView(site: Site, id: number): Promise<GridView> {
  const found = await site.offices.grids.find(id);
  const [view] = found === undefined ? [] : await gridViews(site, [found]);
  if (view === undefined) throw refusal('NOT_FOUND');
  return view;
}

/** Nobody puts into a grid what he does not administer: its officer would see it. */
function needBuildings(viewer: Viewer, buildingIds: readonly number[]): void {
  if (!buildingIds.every((id) => inScope(viewer, id))) throw refusal('SCOPE_DENIED', { field: 'buildingIds' });
}

async function needArea(site: Site, viewer: Viewer, areaId: number | null | undefined): Promise<void> {
  if (areaId == null) return;
  const area = await site.offices.orgs.area(areaId);
  if (area === undefined || !(await administered(site, viewer)).has(area.orgId)) throw refusal('SCOPE_DENIED', { field: 'areaId' });
  if (area.closedAt !== null) throw refusal('IS_CLOSED', { field: 'areaId' });
}

function openRoutes(app: App, site: Site): void {
  const { offices, deps } = site;

  app.get(
    '/grids',
    { config: may('org', 'R', 'list'), schema: { summary: 'Grids in scope with their versions and posts', response: { 200: Type.Array(GridView), ...PROBLEMS } } },
    async (request) => {
      const mine = await administered(site, who(request));
      const grids = await offices.grids.list();
      const shown = mine.all ? grids : (await Promise.all(grids.map(async (grid) => ((await hasGrid(site, mine, grid.id)) ? [grid] : [])))).flat();
      return gridViews(site, shown);
    },
  );

  app.post(
    '/grids',
    { config: may('org', 'C', 'list'), schema: { summary: 'Open a grid inside one community', body: GridNew, response: { 200: GridView, ...PROBLEMS } } },
    async (request) => {
      const viewer = who(request);
      const { code, name, nameEn = '', areaId = null, buildingIds } = request.body;
      if (!(await administered(site, viewer)).covers(code)) throw refusal('SCOPE_DENIED', { field: 'code' });
      await needArea(site, viewer, areaId);
      needBuildings(viewer, buildingIds);
      const note = () => site.audit.acted(viewer, 'grid-opened', { words: `${code} ${name}` });
      const id = await told(openGrid(deps.register, { code, name, nameEn, areaId, buildingIds }, deps.clock(), note));
      await site.rightsChanged();
      return gridView(site, id);
    },
  );
}

/** Grids and their versions. */
export function gridRoutes(app: App, site: Site): void {
  const { offices, deps } = site;
  openRoutes(app, site);

  app.patch(
    '/grids/:id',
    { config: may('org', 'U', 'grid'), schema: { summary: 'Rename a grid, or put it into an area', params: ById, body: GridChange, response: { 200: GridView, ...PROBLEMS } } },
    async (request, reply) => {
      const viewer = who(request);
      const { id } = request.params;
      const { version } = await gridView(site, id);
      needVersion(request, version);
      await needArea(site, viewer, request.body.areaId);
      await site.audit.acted(viewer, 'grid-changed', { words: `#${id} ${Object.keys(request.body).join(' ')}` });
      if (!(await offices.grids.change(id, version, request.body))) throw refusal('STALE_VERSION');
      await site.rightsChanged();
      const view = await gridView(site, id);
      setVersion(reply, view.version);
      return view;
    },
  );

  app.post(
    '/grids/:id/cut',
    {
      config: may('org', 'U', 'grid'),
      schema: { summary: 'Cut a grid anew from a moment on; the past keeps its own version', params: ById, body: GridCut, response: { 200: GridView, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const { id } = request.params;
      const { buildingIds, fromAt } = request.body;
      const { version, versions } = await gridView(site, id);
      needVersion(request, version);
      // What was in it already may stay, also when somebody above him put it there.
      const had = new Set(versions[0]?.buildingIds ?? []);
      needBuildings(
        viewer,
        buildingIds.filter((building) => !had.has(building)),
      );
      const now = deps.clock();
      const note = () => site.audit.acted(viewer, 'grid-cut', { words: `#${id} ${buildingIds.length}` });
      await told(recutGrid(deps.register, { id, version, buildingIds, fromAt: fromAt ?? now, now }, note));
      await site.rightsChanged();
      return gridView(site, id);
    },
  );

  app.post(
    '/grids/:id/close',
    { config: may('org', 'U', 'grid'), schema: { summary: 'Close a grid on whose posts nobody is', params: ById, response: { 200: GridView, ...PROBLEMS } } },
    async (request) => {
      const viewer = who(request);
      const { id } = request.params;
      const { version } = await gridView(site, id);
      needVersion(request, version);
      await told(closeGrid(deps.register, { id, version }, deps.clock(), () => site.audit.acted(viewer, 'grid-closed', { words: `#${id}` })));
      await site.rightsChanged();
      return gridView(site, id);
    },
  );
}
