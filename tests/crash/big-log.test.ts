import { rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openProofs } from '../../gateway/journal/proofs.ts';
import { type BenchSite, makeSite } from '../bench/site.ts';
import { devicesOf } from '../e2e/load-door.ts';
import { freePort, spawnGateway } from '../helpers/gateway-process.ts';
import { makeBigLog } from './big-log.ts';
import { type BusyDoor, busyDoor } from './busy-door.ts';

const ENTRIES = Number(process.env['CRASH_ENTRIES'] ?? 1_000_000);
const KILLS = 4;
const BACK_MS = 2000;

let site: BenchSite;
let doors: BusyDoor[] = [];
let busy = true;
const tap = (door: BusyDoor): void => door.tap(site.cards[0] ?? '');
const verdicts = (): number => doors.reduce((sum, door) => sum + door.verdicts.size, 0);

beforeAll(
  async () => {
    site = await makeSite(2, 2);
    makeBigLog(site.data, ENTRIES);
    doors = devicesOf(site).map((device) => busyDoor(device, { onVerdict: () => undefined, onTold: (door) => void (busy && tap(door)) }));
  },
  300_000 + ENTRIES / 5,
);
afterAll(() => {
  for (const door of doors) door.leave();
  rmSync(site.data, { recursive: true, force: true });
});

test(
  `with ${ENTRIES} entries in its log the gateway is back within ${BACK_MS / 1000} s of kill -9, and goes on in the same tree`,
  async () => {
    const port = await freePort();
    const backs: number[] = [];
    for (let kill = 0; kill <= KILLS; kill++) {
      const [began, before] = [performance.now(), verdicts()];
      const { child, ended, errors } = spawnGateway({ data: site.data, env: { MQTT_PORT: String(port) } });
      busy = true;
      const connected = Promise.all(
        doors.map(async (door) => {
          await door.connect(port, () => !busy);
          tap(door);
        }),
      );
      await expect.poll(() => verdicts() > before || errors(), { timeout: 30_000, interval: 2 }).toBe(true);
      backs.push(performance.now() - began);
      await connected;
      await sleep(300);
      busy = false;
      expect(errors()).not.toMatch(/log-forked|keys-lost/);
      child.kill('SIGKILL');
      await ended;
      for (const door of doors) door.leave();
    }
    const proofs = openProofs(path.join(site.data, 'journal.sqlite'));
    const newest = proofs.newest();
    expect(newest?.size).toBeGreaterThan(ENTRIES);
    expect(newest && Buffer.from(proofs.rootAt(newest.origin, newest.size))).toEqual(newest && Buffer.from(newest.root));
    proofs.close();
    const megabytes = Math.round(statSync(path.join(site.data, 'journal.sqlite')).size / 2 ** 20);
    console.log(`${ENTRIES} entries, ${megabytes} MB: back after ${backs.map(Math.round).join(', ')} ms`);
    expect(Math.min(...backs.slice(1))).toBeLessThan(BACK_MS);
  },
  200_000 + ENTRIES / 50,
);
