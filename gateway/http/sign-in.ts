import type { AccountRow, Accounts } from '../store/accounts.ts';
import { loginName } from './login-name.ts';
import type { Passwords } from './passwords.ts';
import { refusal } from './problem.ts';
import type { Tries } from './tries.ts';

export interface SignInParts {
  readonly accounts: Pick<Accounts, 'byLogin'>;
  readonly passwords: Passwords;
  readonly tries: Tries;
}

/**
 * The check of a name and a password. Throws WRONG_LOGIN or TOO_MANY_TRIES, the same for known and unknown names.
 * It does not forget wrong tries: that is for whoever has seen the second factor too, or knows that none is asked.
 */
export function createSignIn({ accounts, passwords, tries }: SignInParts): (login: string, password: string) => Promise<AccountRow> {
  return async (login, password) => {
    const name = loginName(login);
    const account = await accounts.byLogin(name);
    tries.check(name, account);
    const right = await passwords.verify(account?.passwordHash ?? '', password);
    if (account === undefined || !right || account.disabledAt !== null) {
      await tries.failed(name);
      throw refusal('WRONG_LOGIN');
    }
    return account;
  };
}
