import { Type } from 'typebox';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { homeSheet, printSheet } from '../disclosure/home-sheet.ts';
import { rosterPage } from '../disclosure/roster.ts';
import { exportRoster, registerRosterAct } from '../disclosure/roster-export.ts';
import { who } from '../guard.ts';
import { JOBS } from '../jobs.ts';
import { may } from '../permissions.ts';
import { HomeSheet, RosterExportWish, RosterPage, RosterQuery, SheetPrint } from '../schemas/people-roster.ts';
import { ExportWaits } from '../schemas/review.ts';
import type { Site } from '../site.ts';

/** Who is shown people of homes that are not his own: a tenant has his own pages, a building leader counts alone. */
const READERS = ['LL', 'GW', 'CL', 'OF'] as const;

/** The roster of people in homes, its export, and the forms of a home for paper. */
export function rosterRoutes(app: App, site: Site): void {
  registerRosterAct(site);

  app.get(
    '/roster',
    {
      config: may('occupants', 'R', 'list', { only: READERS }),
      schema: { summary: 'People in homes and where their registration stands. Each one shown is noted.', querystring: RosterQuery, response: { 200: RosterPage, ...PROBLEMS } },
    },
    async (request) => rosterPage(site, who(request), request.query),
  );

  app.post(
    '/roster/export',
    {
      config: { ...JOBS['roster-export'], rate: 'export' as const },
      schema: {
        summary: 'The roster as CSV or XLSX. More than 100 persons need a second person.',
        body: RosterExportWish,
        produces: ['text/csv', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'application/json'],
        response: { 200: Type.Unsafe<Buffer>({ type: 'string', description: 'CSV in UTF-8 with BOM, or a workbook of one sheet.' }), 202: ExportWaits, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const made = await exportRoster(site, who(request), request.body);
      if ('pendingAct' in made) return reply.code(202).send(made);
      const name = `attachment; filename="${made.file}"; filename*=UTF-8''${encodeURIComponent(made.named)}`;
      reply.header('content-disposition', name).type(made.type);
      return reply.code(200).send(made.bytes);
    },
  );

  app.get(
    '/units/:id/sheet',
    {
      config: may('occupants', 'R', 'unit', { only: READERS }),
      schema: { summary: 'The forms of a home and of its people, numbers masked. Each look is noted.', params: ById, response: { 200: HomeSheet, ...PROBLEMS } },
    },
    async (request) => homeSheet(site, who(request), request.params.id),
  );

  app.post(
    '/units/:id/sheet/print',
    {
      config: { ...may('occupants', 'R', 'unit', { only: READERS }), shownOnce: true },
      schema: { summary: 'A form for paper: the print and everybody on it are noted first.', params: ById, body: SheetPrint, response: { 200: HomeSheet, ...PROBLEMS } },
    },
    async (request) => printSheet(site, who(request), request.params.id, request.body),
  );
}
