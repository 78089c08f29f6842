import { Type } from 'typebox';
import { maskName } from '../../core/mask.ts';
import { dateAt, DAY_MS, timeAt } from '../../core/local-date.ts';
import { moveOut, type MovingBy, takeMoveOutBack } from '../../register/move-out.ts';
import { confirmMoveOut, decideMoveOut, objectToMoveOut } from '../../register/objection.ts';
import { type MoveOutRow, tenanciesOf } from '../../store/tenancies.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { who } from '../guard.ts';
import { PAGE_QUERY, pageAsked, pageOf } from '../page.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { ruleTold } from '../rule-told.ts';
import { DecisionBody, MoveOutBody, MoveOutPage, MoveOutView, OwnMoveOuts } from '../schemas/tenancies.ts';
import type { Site } from '../site.ts';
import { hasUnit, seen, type Viewer } from '../viewer.ts';
import { standingIn } from '../views/card-stop.ts';
import { moveOutView } from '../views/move-out.ts';
import { ownPerson } from './own-requests.ts';
import { homeChanged } from './tenancies.ts';

/** A tenant's page goes back so far, days. */
const SHOWN_DAYS = 90;
const PageQuery = Type.Object({ ...PAGE_QUERY, open: Type.Optional(Type.Boolean({ description: 'Only those with an objection that nobody has decided' })) });

/** Everybody whose access is said to end learns of it at once: in his account, or by whoever hands it over. */
async function tell(site: Site, { people, until, room, building, own }: MoveOutRow): Promise<void> {
  if (own) return;
  const accounts = await tenanciesOf(site.deps.register).accountsOf(people.map(({ id }) => id));
  const when = timeAt(until).slice(0, -3);
  for (const { id, name } of people) {
    await site.sender.send({
      kind: 'moveOut',
      accountId: accounts.get(id) ?? null,
      to: maskName(name),
      zh: `房东登记您已搬离 ${building.name} ${room}，门卡用到 ${when}。如果您还住在这里，请登录门簿点“我还住在这里”，门卡马上恢复。`,
      en: `Your landlord says that you moved out of ${building.nameEn || building.name} ${room}; cards open until ${when}. If you still live there, sign in and press “I still live here”: they work again at once.`,
    });
  }
}

/** One move-out, and what every act on it does afterwards. */
function moveOuts(site: Site) {
  const { register, clock, doorSide } = site.deps;
  const rows = tenanciesOf(register);
  const of = async (viewer: Viewer, id: number): Promise<MoveOutRow> =>
    seen(viewer, await rows.moveOut(id), (row) => hasUnit(viewer, { id: row.unitId, buildingId: row.buildingId }));
  return {
    rows,
    of,
    by(viewer: Viewer): MovingBy {
      const now = clock();
      return { accountId: viewer.accountId, now, standing: standingIn(doorSide.states(), now), revoke: site.revoke };
    },
    /** As it is now, shown to whoever acted; doors and consoles follow. */
    async after(viewer: Viewer, id: number): Promise<MoveOutView> {
      const row = await rows.moveOut(id);
      if (row === undefined) throw refusal('NOT_FOUND');
      await homeChanged(site, { id: row.unitId, buildingId: row.buildingId });
      for (const stopId of [row.stopId, row.decisionStopId]) if (stopId !== null) await site.cardStopTracker.begin(stopId);
      return moveOutView(viewer, row, clock());
    },
    noted: (viewer: Viewer, found: readonly MoveOutRow[]): Promise<void> =>
      site.looks.noted(
        viewer,
        { what: 'viewed' },
        found.flatMap(({ people, unitId, buildingId }) => people.map(({ id }) => ({ personId: id, unitId, buildingId }))),
      ),
  };
}

/** What a landlord states, and takes back. */
function landlordRoutes(app: App, site: Site): void {
  const { register } = site.deps;
  const one = moveOuts(site);

  app.post(
    '/tenancies/:id/move-outs',
    {
      config: may('moveOut', 'C', 'tenancy', { only: ['LL'] }),
      schema: {
        summary: 'State that the people of a home, or one of them, moved out',
        description: 'Access ends then; they are told at once and may object. The receipt says door by door what is known.',
        params: ById,
        body: MoveOutBody,
        response: { 200: MoveOutView, ...PROBLEMS },
      },
    },
    async (request) => {
      const viewer = who(request);
      const { personId = null, day } = request.body;
      const id = await moveOut(register, { ...one.by(viewer), tenancyId: request.params.id, personId, day, own: false }).catch(ruleTold);
      const view = await one.after(viewer, id);
      await tell(site, await one.of(viewer, id));
      return view;
    },
  );

  app.post(
    '/move-outs/:id/undo',
    {
      config: may('moveOut', 'D', 'moveOut'),
      schema: { summary: 'Take a statement back, until it takes effect, by whoever made it', params: ById, response: { 200: MoveOutView, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const { id } = request.params;
      const { stopId } = await one.of(viewer, id);
      await takeMoveOutBack(register, id, { ...one.by(viewer), takeBack: site.takeBack }).catch(ruleTold);
      if (stopId !== null) await site.cardStopTracker.end(stopId);
      return one.after(viewer, id);
    },
  );
}

/** What a tenant sees and says of his own leaving. His scope ends with his access, so that it goes by himself. */
function tenantRoutes(app: App, site: Site): void {
  const { register, clock } = site.deps;
  const one = moveOuts(site);

  app.get(
    '/me/move-outs',
    {
      config: may('moveOut', 'R', 'self', { only: ['TEN'] }),
      schema: { summary: 'Your own homes, and what was said of your leaving them', response: { 200: OwnMoveOuts, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const personId = ownPerson(viewer);
      const now = clock();
      const found = await one.rows.moveOutsOfPerson(personId, now - SHOWN_DAYS * DAY_MS);
      const homes = await one.rows.ofPerson(personId, now);
      return { homes: homes.map(({ tenancyId, unitId, room }) => ({ tenancyId, unitId, room })), moveOuts: found.map((row) => moveOutView(viewer, row, now)) };
    },
  );

  app.post(
    '/me/move-outs/:id/objection',
    {
      config: may('moveOut', 'U', 'self', { only: ['TEN'] }),
      schema: { summary: '"I still live here": access goes on until a clerk decides', params: ById, response: { 200: MoveOutView, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const { id } = request.params;
      const { accountId, now } = one.by(viewer);
      await objectToMoveOut(register, id, { personId: ownPerson(viewer), accountId, now, takeBack: site.takeBack }).catch(ruleTold);
      const stopId = (await one.rows.moveOut(id))?.stopId;
      if (stopId !== undefined && stopId !== null) await site.cardStopTracker.end(stopId);
      return one.after(viewer, id);
    },
  );

  app.post(
    '/me/move-outs/:id/confirmation',
    {
      config: may('moveOut', 'U', 'self', { only: ['TEN'] }),
      schema: { summary: 'Confirm that you moved out', params: ById, response: { 200: MoveOutView, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const { accountId, now } = one.by(viewer);
      await confirmMoveOut(register, request.params.id, { personId: ownPerson(viewer), accountId, now }).catch(ruleTold);
      return one.after(viewer, request.params.id);
    },
  );

  app.post(
    '/me/tenancies/:id/move-out',
    {
      config: may('moveOut', 'C', 'self', { only: ['TEN'] }),
      schema: { summary: 'State that you move out yourself', params: ById, body: Type.Pick(MoveOutBody, ['day']), response: { 200: MoveOutView, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      // His key is his until the day is over: nobody shuts himself out by one press.
      const day = request.body.day ?? dateAt(clock());
      const id = await moveOut(register, { ...one.by(viewer), tenancyId: request.params.id, personId: ownPerson(viewer), day, own: true }).catch(ruleTold);
      return one.after(viewer, id);
    },
  );
}

/** People move out, object, and somebody decides. */
export function moveOutRoutes(app: App, site: Site): void {
  landlordRoutes(app, site);
  tenantRoutes(app, site);
  const { register, clock } = site.deps;
  const one = moveOuts(site);

  app.get(
    '/move-outs',
    {
      config: may('moveOut', 'R', 'list', { only: ['LL', 'CL', 'OF'] }),
      schema: { summary: 'Stated move-outs in scope, newest first', querystring: PageQuery, response: { 200: MoveOutPage, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const { limit, after } = pageAsked(request.query, ['number']);
      const { scope } = viewer;
      const within = scope.all ? {} : { within: { buildings: [...scope.buildings], units: [...scope.units.keys()] } };
      const found = await one.rows.moveOuts({ ...within, open: request.query.open === true, before: after?.[0], limit: limit + 1 });
      const { rows, next } = pageOf(found, limit, ({ id }) => [id]);
      await one.noted(viewer, rows);
      return { moveOuts: rows.map((row) => moveOutView(viewer, row, clock())), next };
    },
  );

  app.post(
    '/move-outs/:id/decision',
    {
      config: may('moveOut', 'X', 'moveOut'),
      schema: {
        summary: 'Decide an objection: access ends at an hour of the day, or it goes on',
        params: ById,
        body: DecisionBody,
        response: { 200: MoveOutView, ...PROBLEMS },
      },
    },
    async (request) => {
      const viewer = who(request);
      const { ends, basis, at } = request.body;
      await decideMoveOut(register, request.params.id, { ...one.by(viewer), ends, basis, at }).catch(ruleTold);
      return one.after(viewer, request.params.id);
    },
  );
}
