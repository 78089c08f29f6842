import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { makeSite } from '../bench/site.ts';
import { compareWithLog, devicesOf, journalOf, type LoadDoor, loadDoor } from '../e2e/load-door.ts';
import { freePort, type GatewayProcess, startGateway } from '../helpers/gateway-process.ts';

/** Register, log and the reserve of 16 MB, with the room the log wants before it makes the reserve. */
const DISK_MB = 64;
const DOORS = 6;
const AT_ONCE = 8;
const ALARM_MS = 5000;

let dir = '';
let gateway: GatewayProcess | undefined;
const doors: LoadDoor[] = [];
afterEach(async () => {
  for (const door of doors) door.leave();
  await gateway?.kill('SIGKILL');
  if (dir === '') return;
  execFileSync('/bin/umount', ['-l', dir]);
  rmSync(dir, { recursive: true, force: true });
});

/** A small file system of its own, or why there is none. */
function smallDisk(): string | undefined {
  const made = mkdtempSync(path.join(tmpdir(), 'doorbook-disk-'));
  try {
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'doorbook-test', made], { stdio: 'pipe' });
    dir = made;
    return undefined;
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    return `a file system of ${DISK_MB} MB could not be mounted (needs root): ${String(error)}`;
  }
}

/** Takes all that is left but `spare` bytes. */
function fill(spare: number): string {
  const { bavail, bsize } = statfsSync(dir);
  const file = path.join(dir, 'filler');
  writeFileSync(file, Buffer.alloc(Math.max(0, bavail * bsize - spare), 1));
  return file;
}

const total = (of: (door: LoadDoor) => number): number => doors.reduce((sum, door) => sum + of(door), 0);
const alarmed = (words: string) => (): boolean => gateway?.errors().includes(words) ?? false;

test('a disk that fills up under taps: the reserve first, then UNAVAILABLE and an alarm; room brings everything back, nothing answered is lost', async (context) => {
  const why = smallDisk();
  if (why !== undefined) {
    expect(process.env['CI'], why).not.toBe('true');
    return context.skip(why);
  }
  const site = await makeSite(DOORS, 20, path.join(dir, 'data'));
  const port = await freePort();
  gateway = await startGateway({ data: site.data, env: { MQTT_PORT: String(port) } });
  const tap = (door: LoadDoor): void => door.tap(site.cards[door.asked.size % site.cards.length] ?? '');
  let busy = true;
  doors.push(
    ...devicesOf(site).map((device) =>
      loadDoor(device, (door) => {
        if (busy && door.unavailable === 0) tap(door);
      }),
    ),
  );
  for (const door of doors) await door.connect(port);
  const filler = fill(512 * 1024);
  for (const door of doors) for (let n = 0; n < AT_ONCE; n++) tap(door);

  await expect.poll(alarmed('The reserve is in use'), { timeout: 20_000, interval: 20 }).toBe(true);
  const fromReserve = total((door) => door.answers.size);
  await expect.poll(() => total((door) => door.unavailable), { timeout: 40_000, interval: 20 }).toBeGreaterThan(0);
  await expect.poll(alarmed('the reserve is used up'), { timeout: ALARM_MS, interval: 20 }).toBe(true);
  expect(total((door) => door.answers.size) - fromReserve).toBeGreaterThan(500);
  // Every door is told, and none waits: it goes by its own list.
  busy = false;
  await expect.poll(() => doors.flatMap((door) => door.open()).length <= total((door) => door.unavailable)).toBe(true);
  expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);

  rmSync(filler);
  expect(total((door) => door.open().length)).toBeGreaterThan(0);
  for (const door of doors) door.repeat();
  await expect.poll(() => total((door) => door.open().length), { timeout: 5000 }).toBe(0);
  await expect.poll(alarmed('is over'), { timeout: 5000 }).toBe(true);
  for (const door of doors) tap(door);
  await expect.poll(() => total((door) => door.open().length), { timeout: 5000 }).toBe(0);
  expect(await gateway.kill('SIGTERM')).toBe(0);
  expect(compareWithLog(doors, journalOf(site.data), (deviceId) => Number(deviceId.replace('bench-d', '')))).toEqual([]);
}, 90_000);
