import { type App, PROBLEMS } from '../app-type.ts';
import { homeReads, ownEntries, receiptPage } from '../disclosure/receipts.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { HomeReadPage, OwnEntryPage, PageQuery, ReceiptPage } from '../schemas/review.ts';
import type { Site } from '../site.ts';

/** What a tenant or a landlord may know of those who looked, and a tenant's own way through the doors. */
export function receiptRoutes(app: App, site: Site): void {
  app.get(
    '/me/receipts',
    {
      config: may('auditLog', 'R', 'self', { only: ['TEN'] }),
      schema: { summary: 'Who looked at me, in which role, what for', querystring: PageQuery, response: { 200: ReceiptPage, ...PROBLEMS } },
    },
    async (request) => receiptPage(site, who(request), request.query),
  );

  app.get(
    '/me/entries',
    {
      config: may('personEntries', 'R', 'self', { only: ['TEN'] }),
      schema: { summary: 'My own way through the doors', querystring: PageQuery, response: { 200: OwnEntryPage, ...PROBLEMS } },
    },
    async (request) => ownEntries(site, who(request), request.query),
  );

  app.get(
    '/me/audits',
    {
      config: may('auditLog', 'R', 'list', { only: ['LL'] }),
      schema: { summary: 'Who looked at the register of my homes', querystring: PageQuery, response: { 200: HomeReadPage, ...PROBLEMS } },
    },
    async (request) => homeReads(site, who(request), request.query),
  );
}
