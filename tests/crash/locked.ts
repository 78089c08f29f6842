import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import { type BenchSite, makeSite } from '../bench/site.ts';
import { devicesOf, journalOf } from '../e2e/load-door.ts';
import { eventually } from '../doors/harness.ts';
import { freePort, type GatewayProcess, spawnGateway, startGateway } from '../helpers/gateway-process.ts';
import { busyDoor } from './busy-door.ts';
import { type RealDoors, realDoors, wrongEntries, wrongTaps } from './real-door.ts';
import { inject } from './strace.ts';

const ALARM_MS = 5000;
/** A door's budget is 400 ms; the machine is shared with everything else that runs. */
const LAMP_MS = 2000;
const TAP_EVERY_MS = 700;
const DELIVERED_MS = 25_000;
/** Each database is waited for first as at any other time, up to 5 s. */
const START_ALARM_MS = 15_000;
const START_TROUBLE_MS = 4000;
/** The gateway tries again with pauses of at most 10 s. */
const BACK_MS = 15_000;

interface Rig {
  readonly site: BenchSite;
  readonly gateway: GatewayProcess;
  readonly doors: RealDoors;
  close(): Promise<void>;
}

/** A gateway and two real doors that have their lists. */
async function openRig(): Promise<Rig> {
  const site = await makeSite(2, 10);
  const port = await freePort();
  const gateway = await startGateway({ data: site.data, env: { MQTT_PORT: String(port) } });
  const storeDir = path.join(site.data, 'controllers');
  mkdirSync(storeDir);
  const doors = realDoors(site, port, storeDir);
  async function close(): Promise<void> {
    doors.stop();
    await gateway.kill('SIGKILL');
    rmSync(site.data, { recursive: true, force: true });
  }
  await eventually(doors.haveLists, 'every door has its list', 20_000);
  return { site, gateway, doors, close };
}

/** Takes databases away from the gateway; what is returned gives them back. */
function lock(data: string, names: readonly string[]): () => void {
  const held = names.map((name) => new Database(path.join(data, name), { timeout: 20_000 }));
  for (const db of held) db.exec('BEGIN EXCLUSIVE');
  return () => {
    for (const db of held) {
      db.exec('ROLLBACK');
      db.close();
    }
  };
}

async function tapFor(doors: RealDoors, ms: number): Promise<void> {
  for (const until = performance.now() + ms; performance.now() < until; await sleep(TAP_EVERY_MS)) await doors.tapAll();
}

/** Waits until the doors have told everything, and holds what they did against what is stored. */
async function judge({ site, gateway, doors }: Rig): Promise<void> {
  await eventually(() => doors.queued() === 0, 'the doors have told everything', DELIVERED_MS);
  expect(wrongTaps(doors.taps, LAMP_MS)).toEqual([]);
  doors.stop();
  expect(await gateway.kill('SIGTERM')).toBe(0);
  expect(wrongEntries(doors.taps, journalOf(site.data))).toEqual([]);
}

/** The log (and what else is named) is locked for so long: doors go by their lists, somebody is told, and afterwards everything is there. */
export async function lockedLog(names: readonly string[], ms: number): Promise<void> {
  const rig = await openRig();
  const { site, gateway, doors } = rig;
  try {
    await doors.tapAll();
    const unlock = lock(site.data, names);
    const before = doors.taps.length;
    await Promise.all([tapFor(doors, ms), eventually(() => /storage-failing/.test(gateway.errors()), 'an alarm', ALARM_MS)]);
    expect(
      doors.taps.slice(before).every(({ local }) => local),
      'the doors went by their own lists',
    ).toBe(true);
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    unlock();
    await eventually(() => /storage-failing is over/.test(gateway.errors()), 'the alarm is over', ALARM_MS);
    await judge(rig);
  } finally {
    await rig.close();
  }
}

/** The register is locked for so long: every tap is answered by the gateway, in time, and afterwards a desk can write again. */
export async function lockedRegister(ms: number): Promise<void> {
  const site = await makeSite(2, 10);
  const port = await freePort();
  const gateway = await startGateway({ data: site.data, env: { MQTT_PORT: String(port) } });
  const waits: number[] = [];
  const doors = devicesOf(site).map((device) => busyDoor(device, { onTold: () => undefined, onVerdict: (_, { asked }) => void waits.push(performance.now() - asked) }));
  try {
    for (const door of doors) await door.connect(port, () => false);
    const unlock = lock(site.data, ['register.sqlite']);
    let asked = 0;
    for (const until = performance.now() + ms; performance.now() < until; await sleep(TAP_EVERY_MS / 7))
      for (const door of doors) door.tap(site.cards[asked++ % site.cards.length] ?? '');
    await eventually(() => waits.length === asked, 'every tap is answered', LAMP_MS);
    unlock();
    expect([Math.max(...waits) < LAMP_MS, doors.map((door) => door.unavailable())]).toEqual([true, [0, 0]]);
    const added = { code: '890101001001B00002', name: 'after the lock' };
    await gateway.api('/buildings', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(added) });
  } finally {
    for (const door of doors) door.leave();
    await gateway.kill('SIGKILL');
    rmSync(site.data, { recursive: true, force: true });
  }
}

/** Starts a gateway in trouble: it must say so and stay; once the trouble is over, a door is answered. */
async function startsInTrouble(trouble: (data: string, pid: number) => Promise<() => unknown>, alarm: RegExp): Promise<void> {
  const site = await makeSite(1, 3);
  const port = await freePort();
  const env = { MQTT_PORT: String(port) };
  // Once without trouble, so that there is a log.
  await (await startGateway({ data: site.data, env })).kill('SIGKILL');
  const { child, ended, errors } = spawnGateway({ data: site.data, env });
  const doors = devicesOf(site).map((device) => busyDoor(device, { onVerdict: () => undefined, onTold: () => undefined }));
  try {
    const over = await trouble(site.data, child.pid ?? 0);
    await eventually(() => alarm.test(errors()), `an alarm like ${alarm}`, START_ALARM_MS);
    await sleep(START_TROUBLE_MS);
    expect([child.exitCode, child.signalCode], errors()).toEqual([null, null]);
    await over();
    for (const door of doors) {
      await door.connect(port, () => child.exitCode !== null);
      door.tap(site.cards[0] ?? '');
      await eventually(() => door.verdicts.size > 0, 'a verdict', BACK_MS);
      expect([...door.verdicts.values()].map(({ answer }) => answer.r)).toEqual(['OK']);
    }
  } finally {
    for (const door of doors) door.leave();
    child.kill('SIGKILL');
    await ended;
    rmSync(site.data, { recursive: true, force: true });
  }
}

/** A start while another program has both databases. */
export const startsLocked = (): Promise<void> => startsInTrouble(async (data) => lock(data, ['journal.sqlite', 'register.sqlite']), /alarm: (log|register)-waiting/);

/** A start while the disk takes nothing. */
export const startsOnFailingDisk = (): Promise<void> =>
  startsInTrouble(
    async (data, pid) => (await inject(pid, { calls: 'pwrite64,fsync', error: 'EIO', when: '1+' }, path.join(data, 'calls'))).stop,
    /alarm: (log-waiting|register-waiting|storage-failing)/,
  );
