import { ROLES, type Role } from '../core/roles.ts';
import type { Register } from './register.ts';
import { wordOf } from './values.ts';

/** Who an account is to colleagues. */
export interface AccountName {
  readonly id: number;
  readonly displayName: string;
  readonly role: Role;
  readonly orgId: number | null;
}

/** The natural persons behind accounts: one person may hold several, each with one role (domain.md 5.8, rule 7). */
export interface AccountPeople {
  /** The same account, or two with the same staff or document number, or the same row of the register. */
  samePerson(one: number, other: number): Promise<boolean>;
  /** Same question about a number that no account may have yet. */
  isHolder(accountId: number, holder: string): Promise<boolean>;
  /** The account is there and not disabled. 0, the local operator, is. */
  inForce(accountId: number): Promise<boolean>;
  names(ids: readonly number[]): Promise<ReadonlyMap<number, AccountName>>;
}

/** A staff or document number as it is hashed: written alike however it is typed. */
export const holderText = (number: string): string => number.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase();

/** The natural persons behind the register's accounts. */
export function accountPeopleOf({ read, vault }: Register): AccountPeople {
  const mark = (id: number) => read.account.findUnique({ where: { id }, select: { holderHash: true, personId: true } });
  return {
    async samePerson(one, other) {
      if (one === other) return true;
      const [a, b] = await Promise.all([mark(one), mark(other)]);
      if (a === null || b === null) return false;
      const holders = a.holderHash !== null && b.holderHash !== null && Buffer.from(a.holderHash).equals(b.holderHash);
      return holders || (a.personId !== null && a.personId === b.personId);
    },
    async isHolder(accountId, holder) {
      const account = await mark(accountId);
      return account?.holderHash != null && Buffer.from(account.holderHash).equals(vault.hash('holder', holderText(holder)));
    },
    inForce: async (id) => id === 0 || (await read.account.count({ where: { id, disabledAt: null } })) > 0,
    async names(ids) {
      const rows = await read.account.findMany({ where: { id: { in: [...new Set(ids)] } }, select: { id: true, login: true, role: true, nameSealed: true, orgId: true } });
      return new Map(
        rows.map(({ id, login, role, nameSealed, orgId }) => [
          id,
          { id, orgId, role: wordOf('Account.role', ROLES, role), displayName: nameSealed === null ? login : vault.open('account.name', nameSealed) },
        ]),
      );
    },
  };
}
