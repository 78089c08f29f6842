import { type Static, Type } from 'typebox';
import { stopCredential, undoStop } from '../../register/stop-credential.ts';
import type { StopQuery, StopRow } from '../../store/card-stops.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { hasCard } from '../card-scope.ts';
import { cardTold } from '../card-told.ts';
import { who } from '../guard.ts';
import { PAGE_NEXT, PAGE_QUERY, pageAsked, pageOf } from '../page.ts';
import { may } from '../permissions.ts';
import { StopReceipt, StopSummary, StopWish } from '../schemas/card-stops.ts';
import type { Site } from '../site.ts';
import { seen, type Viewer } from '../viewer.ts';
import { standingIn, stopHome, stopReceipt, stopSummary } from '../views/card-stop.ts';

/** Who is told which card it is: the others learn on the home's page whether cards work. */
const READERS = ['TEN', 'LL', 'CL', 'OF'] as const;
const StopPage = Type.Object({ stops: Type.Array(StopSummary), ...PAGE_NEXT });
const PageQuery = Type.Object(PAGE_QUERY);

/** Stops of these places that are the viewer's, and of a tenant only his own. */
function queryFor({ role, personId, scope }: Viewer, place: Place): Omit<StopQuery, 'limit'> {
  const within = scope.all ? {} : { within: { buildings: [...scope.buildings], units: [...scope.units.keys()] } };
  // Nobody has row 0: a tenant's account that is linked to no person sees none.
  return { ...place, ...within, ...(role === 'TEN' ? { personId: personId ?? 0 } : {}) };
}

/** Notes whose card the viewer is shown. */
const noted = (site: Site, viewer: Viewer, stops: readonly StopRow[]): Promise<void> =>
  site.looks.noted(
    viewer,
    { what: 'viewed' },
    stops.flatMap((stop) => {
      const home = stopHome(viewer, stop);
      return stop.personId === null ? [] : [{ personId: stop.personId, ...(home === undefined ? {} : { unitId: home.unitId, buildingId: home.buildingId }) }];
    }),
  );

const stopOf = async ({ cardStops }: Site, viewer: Viewer, id: number): Promise<StopRow> => seen(viewer, await cardStops.find(id), (stop) => hasCard(viewer, stop));

async function receiptOf({ deps: { places, clock }, doorList }: Site, viewer: Viewer, stop: StopRow): Promise<StopReceipt> {
  const buildingId = stopHome(viewer, stop)?.buildingId;
  return stopReceipt(viewer, stop, buildingId === undefined ? undefined : await places.building(buildingId), { doors: doorList, now: clock() });
}

/** Doors refuse the card, or take it again, and consoles show it. */
async function changed(site: Site, { homes }: StopRow): Promise<void> {
  if (homes.length === 0) await site.registerChanged();
  for (const { buildingId, unitId } of homes) await site.registerChanged(unitId === 0 ? { buildingId } : { buildingId, unitId });
}

/** Stopping a card, and undoing it. */
function stopRoutes(app: App, site: Site): void {
  const { register, doorSide, clock } = site.deps;
  const { cardStopTracker } = site;

  app.post(
    '/credentials/:id/stop',
    {
      config: may('credential', 'D', 'credential'),
      schema: {
        summary: 'Stop a card at once',
        description:
          'Answers with the receipt: each door it could open, and whether that has acknowledged a list without it. One that was stopped so before answers with its receipt again.',
        params: ById,
        body: StopWish,
        response: { 200: StopReceipt, ...PROBLEMS },
      },
    },
    async (request) => {
      const viewer = who(request);
      const now = clock();
      const stopId = await stopCredential(register, {
        credentialId: request.params.id,
        reason: request.body.reason ?? 'lost',
        accountId: viewer.accountId,
        keepsOnlyKey: viewer.role === 'LL',
        now,
        standing: standingIn(doorSide.states(), now),
        revoke: site.revoke,
      }).catch(cardTold);
      const stop = await stopOf(site, viewer, stopId);
      await changed(site, stop);
      await cardStopTracker.begin(stopId);
      return receiptOf(site, viewer, stop);
    },
  );

  app.post(
    '/card-stops/:id/undo',
    {
      config: may('credential', 'D', 'cardStop'),
      schema: { summary: 'Undo a stop, within 10 seconds, by whoever made it', params: ById, response: { 200: StopReceipt, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const stopId = request.params.id;
      await undoStop(register, { stopId, accountId: viewer.accountId, now: clock() }).catch(cardTold);
      const stop = await stopOf(site, viewer, stopId);
      await changed(site, stop);
      await cardStopTracker.end(stopId);
      return receiptOf(site, viewer, stop);
    },
  );
}

type Place = Pick<StopQuery, 'unitId' | 'buildingId'>;

async function page(site: Site, viewer: Viewer, query: { limit?: number; after?: string }, place: Place): Promise<Static<typeof StopPage>> {
  const { limit, after } = pageAsked(query, ['number']);
  const { rows, next } = pageOf(await site.cardStops.list({ ...queryFor(viewer, place), before: after?.[0], limit: limit + 1 }), limit, ({ id }) => [id]);
  await noted(site, viewer, rows);
  return { stops: rows.map((stop) => stopSummary(viewer, stop, site.doorList, site.deps.clock())), next };
}

/** Stopping cards, undoing it, and the receipts: door by door, what is known to lack the card. */
export function cardStopRoutes(app: App, site: Site): void {
  stopRoutes(app, site);

  app.get(
    '/card-stops/:id',
    {
      config: may('credential', 'R', 'cardStop', { only: READERS }),
      schema: { summary: 'The receipt of a stopped card', params: ById, response: { 200: StopReceipt, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const stop = await stopOf(site, viewer, request.params.id);
      await noted(site, viewer, [stop]);
      return receiptOf(site, viewer, stop);
    },
  );

  app.get(
    '/units/:id/card-stops',
    {
      config: may('credential', 'R', 'unit', { only: READERS }),
      schema: { summary: 'Stopped cards of a home, newest first', params: ById, querystring: PageQuery, response: { 200: StopPage, ...PROBLEMS } },
    },
    async (request) => page(site, who(request), request.query, { unitId: request.params.id }),
  );

  app.get(
    '/buildings/:id/card-stops',
    {
      config: may('credential', 'R', 'building', { only: READERS }),
      schema: { summary: 'Stopped cards of a building, newest first', params: ById, querystring: PageQuery, response: { 200: StopPage, ...PROBLEMS } },
    },
    async (request) => page(site, who(request), request.query, { buildingId: request.params.id }),
  );
}
