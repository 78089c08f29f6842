import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Rosters } from '../../gateway/http/deps.ts';
import { refusal } from '../../gateway/http/problem.ts';
import { signedIn, type World, world } from '../http/fixture.ts';

/** Class "arbitrary file, path" (security.md 3): Mercury CVE-2022-31483, ZKTeco. */
const CANARY = 'the bytes outside of the folder';
let here: World;
let outside: string;
let port: number;
const names: string[] = [];
const rosters: Rosters = {
  preview: async ({ fileName }) => {
    names.push(fileName);
    throw refusal('BAD_INPUT', { field: 'body' });
  },
  find: async () => undefined,
  apply: async () => undefined,
};

beforeAll(async () => {
  here = await world({ rosters });
  outside = path.join(here.site.deps.consoleDir, '..', 'doorbook-outside.txt');
  writeFileSync(outside, CANARY);
  symlinkSync(outside, path.join(here.site.deps.consoleDir, 'link.txt'));
  symlinkSync(path.dirname(outside), path.join(here.site.deps.consoleDir, 'assets', 'up'));
  writeFileSync(path.join(here.site.deps.consoleDir, '.env'), CANARY);
  await here.app.listen({ host: '127.0.0.1', port: 0 });
  const address = here.app.server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(async () => {
  await here.close();
  rmSync(outside, { force: true });
});

/** The address as written: a client library would tidy it. */
async function raw(target: string): Promise<{ status: number; text: string }> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return { status: Number(text.slice(9, 12)), text };
}

describe('a file outside of the console is never served', () => {
  const UP = ['../', '..%2f', '%2e%2e/', '%2e%2e%2f', '..%5c', '..\\', '%252e%252e%252f', '..%c0%af', '....//', '.%00./', '%u002e%u002e/'];
  test.each(UP.flatMap((up) => ['/', '/assets/'].map((from) => `${from}${up.repeat(3)}`)))('%sdoorbook-outside.txt', async (prefix) => {
    for (const target of [`${prefix}doorbook-outside.txt`, `${prefix}etc/passwd`, `${prefix}doorbook-outside.txt%00.js`]) {
      const { status, text } = await raw(target);
      expect(text).not.toContain(CANARY);
      expect(text).not.toContain('root:');
      expect([200, 400, 403, 404]).toContain(status);
      // 200 is the one page of the console, whatever the address.
      if (status === 200) expect(text).toContain('<title>Doorbook</title>');
    }
  });

  test.each(['/.env', '/assets/.env', '/%2eenv', '/.git/config', '//etc/passwd', '/\\etc\\passwd'])('%s', async (target) => {
    const { text } = await raw(target);
    expect(text).not.toMatch(/root:|\[core\]/);
    expect(text).not.toContain(CANARY);
  });

  test('also when somebody put a link into the folder', async () => {
    for (const target of ['/link.txt', '/assets/up/doorbook-outside.txt']) {
      const { text } = await raw(target);
      expect(text, target).not.toContain(CANARY);
    }
  });
});

describe('the name of a file that comes in', () => {
  test.each([
    ['../../etc/cron.d/x.csv', 'x.csv'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ['/abs/olute.csv', 'olute.csv'],
    ['a\u0000.csv', 'a.csv'],
    ['line\r\nSet-Cookie: x.csv', 'lineSet-Cookie: x.csv'],
    ['\u001b[2Jclear.csv', '[2Jclear.csv'],
    ['tid\u202evsc.exe', 'tidvsc.exe'],
    [`${'x'.repeat(200)}.csv`, 'x'.repeat(120)],
  ])('%j is kept as %j: no folder, no control character, not long', async (given, kept) => {
    const operator = await signedIn(here, 'SA', []);
    names.length = 0;
    await here.app.inject({
      method: 'POST',
      url: `/api/v1/imports?building=${here.building.buildingId}&name=${encodeURIComponent(given)}`,
      headers: { host: 'localhost:8080', cookie: operator.cookie, 'x-csrf-token': operator.csrf, 'content-type': 'text/csv' },
      payload: 'a,b\n',
    });
    expect(names).toEqual([kept]);
  });
});
