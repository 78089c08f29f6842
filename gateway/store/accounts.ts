import { ROLES, type Role } from '../core/roles.ts';
import type { PlaceKind } from '../core/roles.ts';
import type { Account } from './generated/client.ts';
import type { Register, WriteDb } from './register.ts';
import { ms, msOrNull, wordOf } from './values.ts';
import type { Vault } from './vault.ts';

const STATES = ['invited', 'active'] as const;
const STEPS = ['factor', 'enrol', 'full'] as const;

/** Somebody who can sign in. Times are epoch ms. */
export interface AccountRow {
  readonly id: number;
  readonly login: string;
  /** PHC string of argon2id; '' when nobody can sign in with a password (demo accounts, invitations not taken up). */
  readonly passwordHash: string;
  readonly role: Role;
  readonly displayName: string;
  /** The person in the register behind it: always for TEN. */
  readonly personId: number | null;
  readonly orgId: number | null;
  readonly state: (typeof STATES)[number];
  readonly failures: number;
  readonly lockedUntil: number | null;
  readonly disabledAt: number | null;
  readonly version: number;
}

/** A place an account is to work in. `untilAt` null: until somebody ends it. */
export interface NewAssignment {
  readonly place: PlaceKind;
  readonly placeId: number;
  readonly fromAt: number;
  readonly untilAt: number | null;
}

export interface NewAccount extends Pick<AccountRow, 'login' | 'passwordHash' | 'role' | 'displayName'> {
  readonly assignments: readonly NewAssignment[];
  readonly personId?: number | null;
  readonly orgId?: number | null;
  readonly state?: AccountRow['state'];
  readonly createdBy?: number | null;
}

/** One sign-in on one machine. */
export interface SessionRow {
  readonly account: AccountRow;
  readonly publicId: string;
  readonly step: (typeof STEPS)[number];
  /** When a second factor was last given, epoch ms. */
  readonly strongAt: number | null;
  readonly createdAt: number;
  readonly lastSeenAt: number;
}

export interface NewSession extends Pick<SessionRow, 'publicId' | 'step' | 'strongAt'> {
  readonly tokenHash: Uint8Array;
  readonly accountId: number;
  /** The browser as it names itself, and the address it came from: for its owner's list. */
  readonly agent: string;
  readonly address: string;
}

/** A session as its owner lists it. */
export interface SessionItem extends Pick<NewSession, 'publicId' | 'agent' | 'address'> {
  readonly tokenHash: Uint8Array;
  readonly createdAt: number;
  readonly lastSeenAt: number;
}

/** Accounts and their sessions. A session is found by the SHA-256 of its token; the token itself is never stored. */
export interface Accounts {
  /** How many accounts somebody can sign in to with a password; 0: the site is not set up. */
  countWithPassword(): Promise<number>;
  byLogin(login: string): Promise<AccountRow | undefined>;
  byId(id: number): Promise<AccountRow | undefined>;
  /** Rejects when the login is taken. */
  create(account: NewAccount, now: number): Promise<AccountRow>;
  setFailures(accountId: number, failures: number, lockedUntil: number | null): Promise<void>;
  /** Bars the account and ends its sessions, in one step; resolves with the hex hashes of those, for `Sessions.ended`. `note`: called right before; when it rejects nothing is done. */
  disable(accountId: number, now: number, note?: (db: WriteDb) => Promise<void>): Promise<string[]>;
  setPassword(accountId: number, passwordHash: string): Promise<void>;
  openSession(session: NewSession, now: number): Promise<void>;
  session(tokenHash: Uint8Array): Promise<SessionRow | undefined>;
  /** The session goes on under another token. False: it had ended. */
  renewSession(tokenHash: Uint8Array, next: Pick<NewSession, 'tokenHash' | 'step' | 'strongAt'>): Promise<boolean>;
  /** An account's sessions, last seen first. */
  sessionsOf(accountId: number): Promise<SessionItem[]>;
  touchSession(tokenHash: Uint8Array, now: number): Promise<void>;
  closeSession(tokenHash: Uint8Array): Promise<void>;
  /** Ends all sessions of an account but `keep`, or only the one of that public name; resolves with the hex hashes of those ended. */
  closeSessionsOf(accountId: number, which?: { readonly keep?: Uint8Array; readonly publicId?: string }): Promise<string[]>;
  /** Removes sessions last seen before `idleSince` or begun before `begunSince`. */
  sweepSessions(limits: { idleSince: number; begunSince: number }): Promise<void>;
}

/** An account as the register has it, with its name opened; a damaged or missing name falls back to the login. */
export const accountRow = (
  vault: Vault,
  { id, login, passwordHash, role, nameSealed, personId, orgId, state, failures, lockedUntil, disabledAt, version }: Account,
): AccountRow => ({
  id,
  login,
  passwordHash,
  personId,
  orgId,
  failures,
  version,
  displayName: nameSealed === null ? login : vault.open('account.name', nameSealed),
  role: wordOf('Account.role', ROLES, role),
  state: wordOf('Account.state', STATES, state),
  lockedUntil: msOrNull(lockedUntil),
  disabledAt: msOrNull(disabledAt),
});

type SessionPart = Pick<Accounts, 'openSession' | 'session' | 'renewSession' | 'sessionsOf' | 'touchSession' | 'closeSession' | 'closeSessionsOf' | 'sweepSessions'>;

/** More sessions of one account nobody reads through. */
const MOST_LISTED = 100;

const hexOf = (rows: readonly { readonly tokenHash: Uint8Array }[]): string[] => rows.map(({ tokenHash }) => Buffer.from(tokenHash).toString('hex'));

function sessionsOf({ read, write, vault }: Register): SessionPart {
  const key = (tokenHash: Uint8Array) => ({ tokenHash: Uint8Array.from(tokenHash) });
  return {
    async openSession({ tokenHash, ...session }, now) {
      await write((db) => db.session.create({ data: { ...key(tokenHash), ...session, createdAt: now, lastSeenAt: now } }));
    },
    async session(tokenHash) {
      const row = await read.session.findUnique({ where: key(tokenHash), include: { account: true } });
      if (row === null) return undefined;
      const { account, publicId, step, strongAt, createdAt, lastSeenAt } = row;
      return {
        account: accountRow(vault, account),
        publicId,
        step: wordOf('Session.step', STEPS, step),
        strongAt: msOrNull(strongAt),
        createdAt: ms(createdAt),
        lastSeenAt: ms(lastSeenAt),
      };
    },
    async renewSession(tokenHash, { tokenHash: next, ...session }) {
      return (await write((db) => db.session.updateMany({ where: key(tokenHash), data: { ...key(next), ...session } }))).count === 1;
    },
    async sessionsOf(accountId) {
      const rows = await read.session.findMany({ where: { accountId }, orderBy: { lastSeenAt: 'desc' }, take: MOST_LISTED });
      return rows.map(({ tokenHash, publicId, agent, address, createdAt, lastSeenAt }) => ({
        tokenHash,
        publicId,
        agent,
        address,
        createdAt: ms(createdAt),
        lastSeenAt: ms(lastSeenAt),
      }));
    },
    // updateMany and deleteMany: a session that another tab has just ended is no error.
    async touchSession(tokenHash, now) {
      await write((db) => db.session.updateMany({ where: key(tokenHash), data: { lastSeenAt: now } }));
    },
    async closeSession(tokenHash) {
      await write((db) => db.session.deleteMany({ where: key(tokenHash) }));
    },
    closeSessionsOf: (accountId, { keep, publicId } = {}) =>
      write(async (db) => {
        const where = { accountId, ...(keep === undefined ? {} : { NOT: key(keep) }), ...(publicId === undefined ? {} : { publicId }) };
        const ended = await db.session.findMany({ where, select: { tokenHash: true } });
        await db.session.deleteMany({ where });
        return hexOf(ended);
      }),
    async sweepSessions({ idleSince, begunSince }) {
      await write((db) => db.session.deleteMany({ where: { OR: [{ lastSeenAt: { lt: idleSince } }, { createdAt: { lt: begunSince } }] } }));
    },
  };
}

/** Accounts and sessions of the register. */
export function accountsOf(register: Register): Accounts {
  const { read, write, vault } = register;
  const one = (row: Account | null): AccountRow | undefined => (row === null ? undefined : accountRow(vault, row));
  return {
    ...sessionsOf(register),
    countWithPassword: () => read.account.count({ where: { passwordHash: { not: '' }, disabledAt: null } }),
    byLogin: async (login) => one(await read.account.findUnique({ where: { login } })),
    byId: async (id) => one(await read.account.findUnique({ where: { id } })),
    async create({ assignments, displayName, ...account }, now) {
      const made = { ...account, nameSealed: vault.seal('account.name', displayName), createdAt: now };
      const given = assignments.map((assignment) => ({ ...assignment, createdAt: now, createdBy: account.createdBy ?? null }));
      return accountRow(vault, await write((db) => db.account.create({ data: { ...made, assignments: { create: given } } })));
    },
    async setFailures(id, failures, lockedUntil) {
      await write((db) => db.account.update({ where: { id }, data: { failures, lockedUntil } }));
    },
    async setPassword(id, passwordHash) {
      await write((db) => db.account.update({ where: { id }, data: { passwordHash } }));
    },
    disable: (id, now, note = async () => undefined) =>
      write(async (db) => {
        const barred = { disabledAt: now, version: { increment: 1 } };
        const ended = await db.session.findMany({ where: { accountId: id }, select: { tokenHash: true } });
        // Let in again later, the account begins without what programs had of it.
        const tokens = db.accessToken.updateMany({ where: { accountId: id, revokedAt: null }, data: { revokedAt: now } });
        await note(db);
        await db.$transaction([db.account.update({ where: { id }, data: barred }), db.session.deleteMany({ where: { accountId: id } }), tokens]);
        return hexOf(ended);
      }),
  };
}
