import { STRONG_ROLES } from '../core/roles.ts';
import type { AccountRow } from '../store/accounts.ts';
import type { FactorRow, FactorStore, NewPasskey } from '../store/factors.ts';
import type { Vault } from '../store/vault.ts';
import { refusal } from './problem.ts';
import { newRecoveryCodes, recoveryText } from './recovery-codes.ts';
import type { FactorAsk } from './schemas/own-account.ts';
import { newTotpSecret, stepOfCode, totpWords } from './totp.ts';
import type { Tries } from './tries.ts';
import type { Viewer } from './viewer.ts';

/** More devices than this nobody carries. */
const MOST = 10;

/** The second factors of accounts: authenticator apps, passkeys, recovery codes. */
export interface Factors {
  /** Where a session begins once the password was right. */
  stepAfterPassword(account: Pick<AccountRow, 'id' | 'role'>): Promise<Viewer['step']>;
  required(account: Pick<AccountRow, 'role'>): boolean;
  ask(accountId: number): Promise<FactorAsk>;
  list(accountId: number): Promise<FactorRow[]>;
  recoveryLeft(accountId: number): Promise<number>;
  count(accountId: number): Promise<number>;
  /** Throws LIMIT_REACHED when there are enough. */
  checkRoom(accountId: number): Promise<void>;
  /** A secret that counts once a code of it was shown. `place`: host of the site, for the name in the app. */
  beginTotp(account: AccountRow, about: { label: string; place: string }): Promise<{ id: number; secret: string; uri: string }>;
  /** `before`: runs once the code was right, and stops it by rejecting. Throws NOT_FOUND, WRONG_CODE or TOO_MANY_TRIES. */
  confirmTotp(account: AccountRow, shown: { readonly id: number; readonly code: string }, before: () => Promise<unknown>): Promise<void>;
  addPasskey(passkey: NewPasskey): Promise<void>;
  /** Ten new recovery codes when the account has none at all, else none. */
  firstCodes(accountId: number): Promise<string[]>;
  newCodes(accountId: number): Promise<string[]>;
  /** Throws WRONG_CODE or TOO_MANY_TRIES. */
  giveCode(account: AccountRow, code: string): Promise<void>;
  giveRecoveryCode(account: AccountRow, code: string): Promise<void>;
  /** Runs the check of a passkey among the tries of the account. Throws PASSKEY_WRONG or TOO_MANY_TRIES. */
  givePasskey(account: AccountRow, check: () => Promise<boolean>): Promise<void>;
  /** Throws NOT_FOUND. */
  rename(accountId: number, id: number, label: string): Promise<void>;
  /** `before`: as above. Throws NOT_FOUND or LAST_FACTOR. */
  remove(account: Pick<AccountRow, 'id' | 'role'>, id: number, before: () => Promise<unknown>): Promise<void>;
}

export interface FactorParts {
  readonly store: FactorStore;
  readonly tries: Tries;
  readonly vault: Vault;
  readonly clock: () => number;
}

/** Recovery codes are kept as keyed hashes, under the one key that outlasts a change of keys: 60 bits would not hold against guessing offline. */
function codesOf({ store, vault }: FactorParts) {
  const hash = (accountId: number, code: string): Uint8Array => vault.hash('holder', `recovery:${accountId}:${recoveryText(code)}`);
  return {
    hash,
    async set(accountId: number): Promise<string[]> {
      const codes = newRecoveryCodes();
      await store.setCodes(
        accountId,
        codes.map((code) => hash(accountId, code)),
      );
      return codes;
    },
  };
}

/** The checks of what somebody shows; each wrong one counts like a wrong password. */
function checksOf(parts: FactorParts, codes: ReturnType<typeof codesOf>): Pick<Factors, 'giveCode' | 'giveRecoveryCode' | 'givePasskey' | 'confirmTotp'> {
  const { store, tries, clock } = parts;
  async function takeCode(accountId: number, code: string): Promise<boolean> {
    const now = clock();
    for (const { id, secret } of await store.totps(accountId)) {
      const step = stepOfCode(secret, code, now);
      if (step !== undefined && (await store.takeStep(id, step, now))) return true;
    }
    return false;
  }
  return {
    async giveCode({ login }, code) {
      if (!(await tries.attempt(login, ({ id }) => takeCode(id, code)))) throw refusal('WRONG_CODE');
    },
    async giveRecoveryCode({ login }, code) {
      if (!(await tries.attempt(login, ({ id }) => store.takeCode(id, codes.hash(id, code), clock())))) throw refusal('WRONG_CODE');
    },
    async givePasskey({ login }, check) {
      if (!(await tries.attempt(login, check))) throw refusal('PASSKEY_WRONG');
    },
    async confirmTotp({ id: accountId, login }, { id, code }, before) {
      const begun = await store.begunTotp(accountId, id);
      if (begun === undefined) throw refusal('NOT_FOUND');
      const right = await tries.attempt(login, async () => {
        const step = stepOfCode(begun.secret, code, clock());
        if (step === undefined) return false;
        await before();
        return store.confirmTotp(id, step, clock());
      });
      if (!right) throw refusal('WRONG_CODE');
    },
  };
}

export function createFactors(parts: FactorParts): Factors {
  const { store, clock } = parts;
  const codes = codesOf(parts);
  const required: Factors['required'] = ({ role }) => STRONG_ROLES.has(role);
  return {
    ...checksOf(parts, codes),
    required,
    async stepAfterPassword(account) {
      if ((await store.count(account.id)) > 0) return 'factor';
      return required(account) ? 'enrol' : 'full';
    },
    async ask(accountId) {
      const kinds = new Set((await store.list(accountId)).map(({ kind }) => kind));
      return { totp: kinds.has('totp'), passkey: kinds.has('passkey'), recovery: kinds.size > 0 && (await store.codesLeft(accountId)) > 0 };
    },
    list: store.list,
    count: store.count,
    recoveryLeft: store.codesLeft,
    async checkRoom(accountId) {
      if ((await store.count(accountId)) >= MOST) throw refusal('LIMIT_REACHED');
    },
    async beginTotp({ id: accountId, login }, { label, place }) {
      const secret = newTotpSecret();
      const id = await store.beginTotp({ accountId, label, secret }, clock());
      return { id, ...totpWords(secret, `${login}@${place}`) };
    },
    addPasskey: (passkey) => store.addPasskey(passkey, clock()),
    firstCodes: async (accountId) => ((await store.codesLeft(accountId)) > 0 || (await store.count(accountId)) > 1 ? [] : codes.set(accountId)),
    newCodes: codes.set,
    async rename(accountId, id, label) {
      if (!(await store.rename(accountId, id, label))) throw refusal('NOT_FOUND');
    },
    async remove(account, id, before) {
      const known = await store.list(account.id);
      if (!known.some((factor) => factor.id === id)) throw refusal('NOT_FOUND');
      if (known.length === 1 && required(account)) throw refusal('LAST_FACTOR');
      await before();
      const done = await store.remove({ accountId: account.id, id, keepLast: required(account) });
      if (done === 'unknown') throw refusal('NOT_FOUND');
      if (done === 'last') throw refusal('LAST_FACTOR');
    },
  };
}
