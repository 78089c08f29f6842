import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AccountRow } from '../../store/accounts.ts';
import { type App, PROBLEMS } from '../app-type.ts';
import { cookieName, isSecure } from '../guard.ts';
import { demoHere, needDemo } from '../loopback.ts';
import { pairsOf } from '../../core/matrix.ts';
import type { NewAssignment } from '../../store/accounts.ts';
import { open } from '../permissions.ts';
import { Refusal } from '../problem.ts';
import { DemoEnter, type Role, SessionView, SetUp, SignIn } from '../schemas/session.ts';
import { ABSOLUTE_MS, csrfOf, newToken, type Opening } from '../sessions.ts';
import type { Site } from '../site.ts';
import { assigned, type Viewer, viewerOf } from '../viewer.ts';

function setCookie(site: Site, reply: FastifyReply, token: string): void {
  const secure = isSecure(site);
  reply.setCookie(cookieName(secure), token, { httpOnly: true, sameSite: 'strict', secure, path: '/' });
}

async function view(site: Site, request: FastifyRequest, { token, viewer }: { token: string; viewer: Viewer | undefined }): Promise<SessionView> {
  const account = viewer === undefined ? null : { id: viewer.accountId, login: viewer.login, displayName: viewer.displayName, role: viewer.role, step: viewer.step };
  const whole = viewer !== undefined && viewer.step === 'full';
  const mine = { may: whole ? pairsOf(viewer.role) : [], assigned: whole && assigned(viewer) };
  return { account, ...mine, csrf: csrfOf(token), demo: demoHere(site.deps.config, request), setup: viewer === undefined && (await site.firstAccount.isOpen()) };
}

const AGENT_CHARS = 160;

/** A demo account has no factor to give: on this computer, in the demo, its entry counts as strong. */
function openingOf({ deps }: Site, request: FastifyRequest, { passwordHash }: AccountRow): Opening {
  const demo = deps.config.demo && passwordHash === '';
  return { step: 'full', strongAt: demo ? deps.clock() + ABSOLUTE_MS : null, agent: (request.headers['user-agent'] ?? '').slice(0, AGENT_CHARS), address: request.ip };
}

/** A new token on every sign-in: what the browser held before signing in is worth nothing after (ASVS 7.2.4). */
async function begin(site: Site, request: FastifyRequest, reply: FastifyReply, account: AccountRow): Promise<SessionView> {
  const opening = openingOf(site, request, account);
  const token = await site.sessions.open(account, opening, request.token);
  setCookie(site, reply, token);
  return view(site, request, { token, viewer: viewerOf({ account, ...opening }, await site.scopes.of(account)) });
}

const DEMO_ACCOUNTS: Readonly<Record<Role, { login: string; displayName: string }>> = {
  SA: { login: 'demo-operator', displayName: '演示管理员 Demo operator' },
  LL: { login: 'demo-landlord', displayName: '演示房东 Demo landlord' },
  OF: { login: 'demo-officer', displayName: '演示民警 Demo officer' },
  TEN: { login: 'demo-tenant', displayName: '演示租客 Demo tenant' },
  BL: { login: 'demo-leader', displayName: '演示楼长 Demo building leader' },
  GW: { login: 'demo-grid-worker', displayName: '演示网格员 Demo grid worker' },
  CL: { login: 'demo-clerk', displayName: '演示窗口 Demo clerk' },
  DA: { login: 'demo-district', displayName: '演示区管理 Demo district' },
  AU: { login: 'demo-auditor', displayName: '演示审计 Demo auditor' },
  PO: { login: 'demo-privacy', displayName: '演示隐私专员 Demo privacy officer' },
};
const WHOLE_SITE: readonly Role[] = ['SA', 'AU', 'PO'];

/** The demo's account for a role: without a password, so nobody signs in to it, and worth nothing on a real site. */
async function demoAccount({ deps }: Site, role: Role): Promise<AccountRow> {
  const wanted = DEMO_ACCOUNTS[role];
  const known = await deps.accounts.byLogin(wanted.login);
  if (known !== undefined) return known;
  const span = { fromAt: deps.clock(), untilAt: null };
  const assignments: NewAssignment[] = WHOLE_SITE.includes(role)
    ? [{ place: 'site', placeId: 0, ...span }]
    : (await deps.places.buildings()).map(({ id }) => ({ place: 'building', placeId: id, ...span }));
  return deps.accounts.create({ ...wanted, passwordHash: '', role, assignments }, deps.clock());
}

function signInRoutes(app: App, site: Site): void {
  app.get(
    '/session',
    {
      config: open('signIn'),
      schema: { summary: 'Who is signed in; sets the cookie that unsafe requests need', response: { 200: SessionView, ...PROBLEMS } },
    },
    (request, reply) => {
      const token = request.token ?? newToken();
      if (request.token === undefined) setCookie(site, reply, token);
      return view(site, request, { token, viewer: request.viewer });
    },
  );

  app.post('/session', { config: open('signIn', 'C'), schema: { summary: 'Sign in', body: SignIn, response: { 200: SessionView, ...PROBLEMS } } }, async (request, reply) => {
    const account = await site.signIn(request.body.login, request.body.password).catch((error: unknown) => {
      if (error instanceof Refusal && error.problem.code === 'WRONG_LOGIN') site.audit.failedSignIn();
      throw error;
    });
    const answer = await begin(site, request, reply, account);
    await site.audit.session('sign-in', account.id);
    return answer;
  });

  app.delete('/session', { config: open('signIn', 'D'), schema: { summary: 'Sign out', response: { 200: SessionView, ...PROBLEMS } } }, async (request, reply) => {
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
      config: open('signIn', 'C'),
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
      config: open('signIn', 'C'),
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
