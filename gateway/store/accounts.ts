import type { Account, AccountScope } from './generated/client.ts';
import type { Register } from './register.ts';
import { ms, msOrNull, wordOf } from './values.ts';

const ROLES = ['SA', 'LL', 'OF'] as const;

/** Somebody who can sign in. Times are epoch ms. */
export interface AccountRow {
  readonly id: number;
  readonly login: string;
  /** PHC string of argon2id; '' when nobody can sign in with a password (demo accounts). */
  readonly passwordHash: string;
  readonly role: (typeof ROLES)[number];
  readonly displayName: string;
  readonly failures: number;
  readonly lockedUntil: number | null;
  readonly disabledAt: number | null;
  /** Buildings it may see; an SA account sees all and needs none. */
  readonly buildingIds: readonly number[];
}

export type NewAccount = Pick<AccountRow, 'login' | 'passwordHash' | 'role' | 'displayName' | 'buildingIds'>;

export interface SessionRow {
  readonly account: AccountRow;
  readonly createdAt: number;
  readonly lastSeenAt: number;
}

/** Accounts and their sessions. A session is found by the SHA-256 of its token; the token itself is never stored. */
export interface Accounts {
  /** How many accounts somebody can sign in to with a password; 0: the site is not set up. */
  countWithPassword(): Promise<number>;
  byLogin(login: string): Promise<AccountRow | undefined>;
  /** Rejects when the login is taken. */
  create(account: NewAccount, now: number): Promise<AccountRow>;
  setScope(accountId: number, buildingIds: readonly number[]): Promise<void>;
  setFailures(accountId: number, failures: number, lockedUntil: number | null): Promise<void>;
  /** Bars the account and ends its sessions, in one step. */
  disable(accountId: number, now: number): Promise<void>;
  openSession(tokenHash: Uint8Array, accountId: number, now: number): Promise<void>;
  session(tokenHash: Uint8Array): Promise<SessionRow | undefined>;
  touchSession(tokenHash: Uint8Array, now: number): Promise<void>;
  closeSession(tokenHash: Uint8Array): Promise<void>;
  closeSessionsOf(accountId: number): Promise<void>;
  /** Removes sessions last seen before `idleSince` or begun before `begunSince`. */
  sweepSessions(limits: { idleSince: number; begunSince: number }): Promise<void>;
}

type AccountWithScopes = Account & { scopes: AccountScope[] };
const WITH_SCOPES = { scopes: { orderBy: { buildingId: 'asc' } } } as const;

const accountRow = ({ id, login, passwordHash, role, displayName, failures, lockedUntil, disabledAt, scopes }: AccountWithScopes): AccountRow => ({
  id,
  login,
  passwordHash,
  displayName,
  failures,
  role: wordOf('Account.role', ROLES, role),
  lockedUntil: msOrNull(lockedUntil),
  disabledAt: msOrNull(disabledAt),
  buildingIds: scopes.map((scope) => scope.buildingId),
});

type SessionPart = Pick<Accounts, 'openSession' | 'session' | 'touchSession' | 'closeSession' | 'closeSessionsOf' | 'sweepSessions'>;

function sessionsOf({ read, write }: Register): SessionPart {
  const key = (tokenHash: Uint8Array) => ({ tokenHash: Uint8Array.from(tokenHash) });
  return {
    async openSession(tokenHash, accountId, now) {
      await write((db) => db.session.create({ data: { ...key(tokenHash), accountId, createdAt: now, lastSeenAt: now } }));
    },
    async session(tokenHash) {
      const row = await read.session.findUnique({ where: key(tokenHash), include: { account: { include: WITH_SCOPES } } });
      return row === null ? undefined : { account: accountRow(row.account), createdAt: ms(row.createdAt), lastSeenAt: ms(row.lastSeenAt) };
    },
    // updateMany and deleteMany: a session that another tab has just ended is no error.
    async touchSession(tokenHash, now) {
      await write((db) => db.session.updateMany({ where: key(tokenHash), data: { lastSeenAt: now } }));
    },
    async closeSession(tokenHash) {
      await write((db) => db.session.deleteMany({ where: key(tokenHash) }));
    },
    async closeSessionsOf(accountId) {
      await write((db) => db.session.deleteMany({ where: { accountId } }));
    },
    async sweepSessions({ idleSince, begunSince }) {
      await write((db) => db.session.deleteMany({ where: { OR: [{ lastSeenAt: { lt: idleSince } }, { createdAt: { lt: begunSince } }] } }));
    },
  };
}

/** Accounts and sessions of the register. */
export function accountsOf(register: Register): Accounts {
  const { read, write } = register;
  return {
    ...sessionsOf(register),
    countWithPassword: () => read.account.count({ where: { passwordHash: { not: '' }, disabledAt: null } }),
    async byLogin(login) {
      const row = await read.account.findUnique({ where: { login }, include: WITH_SCOPES });
      return row === null ? undefined : accountRow(row);
    },
    async create({ buildingIds, ...account }, now) {
      const scopes = { create: buildingIds.map((buildingId) => ({ buildingId })) };
      return accountRow(await write((db) => db.account.create({ data: { ...account, createdAt: now, scopes }, include: WITH_SCOPES })));
    },
    async setScope(accountId, buildingIds) {
      const data = buildingIds.map((buildingId) => ({ accountId, buildingId }));
      await write((db) => db.$transaction([db.accountScope.deleteMany({ where: { accountId } }), db.accountScope.createMany({ data })]));
    },
    async setFailures(id, failures, lockedUntil) {
      await write((db) => db.account.update({ where: { id }, data: { failures, lockedUntil } }));
    },
    async disable(id, now) {
      await write((db) => db.$transaction([db.account.update({ where: { id }, data: { disabledAt: now } }), db.session.deleteMany({ where: { accountId: id } })]));
    },
  };
}
