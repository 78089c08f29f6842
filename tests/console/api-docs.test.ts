import { afterAll, beforeAll, expect, test } from 'vitest';
import { type World, world } from '../http/fixture.ts';
import { closeBrowser, type Desk, openDesk } from './browser.ts';

let here: World;
let desk: Desk;
let origin: string;
const violations: string[] = [];

beforeAll(async () => {
  here = await world();
  await here.app.listen({ host: '127.0.0.1', port: 0 });
  const address = here.app.server.address();
  origin = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  desk = await openDesk(origin);
  await desk.page.exposeFunction('noteViolation', (text: string) => void violations.push(text));
  await desk.page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => Object(globalThis).noteViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
  });
});
afterAll(async () => {
  await desk.close();
  await closeBrowser();
  await here.close();
});

test('the page of the API shows every operation under our own policy, and asks no other address', async () => {
  const { page, trouble } = desk;
  const served = await page.goto(`${origin}/api/docs`);
  expect(served?.headers()['content-security-policy']).toMatch(/script-src 'self';style-src 'self'/);
  await page.locator('.opblock').first().waitFor();
  expect(trouble).toEqual([]);
  await page.locator('.opblock-get .opblock-summary-path[data-path="/api/v1/session"]').click();
  await page.getByRole('button', { name: 'Try it out' }).first().click();
  await page.getByRole('button', { name: 'Execute' }).first().click();
  await expect.poll(() => page.locator('.live-responses-table .response .response-col_status').first().textContent(), { timeout: 10_000 }).toContain('200');
  // What is far down is drawn when it is scrolled to.
  const shown = new Set<string>();
  const wanted = new Set<string>();
  const paths: Record<string, object> = (await (await fetch(`${origin}/api/v1/openapi.json`)).json()).paths;
  for (const [path, methods] of Object.entries(paths)) for (const method of Object.keys(methods)) wanted.add(`${method} ${path}`.toUpperCase());
  for (let turn = 0; turn < 400 && shown.size < wanted.size; turn++) {
    const seen = await page
      .locator('.opblock-summary')
      .evaluateAll((rows) => rows.map((row) => `${row.querySelector('.opblock-summary-method')?.textContent} ${row.querySelector('[data-path]')?.getAttribute('data-path')}`));
    for (const each of seen) shown.add(each.toUpperCase());
    await page.mouse.wheel(0, 400);
    await page.waitForTimeout(30);
  }
  expect([...wanted].filter((each) => !shown.has(each))).toEqual([]);
  expect(trouble).toEqual([]);
  expect(violations).toEqual([]);
});
