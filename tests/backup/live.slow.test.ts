import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Fleet, startFleet } from '../../firmware-sim/fleet.ts';
import { readManifest } from '../../gateway/backup/manifest.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { openProofs } from '../../gateway/journal/proofs.ts';
import { createRevoke } from '../../gateway/register/revocations.ts';
import { readEpoch } from '../../gateway/list-epoch.ts';
import { type BenchSite, makeSite } from '../bench/site.ts';
import { compareWithLog, devicesOf, journalOf, type LoadDoor, loadDoor } from '../e2e/load-door.ts';
import { freePort, type GatewayProcess, startGateway } from '../helpers/gateway-process.ts';
import { opened } from './backup-site.ts';

const PROGRAM = path.resolve('dist/gateway/doorbook.js');
const AT_ONCE = 2;
const DOORS = 4;

let root: string;
let data: string;
let dir: string;
let site: BenchSite;
let gateway: GatewayProcess | undefined;
let fleet: Fleet | undefined;
const doors: LoadDoor[] = [];
beforeEach(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'doorbook-live-'));
  [data, dir] = [path.join(root, 'data'), path.join(root, 'backups')];
  mkdirSync(data);
  site = await makeSite(DOORS, 300, data);
});
afterEach(async () => {
  for (const door of doors.splice(0)) door.leave();
  fleet?.stop();
  await gateway?.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

const doorbook = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, [PROGRAM, ...args, '--lang', 'en'], { env: { ...process.env, DOORBOOK_DATA: data } })).stdout;
const until = (check: () => unknown, timeout = 15_000): Promise<unknown> =>
  vi.waitFor(
    async () => {
      if ((await check()) !== true) throw new Error('not yet');
    },
    { timeout, interval: 25 },
  );

describe('a backup of a gateway under load', () => {
  test('is of one moment, holds no tap up, and loses nothing of what goes on', async () => {
    const port = await freePort();
    const here = await startGateway({ data, env: { MQTT_PORT: String(port) } });
    gateway = here;
    let busy = true;
    const sent = new Map<string, number>();
    const waits: number[] = [];
    const tap = (door: LoadDoor): void => {
      sent.set(`${door.deviceId} ${door.asked.size + 1}`, performance.now());
      door.tap(site.cards[door.asked.size % site.cards.length] ?? '');
    };
    doors.push(
      ...devicesOf(site).map((device) =>
        loadDoor(device, (door) => {
          const since = sent.get(`${door.deviceId} ${door.answers.size}`);
          if (since !== undefined) waits.push(performance.now() - since);
          if (busy) tap(door);
        }),
      ),
    );
    for (const door of doors) await door.connect(port);
    for (const door of doors) for (let n = 0; n < AT_ONCE; n += 1) tap(door);
    let added = 0;
    const writing = (async () => {
      while (busy) {
        const body = JSON.stringify({ code: `890101001001B${String(50_000 + added)}`, name: `楼 ${added}` });
        await here.api('/buildings', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
        added += 1;
      }
    })();
    await until(() => doors.every((door) => door.answers.size > 50) && added > 3);

    const before = waits.length;
    expect(await doorbook('backup', dir)).toContain('The backup is made');
    const during = waits.slice(before).sort((a, b) => a - b);
    busy = false;
    await writing;
    await until(() => doors.every((door) => door.open().length === 0));

    // Taps went on meanwhile, and none waited for the copying.
    expect(during.length).toBeGreaterThan(50);
    expect(during.at(-1)).toBeLessThan(3000);
    const [name = ''] = readdirSync(dir);
    const folder = path.join(dir, name);
    const { register, journal, files } = readManifest(folder);
    expect(files.map((file) => file.name)).toEqual(['register.sqlite', 'journal.sqlite']);

    // One moment: a building's entry and its row are both in it or both not, but for one that was just being added.
    const copy = path.join(root, 'copy');
    expect(await doorbook('rehearse', dir)).toContain('can be restored');
    await promisify(execFile)(process.execPath, [PROGRAM, 'restore', dir], { env: { ...process.env, DOORBOOK_DATA: copy } });
    const entries = journalOf(copy);
    const noted = entries.filter(({ event }) => event.what === 'building-added').length;
    const rows = await opened(copy, async ({ read }) => (await read.building.count()) - 1);
    expect(Math.abs(noted - rows)).toBeLessThanOrEqual(1);
    expect([rows > 0, rows < added, journal.last > 100, register.n > 0]).toEqual([true, true, true, true]);

    expect(await here.kill('SIGTERM')).toBe(0);
    expect(compareWithLog(doors, journalOf(data), (deviceId) => Number(deviceId.replace('bench-d', '')))).toEqual([]);
    expect(journalOf(data).map(({ event }) => event.what)).toEqual(expect.arrayContaining(['backup-begun', 'backup-made']));
    expect(JSON.parse(readFileSync(path.join(data, 'backups.json'), 'utf8')).last).toMatchObject({ ok: true, dir: folder });
  }, 90_000);
});

describe('a controller over a restore', () => {
  const act = (what: object): Promise<Record<string, unknown>> =>
    Promise.resolve(fleet?.act({ id: 1, act: 'list', doorCode: 'D01', card: undefined, on: undefined, ...what })).then(Object);
  /** The list the controller goes by, as it says itself. */
  const held = async (): Promise<string> => String(Object(Object(await act({ act: 'list' })).doors?.[0]).list);

  /** Switches a card off as a verb of the register does: first the log, then the register. */
  const revoke = (id: number): Promise<void> =>
    opened(data, ({ write }, log) => {
      const note = createRevoke({ append: async (entry) => log.append([stage(entry)])[0] ?? { index: 0, duplicate: false } }, Date.now);
      return write(async (db) => {
        await note(db, [{ what: 'credential-stopped', credentialId: id, personId: id }], 1);
        await db.credential.update({ where: { id }, data: { status: 'revoked' } });
      });
    });

  async function offline(card: string): Promise<Record<string, unknown>> {
    await act({ act: 'network', on: false });
    try {
      return await act({ act: 'tap', card });
    } finally {
      await act({ act: 'network', on: true });
    }
  }

  test('goes on without being enrolled again, takes the list of the new epoch, and a revoked card stays refused', async () => {
    const [stays = '', revoked = ''] = site.cards;
    const port = await freePort();
    const start = async (): Promise<GatewayProcess> => startGateway({ data, env: { MQTT_PORT: String(port) } });
    gateway = await start();
    const [device] = site.devices;
    fleet = startFleet({
      mqtt: { host: '127.0.0.1', port, pin: undefined },
      socket: path.join(root, 'sim.sock'),
      storeDir: path.join(root, 'sim'),
      devices: [
        { device: device?.device ?? '', site: device?.site ?? '', secretHex: device?.secretHex ?? '', listKeyHex: device?.listKeyHex ?? '', doors: [{ number: 1, code: 'D01' }] },
      ],
      walk: false,
    });
    const granted = async (card: string): Promise<unknown> => (await act({ act: 'tap', card }))['granted'];
    await until(async () => (await granted(revoked)) === true);
    await until(async () => (await offline(revoked))['granted'] === true);

    await doorbook('backup', dir);
    await gateway.kill('SIGTERM');
    await revoke(2);
    gateway = await start();
    await until(async () => (await act({ act: 'tap', card: revoked }))['reason'] === 'REVOKED');
    await until(async () => (await offline(revoked))['granted'] === false);
    await gateway.kill('SIGTERM');

    // The register is lost, the log is not: what the log says was stopped is stopped again before anything is served.
    writeFileSync(path.join(data, 'register.sqlite'), 'lost');
    const said = await doorbook('restore', dir, '--replace');
    expect(said).toContain('only the register was replaced');
    gateway = await start();
    expect(gateway.output()).toContain('1 of 1 revocations since then carried out again');
    await until(async () => (await act({ act: 'tap', card: stays }))['offline'] === false);
    expect(await act({ act: 'tap', card: revoked })).toMatchObject({ granted: false, reason: 'REVOKED' });
    const epoch = readEpoch(data);
    expect(epoch).toBeGreaterThan(29_000_000);
    await until(async () => (await held()).startsWith(`${epoch}.`));
    expect((await offline(revoked))['granted']).toBe(false);
    expect((await offline(stays))['granted']).toBe(true);
    await gateway.kill('SIGTERM');

    // Everything but the backup is lost. The door holds a newer list than the backup knows of, and it is not taken back.
    for (const name of ['register.sqlite', 'journal.sqlite', 'keys', 'epoch.json', 'epoch-mirror.json']) rmSync(path.join(data, name), { recursive: true });
    await doorbook('restore', dir);
    gateway = await start();
    await until(async () => (await act({ act: 'tap', card: stays }))['offline'] === false);
    const next = readEpoch(data);
    expect(next).toBeGreaterThanOrEqual(epoch);
    await until(async () => (await held()).startsWith(`${readEpoch(data)}.`));
    await gateway.kill('SIGTERM');
    const proofs = openProofs(path.join(data, 'journal.sqlite'));
    expect(proofs.logs().map(({ cites }) => cites !== undefined)).toEqual([false, true]);
    proofs.close();

    // Somebody puts everything back by hand as it was long ago, the epoch too: the door's list tells.
    for (const name of ['epoch.json', 'epoch-mirror.json']) rmSync(path.join(data, name));
    gateway = await start();
    await until(() => gateway?.errors().includes('register-older') ?? false);
    expect(readEpoch(data)).toBeGreaterThan(next - 1);
    await until(async () => (await held()).startsWith(`${readEpoch(data)}.`));
    expect((await offline(stays))['granted']).toBe(true);
  }, 120_000);
});
