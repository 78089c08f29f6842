import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** A fresh profile in the one Chromium of a test file. Console errors and requests to other origins are collected, to be asserted empty. */
export interface Desk {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What went wrong in the page since the last `trouble.length = 0`. */
  readonly trouble: string[];
  close(): Promise<void>;
}

let shared: Promise<Browser> | undefined;

/** Ends the Chromium of this test file. */
export async function closeBrowser(): Promise<void> {
  await (await shared)?.close();
  shared = undefined;
}

/** Opens a page in Chinese at desktop size on `origin`; every request elsewhere is refused and written down. */
export async function openDesk(origin: string, locale = 'zh-CN'): Promise<Desk> {
  shared ??= chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-software-rasterizer', '--disable-extensions', '--in-process-gpu'],
  });
  const browser = await shared;
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale, timezoneId: 'Asia/Shanghai', reducedMotion: 'reduce' });
  const page = await context.newPage();
  const trouble: string[] = [];
  page.on('pageerror', (error) => trouble.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') trouble.push(`console: ${message.text()}`);
  });
  await context.route(
    (url) => url.origin !== origin && url.origin !== origin.replace('http', 'ws'),
    (route) => {
      trouble.push(`off origin: ${route.request().url()}`);
      return route.abort();
    },
  );
  return { page, context, trouble, close: () => context.close() };
}
