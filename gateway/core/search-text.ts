/**
 * A name, or what somebody typed to find one, in the form that is compared: compatibility forms, case, accents and tone
 * marks folded; spaces, dots and hyphens gone. ü, v and the yu of passports (LYU) become u, so that all four ways to
 * write 吕 in Latin letters meet.
 */
export function foldName(text: string): string {
  const letters = text
    .normalize('NFKC')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
  return letters.replace(/v/g, 'u').replace(/([ln])yu/g, '$1u');
}

/** The parts of a name as its writer parted them: by spaces, by the dot of Uyghur and Tibetan names, by hyphens. */
export const nameParts = (name: string): string[] =>
  name
    .normalize('NFKC')
    .split(/[^\p{L}\p{M}\p{N}'’]/u)
    .filter((part) => part !== '');

/** True for text of Chinese characters only. */
export const isHan = (text: string): boolean => /^\p{Script=Han}+$/u.test(text);
