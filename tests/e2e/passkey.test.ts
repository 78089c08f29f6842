import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { closeBrowser, type Desk, openDesk } from '../console/browser.ts';
import { type GatewayProcess, startGateway } from '../helpers/gateway-process.ts';
import { codeNow } from '../helpers/visitor.ts';
import { journalOf } from './load-door.ts';

// The whole way in a real browser on a real gateway: set up by the link, an authenticator app, a passkey of the
// browser's own authenticator, and then signing in with that alone. WebAuthn takes http://localhost for secure.
const data = mkdtempSync(path.join(tmpdir(), 'doorbook-passkey-'));
const PASSWORD = 'seven kettles by the sea';
let gateway: GatewayProcess | undefined;
let desk: Desk | undefined;
afterAll(async () => {
  await desk?.close();
  await closeBrowser();
  await gateway?.kill('SIGKILL');
  rmSync(data, { recursive: true, force: true });
});

/** Once the page has all it asked for: what the session's end refuses on its way would be an error in the browser's console. */
async function signOut(page: Desk['page']): Promise<void> {
  await page.waitForLoadState('networkidle');
  await page.getByRole('button', { name: /账号/ }).click();
  await page.getByRole('button', { name: '退出', exact: true }).click();
}

test('the first administrator sets up an app and a passkey, and signs in with the passkey alone', async () => {
  gateway = await startGateway({ data, env: { HOST: 'localhost' } });
  const url = gateway.url.replace('127.0.0.1', 'localhost');
  const token = /\/setup\?token=(\S+)/.exec(gateway.output())?.[1] ?? '';
  desk = await openDesk(url);
  const { page, context } = desk;
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true } as const;
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', { options });

  await page.goto(`${url}/setup?token=${token}`);
  await page.getByLabel('怎么称呼你').fill('王主任');
  await page.getByLabel('账号').fill('boss');
  await page.getByLabel('密码', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: '建好并进入' }).click();
  await page.getByRole('button', { name: '下一步' }).click();
  const secret = ((await page.locator('.secret').textContent()) ?? '').replaceAll(' ', '');
  await page.getByLabel('应用里现在显示的 6 位数字').fill(codeNow(secret));
  await page.getByRole('button', { name: '确认并启用' }).click();
  await page.getByRole('button', { name: '我收好了，继续' }).click();
  await page.waitForSelector('nav');

  await page.goto(`${url}/security`);
  await page.getByRole('button', { name: '添加' }).click();
  await page.getByLabel(/通行密钥/).check();
  await page.getByRole('button', { name: '生成通行密钥' }).click();
  await page.getByText('通行密钥 ·').waitFor();
  expect((await devtools.send('WebAuthn.getCredentials', { authenticatorId })).credentials).toMatchObject([{ rpId: 'localhost', isResidentCredential: true }]);

  await signOut(page);
  await page.getByRole('button', { name: '用通行密钥登录' }).click();
  await page.waitForSelector('nav');
  expect(new URL(page.url()).pathname).toBe('/');

  // Not the person: the authenticator cannot verify him, and the browser gives nothing out.
  await signOut(page);
  await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await page.getByRole('button', { name: '用通行密钥登录' }).click();
  await page.getByText('没有用到通行密钥').waitFor();
  await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });

  // After the password the same passkey is the second factor.
  await page.getByLabel('账号').fill('boss');
  await page.getByLabel('密码').fill(PASSWORD);
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await page.getByRole('button', { name: '用通行密钥', exact: true }).click();
  await page.waitForSelector('nav');
  expect(desk.trouble).toEqual([]);

  expect(await gateway.kill('SIGTERM')).toBe(0);
  const audit = journalOf(data).filter(({ event }) => event.kind === 'audit');
  expect(audit.map(({ event }) => event.what)).toEqual(['set-up', 'factor-added', 'factor-added', 'sign-out', 'sign-in', 'sign-out', 'sign-in', 'factor-given']);
});
