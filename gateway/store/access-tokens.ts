import { type AccountRow, accountRow } from './accounts.ts';
import type { Register } from './register.ts';
import { ms, msOrNull } from './values.ts';

/** A personal access token as its owner sees it. Times are epoch ms. */
export interface AccessTokenRow {
  readonly id: number;
  readonly name: string;
  /** Pairs data:letter of the permission matrix. */
  readonly scopes: string[];
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly lastUsedAt: number | null;
}

export interface NewAccessToken extends Pick<AccessTokenRow, 'name' | 'scopes' | 'expiresAt'> {
  readonly accountId: number;
  readonly tokenHash: Uint8Array;
}

/** Personal access tokens: found by the SHA-256 of the token, which itself is never stored. */
export interface AccessTokens {
  /** Undefined when the account has `most` in force already. */
  create(token: NewAccessToken, most: number, now: number): Promise<AccessTokenRow | undefined>;
  /** Those in force, newest first. */
  ofAccount(accountId: number, now: number): Promise<AccessTokenRow[]>;
  /** The token and its account, when it is neither revoked nor expired. */
  byHash(tokenHash: Uint8Array, now: number): Promise<(AccessTokenRow & { readonly account: AccountRow }) | undefined>;
  used(id: number, now: number): Promise<void>;
  /** False when the account has no such token in force. */
  revoke(accountId: number, id: number, now: number): Promise<boolean>;
}

interface Stored {
  readonly id: number;
  readonly name: string;
  readonly scopes: string;
  readonly createdAt: bigint;
  readonly expiresAt: bigint;
  readonly lastUsedAt: bigint | null;
}

const rowOf = ({ id, name, scopes, createdAt, expiresAt, lastUsedAt }: Stored): AccessTokenRow => ({
  id,
  name,
  scopes: scopes.split(' '),
  createdAt: ms(createdAt),
  expiresAt: ms(expiresAt),
  lastUsedAt: msOrNull(lastUsedAt),
});

const inForce = (now: number) => ({ revokedAt: null, expiresAt: { gt: now } });

/** Personal access tokens of the register. */
export function accessTokensOf({ read, write, vault }: Register): AccessTokens {
  return {
    create: ({ tokenHash, scopes, ...token }, most, now) =>
      write(async (db) => {
        if ((await db.accessToken.count({ where: { accountId: token.accountId, ...inForce(now) } })) >= most) return undefined;
        return rowOf(await db.accessToken.create({ data: { ...token, tokenHash: Uint8Array.from(tokenHash), scopes: scopes.join(' '), createdAt: now } }));
      }),
    async ofAccount(accountId, now) {
      return (await read.accessToken.findMany({ where: { accountId, ...inForce(now) }, orderBy: { id: 'desc' } })).map(rowOf);
    },
    async byHash(tokenHash, now) {
      const row = await read.accessToken.findFirst({ where: { tokenHash: Uint8Array.from(tokenHash), ...inForce(now) }, include: { account: true } });
      return row === null ? undefined : { ...rowOf(row), account: accountRow(vault, row.account) };
    },
    async used(id, now) {
      await write((db) => db.accessToken.updateMany({ where: { id }, data: { lastUsedAt: now } }));
    },
    async revoke(accountId, id, now) {
      const { count } = await write((db) => db.accessToken.updateMany({ where: { id, accountId, ...inForce(now) }, data: { revokedAt: now } }));
      return count > 0;
    },
  };
}
