import type { Invitation } from './generated/client.ts';
import type { Register } from './register.ts';
import { ms, msOrNull, wordOf } from './values.ts';

const KINDS = ['join', 'reset'] as const;
/** join: a first password; reset: a new password and factor, handed over in person. */
export type InvitationKind = (typeof KINDS)[number];

export interface InvitationRow {
  readonly id: number;
  readonly accountId: number;
  readonly kind: InvitationKind;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly usedAt: number | null;
  readonly revokedAt: number | null;
}

export interface NewInvitation extends Pick<InvitationRow, 'accountId' | 'kind' | 'createdAt' | 'expiresAt'> {
  readonly tokenHash: Uint8Array;
  readonly createdBy: number;
}

/** What taking one up sets, all or nothing. */
export interface Taken {
  readonly id: number;
  readonly login: string;
  readonly passwordHash: string;
}

/** Links that let somebody take up an account. Found by the SHA-256 of their token; the token is never stored. */
export interface Invitations {
  /** Makes one; what was open for the account until now is revoked. */
  create(invitation: NewInvitation): Promise<void>;
  find(tokenHash: Uint8Array): Promise<InvitationRow | undefined>;
  /** Spends it, sets login and password, for a reset also removes the second factors, and ends the account's sessions. False: it is open no more, or the login is somebody else's. */
  take(taken: Taken, now: number): Promise<boolean>;
}

const row = ({ id, accountId, kind, createdAt, expiresAt, usedAt, revokedAt }: Invitation): InvitationRow => ({
  id,
  accountId,
  kind: wordOf('Invitation.kind', KINDS, kind),
  createdAt: ms(createdAt),
  expiresAt: ms(expiresAt),
  usedAt: msOrNull(usedAt),
  revokedAt: msOrNull(revokedAt),
});

/** Invitations of the register. */
export function invitationsOf({ read, write }: Register): Invitations {
  const open = { usedAt: null, revokedAt: null };
  return {
    async create({ tokenHash, ...invitation }) {
      const { accountId, createdAt } = invitation;
      await write((db) =>
        db.$transaction([
          db.invitation.updateMany({ where: { accountId, ...open }, data: { revokedAt: createdAt } }),
          db.invitation.create({ data: { ...invitation, tokenHash: Uint8Array.from(tokenHash) } }),
        ]),
      );
    },
    async find(tokenHash) {
      const found = await read.invitation.findUnique({ where: { tokenHash: Uint8Array.from(tokenHash) } });
      return found === null ? undefined : row(found);
    },
    take: ({ id, login, passwordHash }, now) =>
      write(async (db) => {
        const found = await db.invitation.findFirst({ where: { id, ...open, expiresAt: { gt: now } } });
        if (found === null) return false;
        const { accountId, kind } = found;
        const namesake = await db.account.findFirst({ where: { login, NOT: { id: accountId } } });
        if (namesake !== null) return false;
        const whose = { where: { accountId } };
        const set = { login, passwordHash, state: 'active', failures: 0, lockedUntil: null, version: { increment: 1 } };
        const factors = kind === 'reset' ? [db.secondFactor.deleteMany(whose), db.recoveryCode.deleteMany(whose)] : [];
        await db.$transaction([
          db.invitation.update({ where: { id }, data: { usedAt: now } }),
          db.account.update({ where: { id: accountId }, data: set }),
          db.session.deleteMany(whose),
          db.accessToken.updateMany({ where: { accountId, revokedAt: null }, data: { revokedAt: now } }),
          ...factors,
        ]);
        return true;
      }),
  };
}
