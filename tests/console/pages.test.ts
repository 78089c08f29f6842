import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Role } from '../../gateway/http/schemas/session.ts';
import { closeBrowser, type Desk, openDesk } from './browser.ts';
import { badPreview, FakeApi } from './fake-api.ts';

// Every page in both languages, both themes and three widths: whole without sideways scroll, and nothing for axe to find.
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WIDTHS = [1440, 390, 320] as const;
const SHOTS = process.env['DOORBOOK_SHOTS'];

interface Case {
  readonly name: string;
  readonly path: string;
  readonly ready: string;
  readonly role?: Role;
  readonly demo?: boolean;
  readonly setup?: boolean;
  readonly status?: number;
  readonly act?: (page: Page) => Promise<void>;
  readonly set?: (api: FakeApi) => void;
}

const choose = async (page: Page): Promise<void> => {
  await page.setInputFiles('input[type=file]', { name: '住户名单.csv', mimeType: 'text/csv', buffer: Buffer.from('姓名,房号\n') });
  await page.waitForSelector('table');
};
const many = Array.from({ length: 3 }, (_, i) => ({
  id: i + 1,
  code: `890101001001B0004${i}`,
  name: `迎春路 ${42 + i} 号${i === 2 ? '（原纺织厂第三职工宿舍东配楼及附属平房）' : ''}`,
  nameEn: i === 2 ? '' : `${42 + i} Yingchun Road`,
  address: '示范市示范区迎春街道第一社区迎春路',
  mode: ['scattered', 'compound', 'hotel'][i] ?? '',
  units: 12,
  doors: 4,
}));

const CASES: readonly Case[] = [
  { name: 'demo entry', path: '/login', ready: '.entry', demo: true },
  { name: 'sign in', path: '/login?next=/unit/3', ready: 'input[name=password]', demo: false },
  { name: 'no account yet', path: '/login', ready: 'h1', demo: false, setup: true },
  { name: 'set up', path: '/setup?token=abc', ready: 'input[name=displayName]', demo: false },
  {
    name: 'buildings',
    path: '/',
    ready: 'ul.rows a',
    role: 'OF',
    set: (api) => {
      api.buildings = many;
    },
  },
  {
    name: 'no building',
    path: '/',
    ready: 'section .empty',
    role: 'LL',
    set: (api) => {
      api.buildings = [];
    },
  },
  {
    name: 'first building',
    path: '/',
    ready: 'input[name=code]',
    role: 'SA',
    demo: false,
    set: (api) => {
      api.buildings = [];
    },
  },
  { name: 'building operator', path: '/building/1', ready: '.tray .result', role: 'SA' },
  { name: 'building landlord', path: '/building/1', ready: '#ledger li', role: 'LL', demo: false },
  {
    name: 'building empty',
    path: '/building/1',
    ready: '#rooms .empty',
    role: 'LL',
    demo: false,
    set: (api) => {
      api.lines = [];
      api.bend = (what) => (what === 'GET /buildings/1' ? { status: 200, body: { ...many[0], floors: [], doorList: [], openedToday: 0 } } : undefined);
    },
  },
  { name: 'unit with people', path: '/unit/9', ready: 'dl', role: 'LL' },
  { name: 'unit empty', path: '/unit/2', ready: '.empty', role: 'OF' },
  { name: 'door', path: '/door/4', ready: 'ol li', role: 'LL' },
  { name: 'import choose', path: '/building/1/import', ready: '.zone', role: 'LL' },
  {
    name: 'import preview',
    path: '/building/1/import',
    ready: '.zone',
    role: 'LL',
    act: choose,
    set: (api) => {
      api.preview = badPreview;
    },
  },
  { name: 'not here', path: '/unit/404', ready: '[role=alert]', role: 'LL' },
  { name: 'no such page', path: '/nowhere', ready: '.empty', role: 'LL' },
];

let api: FakeApi;
let desk: Desk;
beforeAll(async () => {
  api = new FakeApi();
  desk = await openDesk(await api.start());
});
afterAll(async () => {
  await closeBrowser();
  await api.stop();
});

/** How many pixels the page is wider than the window, and the first element that sticks out. */
const overflow = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return '';
    const out = [...document.querySelectorAll('body *')].find((element) => element.getBoundingClientRect().right > width + 0.5);
    return `${document.documentElement.scrollWidth - width}px: ${out?.outerHTML.slice(0, 160) ?? ''}`;
  });

/** A theme changes colours only, so the second theme of a width is asked for contrast alone. */
const violations = (page: Page, theme: 'light' | 'dark'): Promise<string[]> =>
  page.evaluate(`axe.run(document, { ${theme === 'light' ? "runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']" : "runOnly: { type: 'rule', values: ['color-contrast'] }"}, resultTypes: ['violations'] })
  .then((found) => found.violations.map((v) => v.id + ': ' + v.nodes.slice(0, 3).map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).join(' | ')))`);

async function prepare(one: Case): Promise<void> {
  api.role = one.role;
  api.demo = one.demo ?? true;
  api.setup = one.setup ?? false;
  api.bend = () => undefined;
  const fresh = new FakeApi();
  api.lines = fresh.lines.slice(0, 14);
  api.buildings = fresh.buildings;
  api.preview = undefined;
  one.set?.(api);
  const { page, context } = desk;
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
  await context.addInitScript(() => localStorage.setItem('doorbook.lang', 'zh'));
  await page.goto(api.url + one.path);
  await page.waitForSelector(one.ready);
  await one.act?.(page);
  await page.evaluate(AXE);
}

describe('every page is whole, readable and clean', () => {
  test.each(CASES)('$name', async (one) => {
    await prepare(one);
    const { page } = desk;
    const found: string[] = [];
    for (const lang of ['zh', 'en']) {
      if (lang === 'en') await page.click('.lang');
      expect(await page.getAttribute('html', 'lang')).toBe(lang === 'zh' ? 'zh-CN' : 'en');
      for (const theme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: theme });
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: width === 1440 ? 900 : 844 });
          const wide = await overflow(page);
          if (wide !== '') found.push(`${lang} ${width}: ${wide}`);
          found.push(...(await violations(page, theme)).map((violation) => `${lang} ${theme} ${width}: ${violation}`));
          if (SHOTS !== undefined) await page.screenshot({ path: `${SHOTS}/${one.name.replaceAll(' ', '-')}.${lang}.${theme}.${width}.png`, fullPage: width !== 1440 });
        }
      }
    }
    expect(found).toEqual([]);
    const expected = one.path === '/unit/404' ? 1 : 0; // the browser itself reports the 404
    expect(desk.trouble.splice(0).length, desk.trouble.join('\n')).toBe(expected);
  });
});
