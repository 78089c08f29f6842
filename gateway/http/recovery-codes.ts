import { randomInt } from 'node:crypto';

/** Crockford's letters: none is taken for another when it is read off paper. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const GROUPS = 3;
const GROUP_CHARS = 4;
const CODES = 10;

const group = (): string => Array.from({ length: GROUP_CHARS }, () => LETTERS[randomInt(LETTERS.length)]).join('');

/** Ten codes of 60 bits as they are shown, `7Q2K-M0XD-94TB`. */
export const newRecoveryCodes = (): string[] => Array.from({ length: CODES }, () => Array.from({ length: GROUPS }, group).join('-'));

/** A code as somebody typed it, as it was made: without case, gaps, and with 0 and 1 for what looks like them. */
export const recoveryText = (code: string): string =>
  code
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
