import type { zhAccount } from './zh-account.ts';

/** Signing in with a second factor, invitations, one’s own account. */
export const enAccount: Readonly<Record<keyof typeof zhAccount, string>> = {};
