import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AccountRow } from '../../store/accounts.ts';
import { type App, PROBLEMS } from '../app-type.ts';
import { cookieName, isSecure } from '../guard.ts';
import { demoHere, needDemo } from '../loopback.ts';
import { may } from '../permissions.ts';
import { Refusal } from '../problem.ts';
import { DemoEnter, type Role, SessionView, SetUp, SignIn } from '../schemas/session.ts';
import { csrfOf, newToken } from '../sessions.ts';
import type { Site } from '../site.ts';
import { type Viewer, viewerOf } from '../viewer.ts';

function setCookie(site: Site, reply: FastifyReply, token: string): void {
  const secure = isSecure(site);
  reply.setCookie(cookieName(secure), token, { httpOnly: true, sameSite: 'strict', secure, path: '/' });
}

async function view(site: Site, request: FastifyRequest, { token, viewer }: { token: string; viewer: Viewer | undefined }): Promise<SessionView> {
  const account = viewer === undefined ? null : { id: viewer.accountId, login: viewer.login, displayName: viewer.displayName, role: viewer.role };
  return { account, csrf: csrfOf(token), demo: demoHere(site.deps.config, request), setup: viewer === undefined && (await site.firstAccount.isOpen()) };
}

/** A new token on every sign-in: what the browser held before signing in is worth nothing after (ASVS 7.2.4). */
async function begin(site: Site, request: FastifyRequest, reply: FastifyReply, account: AccountRow): Promise<SessionView> {
  const token = await site.sessions.open(account.id, request.token);
  setCookie(site, reply, token);
  return view(site, request, { token, viewer: viewerOf({ account }) });
}

const DEMO_ACCOUNTS: Readonly<Record<Role, { login: string; displayName: string }>> = {
  SA: { login: 'demo-operator', displayName: '演示管理员 Demo operator' },
  LL: { login: 'demo-landlord', displayName: '演示房东 Demo landlord' },
  OF: { login: 'demo-officer', displayName: '演示民警 Demo officer' },
};

/** The demo's account for a role: without a password, so nobody signs in to it, and worth nothing on a real site. */
async function demoAccount({ deps }: Site, role: Role): Promise<AccountRow> {
  const wanted = DEMO_ACCOUNTS[role];
  const buildingIds = role === 'SA' ? [] : (await deps.places.buildings()).map(({ id }) => id);
  const known = await deps.accounts.byLogin(wanted.login);
  if (known === undefined) return deps.accounts.create({ ...wanted, passwordHash: '', role, buildingIds }, deps.clock());
  await deps.accounts.setScope(known.id, buildingIds);
  return { ...known, buildingIds };
}

function signInRoutes(app: App, site: Site): void {
  app.get(
    '/session',
    {
      config: may('session', 'read'),
      schema: { summary: 'Who is signed in; sets the cookie that unsafe requests need', response: { 200: SessionView, ...PROBLEMS } },
    },
    (request, reply) => {
      const token = request.token ?? newToken();
      if (request.token === undefined) setCookie(site, reply, token);
      return view(site, request, { token, viewer: request.viewer });
    },
  );

  app.post('/session', { config: may('session', 'create'), schema: { summary: 'Sign in', body: SignIn, response: { 200: SessionView, ...PROBLEMS } } }, async (request, reply) => {
    const account = await site.signIn(request.body.login, request.body.password).catch((error: unknown) => {
      if (error instanceof Refusal && error.problem.code === 'WRONG_LOGIN') site.audit.failedSignIn();
      throw error;
    });
    const answer = await begin(site, request, reply, account);
    await site.audit.session('sign-in', account.id);
    return answer;
  });

  app.delete('/session', { config: may('session', 'end'), schema: { summary: 'Sign out', response: { 200: SessionView, ...PROBLEMS } } }, async (request, reply) => {
    if (request.token !== undefined) await site.sessions.close(request.token);
    if (request.viewer !== undefined) await site.audit.session('sign-out', request.viewer.accountId);
    const token = newToken();
    setCookie(site, reply, token);
    return view(site, request, { token, viewer: undefined });
  });
}

/** Signing in and out, the first account, and the demo's one click. */
export function sessionRoutes(app: App, site: Site): void {
  signInRoutes(app, site);

  app.post(
    '/setup',
    {
      config: may('account', 'setUp'),
      schema: { summary: 'Make the first account with the one-time link', body: SetUp, response: { 200: SessionView, ...PROBLEMS } },
    },
    async (request, reply) => {
      const account = await site.firstAccount.create(request.body);
      const answer = await begin(site, request, reply, account);
      await site.audit.session('set-up', account.id);
      return answer;
    },
  );

  app.post(
    '/demo/enter',
    {
      config: may('account', 'enterDemo'),
      schema: { summary: 'Enter the demo in a role (demo and loopback only)', body: DemoEnter, response: { 200: SessionView, ...PROBLEMS } },
    },
    async (request, reply) => {
      needDemo(site.deps.config, request);
      const account = await demoAccount(site, request.body.role);
      const answer = await begin(site, request, reply, account);
      await site.audit.session('sign-in', account.id);
      return answer;
    },
  );
}
