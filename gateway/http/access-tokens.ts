import { randomBytes } from 'node:crypto';
import { pairsOf } from '../core/matrix.ts';
import type { Role } from '../core/roles.ts';
import type { Scope } from '../core/scope.ts';
import type { AccessTokenRow, AccessTokens } from '../store/access-tokens.ts';
import type { AccountRow } from '../store/accounts.ts';
import { refusal } from './problem.ts';
import type { TokenAsked } from './schemas/tokens.ts';
import { hashToken, isBarred } from './sessions.ts';
import { LOCAL_OPERATOR, type Viewer, viewerOf } from './viewer.ts';

const PREFIX = 'dbk_';
const FORM = /^dbk_[A-Za-z0-9_-]{43}$/;
const MOST = 20;
const DAY = 86_400_000;
/** How stale `lastUsedAt` may be before it is written again. */
const USED_MS = 60_000;
/** One's own sign-in is done by a person in a browser: no token opens, strengthens or multiplies itself. */
const NEVER: ReadonlySet<string> = new Set(['session', 'secondFactor', 'password', 'accessToken', 'demo']);

/** Pairs data:letter an account of this role may give to a token. */
export const grantable = (role: Role): string[] => pairsOf(role).filter((pair) => !NEVER.has(pair.split(':')[0] ?? ''));

/** Does an Authorization header's value look like one of ours? */
export const isAccessToken = (value: string): boolean => FORM.test(value);

/** Personal access tokens: for programs that act for one person, with less than he may himself. */
export interface PersonalTokens {
  /**
   * Makes one and returns it; it cannot be had again. `note` writes it down first. Refuses BAD_INPUT for a scope that is
   * not grantable, NOT_ALLOWED for the local operator (he is no account), LIMIT_REACHED beyond twenty.
   */
  create(viewer: Viewer, asked: TokenAsked, note: () => Promise<unknown>): Promise<AccessTokenRow & { readonly token: string }>;
  /** Who a token stands for; undefined when it is unknown, revoked, expired or of a barred account. */
  resolve(token: string): Promise<Viewer | undefined>;
}

export interface TokenParts {
  readonly tokens: AccessTokens;
  readonly scopeOf: (account: AccountRow) => Promise<Scope>;
  readonly clock: () => number;
  readonly demo: boolean;
}

/**
 * 256 random bits behind a prefix that secret scanners can look for; the register holds their SHA-256 alone.
 * The scope is computed at each use from the owner's assignments, so a token ends where its owner's rights end.
 */
export function createPersonalTokens({ tokens, scopeOf, clock, demo }: TokenParts): PersonalTokens {
  return {
    async create({ accountId, role }, { name, scopes, days }, note) {
      if (accountId === LOCAL_OPERATOR.accountId) throw refusal('NOT_ALLOWED');
      const may = new Set(grantable(role));
      const wrong = scopes.find((pair) => !may.has(pair));
      if (wrong !== undefined) throw refusal('BAD_INPUT', { field: 'scopes', expected: 'grantable' });
      await note();
      const token = `${PREFIX}${randomBytes(32).toString('base64url')}`;
      const now = clock();
      const wish = { accountId, name, scopes: [...new Set(scopes)].sort(), expiresAt: now + days * DAY, tokenHash: hashToken(token) };
      const made = await tokens.create(wish, MOST, now);
      if (made === undefined) throw refusal('LIMIT_REACHED', { field: 'tokens', expected: `≤ ${MOST}` });
      return { ...made, token };
    },
    async resolve(token) {
      const now = clock();
      const found = await tokens.byHash(hashToken(token), now);
      if (found === undefined) return undefined;
      const { account, scopes, id, lastUsedAt } = found;
      if (account.state !== 'active' || isBarred(account, demo)) return undefined;
      if (lastUsedAt === null || now - lastUsedAt >= USED_MS) await tokens.used(id, now);
      return { ...viewerOf({ account, step: 'full', strongAt: null }, await scopeOf(account)), pairs: new Set(scopes) };
    },
  };
}
