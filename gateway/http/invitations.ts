import type { AccountRow, Accounts } from '../store/accounts.ts';
import type { InvitationKind, InvitationRow, Invitations as InvitationStore } from '../store/invitations.ts';
import type { Places } from '../store/places.ts';
import type { Factors } from './factors.ts';
import { isChosen, loginName } from './login-name.ts';
import { leastLength, passwordRefusal } from './password-policy.ts';
import type { Passwords } from './passwords.ts';
import { refusal } from './problem.ts';
import type { InvitationTake, InvitationView } from './schemas/own-account.ts';
import { hashToken, newToken } from './sessions.ts';

/** domain.md 5.1: an invitation is good for seven days. */
const LIFE_MS = 7 * 86_400_000;

/** Links that let somebody take up an account, or begin it anew, without e-mail or SMS. */
export interface Invitations {
  /** The token to show once, as a link or a QR; what was open for the account is revoked by it. */
  create(accountId: number, kind: InvitationKind, createdBy: number, now: number): Promise<{ token: string; expiresAt: number }>;
  /** What it is for. Throws NOT_FOUND, INVITE_USED, INVITE_EXPIRED or INVITE_REVOKED. */
  look(token: string): Promise<InvitationView>;
  /** Spends it: the account has a login and a password and can be signed in to. `before`: runs when all is right, and stops it by rejecting. Throws the same, and BAD_INPUT or TAKEN. */
  take(token: string, wish: InvitationTake, before: (invitation: InvitationRow) => Promise<unknown>): Promise<AccountRow>;
}

export interface InvitationParts {
  readonly store: InvitationStore;
  readonly accounts: Accounts;
  readonly passwords: Passwords;
  readonly factors: Factors;
  readonly places: Places;
  readonly common: () => ReadonlySet<string>;
  readonly clock: () => number;
}

interface Open {
  readonly invitation: InvitationRow;
  readonly account: AccountRow;
}

/** What the site calls itself to somebody who is not in yet: its one building, else the product. */
async function siteName(places: Places): Promise<string> {
  const [first, second] = await places.buildings();
  return first !== undefined && second === undefined ? first.name : 'Doorbook';
}

async function openOne({ store, accounts, clock }: InvitationParts, token: string): Promise<Open> {
  const invitation = await store.find(hashToken(token));
  if (invitation === undefined) throw refusal('NOT_FOUND');
  const { usedAt, revokedAt, expiresAt, accountId } = invitation;
  if (usedAt !== null) throw refusal('INVITE_USED');
  if (revokedAt !== null) throw refusal('INVITE_REVOKED');
  if (clock() >= expiresAt) throw refusal('INVITE_EXPIRED');
  const account = await accounts.byId(accountId);
  if (account === undefined || account.disabledAt !== null) throw refusal('INVITE_REVOKED');
  return { invitation, account };
}

/** The login the account is to have: the one it has, or the one chosen now. */
async function loginFor({ accounts }: InvitationParts, { login, id }: AccountRow, wished: string | undefined): Promise<string> {
  if (isChosen(login)) return login;
  const name = loginName(wished ?? '');
  if (name.length < 3 || !isChosen(name)) throw refusal('BAD_INPUT', { field: 'login', expected: '至少 3 个字，不以 ? 开头 / at least 3 characters, not beginning with ?' });
  const namesake = await accounts.byLogin(name);
  if (namesake !== undefined && namesake.id !== id) throw refusal('TAKEN', { field: 'login' });
  return name;
}

export function createInvitations(parts: InvitationParts): Invitations {
  const { store, accounts, passwords, factors, places, common, clock } = parts;
  return {
    async create(accountId, kind, createdBy, now) {
      const token = newToken();
      const expiresAt = now + LIFE_MS;
      await store.create({ tokenHash: hashToken(token), accountId, kind, createdBy, createdAt: now, expiresAt });
      return { token, expiresAt };
    },
    async look(token) {
      const { invitation, account } = await openOne(parts, token);
      const { role, displayName } = account;
      return {
        kind: invitation.kind,
        role,
        displayName,
        site: await siteName(places),
        login: isChosen(account.login) ? account.login : '',
        passwordLength: leastLength(role),
        needsFactor: factors.required(account),
        expiresAt: invitation.expiresAt,
      };
    },
    async take(token, wish, before) {
      const { invitation, account } = await openOne(parts, token);
      const login = await loginFor(parts, account, wish.login);
      const weak = passwordRefusal(wish.password, { ...account, login }, common());
      if (weak !== undefined) throw weak;
      const passwordHash = await passwords.hash(wish.password);
      await before(invitation);
      // Somebody else may have been faster: of two at once one is refused.
      if (!(await store.take({ id: invitation.id, login, passwordHash }, clock()))) {
        await openOne(parts, token);
        throw refusal('TAKEN', { field: 'login' });
      }
      return (await accounts.byId(account.id)) ?? account;
    },
  };
}
