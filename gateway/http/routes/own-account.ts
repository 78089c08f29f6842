import { agentWords } from '../agent-words.ts';
import { type App, PROBLEMS } from '../app-type.ts';
import { commonPasswords } from '../common-passwords.ts';
import { checkPassword, mine, myAccount, renew } from '../entering.ts';
import { passwordRefusal } from '../password-policy.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { Done, OwnSessions, PasswordChange, SessionId } from '../schemas/own-account.ts';
import { SessionView } from '../schemas/session.ts';
import { hashToken } from '../sessions.ts';
import type { Site } from '../site.ts';

function sessionList(app: App, site: Site): void {
  const { accounts } = site.deps;

  app.get(
    '/sessions',
    { config: may('session', 'R', 'self'), schema: { summary: 'Where this account is signed in', response: { 200: OwnSessions, ...PROBLEMS } } },
    async (request) => {
      const { token, viewer } = mine(request);
      const here = hashToken(token);
      const sessions = await accounts.sessionsOf(viewer.accountId);
      return sessions.map(({ tokenHash, publicId, agent, ...session }) => ({ ...session, id: publicId, browser: agentWords(agent), current: here.equals(tokenHash) }));
    },
  );

  app.delete(
    '/sessions',
    { config: may('session', 'D', 'self'), schema: { summary: 'End all sessions of this account but this one', response: { 200: Done, ...PROBLEMS } } },
    async (request) => {
      const { token, viewer } = mine(request);
      await site.audit.acted(viewer, 'sessions-ended');
      return { ended: await site.sessions.endOf(viewer.accountId, { keep: token }) };
    },
  );

  app.delete(
    '/sessions/:session',
    { config: may('session', 'D', 'self'), schema: { summary: 'End one session of this account', params: SessionId, response: { 200: Done, ...PROBLEMS } } },
    async (request) => {
      const { viewer } = mine(request);
      const publicId = request.params.session;
      if (!(await accounts.sessionsOf(viewer.accountId)).some((session) => session.publicId === publicId)) throw refusal('NOT_FOUND');
      await site.audit.acted(viewer, 'session-ended');
      return { ended: await site.sessions.endOf(viewer.accountId, { publicId }) };
    },
  );
}

/** One's own password and sessions. */
export function ownAccountRoutes(app: App, site: Site): void {
  sessionList(app, site);

  app.post(
    '/session/password',
    {
      config: { ...may('password', 'U', 'self'), rate: 'signIn' },
      schema: { summary: 'Change the password; all other sessions end', body: PasswordChange, response: { 200: SessionView, ...PROBLEMS } },
    },
    async (request, reply) => {
      const { token, viewer } = mine(request);
      const account = await myAccount(site, request);
      await checkPassword(site, account, request.body.current);
      const weak = passwordRefusal(request.body.password, account, commonPasswords());
      if (weak !== undefined) throw weak;
      const passwordHash = await site.passwords.hash(request.body.password);
      await site.audit.acted(viewer, 'password-changed');
      await site.deps.accounts.setPassword(account.id, passwordHash);
      await site.sessions.endOf(account.id, { keep: token });
      return renew(site, { request, reply }, false);
    },
  );
}
