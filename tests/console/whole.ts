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

/** A theme changes colours only, so the dark one is asked for contrast alone; another language changes words only, so one width says it. */
const isAsked = (lang: string, theme: 'light' | 'dark', width: number): boolean => (lang === 'zh' ? theme === 'light' || width !== 320 : theme === 'light' && width === 390);

const violations = (page: Page, theme: 'light' | 'dark'): Promise<string[]> =>
  page.evaluate(`axe.run(document, { ${theme === 'light' ? "runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']" : "runOnly: { type: 'rule', values: ['color-contrast'] }"}, resultTypes: ['violations'] })
  .then((found) => found.violations.map((v) => v.id + ': ' + v.nodes.slice(0, 3).map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).join(' | ')))`);

/**
 * Looks at the page that is open, in Chinese: in both languages, both themes and three widths it must be whole
 * without sideways scroll, with nothing for axe to find. Returns what is wrong. With DOORBOOK_SHOTS set to a
 * folder, a picture of each is kept there under `name`.
 */
export async function faults({ page }: Desk, name: string): Promise<string[]> {
  await page.evaluate(AXE);
  const found: string[] = [];
  for (const lang of ['zh', 'en']) {
    if (lang === 'en') await page.click('.lang');
    await page.waitForSelector(`html[lang=${lang === 'zh' ? 'zh-CN' : 'en'}]`, { state: 'attached' });
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme });
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: width === 1440 ? 900 : 844 });
        // Else what stays on screen while scrolling lies over a part of something.
        await page.evaluate(() => scrollTo(0, 0));
        const wide = await overflow(page);
        if (wide !== '') found.push(`${lang} ${width}: ${wide}`);
        if (isAsked(lang, theme, width)) found.push(...(await violations(page, theme)).map((violation) => `${lang} ${theme} ${width}: ${violation}`));
        if (SHOTS !== undefined) await page.screenshot({ path: `${SHOTS}/${name.replaceAll(' ', '-')}.${lang}.${theme}.${width}.png`, fullPage: width !== 1440 });
      }
    }
  }
  return found;
}

/** Opens a path in Chinese, light and at desktop size, as `faults` expects it. */
export async function openPage({ page, context }: Desk, url: string, ready: string): Promise<void> {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
  await context.addInitScript(() => localStorage.setItem('doorbook.lang', 'zh'));
  await page.goto(url);
  await page.waitForSelector(ready);
}
