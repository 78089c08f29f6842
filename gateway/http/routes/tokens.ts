import { type App, ById, PROBLEMS } from '../app-type.ts';
import { grantable } from '../access-tokens.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { TokenAsked, TokenList, TokenMade } from '../schemas/tokens.ts';
import { accessTokensOf } from '../../store/access-tokens.ts';
import type { Site } from '../site.ts';

/** One's own personal access tokens. Making one asks for the second factor; ending one does not: that must be quick. */
export function tokenRoutes(app: App, site: Site): void {
  const { clock, register } = site.deps;
  const tokens = accessTokensOf(register);

  app.get(
    '/me/tokens',
    { config: may('accessToken', 'R', 'self'), schema: { summary: 'Own access tokens, and what a new one may be given', response: { 200: TokenList, ...PROBLEMS } } },
    async (request) => {
      const { accountId, role } = who(request);
      return { tokens: await tokens.ofAccount(accountId, clock()), grantable: grantable(role) };
    },
  );

  app.post(
    '/me/tokens',
    {
      config: { ...may('accessToken', 'C', 'self', { strong: true }), shownOnce: true },
      schema: { summary: 'Make an access token; it is shown this once', body: TokenAsked, response: { 200: TokenMade, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const words = request.body.scopes.join(' ').slice(0, 120);
      return site.tokens.create(viewer, request.body, () => site.audit.acted(viewer, 'token-made', { words }));
    },
  );

  app.delete(
    '/me/tokens/:id',
    { config: may('accessToken', 'D', 'self'), schema: { summary: 'End an access token', params: ById, response: { 200: TokenList, ...PROBLEMS } } },
    async (request) => {
      const viewer = who(request);
      const { id } = request.params;
      if (!(await tokens.ofAccount(viewer.accountId, clock())).some((token) => token.id === id)) throw refusal('NOT_FOUND');
      await site.audit.acted(viewer, 'token-ended');
      await tokens.revoke(viewer.accountId, id, clock());
      return { tokens: await tokens.ofAccount(viewer.accountId, clock()), grantable: grantable(viewer.role) };
    },
  );
}
