import type { Role } from '../core/roles.ts';
import { type Refusal, refusal } from './problem.ts';

/** ASVS 6.2, NIST 800-63B: long instead of odd; no rule about kinds of characters, no forced change. */
const LEAST = 15;
/** A tenant's password opens his own home and nothing else's. */
const LEAST_TENANT = 12;
const MOST = 256;
/** A short piece said again and again is as easy as the piece. */
const SHORT_PIECE = 8;
const FEWEST_KINDS = 5;
const RUNS = ['01234567890123456789', 'abcdefghijklmnopqrstuvwxyz', 'qwertyuiopasdfghjklzxcvbnm'].flatMap((run) => [run, [...run].reverse().join('')]);
const SITE_WORDS = ['doorbook', '门簿', 'menbu'];

/** Whose password it is to be. */
export interface Owner {
  readonly role: Role;
  readonly login: string;
  readonly displayName: string;
}

/** A password as it is hashed: typed on another keyboard or system it is the same text. */
export const passwordText = (password: string): string => password.normalize('NFKC');

/** Fewest characters of a password of this role. */
export const leastLength = (role: Role): number => (role === 'TEN' ? LEAST_TENANT : LEAST);

/** Written as a guess would be: small letters, nothing between them. */
const bare = (text: string): string =>
  passwordText(text)
    .toLowerCase()
    .replace(/[\s\p{P}\p{S}]/gu, '');

/** One common password, or two put together. */
function isCommon(text: string, common: ReadonlySet<string>): boolean {
  if (common.has(text)) return true;
  for (let at = 1; at < text.length; at++) if (common.has(text.slice(0, at)) && common.has(text.slice(at))) return true;
  return false;
}

/** The shortest piece that gives the text when it is repeated. */
function piece(text: string): string {
  const length = [...text].findIndex((_, at) => at > 0 && text.slice(at).concat(text.slice(0, at)) === text);
  return length === -1 ? text : text.slice(0, length);
}

const isRepeated = (text: string): boolean => piece(text).length < Math.min(SHORT_PIECE, text.length);
const isRun = (text: string): boolean => text !== '' && RUNS.some((run) => run.includes(text));

/** Words about the person that the password holds; shorter ones say nothing. */
function ownWord(text: string, { login, displayName }: Owner): boolean {
  const long = (word: string): boolean => word.length >= (/\p{Script=Han}/u.test(word) ? 2 : 3);
  return [login, displayName].map(bare).some((word) => long(word) && text.includes(word));
}

/** Why this password will not do, in words, or undefined when it will. `common`: those people use most. */
export function passwordFault(password: string, owner: Owner, common: ReadonlySet<string>): string | undefined {
  const given = passwordText(password);
  const length = [...given].length;
  const least = leastLength(owner.role);
  if (length < least) return `至少 ${least} 个字；几个词连成一句就好记 / at least ${least} characters; a few words in a row are easy to keep in mind`;
  if (length > MOST) return `最多 ${MOST} 个字 / at most ${MOST} characters`;
  const text = bare(given);
  if (SITE_WORDS.some((word) => text.includes(word))) return '不要含本系统的名字 / without the name of this system';
  if (ownWord(text, owner)) return '不要含账号名或您的名字 / without the login or your own name';
  if (new Set(given.toLowerCase()).size < FEWEST_KINDS) return `至少 ${FEWEST_KINDS} 种不同的字 / at least ${FEWEST_KINDS} different characters`;
  if (isRepeated(text) || isRun(text)) return '不要重复或顺着排的字 / not a repetition and not a row of letters or digits';
  if ([given.toLowerCase(), text, piece(text)].some((guess) => isCommon(guess, common)))
    return '这个密码很多人在用，也在泄露名单里，请换一个 / another one: many people use this, and lists of stolen passwords hold it';
  return undefined;
}

/** The refusal that names the field and says why, or undefined. */
export function passwordRefusal(password: string, owner: Owner, common: ReadonlySet<string>): Refusal | undefined {
  const fault = passwordFault(password, owner, common);
  return fault === undefined ? undefined : refusal('BAD_INPUT', { field: 'password', expected: fault });
}
