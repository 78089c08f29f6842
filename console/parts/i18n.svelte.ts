import { fill, type Values } from './fill.ts';
import type { Sentence } from './sentence.ts';
import { en } from './messages/en.ts';
import { type Key, zh } from './messages/zh.ts';

export type Lang = 'zh' | 'en';

const stored = (): string | null => {
  try {
    return localStorage.getItem('doorbook.lang');
  } catch {
    return null;
  }
};

function firstLang(): Lang {
  const chosen = stored();
  if (chosen === 'zh' || chosen === 'en') return chosen;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

const i18n = $state<{ lang: Lang }>({ lang: firstLang() });

/** The language on screen; follows the switch. */
export const lang = (): Lang => i18n.lang;

/** Switches the language and remembers it on this machine. */
export function setLang(next: Lang): void {
  i18n.lang = next;
  markLang();
  try {
    localStorage.setItem('doorbook.lang', next);
  } catch {
    // Not remembered; it still holds until the page is closed.
  }
}

/** Tells the browser the language of the page, for fonts and screen readers. */
export function markLang(): void {
  document.documentElement.lang = i18n.lang === 'zh' ? 'zh-CN' : 'en';
}

/** The words for a key in the language on screen. */
export const t = (key: Key, values?: Values): string => fill((i18n.lang === 'zh' ? zh : en)[key], values);

/** The words for a code the server sent, or undefined when this console does not know the code yet. */
export function known(prefix: string, code: string): string | undefined {
  const key = `${prefix}.${code}`;
  const table: Readonly<Record<string, string>> = i18n.lang === 'zh' ? zh : en;
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** The half of a two-language sentence that is on screen. */
export const pick = (sentence: Sentence): string => (i18n.lang === 'zh' ? sentence.zh : sentence.en);

/** A place's name in the language on screen; places without an English name keep the Chinese one. */
export const placeName = (place: { readonly name: string; readonly nameEn: string }): string => (i18n.lang === 'en' && place.nameEn !== '' ? place.nameEn : place.name);
