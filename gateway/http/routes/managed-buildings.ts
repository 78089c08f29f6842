import { Type } from 'typebox';
import type { ManagedRow } from '../../store/grids.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { needVersion, setVersion } from '../etag.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { BuildingChange, ManagedBuilding } from '../schemas/offices.ts';
import type { Site } from '../site.ts';
import { inScope } from '../viewer.ts';
import { postView } from '../views/office.ts';

/** Buildings as the offices see them: management mode, leader, grid (S2.08, S11.06). */
export function managedBuildingRoutes(app: App, site: Site): void {
  const { offices, deps } = site;

  async function views(rows: readonly ManagedRow[]): Promise<ManagedBuilding[]> {
    const now = deps.clock();
    const [grids, posts] = await Promise.all([offices.grids.ofBuildings(now), offices.assignments.posts('building', now)]);
    const leaders = new Map(posts.filter(({ role }) => role === 'BL').map((post) => [post.placeId, post]));
    return rows.map((row) => {
      const leader = leaders.get(row.id);
      return { ...row, gridId: grids.get(row.id) ?? null, leader: leader === undefined ? null : postView(leader) };
    });
  }

  app.get(
    '/managed-buildings',
    { config: may('org', 'R', 'list'), schema: { summary: 'Buildings in scope with mode, leader and grid', response: { 200: Type.Array(ManagedBuilding), ...PROBLEMS } } },
    async (request) => {
      const viewer = who(request);
      return views((await offices.grids.buildings()).filter(({ id }) => inScope(viewer, id)));
    },
  );

  app.patch(
    '/managed-buildings/:id',
    {
      config: may('org', 'U', 'building'),
      schema: { summary: 'Say how a building is managed', params: ById, body: BuildingChange, response: { 200: ManagedBuilding, ...PROBLEMS } },
    },
    async (request, reply) => {
      const viewer = who(request);
      const { id } = request.params;
      const row = await offices.grids.building(id);
      if (row === undefined || !inScope(viewer, id)) throw refusal('NOT_FOUND');
      needVersion(request, row.version);
      await site.audit.acted(viewer, 'building-mode', { buildingId: id, words: request.body.mode });
      if (!(await offices.grids.setMode(id, row.version, request.body.mode))) throw refusal('STALE_VERSION');
      await site.registerChanged({ buildingId: id });
      const [view] = await views([{ ...row, mode: request.body.mode, version: row.version + 1 }]);
      if (view === undefined) throw refusal('NOT_FOUND');
      setVersion(reply, view.version);
      return view;
    },
  );
}
