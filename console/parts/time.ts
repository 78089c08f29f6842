type Lang = 'zh' | 'en';

const ZONE = 'Asia/Shanghai';
const OFFSET_MS = 8 * 3_600_000; // China has one zone and no summer time
/** One day, milliseconds. */
export const DAY_MS = 86_400_000;

const locale = (lang: Lang): string => (lang === 'zh' ? 'zh-CN' : 'en-GB');
const made = new Map<string, Intl.DateTimeFormat>();

function format(lang: Lang, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = lang + JSON.stringify(options);
  const formatter = made.get(key) ?? new Intl.DateTimeFormat(locale(lang), { timeZone: ZONE, hourCycle: 'h23', ...options });
  made.set(key, formatter);
  return formatter;
}

/** Number of the calendar day in China; differences are whole days as people count them. */
export const dayNumber = (ms: number): number => Math.floor((ms + OFFSET_MS) / DAY_MS);

/** yyyy-mm-dd of a moment (epoch ms), as people in China write it: what a date field holds. */
export const dayOf = (ms: number): string => new Date(ms + OFFSET_MS).toISOString().slice(0, 10);

/** First moment of a day, epoch ms; NaN when the field is empty. */
export const dayStart = (day: string): number => Date.parse(`${day}T00:00:00+08:00`);

/** The first moment after a day, epoch ms. */
export const dayEnd = (day: string): number => dayStart(day) + DAY_MS;

/** 14:03:07 */
export const clockTime = (ms: number): string => format('en', { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(ms);

/** 14:03 */
export const minuteTime = (ms: number): string => format('en', { hour: '2-digit', minute: '2-digit' }).format(ms);

/** 11 月 21 日 or 21 Nov; with the year when it is another one. */
export function dayName(ms: number, now: number, lang: Lang): string {
  const year = format('en', { year: 'numeric' });
  const other = year.format(ms) !== year.format(now);
  const shown = format(lang, { month: lang === 'zh' ? 'long' : 'short', day: 'numeric', ...(other ? { year: 'numeric' } : {}) }).format(ms);
  return lang === 'zh' ? shown.replace(/\d+/g, ' $& ').trim() : shown; // figures stand apart from characters
}

/** The time alone today, else the day as well: "11 月 21 日 22:41". */
export const moment = (ms: number, now: number, lang: Lang): string => (dayNumber(ms) === dayNumber(now) ? clockTime(ms) : `${dayName(ms, now, lang)} ${minuteTime(ms)}`);

/** 11-22 or 22 Nov: the day beside a line's time. */
export const dayShort = (ms: number, lang: Lang): string =>
  lang === 'en'
    ? format('en', { month: 'short', day: 'numeric' }).format(ms)
    : format('zh', { month: '2-digit', day: '2-digit' })
        .formatToParts(ms)
        .filter((part) => part.type !== 'literal')
        .map((part) => part.value)
        .join('-');

/** 27-02 or Feb 27: the month a contract runs to, short enough for a tile. */
export function monthName(ms: number, lang: Lang): string {
  if (lang === 'en') return format('en', { month: 'short', year: '2-digit' }).format(ms);
  return format('en', { year: '2-digit', month: '2-digit' })
    .formatToParts(ms)
    .filter((part) => part.type !== 'literal')
    .map((part) => part.value)
    .reverse()
    .join('-');
}

/** Whole units of an age, largest that fits: `{ n: 8, unit: 'min' }`. */
export function age(ms: number): { n: number; unit: 'min' | 'hour' | 'day' } {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 60) return { n: minutes, unit: 'min' };
  if (minutes < 2880) return { n: Math.floor(minutes / 60), unit: 'hour' };
  return { n: Math.floor(minutes / 1440), unit: 'day' };
}
