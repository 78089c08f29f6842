import type { AccountRow, Accounts } from '../store/accounts.ts';
import { refusal } from './problem.ts';

/** Wrong tries that cost nothing; each further one doubles the wait, up to a quarter of an hour. */
const FREE_TRIES = 10;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15 * 60_000;
/** Unknown names remembered, so that they back off like known ones and tell nobody which exist. */
const UNKNOWN_KEPT = 1_000;

interface Count {
  readonly failures: number;
  readonly lockedUntil: number | null;
}

/** Tries after one more wrong one at `now` (epoch ms). */
export function afterFailure({ failures }: Count, now: number): Count {
  const count = failures + 1;
  if (count < FREE_TRIES) return { failures: count, lockedUntil: null };
  return { failures: count, lockedUntil: now + Math.min(FIRST_WAIT_MS * 2 ** Math.min(count - FREE_TRIES, 20), LONGEST_WAIT_MS) };
}

/** Wrong passwords and wrong codes of an account, counted together. */
export interface Tries {
  /** Throws TOO_MANY_TRIES while the name has to wait. */
  check(name: string, account: AccountRow | undefined): void;
  /** One more wrong try; tries made at once are all counted. */
  failed(name: string): Promise<void>;
  /** Everything that was asked was right: counting begins anew. */
  passed(account: AccountRow): Promise<void>;
  /** Runs a cheap check of a code by itself, with the account as it is by then; false counts as a wrong try. Throws TOO_MANY_TRIES. */
  attempt(login: string, work: (account: AccountRow) => Promise<boolean>): Promise<boolean>;
}

export function createTries({ accounts, clock }: { readonly accounts: Pick<Accounts, 'byLogin' | 'setFailures'>; readonly clock: () => number }): Tries {
  const unknown = new Map<string, Count>();
  let turn: Promise<unknown> = Promise.resolve();

  const triesOf = (name: string, account: AccountRow | undefined): Count => account ?? unknown.get(name) ?? { failures: 0, lockedUntil: null };

  /** One at a time: nobody gets more tries by making them at once. */
  function inTurn<R>(work: () => Promise<R>): Promise<R> {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  }

  function check(name: string, account: AccountRow | undefined): void {
    const { lockedUntil } = triesOf(name, account);
    if (lockedUntil !== null && clock() < lockedUntil) throw refusal('TOO_MANY_TRIES', { retryAfter: Math.ceil((lockedUntil - clock()) / 1000) });
  }

  async function count(name: string): Promise<void> {
    const account = await accounts.byLogin(name);
    const tries = afterFailure(triesOf(name, account), clock());
    if (account !== undefined) return accounts.setFailures(account.id, tries.failures, tries.lockedUntil);
    unknown.delete(name);
    unknown.set(name, tries);
    const oldest = unknown.size > UNKNOWN_KEPT ? unknown.keys().next().value : undefined;
    if (oldest !== undefined) unknown.delete(oldest);
  }

  return {
    check,
    failed: (name) => inTurn(() => count(name)),
    async passed({ id, failures }) {
      if (failures > 0) await accounts.setFailures(id, 0, null);
    },
    attempt: (login, work) =>
      inTurn(async () => {
        const account = await accounts.byLogin(login);
        check(login, account);
        if (account !== undefined && (await work(account))) return true;
        await count(login);
        return false;
      }),
  };
}
