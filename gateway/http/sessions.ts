import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Scope } from '../core/scope.ts';
import type { AccountRow, Accounts, NewSession } from '../store/accounts.ts';
import { refusal } from './problem.ts';
import { type Viewer, viewerOf } from './viewer.ts';

/** NIST 800-63B AAL2, ASVS 7.3. */
export const IDLE_MS = 30 * 60_000;
export const ABSOLUTE_MS = 12 * 3_600_000;
/** How stale `lastSeenAt` may be before it is written again. */
const TOUCH_MS = 60_000;

export const newToken = (): string => randomBytes(32).toString('base64url');
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();

/** The CSRF token of a session: only who holds the cookie's value can make it, and it does not give that value away. */
export const csrfOf = (token: string): string => createHmac('sha256', token).update('doorbook/csrf/1').digest('base64url');

/** Constant-time comparison of two secrets of any length. */
export const same = (a: string, b: string): boolean => timingSafeEqual(hashToken(a), hashToken(b));

/** A cookie value we could have given out. */
export const isToken = (value: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(value);

/** Is nobody let in as this account? A demo account has no password; opened as a real site, the same data must not let it in. */
export const isBarred = ({ disabledAt, passwordHash }: AccountRow, demo: boolean): boolean => disabledAt !== null || (passwordHash === '' && !demo);

/** How a session begins: which step it stands at, and from where it was opened. */
export type Opening = Omit<NewSession, 'tokenHash' | 'publicId' | 'accountId'>;

export interface Sessions {
  /** Starts a session for the account and returns its token; an earlier token the browser held is ended. */
  open(account: AccountRow, opening: Opening, earlier: string | undefined): Promise<string>;
  /** The viewer behind a token, or undefined when it is unknown, idle, too old or of a disabled account. */
  resolve(token: string, touch: boolean): Promise<Viewer | undefined>;
  close(token: string): Promise<void>;
  /** The session goes on under a new token, which this gives (ASVS 7.2.4). Throws NOT_SIGNED_IN when it has ended. */
  renew(token: string, next: Pick<Opening, 'step' | 'strongAt'>): Promise<string>;
  /** Ends the account's sessions, all but the one of `keep`, or only the one of that public name. Gives how many. */
  endOf(accountId: number, which?: { readonly keep?: string; readonly publicId?: string }): Promise<number>;
  /** Tells the listeners that sessions of an account ended elsewhere (disabled, ended from a list). */
  ended(hashes: readonly string[]): void;
  /** Called with the hex hash of each session that ends by being closed. */
  onEnd(listener: (hash: string) => void): void;
  /** Called with the hex hash under which a session was known until it got a new token. */
  onRenew(listener: (hash: string) => void): void;
}

export interface SessionParts {
  readonly accounts: Accounts;
  readonly scopeOf: (account: AccountRow) => Promise<Scope>;
  readonly clock: () => number;
  readonly demo: boolean;
}

/** Server-side sessions: a 256-bit token in the cookie, its hash in the register, 30 minutes idle, 12 hours in all. */
export function createSessions({ accounts, scopeOf, clock, demo }: SessionParts): Sessions {
  const listeners: ((hash: string) => void)[] = [];
  const renewed: ((hash: string) => void)[] = [];
  const ended = (hashes: readonly string[]): void => {
    for (const hash of hashes) for (const listener of listeners) listener(hash);
  };
  async function close(token: string): Promise<void> {
    const hash = hashToken(token);
    await accounts.closeSession(hash);
    ended([hash.toString('hex')]);
  }
  return {
    async open({ id }, opening, earlier) {
      if (earlier !== undefined) await close(earlier);
      const token = newToken();
      await accounts.openSession({ ...opening, tokenHash: hashToken(token), publicId: newToken().slice(0, 16), accountId: id }, clock());
      return token;
    },
    async resolve(token, touch) {
      const hash = hashToken(token);
      const session = await accounts.session(hash);
      if (session === undefined) return undefined;
      const now = clock();
      const over = now - session.lastSeenAt >= IDLE_MS || now - session.createdAt >= ABSOLUTE_MS;
      if (over || isBarred(session.account, demo)) {
        await close(token);
        return undefined;
      }
      if (touch && now - session.lastSeenAt >= TOUCH_MS) await accounts.touchSession(hash, now);
      return viewerOf(session, await scopeOf(session.account));
    },
    async renew(token, next) {
      const fresh = newToken();
      const hash = hashToken(token);
      if (!(await accounts.renewSession(hash, { tokenHash: hashToken(fresh), ...next }))) throw refusal('NOT_SIGNED_IN');
      for (const listener of renewed) listener(hash.toString('hex'));
      return fresh;
    },
    async endOf(accountId, { keep, publicId } = {}) {
      const hashes = await accounts.closeSessionsOf(accountId, { ...(keep === undefined ? {} : { keep: hashToken(keep) }), ...(publicId === undefined ? {} : { publicId }) });
      ended(hashes);
      return hashes.length;
    },
    ended,
    close,
    onEnd: (listener) => void listeners.push(listener),
    onRenew: (listener) => void renewed.push(listener),
  };
}
