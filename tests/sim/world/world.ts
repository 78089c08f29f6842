import { openRow } from '../../../gateway/journal/log.ts';
import type { StoredEntry } from '../../../gateway/journal/entry.ts';
import { keysOf } from '../../../gateway/journal/seal.ts';
import { keySource } from '../../../gateway/journal/slot-image.ts';
import { openSlotReader } from '../../../gateway/journal/slots.ts';
import type { Down } from '../../../firmware-sim/model.ts';
import type { DownTail } from '../../../gateway/wire/mqtt/topics.ts';
import type { Hooks } from '../checkers/checker.ts';
import { type Random, stream } from '../engine/random.ts';
import { createScheduler, type Host, type Scheduler } from '../engine/scheduler.ts';
import { useNet } from '../ports/broker.ts';
import { useListDesk } from '../ports/list-worker.ts';
import { plainOf } from '../ports/wire-seal.ts';
import { SimController } from './device.ts';
import { createDisk, useDisk } from './disk.ts';
import { createGateway, ROOT } from './gateway.ts';
import { headerOf } from './list-key.ts';
import { createNet } from './net.ts';
import { createRegister } from './register.ts';
import { buildSite, START } from './site.ts';
import type { World } from './shape.ts';
import { createSteadiness } from './steady.ts';
import type { Trace } from './trace.ts';

/** What a world is made with. `hooks` are told everything. */
export interface WorldOptions {
  readonly seed: number;
  readonly sealed: boolean;
  readonly dir: string | undefined;
  readonly trace: Trace;
  readonly hooks: Hooks;
}

const DRIFT = 150e-6;

function makeDevices(world: Pick<World, 'scheduler' | 'net' | 'register' | 'site'>, random: Random, watch: Hooks, offsets: number[]): SimController[] {
  const full = random.chance(0.08);
  return world.register
    .now()
    .all('controller')
    .map(({ id, deviceId, site, secretSealed }, place) => {
      const clockless = random.chance(0.3);
      offsets.push(0);
      return new SimController({
        scheduler: world.scheduler,
        net: world.net,
        watch,
        random: stream(random.whole(0, 2 ** 31), deviceId),
        id: deviceId,
        controllerId: id,
        site,
        doors: world.site.doors.filter(({ controllerId }) => controllerId === id).length,
        secret: secretSealed,
        drift: (random.next() * 2 - 1) * DRIFT,
        wall: () => (clockless ? 0 : Math.max(1, START + world.scheduler.now + (offsets[place] ?? 0))),
        queueMax: full ? 25 : 10_000,
      });
    });
}

/** Looks at each message as it leaves the gateway. */
function watchSent(trace: Trace, hooks: Hooks, deviceOf: (id: string) => SimController | undefined) {
  return (id: string, tail: DownTail, payload: Buffer): void => {
    const plain = plainOf(payload);
    trace.line(`to ${id} ${tail}`);
    trace.bytes(plain);
    const device = deviceOf(id);
    if (device !== undefined && tail !== 'acl/c' && tail !== 'time')
      hooks.sent(device, { tail, body: JSON.parse(String(tail === 'acl/want' ? headerOf(plain) : Buffer.from(plain))) } as Down);
  };
}

/** Builds a world, everything without power. */
export function createWorld({ seed, sealed, dir, trace, hooks }: WorldOptions): World {
  const nobody: Host = { name: 'nobody', alive: true, busyUntil: 0, wall: () => START + scheduler.now };
  const scheduler: Scheduler = createScheduler(nobody);
  const random = { net: stream(seed, 'net'), people: stream(seed, 'people'), store: stream(seed, 'store') };
  const register = createRegister(() => scheduler.now);
  const site = buildSite(random.people, register);
  const disk = createDisk(random.store);
  useDisk(disk);
  let gatewayOff = 0;
  const offsets: number[] = [];
  const byId = new Map<string, SimController>();
  const sent = watchSent(trace, hooks, (id) => byId.get(id));
  const net = createNet(scheduler, random.net, {
    sent: (line, tail, payload) => sent(line.terminal.id, tail, payload),
    delivered: (line, tail) => trace.line(`${scheduler.now} got ${line.terminal.id} ${tail}`),
  });
  useNet(net);
  useListDesk({ register, random: random.store, made: hooks.listMade });
  const gateway = createGateway({ scheduler, net, register, watch: hooks, wall: () => START + scheduler.now + gatewayOff, dir });
  const devices = makeDevices({ scheduler, net, register, site }, random.people, hooks, offsets);
  for (const device of devices) byId.set(device.id, device);
  const steadiness = createSteadiness(
    () => scheduler.now,
    () => gateway,
  );

  function entries(): Map<number, StoredEntry> {
    const source = dir === undefined ? keySource({ image: disk.slots, root: ROOT, generation: 0 }) : openSlotReader(`${dir}/keys`, ROOT);
    const keys = keysOf(source);
    const [log] = disk.logs;
    const opened = new Map<number, StoredEntry>();
    if (log === undefined) return opened;
    for (const row of disk.rows) {
      const entry = openRow(row, log, keys);
      if (entry !== undefined) opened.set(row.idx, entry);
    }
    return opened;
  }

  return {
    scheduler,
    random,
    site,
    register,
    net,
    disk,
    gateway,
    devices,
    sealed,
    steady: steadiness.steady,
    deskUp: true,
    hints: true,
    now: () => scheduler.now,
    later: (ms, act) => void scheduler.at(scheduler.now + ms, nobody, act),
    atDevice: (device, act) => void scheduler.at(scheduler.now, device.host, act),
    setDoorClock(place, off) {
      offsets[place] = off;
    },
    setGatewayClock(off) {
      gatewayOff = off;
    },
    gatewayOff: () => gatewayOff,
    disturbed: (fault, begins) => steadiness.disturbed(fault, begins, devices),
    steadyLine: (device) => Math.min(steadiness.device(device), steadiness.steady.lists),
    entries,
  };
}
