import { Type } from 'typebox';
import { rightTo } from '../../core/matrix.ts';
import { writeWeek } from '../../register/week-hours.ts';
import { addSchedule, changeSchedule, dropSchedule } from '../../register/edit-schedules.ts';
import { doorRulesOf, type ScheduleRow } from '../../store/door-rules.ts';
import { planOf } from '../../store/plan-text.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { needVersion } from '../etag.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { noteOf } from '../register-note.ts';
import { contentVersion, ruleTold } from '../rule-told.ts';
import { ScheduleBody, SchedulePage } from '../schemas/door-rules.ts';
import type { Site } from '../site.ts';
import { inScope, seen, type Viewer } from '../viewer.ts';

const WRITE = may('door', 'U', 'building');
const ByNumber = Type.Object({ id: ById.properties.id, number: Type.Integer({ minimum: 1, maximum: 255 }) });

type SiteRow = NonNullable<Awaited<ReturnType<ReturnType<typeof doorRulesOf>['site']>>>;

const versionOf = ({ name, week }: ScheduleRow): number => contentVersion({ name, week });
const mayWrite = (viewer: Viewer, { buildings }: SiteRow): boolean => rightTo('door', viewer.role, 'U') !== undefined && buildings.every((id) => inScope(viewer, id));

/** A site as a viewer may see it, and change it. */
function sites(site: Site) {
  const rows = doorRulesOf(site.deps.register);
  const siteOf = async (viewer: Viewer, buildingId: number): Promise<SiteRow> => seen(viewer, await rows.site(buildingId), () => true);

  async function page(viewer: Viewer, buildingId: number): Promise<SchedulePage> {
    const here = await siteOf(viewer, buildingId);
    const used = await rows.used(here.id);
    const schedules = here.schedules.map((row) => ({ number: row.number, name: row.name, days: writeWeek(planOf(row.week)), version: versionOf(row), used: used.has(row.number) }));
    return { schedules, mayWrite: mayWrite(viewer, here) };
  }

  /** The site, when all of it is this viewer's to change. */
  async function writable(viewer: Viewer, buildingId: number): Promise<SiteRow> {
    const here = await siteOf(viewer, buildingId);
    if (!mayWrite(viewer, here)) throw refusal('NOT_ALLOWED');
    return here;
  }

  async function numbered(viewer: Viewer, buildingId: number, number: number): Promise<SiteRow & { readonly row: ScheduleRow }> {
    const here = await writable(viewer, buildingId);
    return {
      ...here,
      row: seen(
        viewer,
        here.schedules.find((each) => each.number === number),
        () => true,
      ),
    };
  }

  async function changed({ buildings }: SiteRow, viewer: Viewer, buildingId: number): Promise<SchedulePage> {
    for (const id of buildings) await site.registerChanged({ buildingId: id });
    return page(viewer, buildingId);
  }

  return { page, writable, numbered, changed };
}

/** The hours of a site that doors and working people go by. */
export function scheduleRoutes(app: App, site: Site): void {
  const { register } = site.deps;
  const { page, writable, numbered, changed } = sites(site);

  app.get(
    '/buildings/:id/schedules',
    { config: may('door', 'R', 'building'), schema: { summary: 'The schedules of the site of a building', params: ById, response: { 200: SchedulePage, ...PROBLEMS } } },
    async (request) => page(who(request), request.params.id),
  );

  app.post(
    '/buildings/:id/schedules',
    { config: WRITE, schema: { summary: 'Add a schedule', params: ById, body: ScheduleBody, response: { 200: SchedulePage, ...PROBLEMS } } },
    async (request) => {
      const [viewer, { id }] = [who(request), request.params];
      const here = await writable(viewer, id);
      await addSchedule(register, here.id, request.body, noteOf(site, viewer, { what: 'schedule-added', buildingId: id })).catch(ruleTold);
      return changed(here, viewer, id);
    },
  );

  app.put(
    '/buildings/:id/schedules/:number',
    { config: WRITE, schema: { summary: 'Rename a schedule or change its hours', params: ByNumber, body: ScheduleBody, response: { 200: SchedulePage, ...PROBLEMS } } },
    async (request) => {
      const [viewer, { id, number }] = [who(request), request.params];
      const here = await numbered(viewer, id, number);
      needVersion(request, versionOf(here.row));
      await changeSchedule(register, here.row, request.body, noteOf(site, viewer, { what: 'schedule-changed', buildingId: id })).catch(ruleTold);
      return changed(here, viewer, id);
    },
  );

  app.delete(
    '/buildings/:id/schedules/:number',
    { config: WRITE, schema: { summary: 'Drop a schedule that nothing goes by', params: ByNumber, response: { 200: SchedulePage, ...PROBLEMS } } },
    async (request) => {
      const [viewer, { id, number }] = [who(request), request.params];
      const here = await numbered(viewer, id, number);
      needVersion(request, versionOf(here.row));
      await dropSchedule(register, here.row, noteOf(site, viewer, { what: 'schedule-dropped', buildingId: id })).catch(ruleTold);
      return changed(here, viewer, id);
    },
  );
}
