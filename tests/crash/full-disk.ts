import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { makeSite } from '../bench/site.ts';
import { eventually } from '../doors/harness.ts';
import { journalOf } from '../e2e/load-door.ts';
import { freePort, type GatewayProcess, startGateway } from '../helpers/gateway-process.ts';
import type { Random } from './random.ts';
import { type RealDoors, realDoors, wrongEntries, wrongTaps } from './real-door.ts';

/** Register, log and the reserve of 16 MB twice over, as it wants them before it is made. */
const DISK_MB = 80;
const DOORS = 3;
const ALARM_MS = 5000;
const LAMP_MS = 2000;
const TAP_EVERY_MS = 40;
/** Taps need a while to fill what was left of a file of the database. */
const FILLING_MS = 20_000;
const DELIVERED_MS = 30_000;

/** A small file system of its own in this folder, or why there is none. */
function smallDisk(dir: string): string | undefined {
  try {
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'doorbook-test', dir], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `a file system of ${DISK_MB} MB could not be mounted (needs root): ${String(error)}`;
  }
}

/** Takes all that is left but `spare` bytes. */
function fill(file: string, spare: number): string {
  const { bavail, bsize } = statfsSync(path.dirname(file));
  try {
    writeFileSync(file, Buffer.alloc(Math.max(0, bavail * bsize - spare), 1));
  } catch (error) {
    // The gateway took the last of it: full it is.
    if (!String(error).includes('ENOSPC')) throw error;
  }
  return file;
}

/** One time full: first the reserve goes, then the rest; somebody is told of both; then there is room again. */
async function fullOnce({ gateway, doors, dir }: { gateway: GatewayProcess; doors: RealDoors; dir: string }, random: Random): Promise<void> {
  const times = (words: string): number => gateway.errors().split(words).length - 1;
  const [reserves, refusals, ends] = [times('reserve is in use'), times('reserve is used up'), times('disk-full is over')];
  const some = (bytes: number): number => (random.chance(0.3) ? 0 : random.below(bytes));
  const fillers = [fill(path.join(dir, 'first'), some(256 * 1024))];
  await eventually(() => times('reserve is in use') > reserves, 'the reserve is in use', ALARM_MS + FILLING_MS);
  fillers.push(fill(path.join(dir, 'second'), some(128 * 1024)));
  await eventually(() => times('reserve is used up') > refusals, 'the reserve is used up', ALARM_MS + FILLING_MS);
  const served = doors.taps.length;
  await sleep(random.below(150));
  expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  for (const file of fillers) rmSync(file);
  await eventually(() => times('disk-full is over') > ends, 'the alarm is over', ALARM_MS);
  await eventually(() => doors.taps.length > served, 'doors go on', ALARM_MS);
}

async function fullAgain(dir: string, controllers: string, { rounds, random }: { rounds: number; random: Random }): Promise<void> {
  const data = path.join(dir, 'data');
  mkdirSync(data);
  const site = await makeSite(DOORS, 12, data);
  const port = await freePort();
  const gateway = await startGateway({ data, env: { MQTT_PORT: String(port) } });
  const doors = realDoors(site, port, controllers);
  let busy = true;
  try {
    await eventually(doors.haveLists, 'every door has its list', 20_000);
    const taps = (async () => {
      for (; busy; await sleep(TAP_EVERY_MS)) await doors.tapAll();
    })().catch(() => undefined);
    for (let round = 0; round < rounds; round++) await fullOnce({ gateway, doors, dir }, random);
    busy = false;
    await taps;
    await eventually(() => doors.queued() === 0, 'the doors have told everything', DELIVERED_MS);
    expect(wrongTaps(doors.taps, LAMP_MS)).toEqual([]);
    expect(doors.taps.some(({ local }) => local)).toBe(true);
    doors.stop();
    expect(await gateway.kill('SIGTERM')).toBe(0);
    expect(wrongEntries(doors.taps, journalOf(data))).toEqual([]);
  } finally {
    busy = false;
    doors.stop();
    await gateway.kill('SIGKILL');
  }
}

/** Fills the disk under a gateway so many times, at different moments. Returns why it could not be tried. */
export async function fillDisk(rounds: number, random: Random): Promise<string | undefined> {
  const dir = mkdtempSync(path.join(tmpdir(), 'doorbook-full-'));
  // The controllers have flash of their own.
  const controllers = mkdtempSync(path.join(tmpdir(), 'doorbook-controllers-'));
  const why = smallDisk(dir);
  try {
    if (why === undefined) await fullAgain(dir, controllers, { rounds, random });
  } finally {
    if (why === undefined) execFileSync('/bin/umount', ['-l', dir]);
    for (const each of [dir, controllers]) rmSync(each, { recursive: true, force: true });
  }
  return why;
}
