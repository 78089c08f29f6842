import { Type } from 'typebox';
import type { PendingActRow } from '../../store/pending-acts.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { administered } from '../district.ts';
import { who } from '../guard.ts';
import { PAGE_QUERY, pageAsked, pageOf } from '../page.ts';
import { may } from '../permissions.ts';
import { Acknowledge, ActNote, AlarmView, Asked, BreakGlass, PendingActPage, type PendingActView } from '../schemas/offices.ts';
import { ALARM, type AlarmBody } from '../second-person.ts';
import type { Site } from '../site.ts';
import type { Viewer } from '../viewer.ts';

const Query = Type.Object({ ...PAGE_QUERY, done: Type.Optional(Type.Boolean()) });
const Decided = Type.Object({ id: Type.Integer() });
/** As many alarms as somebody could look into. */
const MOST_ALARMS = 50;

/** Names behind account numbers; 0 is the local operator. */
async function namesOf({ offices }: Site, acts: readonly PendingActRow[]) {
  const names = await offices.people.names(acts.flatMap(({ requestedBy, decidedBy }) => (decidedBy === null ? [requestedBy] : [requestedBy, decidedBy])));
  return (id: number) => ({ id, displayName: names.get(id)?.displayName ?? 'local operator', role: names.get(id)?.role ?? null });
}

async function actViews(site: Site, viewer: Viewer, acts: readonly PendingActRow[]): Promise<PendingActView[]> {
  const name = await namesOf(site, acts);
  return Promise.all(
    acts.map(async (act) => {
      const { what, state, mayDecide } = await site.secondPerson.state(viewer, act);
      const { id, kind, reason, requestedAt, expiresAt, decidedAt, note, breakGlass, requestedBy, decidedBy } = act;
      const decider = decidedBy === null ? null : { id: decidedBy, displayName: name(decidedBy).displayName };
      const people = { requestedBy: name(requestedBy), decidedBy: decider, own: requestedBy === viewer.accountId };
      return { id, kind, what, reason, requestedAt, expiresAt, state, decidedAt, note, breakGlass, mayDecide, ...people };
    }),
  );
}

async function alarmViews(site: Site, viewer: Viewer, acts: readonly PendingActRow[]): Promise<AlarmView[]> {
  const name = await namesOf(site, acts);
  return Promise.all(
    acts.map(async (act) => {
      const { what, mayDecide } = await site.secondPerson.state(viewer, act);
      const { entry }: AlarmBody = JSON.parse(act.body);
      const { decidedBy, decidedAt, note } = act;
      const acknowledged = decidedBy === null || decidedAt === null ? null : { by: name(decidedBy).displayName, at: decidedAt, note };
      const { id, displayName } = name(act.requestedBy);
      return { id: act.id, what, reason: act.reason, by: { id, displayName }, at: act.requestedAt, entry, acknowledged, mayAcknowledge: mayDecide };
    }),
  );
}

/** Acts of this viewer's: those he asked for, and those of the kinds he may decide, by people of his district. The auditor sees all. */
async function concern(site: Site, viewer: Viewer) {
  if (viewer.role === 'AU') return {};
  const kinds = site.secondPerson.kindsFor(viewer.role);
  if (viewer.scope.all) return { concern: { accountId: viewer.accountId, kinds } };
  return { concern: { accountId: viewer.accountId, kinds, ofOrgs: [...(await administered(site, viewer)).district.orgs] } };
}

function alarmRoutes(app: App, site: Site): void {
  const { offices, deps } = site;

  app.get(
    '/break-glass',
    {
      config: may('breakGlass', 'R', 'site'),
      schema: { summary: 'Alarms: what was done alone, until somebody else has looked into it', response: { 200: Type.Array(AlarmView), ...PROBLEMS } },
    },
    async (request) => {
      const alarms = await offices.acts.page({ waiting: true, now: deps.clock(), kind: ALARM, limit: MOST_ALARMS });
      return alarmViews(site, who(request), alarms);
    },
  );

  app.post(
    '/break-glass',
    {
      config: may('breakGlass', 'C', 'site', { strong: true }),
      schema: { summary: "Carry out one's own pending act alone; raises an alarm", body: BreakGlass, response: { 200: Asked, ...PROBLEMS } },
    },
    async (request) => ({ act: await site.secondPerson.breakGlass(who(request), request.body.act, request.body.reason.trim()) }),
  );

  app.post(
    '/break-glass/:id/acknowledge',
    {
      config: may('breakGlass', 'X', 'site'),
      schema: { summary: 'Note what one found about an alarm raised by somebody else', params: ById, body: Acknowledge, response: { 200: Decided, ...PROBLEMS } },
    },
    async (request) => {
      await site.secondPerson.acknowledge(who(request), request.params.id, request.body.note.trim());
      return { id: request.params.id };
    },
  );
}

/** Acts that wait for a second person. */
export function approvalRoutes(app: App, site: Site): void {
  const { offices, deps, secondPerson } = site;
  alarmRoutes(app, site);

  app.get(
    '/pending-acts',
    {
      config: may('pendingAct', 'R', 'list'),
      schema: { summary: 'Acts that wait, or with done=true those that were decided; newest first', querystring: Query, response: { 200: PendingActPage, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const { limit, after } = pageAsked(request.query, ['number']);
      const wish = { waiting: request.query.done !== true, now: deps.clock(), before: after?.[0], notKind: ALARM, limit: limit + 1 };
      const { rows, next } = pageOf(await offices.acts.page({ ...wish, ...(await concern(site, viewer)) }), limit, ({ id }) => [id]);
      return { acts: await actViews(site, viewer, rows), next };
    },
  );

  app.post(
    '/pending-acts/:id/approve',
    {
      config: may('pendingAct', 'X', 'pendingAct', { strong: true }),
      schema: { summary: 'Agree to an act somebody else asked for; it is done at once', params: ById, response: { 200: Decided, ...PROBLEMS } },
    },
    async (request) => {
      await secondPerson.approve(who(request), request.params.id);
      return { id: request.params.id };
    },
  );

  app.post(
    '/pending-acts/:id/refuse',
    { config: may('pendingAct', 'X', 'pendingAct'), schema: { summary: 'Refuse an act', params: ById, body: ActNote, response: { 200: Decided, ...PROBLEMS } } },
    async (request) => {
      await secondPerson.refuse(who(request), request.params.id, request.body.note?.trim() ?? '');
      return { id: request.params.id };
    },
  );

  app.post(
    '/pending-acts/:id/withdraw',
    { config: may('pendingAct', 'C', 'pendingAct'), schema: { summary: 'Take back an act one asked for', params: ById, response: { 200: Decided, ...PROBLEMS } } },
    async (request) => {
      await secondPerson.withdraw(who(request), request.params.id);
      return { id: request.params.id };
    },
  );
}
