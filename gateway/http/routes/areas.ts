import { Type } from 'typebox';
import { closeArea } from '../../register/close-office.ts';
import type { AreaRow } from '../../store/orgs.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { administered } from '../district.ts';
import { needVersion, setVersion } from '../etag.ts';
import { who } from '../guard.ts';
import { told } from '../offices.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { AreaChange, AreaNew, AreaView } from '../schemas/offices.ts';
import type { Site } from '../site.ts';
import { seen, type Viewer } from '../viewer.ts';

/** The area of a route, when it belongs to one of the viewer's offices. */
async function areaOf(site: Site, viewer: Viewer, id: number): Promise<AreaRow> {
  const mine = await administered(site, viewer);
  return seen(viewer, await site.offices.orgs.area(id), ({ orgId }) => mine.has(orgId));
}

/** Areas above grids (S12.06). */
export function areaRoutes(app: App, site: Site): void {
  const { offices, deps } = site;

  app.get('/areas', { config: may('org', 'R', 'list'), schema: { summary: 'Areas in scope', response: { 200: Type.Array(AreaView), ...PROBLEMS } } }, async (request) => {
    const mine = await administered(site, who(request));
    return (await offices.orgs.areas()).filter(({ orgId }) => mine.has(orgId));
  });

  app.post('/areas', { config: may('org', 'C', 'list'), schema: { summary: 'Make an area', body: AreaNew, response: { 200: AreaView, ...PROBLEMS } } }, async (request) => {
    const viewer = who(request);
    const { code, orgId, name, nameEn = '' } = request.body;
    const org = await offices.orgs.find(orgId);
    if (org === undefined || !(await administered(site, viewer)).has(orgId)) throw refusal('SCOPE_DENIED', { field: 'orgId' });
    if (org.closedAt !== null) throw refusal('IS_CLOSED', { field: 'orgId' });
    await site.audit.acted(viewer, 'area-made', { words: `${code} ${name}` });
    const id = await offices.orgs.addArea({ code, orgId, name, nameEn });
    if (id === undefined) throw refusal('TAKEN', { field: 'code' });
    return areaOf(site, viewer, id);
  });

  app.patch(
    '/areas/:id',
    { config: may('org', 'U', 'list'), schema: { summary: 'Rename an area', params: ById, body: AreaChange, response: { 200: AreaView, ...PROBLEMS } } },
    async (request, reply) => {
      const viewer = who(request);
      const { id, version } = await areaOf(site, viewer, request.params.id);
      needVersion(request, version);
      await site.audit.acted(viewer, 'area-changed', { words: `#${id}` });
      if (!(await offices.orgs.changeArea(id, version, request.body))) throw refusal('STALE_VERSION');
      const area = await areaOf(site, viewer, id);
      setVersion(reply, area.version);
      return area;
    },
  );

  app.post(
    '/areas/:id/close',
    { config: may('org', 'U', 'list'), schema: { summary: 'Close an area without open grids', params: ById, response: { 200: AreaView, ...PROBLEMS } } },
    async (request) => {
      const viewer = who(request);
      const { id, version } = await areaOf(site, viewer, request.params.id);
      needVersion(request, version);
      await told(closeArea(deps.register, { id, version }, deps.clock(), () => site.audit.acted(viewer, 'area-closed', { words: `#${id}` })));
      await site.rightsChanged();
      return areaOf(site, viewer, id);
    },
  );
}
