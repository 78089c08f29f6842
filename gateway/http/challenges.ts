import { hashToken } from './sessions.ts';

const LIFE_MS = 5 * 60_000;
const KEPT = 10_000;

/** What a challenge was made for: an answer to one is worth nothing for another. */
export type ChallengeUse = 'add' | 'give' | 'sign-in';

/** Challenges of passkeys, each bound to the cookie it was asked with, good for five minutes and one answer. */
export interface Challenges {
  keep(token: string, use: ChallengeUse, challenge: string): void;
  /** Spends it. Undefined: none was asked for, it was answered, or it is too old. */
  take(token: string, use: ChallengeUse): string | undefined;
}

export function createChallenges(clock: () => number): Challenges {
  const kept = new Map<string, { readonly challenge: string; readonly until: number }>();
  const keyOf = (token: string, use: ChallengeUse): string => `${use}/${hashToken(token).toString('hex')}`;
  return {
    keep(token, use, challenge) {
      const key = keyOf(token, use);
      kept.delete(key);
      kept.set(key, { challenge, until: clock() + LIFE_MS });
      const oldest = kept.size > KEPT ? kept.keys().next().value : undefined;
      if (oldest !== undefined) kept.delete(oldest);
    },
    take(token, use) {
      const key = keyOf(token, use);
      const found = kept.get(key);
      kept.delete(key);
      return found !== undefined && clock() < found.until ? found.challenge : undefined;
    },
  };
}
