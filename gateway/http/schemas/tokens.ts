import { type Static, Type } from 'typebox';

/** Longest life of a personal access token, in days. */
const MOST_DAYS = 366;

/** POST /api/v1/me/tokens. */
export const TokenAsked = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64 }),
    scopes: Type.Array(Type.String({ maxLength: 40 }), { minItems: 1, maxItems: 200, description: 'Pairs data:letter, each one of `grantable`.' }),
    days: Type.Integer({ minimum: 1, maximum: MOST_DAYS }),
  },
  { additionalProperties: false },
);
export type TokenAsked = Static<typeof TokenAsked>;

/** A token as its owner sees it in the list. Times are epoch ms. */
export const TokenView = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  scopes: Type.Array(Type.String()),
  createdAt: Type.Integer(),
  expiresAt: Type.Integer(),
  lastUsedAt: Type.Union([Type.Integer(), Type.Null()]),
});
export type TokenView = Static<typeof TokenView>;

/** The answer to POST: the token itself is in it, this once. */
export const TokenMade = Type.Object({ ...TokenView.properties, token: Type.String({ description: 'dbk_…: send it as `Authorization: Bearer`. It is not shown again.' }) });
export type TokenMade = Static<typeof TokenMade>;

/** GET /api/v1/me/tokens. */
export const TokenList = Type.Object({ tokens: Type.Array(TokenView), grantable: Type.Array(Type.String(), { description: 'Pairs this account may give to a token.' }) });
export type TokenList = Static<typeof TokenList>;
