import { Type } from 'typebox';
import { endAssignment } from '../../register/assign.ts';
import type { DeskRow } from '../../store/account-desk.ts';
import type { AccountActs } from '../account-acts.ts';
import { answered, needGives, placeAsked } from '../account-asked.ts';
import { type App, ById, PROBLEMS, RowId } from '../app-type.ts';
import { needAdministers } from '../district.ts';
import { who } from '../guard.ts';
import { told } from '../offices.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { AccountMade, AccountReason, AccountView, AssignmentAdd, AssignmentEnd, Invited } from '../schemas/accounts.ts';
import { Asked } from '../schemas/offices.ts';
import type { Site } from '../site.ts';
import type { Viewer } from '../viewer.ts';
import { accountView } from '../views/account.ts';

const ByAssignment = Type.Object({ id: RowId, assignment: RowId });
const SECOND = 'An office role under the administrator waits for a second person (202).';

/** The account of the route, of a role the viewer administers. */
async function accountOf({ offices, deps }: Site, viewer: Viewer, id: number): Promise<DeskRow> {
  const row = await offices.accounts.find(id, deps.clock());
  if (row === undefined) throw refusal('NOT_FOUND');
  needAdministers(viewer, row.role);
  return row;
}

/** The site keeps somebody who can administer it. */
async function needAnotherAdmin({ offices, deps }: Site, { id, role, state, disabledAt }: DeskRow): Promise<void> {
  if (role === 'SA' && state === 'active' && disabledAt === null && (await offices.accounts.otherAdmins(id, deps.clock())) === 0) throw refusal('LAST_ADMIN');
}

/** Links to take an account up, or to begin it anew. */
function linkRoutes(app: App, site: Site, acts: AccountActs): void {
  app.post(
    '/accounts/:id/invite',
    {
      config: { ...may('account', 'U', 'account', { strong: true }), shownOnce: true },
      schema: { summary: 'A link to take up a new account; an earlier one ends', params: ById, response: { 200: Invited, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const row = await accountOf(site, viewer, request.params.id);
      if (row.state !== 'invited' || row.disabledAt !== null) throw refusal('IS_CLOSED');
      return acts.invite(viewer, row);
    },
  );

  app.post(
    '/accounts/:id/reset',
    {
      config: { ...may('account', 'U', 'account', { strong: true }), shownOnce: true },
      schema: { summary: `A link to a new password and second factor. ${SECOND}`, params: ById, body: AccountReason, response: { 200: Invited, 202: Asked, ...PROBLEMS } },
    },
    async (request, reply) => {
      const viewer = who(request);
      const row = await accountOf(site, viewer, request.params.id);
      if (row.state !== 'active' || row.disabledAt !== null) throw refusal('IS_CLOSED');
      return answered(reply, acts.reset(viewer, row, request.body.reason ?? ''), (link) => link);
    },
  );
}

function stateRoutes(app: App, site: Site, acts: AccountActs): void {
  const { accounts } = site.deps;

  app.post(
    '/accounts/:id/disable',
    {
      config: may('account', 'U', 'account'),
      schema: { summary: 'Bar an account: sessions, tokens and links end at once', params: ById, response: { 200: AccountView, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const row = await accountOf(site, viewer, request.params.id);
      if (row.disabledAt !== null) throw refusal('IS_CLOSED');
      await needAnotherAdmin(site, row);
      await site.audit.acted(viewer, 'account-disabled', { words: `#${row.id} ${row.displayName}` });
      await accounts.disable(row.id, site.deps.clock(), (db) => site.revoke(db, [{ what: 'account-closed', accountId: row.id }], viewer.accountId));
      await site.endSessionsOf(row.id);
      await site.rightsChanged();
      return accountView(site, viewer, row.id);
    },
  );

  app.post(
    '/accounts/:id/enable',
    {
      config: may('account', 'U', 'account', { strong: true }),
      schema: { summary: `Let a barred account in again. ${SECOND}`, params: ById, body: AccountReason, response: { 200: AccountMade, 202: Asked, ...PROBLEMS } },
    },
    async (request, reply) => {
      const viewer = who(request);
      const row = await accountOf(site, viewer, request.params.id);
      if (row.disabledAt === null) throw refusal('IS_CLOSED');
      return answered(reply, acts.enable(viewer, row, request.body.reason ?? ''), () => ({ id: row.id }));
    },
  );
}

/** What changes the rights of an account that is there. */
export function accountActRoutes(app: App, site: Site, acts: AccountActs): void {
  const { clock, register } = site.deps;
  linkRoutes(app, site, acts);
  stateRoutes(app, site, acts);

  app.post(
    '/accounts/:id/assignments',
    {
      config: may('account', 'U', 'account', { strong: true }),
      schema: { summary: `Give an account a place to work in. ${SECOND}`, params: ById, body: AssignmentAdd, response: { 200: AccountMade, 202: Asked, ...PROBLEMS } },
    },
    async (request, reply) => {
      const viewer = who(request);
      const row = await accountOf(site, viewer, request.params.id);
      const place = placeAsked(request.body);
      await needGives(site, viewer, [place]);
      return answered(reply, acts.assign(viewer, row, place, request.body.reason ?? ''), (id) => ({ id }));
    },
  );

  app.post(
    '/accounts/:id/assignments/:assignment/end',
    {
      config: may('account', 'U', 'account'),
      schema: { summary: 'End an assignment, now or at a later moment', params: ByAssignment, body: AssignmentEnd, response: { 200: AccountView, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const row = await accountOf(site, viewer, request.params.id);
      const found = await site.offices.assignments.find(request.params.assignment);
      if (found === undefined || found.accountId !== row.id) throw refusal('NOT_FOUND');
      if (found.place === 'site') await needAnotherAdmin(site, row);
      const now = clock();
      const note = () => site.audit.acted(viewer, 'assignment-ended', { words: `#${row.id} ${found.place} ${found.placeId}` });
      await told(endAssignment(register, found.id, request.body.untilAt ?? now, { by: viewer.accountId, now, note, revoke: site.revoke }));
      await site.rightsChanged();
      return accountView(site, viewer, row.id);
    },
  );
}
