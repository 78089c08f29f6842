import { factorsOf } from '../store/factors.ts';
import { invitationsOf } from '../store/invitations.ts';
import type { AccountRow } from '../store/accounts.ts';
import { commonPasswords } from './common-passwords.ts';
import type { Deps } from './deps.ts';
import { createFactors, type Factors } from './factors.ts';
import { createInvitations, type Invitations } from './invitations.ts';
import { createPasskeys, type Passkeys } from './passkeys.ts';
import { createPasswords, type Passwords } from './passwords.ts';
import { createFirstAccount, type FirstAccount } from './set-up.ts';
import { createSignIn } from './sign-in.ts';
import { createTries, type Tries } from './tries.ts';

/** All by which somebody shows who he is. */
export interface SigningIn {
  readonly signIn: (login: string, password: string) => Promise<AccountRow>;
  readonly tries: Tries;
  readonly passwords: Passwords;
  readonly factors: Factors;
  readonly passkeys: Passkeys;
  readonly invitations: Invitations;
  readonly firstAccount: FirstAccount;
}

export function createSigningIn({ accounts, places, register, config, clock }: Deps): SigningIn {
  // Read at the start: a build without the list is found out before anybody signs in.
  commonPasswords();
  const passwords = createPasswords();
  const tries = createTries({ accounts, clock });
  const store = factorsOf(register);
  const factors = createFactors({ store, tries, vault: register.vault, clock });
  return {
    tries,
    passwords,
    factors,
    signIn: createSignIn({ accounts, passwords, tries }),
    passkeys: createPasskeys({ store, clock }),
    invitations: createInvitations({ store: invitationsOf(register), accounts, passwords, factors, places, common: commonPasswords, clock }),
    firstAccount: createFirstAccount({ accounts, passwords, common: commonPasswords, clock, demo: config.demo }),
  };
}
