import type { Role } from '../core/roles.ts';
import { type AccountRow, accountRow } from './accounts.ts';
import { holderText } from './account-people.ts';
import type { Account } from './generated/client.ts';
import type { Register } from './register.ts';
import { ms } from './values.ts';

/** An account as it is listed, with the name of its office. */
export interface DeskRow extends AccountRow {
  readonly org: { readonly id: number; readonly name: string; readonly nameEn: string } | null;
  readonly createdAt: number;
  readonly hasHolder: boolean;
  /** Assignments in force at the moment asked for. */
  readonly inForce: number;
}

/** Which accounts a page shows. `orgs`: only those of these offices, or assigned to one of them. `after`: above this row number. */
export interface DeskPage {
  readonly role?: Role | undefined;
  readonly state?: 'invited' | 'active' | 'disabled' | undefined;
  readonly orgId?: number | undefined;
  readonly orgs?: ReadonlySet<number> | undefined;
  readonly hide?: readonly Role[];
  readonly after: number | undefined;
  readonly limit: number;
  /** Epoch ms. */
  readonly now: number;
}

export interface AccountEdit {
  readonly displayName?: string | undefined;
  readonly orgId?: number | null | undefined;
  /** Staff or document number; only for an account that has none. */
  readonly holder?: string | undefined;
}

/** Accounts for whoever administers them. */
export interface AccountDesk {
  page(wish: DeskPage): Promise<readonly DeskRow[]>;
  find(id: number, now: number): Promise<DeskRow | undefined>;
  /** The same natural person's other accounts. */
  others(id: number): Promise<readonly AccountRow[]>;
  /** What stops when it is disabled: sessions, access tokens and links not taken up at `now`. */
  running(id: number, now: number): Promise<{ readonly sessions: number; readonly tokens: number; readonly openInvitations: number }>;
  /** False: it is at another version by now. */
  change(id: number, version: number, edit: AccountEdit): Promise<boolean>;
  enable(id: number): Promise<void>;
  /** Notes whose account it is, by his staff or document number. */
  setHolder(id: number, holder: string): Promise<void>;
  /** Administrators other than this one who can sign in and are assigned at `now`. */
  otherAdmins(id: number, now: number): Promise<number>;
}

const inForce = (now: number) => ({ fromAt: { lte: now }, OR: [{ untilAt: null }, { untilAt: { gt: now } }] });

function whereOf({ role, state, orgId, orgs, hide = [], after }: DeskPage) {
  const mine = orgs === undefined ? undefined : [...orgs];
  return {
    AND: [
      role === undefined ? {} : { role },
      state === undefined ? {} : state === 'disabled' ? { disabledAt: { not: null } } : { state, disabledAt: null },
      orgId === undefined ? {} : { orgId },
      mine === undefined ? {} : { OR: [{ orgId: { in: mine } }, { assignments: { some: { place: 'org', placeId: { in: mine } } } }] },
      { role: { notIn: [...hide] } },
      after === undefined ? {} : { id: { gt: after } },
    ],
  };
}

const withDesk = (now: number) => ({ org: { select: { id: true, name: true, nameEn: true } }, _count: { select: { assignments: { where: inForce(now) } } } });
type Found = Account & { org: DeskRow['org']; _count: { assignments: number } };

/** Accounts of the register, for their administration. */
export function accountDeskOf({ read, write, vault }: Register): AccountDesk {
  const deskRow = (found: Found): DeskRow => ({
    ...accountRow(vault, found),
    org: found.org,
    createdAt: ms(found.createdAt),
    hasHolder: found.holderHash !== null,
    inForce: found._count.assignments,
  });
  const holderHash = (holder: string) => vault.hash('holder', holderText(holder));
  return {
    async page(wish) {
      return (await read.account.findMany({ where: whereOf(wish), include: withDesk(wish.now), orderBy: { id: 'asc' }, take: wish.limit })).map(deskRow);
    },
    async find(id, now) {
      const found = await read.account.findUnique({ where: { id }, include: withDesk(now) });
      return found === null ? undefined : deskRow(found);
    },
    async others(id) {
      const account = await read.account.findUnique({ where: { id }, select: { holderHash: true, personId: true } });
      const same = [...(account?.holderHash == null ? [] : [{ holderHash: account.holderHash }]), ...(account?.personId == null ? [] : [{ personId: account.personId }])];
      if (same.length === 0) return [];
      return (await read.account.findMany({ where: { OR: same, NOT: { id } }, orderBy: { id: 'asc' } })).map((row) => accountRow(vault, row));
    },
    async running(accountId, now) {
      const [sessions, tokens, openInvitations] = await Promise.all([
        read.session.count({ where: { accountId } }),
        read.accessToken.count({ where: { accountId, revokedAt: null, expiresAt: { gt: now } } }),
        read.invitation.count({ where: { accountId, usedAt: null, revokedAt: null, expiresAt: { gt: now } } }),
      ]);
      return { sessions, tokens, openInvitations };
    },
    async change(id, version, { displayName, orgId, holder }) {
      const data = {
        ...(displayName === undefined ? {} : { nameSealed: vault.seal('account.name', displayName) }),
        ...(orgId === undefined ? {} : { orgId }),
        ...(holder === undefined ? {} : { holderHash: holderHash(holder) }),
      };
      return (await write((db) => db.account.updateMany({ where: { id, version }, data: { ...data, version: { increment: 1 } } }))).count === 1;
    },
    async enable(id) {
      await write((db) => db.account.update({ where: { id }, data: { disabledAt: null, failures: 0, lockedUntil: null, version: { increment: 1 } } }));
    },
    async setHolder(id, holder) {
      await write((db) => db.account.update({ where: { id }, data: { holderHash: holderHash(holder) } }));
    },
    otherAdmins: (id, now) =>
      read.account.count({ where: { role: 'SA', NOT: { id }, disabledAt: null, passwordHash: { not: '' }, assignments: { some: { place: 'site', ...inForce(now) } } } }),
  };
}
