import { fill, type Values } from './fill.ts';
import type { Sentence } from './sentence.ts';
import type { Key } from './messages/zh.ts';

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

type Words = Readonly<Record<string, string>>;
/** Only the language on screen is fetched: nobody reads both (console.md 8). */
const FETCH: Readonly<Record<Lang, () => Promise<Words>>> = {
  zh: async () => (await import('./messages/zh.ts')).zh,
  en: async () => (await import('./messages/en.ts')).en,
};
/** Words of single desks, fetched with their pages: a first visit never loads them. */
const MORE = {
  homes: { zh: async (): Promise<Words> => (await import('./messages/homes-zh.ts')).zhHomes, en: async (): Promise<Words> => (await import('./messages/homes-en.ts')).enHomes },
  lines: { zh: async (): Promise<Words> => (await import('./messages/lines-zh.ts')).zhLines, en: async (): Promise<Words> => (await import('./messages/lines-en.ts')).enLines },
  law: { zh: async (): Promise<Words> => (await import('./messages/law-zh.ts')).zhLaw, en: async (): Promise<Words> => (await import('./messages/law-en.ts')).enLaw },
  roster: {
    zh: async (): Promise<Words> => (await import('./messages/roster-zh.ts')).zhRoster,
    en: async (): Promise<Words> => (await import('./messages/roster-en.ts')).enRoster,
  },
  tenancy: {
    zh: async (): Promise<Words> => (await import('./messages/tenancy-zh.ts')).zhTenancy,
    en: async (): Promise<Words> => (await import('./messages/tenancy-en.ts')).enTenancy,
  },
  registration: {
    zh: async (): Promise<Words> => (await import('./messages/registration-zh.ts')).zhRegistration,
    en: async (): Promise<Words> => (await import('./messages/registration-en.ts')).enRegistration,
  },
} as const;
const wanted = new Set<keyof typeof MORE>();
let words = $state.raw<Words>({});

const wordsOf = async (wish: Lang): Promise<Words> => Object.assign({}, ...(await Promise.all([FETCH[wish](), ...[...wanted].map((name) => MORE[name][wish]())])));

async function show(next: Lang): Promise<void> {
  words = await wordsOf(next);
  i18n.lang = next;
  markLang();
}

/** Fetches the words of the first language: nothing can be shown before. */
export const startLang = (): Promise<void> => show(i18n.lang);

/** Switches the language and remembers it on this machine. Without the gateway the page stays as it is. */
export async function setLang(next: Lang): Promise<void> {
  await show(next).catch(() => undefined);
  if (i18n.lang !== next) return;
  try {
    localStorage.setItem('doorbook.lang', next);
  } catch {
    // Not remembered; it still holds until the page is closed.
  }
}

/** A page once its words are here too; afterwards they follow the switch. Rejects when one of them cannot be fetched. */
export async function withWords<T>(name: keyof typeof MORE, page: Promise<T>): Promise<T> {
  wanted.add(name);
  const ready = await page;
  const wish = i18n.lang;
  const fetched = await wordsOf(wish);
  if (wish === i18n.lang) words = fetched;
  return ready;
}

/** Tells the browser the language of the page, for fonts and screen readers. */
function markLang(): void {
  document.documentElement.lang = i18n.lang === 'zh' ? 'zh-CN' : 'en';
}

/** The words for a key in the language on screen. */
export const t = (key: Key, values?: Values): string => fill(words[key] ?? key, values);

/** The words for a code the server sent, or undefined when this console does not know the code yet. */
export function known(prefix: string, code: string): string | undefined {
  const key = `${prefix}.${code}`;
  return Object.hasOwn(words, key) ? words[key] : undefined;
}

/** The half of a two-language sentence that is on screen. */
export const pick = (sentence: Sentence): string => (i18n.lang === 'zh' ? sentence.zh : sentence.en);

/** A place's name in the language on screen; places without an English name keep the Chinese one. */
export const placeName = (place: { readonly name: string; readonly nameEn: string }): string => (i18n.lang === 'en' && place.nameEn !== '' ? place.nameEn : place.name);
