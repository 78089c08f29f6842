import { type App, PROBLEMS } from '../app-type.ts';
import { auditPage } from '../disclosure/audit-log.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { AuditPage, AuditQuery } from '../schemas/review.ts';
import type { Site } from '../site.ts';

/** Reading the audit log. */
export function auditRoutes(app: App, site: Site): void {
  app.get(
    '/audits',
    {
      config: may('auditLog', 'R', 'site', { only: ['AU', 'PO', 'SA'] }),
      schema: {
        summary: 'The audit log, newest first; persons masked and noted, for the administrator left out',
        querystring: AuditQuery,
        response: { 200: AuditPage, ...PROBLEMS },
      },
    },
    async (request) => auditPage(site, who(request), request.query),
  );
}
