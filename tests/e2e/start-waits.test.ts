import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { loadKeys } from '../../gateway/store/keys.ts';
import { type BenchSite, makeSite } from '../bench/site.ts';
import { freePort, spawnGateway } from '../helpers/gateway-process.ts';
import { devicesOf, type LoadDoor, loadDoor } from './load-door.ts';

/** A start that finds something in its way waits for it, with an alarm, instead of dying; doors are served as soon as they can be. */
type Spawned = ReturnType<typeof spawnGateway>;

let site: BenchSite;
let [http, mqtt] = [0, 0];
let running: Spawned | undefined;
const held: { close(): unknown }[] = [];
let door: LoadDoor;

beforeAll(async () => {
  site = await makeSite(1, 1);
  [http, mqtt] = [await freePort(), await freePort()];
  const [device] = devicesOf(site);
  if (device === undefined) throw new Error('the site has a door');
  door = loadDoor(device);
  // The log is made by a first start, so that later ones find one to open.
  const first = start();
  await vi.waitFor(async () => expect(await healthy()).toMatchObject({ status: 'ok' }), { timeout: 40_000 });
  first.child.kill('SIGTERM');
  expect(await first.ended).toBe(0);
});
afterEach(async () => {
  door.leave();
  running?.child.kill('SIGKILL');
  await running?.ended;
  for (const each of held.splice(0)) each.close();
});
afterAll(() => rmSync(site.data, { recursive: true, force: true }));

function start(data = site.data): Spawned {
  running = spawnGateway({ data, env: { PORT: String(http), MQTT_PORT: String(mqtt) } });
  return running;
}

/** What the port says of itself, whoever answers there. */
async function healthy(): Promise<unknown> {
  try {
    const answer = await fetch(`http://127.0.0.1:${http}/healthz`);
    return { http: answer.status, ...(await answer.json()) };
  } catch {
    return undefined;
  }
}

const alarmed = (what: string) => (): boolean => running?.errors().includes(`alarm: ${what}`) ?? false;
const alive = (): boolean => running?.child.exitCode === null && running.child.signalCode === null;
const until = (look: () => unknown, timeout = 30_000) => expect.poll(look, { timeout, interval: 50 });

/** A connection that keeps others out: of writing, or (a file whose lock is never given back) of reading too. */
function lock(name: string, whole = false): { close(): void } {
  const db = new Database(path.join(site.data, name));
  if (whole) db.pragma('locking_mode = EXCLUSIVE');
  db.exec('BEGIN IMMEDIATE');
  const lock = {
    close() {
      if (db.open) db.close();
    },
  };
  held.push(lock);
  return lock;
}

async function taken(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  held.push(server);
  return server;
}

/** A tap is answered by the register, not by a list. */
async function tapped(): Promise<void> {
  await vi.waitFor(() => door.connect(mqtt), { timeout: 30_000 });
  const before = door.answers.size;
  door.tap(site.cards[0] ?? '');
  await until(() => [...door.answers.values()].slice(before).map(({ r }) => r)).toEqual(['OK']);
}

describe('a start that finds', () => {
  test('the register locked by a writer: doors are served all the same, and lists once it is free', async () => {
    const writer = lock('register.sqlite');
    start();
    await until(alarmed('register-waiting')).toBe(true);
    await tapped();
    expect(alive()).toBe(true);
    writer.close();
    await until(healthy).toEqual({ http: 200, status: 'ok' });
  });

  test('the register not to be read at all: whoever looks is told, and it is back by itself', async () => {
    const owner = lock('register.sqlite', true);
    start();
    await until(healthy).toEqual({ http: 503, status: 'starting', waiting: ['register-waiting'] });
    const page = await fetch(`http://127.0.0.1:${http}/`);
    expect([page.status, page.headers.get('retry-after'), await page.text()]).toEqual([503, '5', expect.stringMatching(/门簿正在启动.*Doorbook is starting/)]);
    expect(running?.errors()).toContain('alarm: register-waiting');
    owner.close();
    await until(healthy).toEqual({ http: 200, status: 'ok' });
    await tapped();
  });

  test('the log not to be opened: the same', async () => {
    const owner = lock('journal.sqlite', true);
    start();
    await until(healthy).toEqual({ http: 503, status: 'starting', waiting: ['log-waiting'] });
    expect(alarmed('log-waiting')()).toBe(true);
    owner.close();
    await until(healthy).toEqual({ http: 200, status: 'ok' });
    await tapped();
  });

  test('the log locked by a writer: an alarm, doors are told to go by their lists, and all is well once it is free', async () => {
    const writer = lock('journal.sqlite');
    start();
    await until(alarmed('storage-failing')).toBe(true);
    await vi.waitFor(() => door.connect(mqtt), { timeout: 30_000 });
    const refused = door.unavailable;
    door.tap(site.cards[0] ?? '');
    await until(() => door.unavailable).toBe(refused + 1);
    writer.close();
    door.repeat();
    await until(() => door.open()).toEqual([]);
    await until(healthy).toEqual({ http: 200, status: 'ok' });
    await tapped();
  });

  test('the port of the doors taken: the console says so and the doors come as soon as it is free', async () => {
    const other = await taken(mqtt);
    start();
    await until(healthy).toEqual({ http: 200, status: 'ok', waiting: ['mqtt-port'] });
    other.close();
    await until(healthy).toEqual({ http: 200, status: 'ok' });
    await tapped();
  });

  test('the port of the console taken: doors are served, the console comes as soon as it is free', async () => {
    const other = await taken(http);
    start();
    await until(alarmed('console-port')).toBe(true);
    await tapped();
    expect(alive()).toBe(true);
    other.close();
    await until(healthy).toEqual({ http: 200, status: 'ok' });
  });
});

/** A file system of 64 MB of its own with the site on it, full to the last byte but for the log's reserve; undefined where none can be mounted. */
function fullDisk(): { readonly data: string; readonly filler: string; close(): void } | undefined {
  const mounted = mkdtempSync(path.join(tmpdir(), 'doorbook-full-'));
  try {
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=64m', 'doorbook-test', mounted], { stdio: 'pipe' });
  } catch {
    rmSync(mounted, { recursive: true });
    return undefined;
  }
  const [data, filler] = [path.join(mounted, 'data'), path.join(mounted, 'filler')];
  cpSync(site.data, data, { recursive: true });
  const { bavail, bsize } = statfsSync(mounted);
  writeFileSync(filler, Buffer.alloc(bavail * bsize, 1));
  const close = (): void => {
    execFileSync('/bin/umount', ['-l', mounted]);
    rmSync(mounted, { recursive: true, force: true });
  };
  return { data, filler, close };
}

test('a start on a full disk spends the reserve of the log, says so, serves the doors, and is itself again once there is room', async (context) => {
  const disk = fullDisk();
  if (disk === undefined) {
    expect(process.env['CI']).not.toBe('true');
    return context.skip('no file system could be mounted (needs root)');
  }
  held.push(disk);
  expect(statSync(path.join(disk.data, 'journal.reserve')).size).toBe(16 * 1024 * 1024);
  start(disk.data);
  await until(alarmed('disk-full')).toBe(true);
  await tapped();
  rmSync(disk.filler);
  await until(healthy).toEqual({ http: 200, status: 'ok' });
  await until(() => running?.errors().includes('disk-full is over')).toBe(true);
});

describe('a start that a person must help', () => {
  /** A copy of the site with one thing wrong; what is printed, once the process has ended. */
  async function ended(plant: (data: string) => void): Promise<{ code: number | null; text: string }> {
    const data = mkdtempSync(path.join(tmpdir(), 'doorbook-wrong-'));
    for (const name of ['register.sqlite', 'journal.sqlite']) copyFileSync(path.join(site.data, name), path.join(data, name));
    cpSync(path.join(site.data, 'keys'), path.join(data, 'keys'), { recursive: true });
    plant(data);
    const { ended: end, output } = start(data);
    const code = await end;
    rmSync(data, { recursive: true, force: true });
    return { code, text: output().trim().split('\n').at(-1) ?? '' };
  }
  const sql = (file: string, statement: string): void => {
    const db = new Database(file);
    db.exec(statement);
    db.close();
  };

  test.each<readonly [string, (data: string) => void, RegExp]>([
    ['a damaged register', (data) => writeFileSync(path.join(data, 'register.sqlite'), 'no database at all'.repeat(100)), /^The database .*register\.sqlite is not a database/],
    [
      'a damaged log',
      (data) => writeFileSync(path.join(data, 'journal.sqlite'), 'no database at all'.repeat(100)),
      /^The log cannot be opened: The database .*journal\.sqlite is not a database/,
    ],
    [
      'a register of a newer version',
      (data) => sql(path.join(data, 'register.sqlite'), `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at) VALUES ('x', 'x', '9999_new', '2030-01-01')`),
      /was used by a newer Doorbook \(9999_new\)/,
    ],
    ['a log of a newer version', (data) => sql(path.join(data, 'journal.sqlite'), 'PRAGMA user_version = 99'), /^The log cannot be opened: .*version 99/],
    [
      'keys of another site',
      (data) => {
        rmSync(path.join(data, 'keys'), { recursive: true });
        const other = mkdtempSync(path.join(tmpdir(), 'doorbook-other-'));
        loadKeys(path.join(other, 'keys'));
        cpSync(path.join(other, 'keys'), path.join(data, 'keys'), { recursive: true });
        rmSync(other, { recursive: true });
      },
      /keys/,
    ],
  ])('%s ends it with one sentence', async (_, plant, sentence) => {
    const { code, text } = await ended(plant);
    expect([code, text]).toEqual([1, expect.stringMatching(sentence)]);
    expect(text).not.toMatch(/\n|node_modules| {4}at /);
  });
});
