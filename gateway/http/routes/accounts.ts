import { Type } from 'typebox';
import { type AccountActs, createAccountActs } from '../account-acts.ts';
import { accountAsked, answered, needGives, needHolder, placeAsked } from '../account-asked.ts';
import { administered, needAdministers, OVER_DISTRICTS } from '../district.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { needVersion, setVersion } from '../etag.ts';
import { who } from '../guard.ts';
import { unchosenLogin } from '../login-name.ts';
import { PAGE_QUERY, pageAsked, pageOf } from '../page.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { AccountChange, AccountMade, AccountNew, AccountPage, AccountState, AccountView, AgentInvited, AgentNew } from '../schemas/accounts.ts';
import { Asked } from '../schemas/offices.ts';
import { Role } from '../schemas/session.ts';
import type { Site } from '../site.ts';
import { accountLine, accountView } from '../views/account.ts';
import { accountActRoutes } from './account-acts.ts';

const Query = Type.Object({
  ...PAGE_QUERY,
  role: Type.Optional(Role),
  state: Type.Optional(AccountState),
  org: Type.Optional(Type.Integer({ minimum: 1, maximum: 4_294_967_295 })),
});

function listRoutes(app: App, site: Site): void {
  const { offices, deps } = site;
  app.get(
    '/accounts',
    {
      config: may('account', 'R', 'list'),
      schema: { summary: 'Accounts in scope, by row number', querystring: Query, response: { 200: AccountPage, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const { role, state, org: orgId } = request.query;
      const { limit, after } = pageAsked(request.query, ['number']);
      const own = viewer.scope.all ? {} : { orgs: (await administered(site, viewer)).district.orgs, hide: OVER_DISTRICTS };
      const rows = await offices.accounts.page({ role, state, orgId, ...own, after: after?.[0], limit: limit + 1, now: deps.clock() });
      const page = pageOf(rows, limit, ({ id }) => [id]);
      return { accounts: page.rows.map(accountLine), next: page.next };
    },
  );

  app.get(
    '/accounts/:id',
    { config: may('account', 'R', 'account'), schema: { summary: 'An account with its assignments', params: ById, response: { 200: AccountView, ...PROBLEMS } } },
    async (request, reply) => {
      const view = await accountView(site, who(request), request.params.id);
      setVersion(reply, view.version);
      return view;
    },
  );

  app.patch(
    '/accounts/:id',
    {
      config: may('account', 'U', 'account'),
      schema: { summary: 'Change name, office, or the staff number while there is none', params: ById, body: AccountChange, response: { 200: AccountView, ...PROBLEMS } },
    },
    async (request, reply) => {
      const viewer = who(request);
      const { id } = request.params;
      const row = await offices.accounts.find(id, deps.clock());
      if (row === undefined) throw refusal('NOT_FOUND');
      needAdministers(viewer, row.role);
      needVersion(request, row.version);
      const { displayName, orgId, holder } = request.body;
      // Who somebody is does not change: a number that could be exchanged would make two persons of one.
      if (holder !== undefined) needHolder(holder);
      if (holder !== undefined && row.hasHolder) throw refusal('TAKEN', { field: 'holder' });
      if (orgId !== undefined && !(await administered(site, viewer)).has(orgId)) throw refusal('SCOPE_DENIED', { field: 'orgId' });
      if (orgId != null && (await offices.orgs.find(orgId))?.closedAt !== null) throw refusal('IS_CLOSED', { field: 'orgId' });
      await site.audit.acted(viewer, 'account-changed', { words: `#${id} ${Object.keys(request.body).join(' ')}` });
      if (!(await offices.accounts.change(id, row.version, { displayName: displayName?.trim(), orgId, holder }))) throw refusal('STALE_VERSION');
      await site.rightsChanged();
      const view = await accountView(site, viewer, id);
      setVersion(reply, view.version);
      return view;
    },
  );
}

function newRoutes(app: App, site: Site, acts: AccountActs): void {
  app.post(
    '/accounts',
    {
      config: may('account', 'C', 'list', { only: ['DA', 'SA'], strong: true }),
      schema: {
        summary: 'Make an account; an office role made by the administrator waits for a second person (202)',
        body: AccountNew,
        response: { 200: AccountMade, 202: Asked, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const viewer = who(request);
      const wish = await accountAsked(site, viewer, request.body);
      return answered(reply, acts.create(viewer, wish, request.body.reason ?? ''), (id) => ({ id }));
    },
  );

  app.post(
    '/agents',
    {
      config: { ...may('account', 'C', 'list', { only: ['LL'] }), shownOnce: true },
      schema: { summary: "Invite an agent for one's own buildings or homes", body: AgentNew, response: { 200: AgentInvited, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const assignments = request.body.assignments.map(placeAsked);
      if (assignments.some(({ place }) => place !== 'building' && place !== 'unit')) throw refusal('BAD_INPUT', { field: 'place', expected: 'building, unit' });
      await needGives(site, viewer, assignments);
      const agent = { role: 'LL', displayName: request.body.displayName.trim(), login: unchosenLogin(), orgId: null, holder: null, personId: null, assignments } as const;
      return acts.agent(viewer, agent);
    },
  );
}

/** Accounts: who there is, making them, and what changes their rights. */
export function accountRoutes(app: App, site: Site): void {
  const acts = createAccountActs(site);
  listRoutes(app, site);
  newRoutes(app, site, acts);
  accountActRoutes(app, site, acts);
}
