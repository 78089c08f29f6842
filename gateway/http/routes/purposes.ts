import { Type } from 'typebox';
import type { PurposeRow } from '../../store/purposes.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { CaseNumberSet, OverduePurpose, PeopleOpen, PurposeOpen, PurposeView } from '../schemas/review.ts';
import type { Site } from '../site.ts';
import { touches } from '../viewer.ts';
import { overduePurpose, purposeView } from '../views/purpose.ts';

/** A list of purposes is short: they last a working day. */
const MOST_LISTED = 100;
const OPEN_FIRST: Readonly<Record<PurposeView['state'], number>> = { open: 0, expired: 1, closed: 1 };

/** Stating a purpose, supplying its case number, ending it. */
export function purposeRoutes(app: App, { purposeGate, purposes, onlookers, deps: { places, clock } }: Site): void {
  const view = async (row: PurposeRow): Promise<PurposeView> => purposeView(row, row.buildingId === null ? undefined : await places.building(row.buildingId), clock());

  app.post(
    '/purposes',
    { config: may('purpose', 'C', 'list'), schema: { summary: 'State a purpose. Noted in the log.', body: PurposeOpen, response: { 201: PurposeView, ...PROBLEMS } } },
    async (request, reply) => reply.code(201).send(await view(await purposeGate.open(who(request), request.body))),
  );

  app.get(
    '/purposes',
    { config: may('purpose', 'R', 'list'), schema: { summary: 'Own purposes, open ones first, then the newest', response: { 200: Type.Array(PurposeView), ...PROBLEMS } } },
    async (request) => {
      const views = await Promise.all((await purposes.ofAccount(who(request).accountId, MOST_LISTED)).map(view));
      return views.sort((a, b) => OPEN_FIRST[a.state] - OPEN_FIRST[b.state] || b.id - a.id);
    },
  );

  app.get(
    '/purposes/overdue',
    {
      config: may('latePurpose', 'R', 'list'),
      schema: { summary: 'Cases without a number after 24 hours, for the supervisor', response: { 200: Type.Array(OverduePurpose), ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const rows = (await purposes.overdue(clock())).filter(({ buildingId }) => (buildingId === null ? viewer.scope.all : touches(viewer, buildingId)));
      const [accounts, buildings] = [await onlookers.byIds(rows.map(({ accountId }) => accountId)), new Map((await places.buildings()).map((row) => [row.id, row]))];
      return rows.flatMap((row) => {
        const account = accounts.get(row.accountId);
        if (account === undefined) return [];
        return [overduePurpose(row, { id: account.id, name: account.name, role: account.role }, row.buildingId === null ? undefined : buildings.get(row.buildingId))];
      });
    },
  );

  app.get(
    '/purposes/:id',
    { config: may('purpose', 'R', 'purpose'), schema: { summary: 'One own purpose', params: ById, response: { 200: PurposeView, ...PROBLEMS } } },
    async (request) => view(await purposeGate.own(who(request), request.params.id)),
  );

  app.put(
    '/purposes/:id/case-number',
    { config: may('purpose', 'U', 'purpose'), schema: { summary: 'Supply the case number', params: ById, body: CaseNumberSet, response: { 200: PurposeView, ...PROBLEMS } } },
    async (request) => view(await purposeGate.setCaseNumber(who(request), request.params.id, request.body.caseNumber)),
  );

  app.post(
    '/purposes/:id/close',
    { config: may('purpose', 'U', 'purpose'), schema: { summary: 'End a purpose', params: ById, response: { 200: PurposeView, ...PROBLEMS } } },
    async (request) => view(await purposeGate.close(who(request), request.params.id)),
  );

  app.post(
    '/purposes/:id/people',
    {
      config: may('purpose', 'U', 'purpose'),
      schema: { summary: 'The second act: open it for persons', params: ById, body: PeopleOpen, response: { 200: PurposeView, ...PROBLEMS } },
    },
    async (request) => view(await purposeGate.openPeople(who(request), request.params.id, request.body.reason)),
  );
}
