import { Type } from 'typebox';
import { below } from '../../core/org-tree.ts';
import { changeOffice, openOffice } from '../../register/change-office.ts';
import { closeOffice } from '../../register/close-office.ts';
import { cover, type CoverWish, endCover } from '../../register/cover.ts';
import { type App, ById, PROBLEMS, RowId } from '../app-type.ts';
import { administered } from '../district.ts';
import { needVersion, setVersion } from '../etag.ts';
import { who } from '../guard.ts';
import { told } from '../offices.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { CoverNew, OrgChange, OrgNew, OrgView } from '../schemas/offices.ts';
import type { Site } from '../site.ts';
import { inScope, type Viewer } from '../viewer.ts';
import { orgViews } from '../views/office.ts';

const ByCover = Type.Object({ id: RowId, cover: RowId });

/** One office, changed only by somebody above it: whoever is assigned to it does not widen what he is assigned to. */
async function needBelow(site: Site, viewer: Viewer, orgId: number): Promise<void> {
  if (!(await administered(site, viewer)).below(orgId)) throw refusal('NOT_ALLOWED');
}

async function officeView(site: Site, id: number): Promise<OrgView> {
  const found = await site.offices.orgs.find(id);
  const [view] = found === undefined ? [] : await orgViews(site, [found]);
  if (view === undefined) throw refusal('NOT_FOUND');
  return view;
}

/** A cover within what the viewer administers himself. */
async function needGivesCover(site: Site, viewer: Viewer, { divisionCode, buildingId }: CoverWish): Promise<void> {
  const mine = await administered(site, viewer);
  if (divisionCode !== null && !mine.covers(divisionCode)) throw refusal('SCOPE_DENIED', { field: 'divisionCode' });
  if (buildingId !== null && !inScope(viewer, buildingId)) throw refusal('SCOPE_DENIED', { field: 'buildingId' });
}

function coverRoutes(app: App, site: Site): void {
  const { clock, register } = site.deps;

  app.post(
    '/offices/:id/covers',
    {
      config: may('org', 'U', 'org'),
      schema: { summary: 'Give an office a division or a single building to look after', params: ById, body: CoverNew, response: { 200: OrgView, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const { id } = request.params;
      const { divisionCode, buildingId, fromAt, untilAt } = request.body;
      const wish: CoverWish = { divisionCode: divisionCode ?? null, buildingId: buildingId ?? null, fromAt: fromAt ?? clock(), untilAt: untilAt ?? null };
      await needBelow(site, viewer, id);
      await needGivesCover(site, viewer, wish);
      await told(cover(register, id, wish, () => site.audit.acted(viewer, 'office-cover', { words: `#${id} ${divisionCode ?? `building ${buildingId}`}` })));
      await site.rightsChanged();
      return officeView(site, id);
    },
  );

  app.post(
    '/offices/:id/covers/:cover/end',
    { config: may('org', 'U', 'org'), schema: { summary: 'An office looks after this no more, from now on', params: ByCover, response: { 200: OrgView, ...PROBLEMS } } },
    async (request) => {
      const viewer = who(request);
      const { id, cover: coverId } = request.params;
      await needBelow(site, viewer, id);
      const note = () => site.audit.acted(viewer, 'office-cover-ended', { words: `#${id} ${coverId}` });
      await told(endCover(register, id, coverId, { now: clock(), note }));
      await site.rightsChanged();
      return officeView(site, id);
    },
  );
}

/** Opening and changing offices. */
function treeRoutes(app: App, site: Site): void {
  const { register } = site.deps;

  app.post('/offices', { config: may('org', 'C', 'list'), schema: { summary: 'Open an office', body: OrgNew, response: { 200: OrgView, ...PROBLEMS } } }, async (request) => {
    const viewer = who(request);
    const { parentId, kind, name, nameEn = '' } = request.body;
    if (!(await administered(site, viewer)).has(parentId)) throw refusal('SCOPE_DENIED', { field: 'parentId' });
    const id = await told(openOffice(register, { parentId, kind, name, nameEn }, () => site.audit.acted(viewer, 'office-opened', { words: name })));
    await site.rightsChanged();
    return officeView(site, id);
  });

  app.patch(
    '/offices/:id',
    {
      config: may('org', 'U', 'org'),
      schema: { summary: 'Rename an office, or move it with all below it', params: ById, body: OrgChange, response: { 200: OrgView, ...PROBLEMS } },
    },
    async (request, reply) => {
      const viewer = who(request);
      const { id } = request.params;
      await needBelow(site, viewer, id);
      const { parentId } = request.body;
      if (parentId !== undefined && !(await administered(site, viewer)).has(parentId)) throw refusal('SCOPE_DENIED', { field: 'parentId' });
      const { version } = await officeView(site, id);
      needVersion(request, version);
      const note = () => site.audit.acted(viewer, 'office-changed', { words: `#${id} ${Object.keys(request.body).join(' ')}` });
      await told(changeOffice(register, { id, version }, request.body, note));
      await site.rightsChanged();
      const view = await officeView(site, id);
      setVersion(reply, view.version);
      return view;
    },
  );
}

/** The organisation tree and what each office looks after. */
export function officeRoutes(app: App, site: Site): void {
  const { offices, deps } = site;
  treeRoutes(app, site);
  coverRoutes(app, site);

  app.get(
    '/offices',
    { config: may('org', 'R', 'list'), schema: { summary: 'Offices in scope, closed ones too', response: { 200: Type.Array(OrgView), ...PROBLEMS } } },
    async (request) => {
      const mine = await administered(site, who(request));
      const tree = await offices.orgs.tree();
      const shown = below(tree, mine.district.tops);
      return orgViews(site, mine.all ? tree : tree.filter(({ id }) => shown.has(id)));
    },
  );

  app.post(
    '/offices/:id/close',
    { config: may('org', 'U', 'org'), schema: { summary: 'Close an office on which nothing open hangs', params: ById, response: { 200: OrgView, ...PROBLEMS } } },
    async (request) => {
      const viewer = who(request);
      const { id } = request.params;
      await needBelow(site, viewer, id);
      const { version } = await officeView(site, id);
      needVersion(request, version);
      await told(closeOffice(deps.register, { id, version }, deps.clock(), () => site.audit.acted(viewer, 'office-closed', { words: `#${id}` })));
      await site.rightsChanged();
      return officeView(site, id);
    },
  );
}
