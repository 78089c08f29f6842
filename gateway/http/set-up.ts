import { timingSafeEqual } from 'node:crypto';
import type { AccountRow, Accounts } from '../store/accounts.ts';
import { loginName } from './login-name.ts';
import { passwordRefusal } from './password-policy.ts';
import type { Passwords } from './passwords.ts';
import { refusal } from './problem.ts';
import type { SetUp } from './schemas/session.ts';
import { hashToken, newToken } from './sessions.ts';

/** The way to the first account of a real site. No account exists by default; the link dies with the process. */
export interface FirstAccount {
  /** Token of the one-time link; undefined when an account exists, or on the demo. */
  offer(): Promise<string | undefined>;
  isOpen(): Promise<boolean>;
  create(wanted: SetUp): Promise<AccountRow>;
}

export interface SetUpParts {
  readonly accounts: Accounts;
  readonly passwords: Passwords;
  readonly common: () => ReadonlySet<string>;
  readonly clock: () => number;
  readonly demo: boolean;
}

export function createFirstAccount({ accounts, passwords, common, clock, demo }: SetUpParts): FirstAccount {
  let expected: Buffer | undefined;
  const isOpen = async (): Promise<boolean> => !demo && (await accounts.countWithPassword()) === 0;
  return {
    isOpen,
    async offer() {
      if (!(await isOpen())) return undefined;
      const token = newToken();
      expected = hashToken(token);
      return token;
    },
    async create(wanted) {
      const given = expected;
      if (given === undefined || !timingSafeEqual(given, hashToken(wanted.token)) || !(await isOpen())) throw refusal('SETUP_LINK_USED');
      const weak = passwordRefusal(wanted.password, { role: 'SA', ...wanted }, common());
      if (weak !== undefined) throw weak;
      // Spent before the slow hash, so that two requests at once cannot both use it; given back when nothing came of it.
      if (expected === undefined) throw refusal('SETUP_LINK_USED');
      expected = undefined;
      try {
        const passwordHash = await passwords.hash(wanted.password);
        return await accounts.create(
          {
            login: loginName(wanted.login),
            passwordHash,
            role: 'SA',
            displayName: wanted.displayName.trim(),
            assignments: [{ place: 'site', placeId: 0, fromAt: clock(), untilAt: null }],
          },
          clock(),
        );
      } catch (error) {
        expected = given;
        throw error;
      }
    },
  };
}
