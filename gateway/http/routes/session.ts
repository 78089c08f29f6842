import type { AccountRow } from '../../store/accounts.ts';
import { type App, PROBLEMS } from '../app-type.ts';
import { DEMO_LOGINS } from '../demo-logins.ts';
import { begin, leave, placeOf, sessionView, setCookie } from '../entering.ts';
import { needDemo } from '../loopback.ts';
import { open } from '../permissions.ts';
import { Refusal, refusal } from '../problem.ts';
import { PasskeyOptions, PasskeySignIn } from '../schemas/own-account.ts';
import { DemoEnter, type Role, SessionView, SetUp, SignIn } from '../schemas/session.ts';
import { newToken } from '../sessions.ts';
import type { Site } from '../site.ts';

/** The demo's account for a role, which the demo loader has made. */
async function demoAccount({ deps }: Site, role: Role): Promise<AccountRow> {
  const known = await deps.accounts.byLogin(DEMO_LOGINS[role]);
  if (known === undefined) throw refusal('NOT_FOUND');
  return known;
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
      return sessionView(site, request, { token, viewer: request.viewer });
    },
  );

  app.post(
    '/session',
    { config: open('signIn', 'C'), schema: { summary: 'Sign in; the second factor follows where there is one', body: SignIn, response: { 200: SessionView, ...PROBLEMS } } },
    async (request, reply) => {
      const account = await site.signIn(request.body.login, request.body.password).catch((error: unknown) => {
        if (error instanceof Refusal && error.problem.code === 'WRONG_LOGIN') site.audit.failedSignIn();
        throw error;
      });
      const answer = await begin(site, { request, reply }, account);
      await site.audit.session('sign-in', account.id);
      return answer;
    },
  );

  app.delete('/session', { config: open('signIn', 'D'), schema: { summary: 'Sign out', response: { 200: SessionView, ...PROBLEMS } } }, async (request, reply) => {
    const answer = await leave(site, { request, reply });
    if (request.viewer !== undefined) await site.audit.session('sign-out', request.viewer.accountId);
    return answer;
  });
}

/** A passkey that verified the person is both factors in one: no name and no password are asked. */
function passkeyRoutes(app: App, site: Site): void {
  app.post(
    '/session/passkey/options',
    { config: { ...open('signIn', 'C'), rate: 'api' }, schema: { summary: 'Begin signing in with a passkey alone', response: { 200: PasskeyOptions, ...PROBLEMS } } },
    (request) => site.passkeys.toUse(undefined, placeOf(site, request)),
  );

  app.post(
    '/session/passkey',
    { config: open('signIn', 'C'), schema: { summary: 'Sign in with a passkey alone', body: PasskeySignIn, response: { 200: SessionView, ...PROBLEMS } } },
    async (request, reply) => {
      const passkey = await site.passkeys.used(request.body.passkey, placeOf(site, request), true);
      const account = passkey === undefined ? undefined : await site.deps.accounts.byId(passkey.accountId);
      if (account === undefined || account.disabledAt !== null || account.passwordHash === '') {
        site.audit.failedSignIn();
        throw refusal('PASSKEY_WRONG');
      }
      const answer = await begin(site, { request, reply }, account, { step: 'full', strongAt: site.deps.clock() });
      await site.audit.session('sign-in', account.id);
      return answer;
    },
  );
}

/** Signing in and out, the first account, and the demo's one click. */
export function sessionRoutes(app: App, site: Site): void {
  signInRoutes(app, site);
  passkeyRoutes(app, site);

  app.post(
    '/setup',
    {
      config: open('signIn', 'C'),
      schema: { summary: 'Make the first account with the one-time link', body: SetUp, response: { 200: SessionView, ...PROBLEMS } },
    },
    async (request, reply) => {
      const account = await site.firstAccount.create(request.body);
      const answer = await begin(site, { request, reply }, account);
      await site.audit.session('set-up', account.id);
      return answer;
    },
  );

  app.post(
    '/demo/enter',
    {
      config: { ...open('signIn', 'C'), rate: 'api' },
      schema: { summary: 'Enter the demo in a role (demo and loopback only)', body: DemoEnter, response: { 200: SessionView, ...PROBLEMS } },
    },
    async (request, reply) => {
      needDemo(site.deps.config, request);
      const account = await demoAccount(site, request.body.role);
      const answer = await begin(site, { request, reply }, account);
      await site.audit.session('sign-in', account.id);
      return answer;
    },
  );
}
