import { afterEach, expect, test } from 'vitest';
import { createWaitingRoom, type WaitingRoom } from '../../gateway/waiting-room.ts';
import { freePort } from '../helpers/gateway-process.ts';

const CONFIG = { host: '127.0.0.1', mqttPort: 0, tls: undefined, publicUrl: undefined, data: '/nowhere', demo: false };
let room: WaitingRoom | undefined;
afterEach(async () => room?.close());

test('it is closed until something is waited for, tells people and programs what, and gives the port back', async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  room = createWaitingRoom({ ...CONFIG, port });
  await expect(fetch(url)).rejects.toThrow();
  room.open('register-waiting');
  room.open('log-waiting');
  await expect.poll(async () => (await fetch(`${url}/healthz`).catch(() => undefined))?.status).toBe(503);
  for (const where of ['/healthz', '/api/v1/session', '/metrics'])
    expect(await (await fetch(url + where)).json()).toEqual({ status: 'starting', waiting: ['register-waiting', 'log-waiting'] });
  const page = await fetch(`${url}/buildings/1`);
  expect([page.status, page.headers.get('retry-after'), page.headers.get('content-security-policy')]).toEqual([503, '5', "default-src 'none'; frame-ancestors 'none'"]);
  expect(await page.text()).toMatch(/登记库打不开.*The register cannot be opened.*The log cannot be opened/);
  const head = await fetch(url, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([503, '']);
  await room.close();
  await expect(fetch(url)).rejects.toThrow();
});

test('nothing of an address comes back in the page', async () => {
  const port = await freePort();
  room = createWaitingRoom({ ...CONFIG, port });
  room.open('register-waiting');
  await expect.poll(async () => (await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined))?.status).toBe(503);
  expect(await (await fetch(`http://127.0.0.1:${port}/<script>canary</script>?canary`)).text()).not.toContain('canary');
});

test('a port somebody has is left alone, and closing is no trouble', async () => {
  const port = await freePort();
  room = createWaitingRoom({ ...CONFIG, port });
  const second = createWaitingRoom({ ...CONFIG, port });
  room.open('log-waiting');
  await expect.poll(async () => (await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined))?.status).toBe(503);
  second.open('log-waiting');
  await new Promise((resolve) => setTimeout(resolve, 50));
  await second.close();
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(503);
});
