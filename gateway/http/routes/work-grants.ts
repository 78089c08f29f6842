import { Type } from 'typebox';
import { dateAt } from '../../core/local-date.ts';
import { rightTo } from '../../core/matrix.ts';
import { endWork } from '../../register/end-work.ts';
import { giveWorkCard } from '../../register/work-card.ts';
import { changeWork, giveWork, setDuty } from '../../register/work-grants.ts';
import { doorRulesOf } from '../../store/door-rules.ts';
import { type WorkRow, workGrantsOf } from '../../store/work-grants.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { needVersion } from '../etag.ts';
import { who } from '../guard.ts';
import { PAGE_QUERY, pageAsked, pageOf } from '../page.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { noteOf } from '../register-note.ts';
import { ruleTold } from '../rule-told.ts';
import { DutyBody, WorkBody, WorkCardBody, WorkPage, WorkTermsBody, WorkView } from '../schemas/work-grants.ts';
import type { Site } from '../site.ts';
import { inScope, seen, type Viewer } from '../viewer.ts';
import { standingIn } from '../views/card-stop.ts';
import { workVersion, workView } from '../views/work-grant.ts';

const PageQuery = Type.Object({ ...PAGE_QUERY, past: Type.Optional(Type.Boolean({ description: 'Those that are over' })) });
const Ended = Type.Object({ stopId: Type.Integer({ description: 'Its receipt: GET /card-stops/:id' }) });
const CHANGE = may('workGrant', 'U', 'workGrant');

/** Notes who is shown, before he is. */
const shown = (site: Site, viewer: Viewer, rows: readonly WorkRow[]): Promise<void> =>
  site.looks.noted(
    viewer,
    { what: 'viewed' },
    rows.map(({ personId, buildingId }) => ({ personId, buildingId })),
  );

/** One right, and the acts on it. */
function rights(site: Site) {
  const { register, clock } = site.deps;
  const rows = workGrantsOf(register);
  return {
    of: async (viewer: Viewer, id: number): Promise<WorkRow> => seen(viewer, await rows.find(id), (row) => inScope(viewer, row.buildingId)),
    async view(viewer: Viewer, id: number): Promise<WorkView> {
      const row = seen(viewer, await rows.find(id), (found) => inScope(viewer, found.buildingId));
      await shown(site, viewer, [row]);
      return workView(viewer, row, clock());
    },
    by: (viewer: Viewer, what: string, about: { readonly buildingId: number; readonly personId?: number }) => ({
      accountId: viewer.accountId,
      now: clock(),
      note: noteOf(site, viewer, { what, ...about }),
      revoke: site.revoke,
    }),
  };
}

/** Who works in a building, and adding somebody. */
function buildingRoutes(app: App, site: Site): void {
  const { register, clock, places } = site.deps;
  const rows = workGrantsOf(register);
  const one = rights(site);

  app.get(
    '/buildings/:id/work-rights',
    {
      config: may('workGrant', 'R', 'building'),
      schema: { summary: 'People who work in a building: their rights, newest first', params: ById, querystring: PageQuery, response: { 200: WorkPage, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const building = seen(viewer, await places.building(request.params.id), (row) => inScope(viewer, row.id));
      const { limit, after } = pageAsked(request.query, ['number']);
      const found = await rows.list({ buildingId: building.id, past: request.query.past === true, now: clock(), before: after?.[0], limit: limit + 1 });
      const page = pageOf(found, limit, ({ id }) => [id]);
      await shown(site, viewer, page.rows);
      const schedules = (await doorRulesOf(register).site(building.id))?.schedules ?? [];
      return {
        people: page.rows.map((row) => workView(viewer, row, clock())),
        next: page.next,
        schedules: schedules.map(({ number, name }) => ({ number, name })),
        mayWrite: rightTo('workGrant', viewer.role, 'U') !== undefined,
        mayEnd: rightTo('workGrant', viewer.role, 'D') !== undefined,
      };
    },
  );

  app.post(
    '/buildings/:id/work-rights',
    {
      config: may('workGrant', 'C', 'building'),
      schema: { summary: 'Give somebody who works in a building a right to its shared doors', params: ById, body: WorkBody, response: { 200: WorkView, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const { id: buildingId } = seen(viewer, await places.building(request.params.id), (row) => inScope(viewer, row.id));
      const { name, documentType, documentNumber, phone = '', checked, purpose, lastDay, schedule, firstDay = dateAt(clock()) } = request.body;
      if (!checked) throw refusal('BAD_INPUT', { field: 'checked', expected: 'true：先看过证件原件 / true: look at the document first' });
      const within = viewer.scope.all ? undefined : [...viewer.scope.buildings];
      const wish = { buildingId, purpose, firstDay, lastDay, schedule, within, worker: { name, phone, documentType, documentNumber } };
      const id = await giveWork(register, wish, one.by(viewer, 'work-given', { buildingId })).catch(ruleTold);
      await site.registerChanged({ buildingId });
      return one.view(viewer, id);
    },
  );
}

/** Changing and ending a right, duty, and cards. */
export function workGrantRoutes(app: App, site: Site): void {
  buildingRoutes(app, site);
  const { register, clock, doorSide } = site.deps;
  const one = rights(site);

  app.put(
    '/work-rights/:id',
    { config: CHANGE, schema: { summary: 'Change what a right is for, its hours or its last day', params: ById, body: WorkTermsBody, response: { 200: WorkView, ...PROBLEMS } } },
    async (request) => {
      const viewer = who(request);
      const row = await one.of(viewer, request.params.id);
      needVersion(request, workVersion(row));
      const { purpose, lastDay, schedule } = request.body;
      await changeWork(register, row, { purpose, lastDay, schedule }, one.by(viewer, 'work-changed', row)).catch(ruleTold);
      await site.registerChanged({ buildingId: row.buildingId });
      return one.view(viewer, row.id);
    },
  );

  app.put(
    '/work-rights/:id/duty',
    {
      config: may('workGrant', 'U', 'workGrant', { strong: true }),
      schema: { summary: 'Put a caretaker or a watch on duty: his card ends a lockdown at a door', params: ById, body: DutyBody, response: { 200: WorkView, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const row = await one.of(viewer, request.params.id);
      needVersion(request, workVersion(row));
      const { duty } = request.body;
      await setDuty(register, row, duty, one.by(viewer, duty ? 'duty-given' : 'duty-taken', row)).catch(ruleTold);
      await site.registerChanged({ buildingId: row.buildingId });
      return one.view(viewer, row.id);
    },
  );

  app.post(
    '/work-rights/:id/end',
    {
      config: may('workGrant', 'D', 'workGrant'),
      schema: { summary: 'End a right at once; the receipt says door by door what is known', params: ById, response: { 200: Ended, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const { id: grantId, buildingId } = await one.of(viewer, request.params.id);
      const now = clock();
      const stopId = await endWork(register, { grantId, accountId: viewer.accountId, now, standing: standingIn(doorSide.states(), now), revoke: site.revoke }).catch(ruleTold);
      await site.registerChanged({ buildingId });
      await site.cardStopTracker.begin(stopId);
      return { stopId };
    },
  );

  app.post(
    '/work-rights/:id/cards',
    {
      config: CHANGE,
      schema: { summary: 'Give a card to somebody who works in a building', params: ById, body: WorkCardBody, response: { 200: WorkView, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const row = await one.of(viewer, request.params.id);
      const { now, note } = one.by(viewer, 'issue', row);
      await giveWorkCard(register, { grantId: row.id, number: request.body.number, now }, note).catch(ruleTold);
      await site.registerChanged({ buildingId: row.buildingId });
      return one.view(viewer, row.id);
    },
  );
}
