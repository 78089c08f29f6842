import { ROLES, type Role } from '../core/roles.ts';
import type { Register } from './register.ts';
import { wordOf } from './values.ts';

/** Who did something, as an audit line or a receipt names him. */
export interface Onlooker {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  readonly office: { readonly name: string; readonly nameEn: string } | undefined;
}

/** An account of the same natural person. */
export interface OwnAccount {
  readonly id: number;
  readonly role: Role;
  readonly personId: number | null;
}

/** Those who look, by account. */
export interface Onlookers {
  byIds(accountIds: readonly number[]): Promise<ReadonlyMap<number, Onlooker>>;
  /** Other accounts of the natural person behind this one (domain.md 5.8, rule 7), also disabled ones. */
  alsoOf(accountId: number): Promise<readonly OwnAccount[]>;
}

/** Those who look, of the register. */
export function onlookersOf({ read, vault }: Register): Onlookers {
  return {
    async byIds(accountIds) {
      const rows = await read.account.findMany({
        where: { id: { in: [...new Set(accountIds)] } },
        select: { id: true, login: true, role: true, nameSealed: true, org: { select: { name: true, nameEn: true } } },
      });
      return new Map(
        rows.map(({ id, login, role, nameSealed, org }) => [
          id,
          { id, role: wordOf('Account.role', ROLES, role), name: nameSealed === null ? login : vault.open('account.name', nameSealed), office: org ?? undefined },
        ]),
      );
    },
    async alsoOf(accountId) {
      const own = await read.account.findUnique({ where: { id: accountId }, select: { holderHash: true, personId: true } });
      const marks = [...(own?.holderHash == null ? [] : [{ holderHash: own.holderHash }]), ...(own?.personId == null ? [] : [{ personId: own.personId }])];
      if (marks.length === 0) return [];
      const rows = await read.account.findMany({ where: { OR: marks, NOT: { id: accountId } }, select: { id: true, role: true, personId: true } });
      return rows.map((row) => ({ ...row, role: wordOf('Account.role', ROLES, row.role) }));
    },
  };
}
