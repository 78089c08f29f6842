import type { AccountRow, Accounts } from '../store/accounts.ts';
import type { Passwords } from './passwords.ts';
import { refusal } from './problem.ts';

/** Wrong tries that cost nothing; each further one doubles the wait, up to a quarter of an hour. */
const FREE_TRIES = 10;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15 * 60_000;
/** Unknown names remembered, so that they back off like known ones and tell nobody which exist. */
const UNKNOWN_KEPT = 1_000;

interface Tries {
  readonly failures: number;
  readonly lockedUntil: number | null;
}

/** Tries after one more wrong one at `now` (epoch ms). */
export function afterFailure({ failures }: Tries, now: number): Tries {
  const count = failures + 1;
  if (count < FREE_TRIES) return { failures: count, lockedUntil: null };
  return { failures: count, lockedUntil: now + Math.min(FIRST_WAIT_MS * 2 ** Math.min(count - FREE_TRIES, 20), LONGEST_WAIT_MS) };
}

export interface SignInParts {
  readonly accounts: Accounts;
  readonly passwords: Passwords;
  readonly clock: () => number;
}

/** A login as it is stored and looked up: letter case, width and spaces around it do not matter. */
export const loginName = (login: string): string => login.normalize('NFKC').trim().toLowerCase();

/** The check of a name and a password. Throws WRONG_LOGIN or TOO_MANY_TRIES, the same for known and unknown names. */
export function createSignIn({ accounts, passwords, clock }: SignInParts): (login: string, password: string) => Promise<AccountRow> {
  const unknown = new Map<string, Tries>();
  const triesOf = (name: string, account: AccountRow | undefined): Tries => account ?? unknown.get(name) ?? { failures: 0, lockedUntil: null };

  let counting = Promise.resolve();

  /** One at a time and read anew, so that tries made at once are all counted. */
  function failed(name: string): Promise<void> {
    const counted = counting.then(() => count(name));
    counting = counted.catch(() => undefined);
    return counted;
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

  return async (login, password) => {
    const name = loginName(login);
    const account = await accounts.byLogin(name);
    const { lockedUntil } = triesOf(name, account);
    if (lockedUntil !== null && clock() < lockedUntil) throw refusal('TOO_MANY_TRIES', { retryAfter: Math.ceil((lockedUntil - clock()) / 1000) });
    const right = await passwords.verify(account?.passwordHash ?? '', password);
    if (account === undefined || !right || account.disabledAt !== null) {
      await failed(name);
      throw refusal('WRONG_LOGIN');
    }
    if (account.failures > 0) await accounts.setFailures(account.id, 0, null);
    return account;
  };
}
