import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type GatewayProcess, spawnGateway, startGateway } from '../helpers/gateway-process.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'doorbook-start-'));
const running: GatewayProcess[] = [];
const start = async (options: Parameters<typeof startGateway>[0]): Promise<GatewayProcess> => {
  const gateway = await startGateway(options);
  running.push(gateway);
  return gateway;
};
afterAll(async () => {
  for (const gateway of running) await gateway.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

/** What a start that is refused prints, and its exit code. */
async function refused(env: Record<string, string>, data = path.join(dir, 'refused'), demo = false): Promise<{ line: string; code: number | null }> {
  const { output, ended } = spawnGateway({ data, env, demo });
  return { code: await ended, line: output().trim() };
}

describe('starting a real site', () => {
  const data = path.join(dir, 'site');

  test('an empty directory prints a one-time set-up link and has no account', async () => {
    const gateway = await start({ data });
    expect(gateway.output()).toMatch(/http:\/\/127\.0\.0\.1:\d+\/setup\?token=\S{20,}/);
    const session = await (await fetch(`${gateway.url}/api/v1/session`)).json();
    expect(session).toMatchObject({ account: null, demo: false, setup: true });
    expect(await gateway.api('/buildings')).toEqual([]);
  });

  test('a second gateway on the same data is refused in one line', async () => {
    const { line, code } = await refused({}, data);
    expect(code).toBe(1);
    expect(line).toMatch(/^DOORBOOK_DATA: expected a data directory nobody uses, but process \d+ has .* open\. Stop it first\.$/);
  });

  test('SIGTERM stops it cleanly, and the next start is ready in under 10 s', async () => {
    const [gateway] = running;
    expect(await gateway?.kill('SIGTERM')).toBe(0);
    expect(existsSync(path.join(data, 'run.json'))).toBe(false);
    const began = performance.now();
    const again = await start({ data });
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(await again.kill('SIGTERM')).toBe(0);
  });
});

describe('a start that cannot be', () => {
  test('names a bad value', async () => {
    expect(await refused({ PORT: 'eighty' })).toEqual({ code: 1, line: 'PORT: expected a port number from 0 to 65535 (0: any free one), got "eighty".' });
    expect((await refused({ DATABASE_URL: 'postgresql://localhost/doorbook' })).line).toMatch(/^DATABASE_URL: PostgreSQL is not built yet/);
  });

  test.each(['PORT', 'MQTT_PORT'])('of the demo names %s when another program has the port: somebody sits before the screen', async (variable) => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { line, code } = await refused({ [variable]: String(port) }, path.join(dir, 'demo'), true);
    other.close();
    expect(code).toBe(1);
    expect(line.split('\n').at(-1)).toMatch(new RegExp(`^${variable}: .*${port}.* in use by another program`));
  });

  test('names a data directory that cannot be one', async () => {
    const file = path.join(dir, 'a-file');
    writeFileSync(file, '');
    expect((await refused({}, path.join(file, 'below'))).line).toMatch(/^DOORBOOK_DATA \(.*\): expected a directory this user can write to/);
  });
});
