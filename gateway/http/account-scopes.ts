import { EVERYWHERE, type Scope } from '../core/scope.ts';
import type { AccountRow } from '../store/accounts.ts';
import type { Scopes } from '../store/scopes.ts';

/** Scopes of accounts, kept until something that they are made of changes or their own next edge comes. */
export interface AccountScopes {
  of(account: Pick<AccountRow, 'id' | 'role' | 'personId'>): Promise<Scope>;
  /** Something changed: nothing that was computed holds any more. */
  forget(): void;
}

/** A district office covers thousands of buildings: counted anew at every request they would cost more than the request. */
export function createAccountScopes(scopes: Scopes, clock: () => number): AccountScopes {
  const known = new Map<number, Scope>();
  let generation = 0;
  return {
    async of(account) {
      if (account.id === 0) return EVERYWHERE;
      const now = clock();
      const found = known.get(account.id);
      if (found !== undefined && now < found.until) return found;
      const asked = generation;
      const scope = await scopes.of(account, now);
      // Computed from what may have changed meanwhile: good for this answer, not for the next.
      if (asked === generation) known.set(account.id, scope);
      return scope;
    },
    forget() {
      generation += 1;
      known.clear();
    },
  };
}
