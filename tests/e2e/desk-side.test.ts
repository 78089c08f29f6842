import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GatewayProcess, startGateway } from '../helpers/gateway-process.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'doorbook-desk-'));
let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGateway({ data: dir, demo: true });
});
afterAll(async () => {
  await gateway.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

const alive = async (): Promise<boolean> =>
  fetch(`${gateway.url}/healthz`).then(
    (answer) => answer.ok,
    () => false,
  );

test('the desk side is ended in the middle of a request: taps go on being answered, and the desk comes back', async () => {
  const requests = Array.from({ length: 20 }, () =>
    fetch(`${gateway.url}/api/v1/buildings`, { headers: { authorization: `Bearer ${gateway.token}` } }).then(
      (answer) => answer.status,
      () => 'cut off',
    ),
  );
  process.kill(gateway.pid, 'SIGUSR2');
  const down = await Promise.all([gateway.tap('D01', '1A2B3C4D'), gateway.tap('D01', 'DEADBEEF')]);
  expect(down.map(({ granted, reason }) => [granted, reason])).toEqual([
    [true, 'OK'],
    [false, 'UNKNOWN_CREDENTIAL'],
  ]);
  expect(await Promise.all(requests)).toContain('cut off');
  await expect.poll(alive, { timeout: 15_000 }).toBe(true);
  expect(await gateway.tap('D01', '1A2B3C4D')).toMatchObject({ granted: true, reason: 'OK' });
});
