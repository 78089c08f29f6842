import { Type } from 'typebox';
import { pendingActsOf } from '../../store/pending-acts.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { isReleaseKind, mayRelease } from '../disclosure/acts.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { Decide, ReleaseWaiting } from '../schemas/review.ts';
import type { Site } from '../site.ts';

const MOST_LISTED = 100;

/** What an officer's colleague agrees to: more look-ups, a large export. Other acts are decided where rights are administered. */
export function releaseRoutes(app: App, site: Site): void {
  const { secondPerson, onlookers, deps } = site;
  const acts = pendingActsOf(deps.register);

  app.get(
    '/look-ups/waiting',
    {
      config: may('lookUps', 'X', 'list'),
      schema: { summary: 'Look-ups and exports of own area that wait for a second person', response: { 200: Type.Array(ReleaseWaiting), ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const waiting = await acts.page({ waiting: true, now: deps.clock(), limit: MOST_LISTED });
      const names = await onlookers.byIds(waiting.map(({ requestedBy }) => requestedBy));
      const rows: ReleaseWaiting[] = [];
      for (const act of waiting) {
        const [by, { kind }] = [names.get(act.requestedBy), act];
        if (by === undefined || !isReleaseKind(kind) || !(await mayRelease(site, act.requestedBy, viewer))) continue;
        const { what, mayDecide } = await secondPerson.state(viewer, act);
        const { id, reason, requestedAt, expiresAt } = act;
        rows.push({ id, kind, what, reason, requestedAt, expiresAt, mayDecide, by: { id: by.id, name: by.name, role: by.role } });
      }
      return rows;
    },
  );

  app.post(
    '/look-ups/:id/decide',
    {
      config: may('lookUps', 'X', 'list', { strong: true }),
      schema: { summary: 'Agree, or not, to a colleague’s look-ups or export', params: ById, body: Decide, response: { 204: Type.Null(), ...PROBLEMS } },
    },
    async (request, reply) => {
      const viewer = who(request);
      const act = await acts.find(request.params.id);
      if (act === undefined || !isReleaseKind(act.kind) || !(await mayRelease(site, act.requestedBy, viewer))) throw refusal(viewer.scope.all ? 'NOT_FOUND' : 'SCOPE_DENIED');
      const { agree, note = '' } = request.body;
      await (agree ? secondPerson.approve(viewer, act.id) : secondPerson.refuse(viewer, act.id, note));
      return reply.code(204).send(null);
    },
  );
}
