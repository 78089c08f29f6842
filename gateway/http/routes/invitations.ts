import { type App, PROBLEMS } from '../app-type.ts';
import { begin } from '../entering.ts';
import { open } from '../permissions.ts';
import { InvitationTake, InvitationToken, InvitationView } from '../schemas/own-account.ts';
import { SessionView } from '../schemas/session.ts';
import type { Site } from '../site.ts';

/** Taking up an account by the link or QR somebody handed over. */
export function invitationRoutes(app: App, site: Site): void {
  app.get(
    '/invitations/:token',
    { config: { ...open('signIn'), rate: 'signIn' }, schema: { summary: 'What an invitation is for', params: InvitationToken, response: { 200: InvitationView, ...PROBLEMS } } },
    (request) => site.invitations.look(request.params.token),
  );

  app.post(
    '/invitations/:token',
    {
      config: open('signIn', 'C'),
      schema: { summary: 'Take up the invitation: login, password, signed in', params: InvitationToken, body: InvitationTake, response: { 200: SessionView, ...PROBLEMS } },
    },
    async (request, reply) => {
      const account = await site.invitations.take(request.params.token, request.body, ({ accountId, kind }) =>
        site.audit.acted({ accountId }, kind === 'join' ? 'invitation-taken' : 'account-reset'),
      );
      await site.rightsChanged();
      return begin(site, { request, reply }, account);
    },
  );
}
