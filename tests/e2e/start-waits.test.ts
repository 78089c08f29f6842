import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, test as base, describe, expect, vi } from 'vitest';
import { loadKeys } from '../../gateway/store/keys.ts';
import { type BenchSite, makeSite } from '../bench/site.ts';
import { freePort, spawnGateway } from '../helpers/gateway-process.ts';
import { devicesOf, type LoadDoor, loadDoor } from './load-door.ts';

/**
 * A start that finds something in its way waits for it, with an alarm, instead of dying; doors are served as soon as they
 * can be. Nearly all of it is waiting, so each test has a place of its own and they run side by side.
 */
let site: BenchSite;

/** A gateway of its own on a copy of the site, what stands in its way, and a door. */
interface Place {
  readonly data: string;
  readonly http: number;
  readonly mqtt: number;
  readonly door: LoadDoor;
  /** Closed at the end, whatever happens. */
  readonly held: { close(): unknown }[];
  start(data?: string): ReturnType<typeof spawnGateway>;
  /** What the port says of itself, whoever answers there. */
  healthy(): Promise<unknown>;
  alarmed(what: string): () => boolean;
  alive(): boolean;
  /** All it has written to stderr. */
  errors(): string;
  /** A connection that keeps others out: of writing, or (a file whose lock is never given back) of reading too. */
  lock(name: string, whole?: boolean): { close(): void };
  taken(port: number): Promise<Server>;
  /** A tap is answered by the register, not by a list. */
  tapped(): Promise<void>;
}

const WAIT = { timeout: 45_000, interval: 50 };
/** `expect.poll`, also where tests run side by side. */
const until = (look: () => unknown) => ({
  toBe: (wanted: unknown) => vi.waitFor(async () => expect(await look()).toBe(wanted), WAIT),
  toEqual: (wanted: unknown) => vi.waitFor(async () => expect(await look()).toEqual(wanted), WAIT),
});

async function healthyAt(http: number): Promise<unknown> {
  try {
    const answer = await fetch(`http://127.0.0.1:${http}/healthz`);
    return { http: answer.status, ...(await answer.json()) };
  } catch {
    return undefined;
  }
}

async function makePlace(data: string): Promise<Place & { end(): Promise<void> }> {
  const [http, mqtt] = [await freePort(), await freePort()];
  const [device] = devicesOf(site);
  if (device === undefined) throw new Error('the site has a door');
  const door = loadDoor(device);
  const held: { close(): unknown }[] = [];
  let running: ReturnType<typeof spawnGateway> | undefined;
  return {
    ...{ data, http, mqtt, door, held },
    start(from = data) {
      running = spawnGateway({ data: from, env: { PORT: String(http), MQTT_PORT: String(mqtt) } });
      return running;
    },
    healthy: () => healthyAt(http),
    alarmed: (what) => () => running?.errors().includes(`alarm: ${what}`) ?? false,
    alive: () => running?.child.exitCode === null && running.child.signalCode === null,
    errors: () => running?.errors() ?? '',
    lock(name, whole = false) {
      const db = new Database(path.join(data, name));
      if (whole) db.pragma('locking_mode = EXCLUSIVE');
      db.exec('BEGIN IMMEDIATE');
      const lock = {
        close() {
          if (db.open) db.close();
        },
      };
      held.push(lock);
      return lock;
    },
    async taken(port) {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      held.push(server);
      return server;
    },
    async tapped() {
      await vi.waitFor(() => door.connect(mqtt), { timeout: 45_000 });
      const before = door.answers.size;
      door.tap(site.cards[0] ?? '');
      await until(() => [...door.answers.values()].slice(before).map(({ r }) => r)).toEqual(['OK']);
    },
    async end() {
      door.leave();
      running?.child.kill('SIGKILL');
      await running?.ended;
      for (const each of held.splice(0)) each.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

const copyOfSite = (): string => {
  const data = mkdtempSync(path.join(tmpdir(), 'doorbook-waits-'));
  cpSync(site.data, data, { recursive: true });
  return data;
};

const test = base.extend<{ place: Place }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads which fixtures it needs from the pattern
  place: async ({}, use) => {
    const { end, ...place } = await makePlace(copyOfSite());
    await use(place);
    await end();
  },
});

beforeAll(async () => {
  site = await makeSite(1, 1);
  // The log is made by a first start, so that later ones find one to open.
  const { start, healthy } = await makePlace(site.data);
  const first = start();
  await vi.waitFor(async () => expect(await healthy()).toMatchObject({ status: 'ok' }), { timeout: 40_000 });
  first.child.kill('SIGTERM');
  expect(await first.ended).toBe(0);
});
afterAll(() => rmSync(site.data, { recursive: true, force: true }));

describe.concurrent('a start that finds', () => {
  test('the register locked by a writer: doors are served all the same, and lists once it is free', async ({ place }) => {
    const { alarmed, alive, healthy, lock, start, tapped } = place;
    const writer = lock('register.sqlite');
    start();
    await until(alarmed('register-waiting')).toBe(true);
    await tapped();
    expect(alive()).toBe(true);
    writer.close();
    await until(healthy).toEqual({ http: 200, status: 'ok' });
  });

  test('the register not to be read at all: whoever looks is told, and it is back by itself', async ({ place }) => {
    const { errors, healthy, http, lock, start, tapped } = place;
    const owner = lock('register.sqlite', true);
    start();
    await until(healthy).toEqual({ http: 503, status: 'starting', waiting: ['register-waiting'] });
    const page = await fetch(`http://127.0.0.1:${http}/`);
    expect([page.status, page.headers.get('retry-after'), await page.text()]).toEqual([503, '5', expect.stringMatching(/门簿正在启动.*Doorbook is starting/)]);
    expect(errors()).toContain('alarm: register-waiting');
    owner.close();
    await until(healthy).toEqual({ http: 200, status: 'ok' });
    await tapped();
  });

  test('the log not to be opened: the same', async ({ place }) => {
    const { alarmed, healthy, lock, start, tapped } = place;
    const owner = lock('journal.sqlite', true);
    start();
    await until(healthy).toEqual({ http: 503, status: 'starting', waiting: ['log-waiting'] });
    expect(alarmed('log-waiting')()).toBe(true);
    owner.close();
    await until(healthy).toEqual({ http: 200, status: 'ok' });
    await tapped();
  });

  test('the log locked by a writer: an alarm, doors are told to go by their lists, and all is well once it is free', async ({ place }) => {
    const { alarmed, door, healthy, lock, mqtt, start, tapped } = place;
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

  test('the port of the doors taken: the console says so and the doors come as soon as it is free', async ({ place: { healthy, mqtt, start, taken, tapped } }) => {
    const other = await taken(mqtt);
    start();
    await until(healthy).toEqual({ http: 200, status: 'ok', waiting: ['mqtt-port'] });
    other.close();
    await until(healthy).toEqual({ http: 200, status: 'ok' });
    await tapped();
  });

  test('the port of the console taken: doors are served, the console comes as soon as it is free', async ({ place: { alarmed, alive, healthy, http, start, taken, tapped } }) => {
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

test.concurrent('a start on a full disk spends the reserve of the log, says so, serves the doors, and is itself again once there is room', async ({ place, skip }) => {
  const { alarmed, errors, healthy, held, start, tapped } = place;
  const disk = fullDisk();
  if (disk === undefined) {
    expect(process.env['CI']).not.toBe('true');
    return skip('no file system could be mounted (needs root)');
  }
  held.push(disk);
  expect(statSync(path.join(disk.data, 'journal.reserve')).size).toBe(16 * 1024 * 1024);
  start(disk.data);
  await until(alarmed('disk-full')).toBe(true);
  await tapped();
  rmSync(disk.filler);
  await until(healthy).toEqual({ http: 200, status: 'ok' });
  await until(() => errors().includes('disk-full is over')).toBe(true);
});

describe.concurrent('a start that a person must help', () => {
  /** A copy of the site with one thing wrong; what is printed, once the process has ended. */
  async function ended({ data, start }: Place, plant: (data: string) => void): Promise<{ code: number | null; text: string }> {
    plant(data);
    const { ended: end, output } = start();
    const code = await end;
    // On a slow machine a line of the log about a slow disk may follow.
    const lines = output().trim().split('\n');
    return { code, text: lines.findLast((line) => !line.startsWith('{')) ?? '' };
  }
  const sql = (file: string, statement: string): void => {
    const db = new Database(file);
    db.exec(statement);
    db.close();
  };

  test.for<readonly [string, (data: string) => void, RegExp]>([
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
  ])('%s ends it with one sentence', async ([, plant, sentence], { place }) => {
    const { code, text } = await ended(place, plant);
    expect([code, text]).toEqual([1, expect.stringMatching(sentence)]);
    expect(text).not.toMatch(/\n|node_modules| {4}at /);
  });
});
