import { Type } from 'typebox';
import { type App, EntryIndex, PROBLEMS, RowId } from '../app-type.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { LedgerPage } from '../schemas/ledger.ts';
import { hashToken } from '../sessions.ts';
import type { Site } from '../site.ts';
import { touches, LOCAL_OPERATOR, type Viewer } from '../viewer.ts';

const PageQuery = Type.Object({
  building: Type.Optional(RowId),
  before: Type.Optional(EntryIndex),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
});
const LiveQuery = Type.Object({ building: Type.Optional(RowId), since: Type.Optional(EntryIndex) });
const USUAL_LIMIT = 60;

/** Nobody asks for another's building, existing or not. */
function checkScope(viewer: Viewer, buildingId: number | undefined): void {
  if (buildingId !== undefined && !touches(viewer, buildingId)) throw refusal('SCOPE_DENIED');
}

/** The ledger: pages of it, and the live feed. */
export function entryRoutes(app: App, site: Site): void {
  app.get(
    '/entries',
    {
      config: may('ledger', 'R', 'list'),
      schema: { summary: 'The ledger, newest first', querystring: PageQuery, response: { 200: LedgerPage, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const { building, before, limit } = request.query;
      checkScope(viewer, building);
      return site.ledger.page(viewer, { ...(building === undefined ? {} : { buildingId: building }), ...(before === undefined ? {} : { before }) }, limit ?? USUAL_LIMIT);
    },
  );

  app.route({
    method: 'GET',
    url: '/live',
    config: may('ledger', 'R', 'list'),
    schema: { summary: 'WebSocket: live ledger lines, door states and hints (LiveMessage)', querystring: LiveQuery, response: { ...PROBLEMS } },
    preHandler: async (request) => checkScope(who(request), request.query.building),
    handler: async () => {
      throw refusal('UPGRADE');
    },
    wsHandler: (socket, request) => {
      const { token, query } = request;
      const again = async (): Promise<Viewer | undefined> => (token === undefined ? LOCAL_OPERATOR : site.sessions.resolve(token, false));
      const session = token === undefined ? '' : hashToken(token).toString('hex');
      site.live.attach(socket, who(request), { buildingId: query.building, since: query.since, session, again });
    },
  });
}
