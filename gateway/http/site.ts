import type { AccountRow } from '../store/accounts.ts';
import { type Audit, createAudit } from './audit.ts';
import type { Deps } from './deps.ts';
import { createDoorList, type DoorList } from './door-list.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createLive, type Live } from './live.ts';
import { createObjects, type Objects } from './objects.ts';
import { createPasswords } from './passwords.ts';
import { type AccountScopes, createAccountScopes } from './account-scopes.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { createFirstAccount, type FirstAccount } from './set-up.ts';
import { createSignIn } from './sign-in.ts';

/** What the routes share: made once from the dependencies. */
export interface Site {
  readonly deps: Deps;
  readonly scopes: AccountScopes;
  /** Is the thing a route names in the viewer's scope? */
  readonly objects: Objects;
  readonly sessions: Sessions;
  readonly signIn: (login: string, password: string) => Promise<AccountRow>;
  readonly firstAccount: FirstAccount;
  readonly doorList: DoorList;
  readonly ledger: Ledger;
  readonly live: Live;
  readonly audit: Audit;
  /** After every write to the register: the index pulls it, the consoles fetch again. */
  registerChanged(): Promise<void>;
  /** After every change of accounts, assignments or offices: scopes are computed anew, live feeds checked at once. */
  rightsChanged(): Promise<void>;
}

export async function createSite(deps: Deps): Promise<Site> {
  const { accounts, clock, journal, config } = deps;
  const passwords = createPasswords();
  const doorList = createDoorList(deps.places);
  await doorList.refresh();
  const scopes = createAccountScopes(deps.scopes, clock);
  const sessions = createSessions({ accounts, scopeOf: scopes.of, clock, demo: config.demo });
  const ledger = createLedger({ journal, doorName: doorList.name });
  const live = createLive({ journal, ledger, doorList, states: () => deps.doorSide.states(), onError: deps.onError });
  sessions.onEnd(live.endSession);
  return {
    deps,
    scopes,
    objects: createObjects(deps, doorList),
    sessions,
    doorList,
    ledger,
    live,
    audit: createAudit(deps),
    signIn: createSignIn({ accounts, passwords, clock }),
    firstAccount: createFirstAccount({ accounts, passwords, clock, demo: config.demo }),
    async rightsChanged() {
      scopes.forget();
      await live.recheck();
    },
    async registerChanged() {
      scopes.forget();
      deps.doorSide.changed();
      await doorList.refresh();
      live.onRegister();
    },
  };
}
