import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BenchSite, makeSite } from '../bench/site.ts';
import { compareWithLog, devicesOf, journalOf, type LoadDoor, loadDoor } from '../e2e/load-door.ts';
import { freePort, type GatewayProcess, startGateway } from '../helpers/gateway-process.ts';

/** The short form; a night run sets more (security.md 5). */
const KILLS = Number(process.env['PROCESS_KILLS'] ?? 5);
const DOORS = 8;
/** Requests on the way for each door. */
const AT_ONCE = 6;
const STRANGER = 'FFEEDDCC';

let site: BenchSite;
let doors: LoadDoor[];
let port: number;
let gateway: GatewayProcess | undefined;
/** Doors tap again on every answer while this holds. */
let busy = false;

const cardOf = (n: number): string => (n % 9 === 0 ? STRANGER : (site.cards[n % site.cards.length] ?? STRANGER));

beforeAll(async () => {
  site = await makeSite(DOORS, 40);
  port = await freePort();
  doors = devicesOf(site).map((device) =>
    loadDoor(device, (door) => {
      if (busy) door.tap(cardOf(door.asked.size + 1));
    }),
  );
});
afterAll(async () => {
  for (const door of doors) door.leave();
  await gateway?.kill('SIGKILL');
  rmSync(site.data, { recursive: true, force: true });
});

/** Starts the gateway, lets every door send again what was not answered, and waits until all is. */
async function startAndCatchUp(): Promise<{ startMs: number; repeated: number }> {
  const began = performance.now();
  gateway = await startGateway({ data: site.data, env: { MQTT_PORT: String(port) } });
  const startMs = performance.now() - began;
  const repeated = doors.reduce((sum, door) => sum + door.open().length, 0);
  for (const door of doors) {
    await door.connect(port);
    door.repeat();
  }
  await expect.poll(() => doors.flatMap((door) => door.open().map((n) => `${door.deviceId} ${n}`)), { timeout: 8000 }).toEqual([]);
  return { startMs, repeated };
}

test(`killed ${KILLS} times under load: every answer is in the log once, and what had none gets one when asked again`, async () => {
  let repeated = 0;
  for (let round = 0; round <= KILLS; round++) {
    const caughtUp = await startAndCatchUp();
    expect(caughtUp.startMs).toBeLessThan(10_000);
    repeated += caughtUp.repeated;
    if (round === KILLS) break;
    const before = doors.reduce((sum, door) => sum + door.answers.size, 0);
    busy = true;
    for (const door of doors) for (let n = 0; n < AT_ONCE; n++) door.tap(cardOf(door.asked.size + 1));
    await expect.poll(() => doors.reduce((sum, door) => sum + door.answers.size, 0), { interval: 5 }).toBeGreaterThan(before + 50);
    await sleep(Math.random() * 300);
    await gateway?.kill('SIGKILL');
    busy = false;
    for (const door of doors) door.leave();
  }
  expect(repeated).toBeGreaterThan(0);
  expect(await gateway?.kill('SIGTERM')).toBe(0);

  const entries = journalOf(site.data);
  expect(compareWithLog(doors, entries, (deviceId) => Number(deviceId.replace('bench-d', '')))).toEqual([]);
  // Nothing was stored that nobody asked, either.
  expect(entries.filter(({ event }) => event.kind === 'access')).toHaveLength(doors.reduce((sum, door) => sum + door.asked.size, 0));
  expect(entries.filter(({ event }) => event.what === 'started')).toHaveLength(KILLS + 1);
  expect(new Set(doors.flatMap((door) => [...door.answers.values()].map(({ r }) => r)))).toEqual(new Set(['OK', 'UNKNOWN_CREDENTIAL']));
  expect(doors.map(({ unavailable }) => unavailable)).toEqual(doors.map(() => 0));
}, 120_000);
