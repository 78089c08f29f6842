/** Signing in with a second factor, invitations, one’s own account. Written in Chinese, not translated. */
export const zhAccount = {};
