import { dateAt } from '../../core/local-date.ts';
import { type App, PROBLEMS } from '../app-type.ts';
import { askForLooks } from '../disclosure/acts.ts';
import { looksReport } from '../disclosure/own-looks.ts';
import { searchPeople } from '../disclosure/people-search.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { LooksRelease, LooksReport, MonthQuery, PeopleFound, PeopleQuery, ReleaseAsked } from '../schemas/review.ts';
import type { Site } from '../site.ts';

/** Finding people, and one's own look-ups. */
export function peopleRoutes(app: App, site: Site): void {
  app.post(
    '/people/search',
    {
      // By POST, so that no name and no number stands in an address (ASVS 14.2.1).
      config: { ...may('identity', 'R', 'list', { only: ['OF', 'CL', 'PO'] }), shownOnce: true },
      schema: { summary: 'Find people, masked. Each one shown is noted; officers name a purpose.', body: PeopleQuery, response: { 200: PeopleFound, ...PROBLEMS } },
    },
    async (request) => searchPeople(site, who(request), request.body),
  );

  app.get(
    '/me/looks',
    {
      config: may('lookUps', 'R', 'self', { only: ['OF', 'CL', 'PO'] }),
      schema: { summary: 'Own look-ups of a month', querystring: MonthQuery, response: { 200: LooksReport, ...PROBLEMS } },
    },
    async (request) => looksReport(site, who(request), request.query.month ?? dateAt(site.deps.clock()).slice(0, 7), request.query),
  );

  app.post(
    '/me/looks/release',
    {
      config: may('lookUps', 'C', 'self'),
      schema: { summary: 'Ask a second person for 100 more look-ups today', body: LooksRelease, response: { 201: ReleaseAsked, ...PROBLEMS } },
    },
    async (request, reply) => reply.code(201).send({ pendingAct: await askForLooks(site, who(request), request.body.reason) }),
  );
}
