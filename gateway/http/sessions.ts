import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Accounts } from '../store/accounts.ts';
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

export interface Sessions {
  /** Starts a session for the account and returns its token; an earlier token the browser held is ended. */
  open(accountId: number, earlier: string | undefined): Promise<string>;
  /** The viewer behind a token, or undefined when it is unknown, idle, too old or of a disabled account. */
  resolve(token: string, touch: boolean): Promise<Viewer | undefined>;
  close(token: string): Promise<void>;
  /** Called with the hex hash of each session that ends by being closed. */
  onEnd(listener: (hash: string) => void): void;
}

export interface SessionParts {
  readonly accounts: Accounts;
  readonly clock: () => number;
  readonly demo: boolean;
}

/** Server-side sessions: a 256-bit token in the cookie, its hash in the register, 30 minutes idle, 12 hours in all. */
export function createSessions({ accounts, clock, demo }: SessionParts): Sessions {
  const listeners: ((hash: string) => void)[] = [];
  async function close(token: string): Promise<void> {
    const hash = hashToken(token);
    await accounts.closeSession(hash);
    for (const listener of listeners) listener(hash.toString('hex'));
  }
  return {
    async open(accountId, earlier) {
      if (earlier !== undefined) await close(earlier);
      const token = newToken();
      await accounts.openSession(hashToken(token), accountId, clock());
      return token;
    },
    async resolve(token, touch) {
      const hash = hashToken(token);
      const session = await accounts.session(hash);
      if (session === undefined) return undefined;
      const now = clock();
      const over = now - session.lastSeenAt >= IDLE_MS || now - session.createdAt >= ABSOLUTE_MS;
      // A demo account has no password; opened as a real site, the same data must not let it in.
      const barred = session.account.disabledAt !== null || (session.account.passwordHash === '' && !demo);
      if (over || barred) {
        await close(token);
        return undefined;
      }
      if (touch && now - session.lastSeenAt >= TOUCH_MS) await accounts.touchSession(hash, now);
      return viewerOf(session);
    },
    close,
    onEnd: (listener) => void listeners.push(listener),
  };
}
