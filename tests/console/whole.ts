import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import type { Desk } from './browser.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WIDTHS = [1440, 390, 320] as const;
const SHOTS = process.env['DOORBOOK_SHOTS'];

/** How many pixels the page is wider than the window, and the first element that sticks out. */
const overflow = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return '';
    const out = [...document.querySelectorAll('body *')].find((element) => element.getBoundingClientRect().right > width + 0.5);
    return `${document.documentElement.scrollWidth - width}px: ${out?.outerHTML.slice(0, 160) ?? ''}`;
  });

type Lang = 'zh' | 'en';
type Theme = 'light' | 'dark';

/** One way to look at a page: is it whole, and what does axe find in it? */
interface Look {
  readonly lang: Lang;
  readonly theme: Theme;
  readonly width: (typeof WIDTHS)[number];
  readonly axe: boolean;
}

const light = (lang: Lang, width: Look['width'], axe = true): Look => ({ lang, theme: 'light', width, axe });
const dark = (lang: Lang, width: Look['width'], axe = true): Look => ({ lang, theme: 'dark', width, axe });
/** A theme changes colours only, so the dark one is asked for contrast alone; another language changes words only, so one width says it. */
const WHOLE: readonly Look[] = [
  ...WIDTHS.map((width) => light('zh', width)),
  dark('zh', 1440),
  dark('zh', 390),
  ...WIDTHS.map((width) => light('en', width, width === 390)),
  dark('en', 390, false),
];
/** For a page that is looked at as a whole elsewhere, and here with other data. */
const BRIEF: readonly Look[] = [light('zh', 1440), dark('en', 390)];

const violations = (page: Page, theme: Theme): Promise<string[]> =>
  page.evaluate(`axe.run(document, { ${theme === 'light' ? "runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']" : "runOnly: { type: 'rule', values: ['color-contrast'] }"}, resultTypes: ['violations'] })
  .then((found) => found.violations.map((v) => v.id + ': ' + v.nodes.slice(0, 3).map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).join(' | ')))`);

async function lookAt({ page }: Desk, name: string, looks: readonly Look[]): Promise<string[]> {
  await page.evaluate(AXE);
  const found: string[] = [];
  let spoken: Lang = 'zh';
  for (const { lang, theme, width, axe } of looks) {
    if (lang !== spoken) await page.click('.lang');
    spoken = lang;
    await page.waitForSelector(`html[lang=${lang === 'zh' ? 'zh-CN' : 'en'}]`, { state: 'attached' });
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height: width === 1440 ? 900 : 844 });
    // Else what stays on screen while scrolling lies over a part of something.
    await page.evaluate(() => scrollTo(0, 0));
    const wide = await overflow(page);
    if (wide !== '') found.push(`${lang} ${width}: ${wide}`);
    if (axe) found.push(...(await violations(page, theme)).map((violation) => `${lang} ${theme} ${width}: ${violation}`));
    if (SHOTS !== undefined) await page.screenshot({ path: `${SHOTS}/${name.replaceAll(' ', '-')}.${lang}.${theme}.${width}.png`, fullPage: width !== 1440 });
  }
  return found;
}

/**
 * Looks at the page that is open, in Chinese: in both languages, both themes and three widths it must be whole
 * without sideways scroll, with nothing for axe to find. Returns what is wrong, and leaves the page in English. With
 * DOORBOOK_SHOTS set to a folder, a picture of each is kept there under `name`.
 */
export const faults = (desk: Desk, name: string): Promise<string[]> => lookAt(desk, name, WHOLE);

/** The same in two ways only: Chinese, light and wide; English, dark and narrow. For a page that `faults` has looked at with other data. */
export const faultsInBrief = (desk: Desk, name: string): Promise<string[]> => lookAt(desk, name, BRIEF);

/** Opens a path in Chinese, light and at desktop size, as `faults` expects it. */
export async function openPage({ page, context }: Desk, url: string, ready: string): Promise<void> {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
  await context.addInitScript(() => localStorage.setItem('doorbook.lang', 'zh'));
  await page.goto(url);
  await page.waitForSelector(ready);
}
