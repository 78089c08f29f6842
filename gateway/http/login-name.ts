import { randomBytes } from 'node:crypto';

/** A login as it is stored and looked up: letter case, width and spaces around it do not matter. */
export const loginName = (login: string): string => login.normalize('NFKC').trim().toLowerCase();

/** No login that somebody chose begins with it, so none is mistaken for one. */
const UNCHOSEN = '?';

/** Fills the column of an account that was made without a login, until its invitation is taken up. */
export const unchosenLogin = (): string => `${UNCHOSEN}${randomBytes(12).toString('base64url')}`;

/** Did somebody choose this login? */
export const isChosen = (login: string): boolean => !login.startsWith(UNCHOSEN);
