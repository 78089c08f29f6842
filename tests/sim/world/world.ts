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
import { createEnrolDesk, type EnrolWatch } from './enrol-desk.ts';
import { createGateway, type Gateway, ROOT } from './gateway.ts';
import { headerOf, simSigner } from './list-key.ts';
import { happens } from './faults.ts';
import { createNet } from './net.ts';
import { createRegister } from './register.ts';
import { secretHex } from './secret.ts';
import { createKeyDesk } from './serial/key-desk.ts';
import { buildLines, hasLines } from './serial/site.ts';
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

/** Share of controllers that nobody has enrolled when the world begins. */
const NEW = 0.15;

/** Gives each the identity it got before the world began; some are still to get one. */
function enrolSome(devices: readonly SimController[], register: World['register'], random: Random): void {
  const { publicKey } = simSigner();
  for (const device of devices) {
    const row = register.now().one('controller', device.parts.controllerId);
    if (row === undefined || random.chance(NEW)) continue;
    device.enrolledAs({ site: row.site, device: row.deviceId, secret: secretHex(row.secretSealed), list: publicKey });
  }
}

function makeDevices(world: Pick<World, 'scheduler' | 'net' | 'register' | 'site'>, random: Random, watch: Hooks, offsets: number[]): SimController[] {
  const full = random.chance(0.08);
  return world.register
    .now()
    .all('controller')
    .filter(({ id }) => world.site.doors.some(({ controllerId }) => controllerId === id))
    .map(({ id, deviceId, site }, place) => {
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
  const random = { net: stream(seed, 'net'), people: stream(seed, 'people'), store: stream(seed, 'store'), fitters: stream(seed, 'fitters') };
  const register = createRegister(() => scheduler.now);
  const site = buildSite(random.people, register);
  const lines = hasLines(seed) ? buildLines(seed, { scheduler, trace, watch: hooks, nobody }, { register, site }) : [];
  const disk = createDisk(random.store);
  useDisk(disk);
  let gatewayOff = 0;
  const offsets: number[] = [];
  const byId = new Map<string, SimController>();
  const sent = watchSent(trace, hooks, (id) => byId.get(id));
  const net = createNet(scheduler, random.net, {
    sent: (line, tail, payload) => sent(line.terminal.id, tail, payload),
    loggedIn: hooks.loggedIn,
    given: hooks.given,
    delivered: (line, tail) => trace.line(`${scheduler.now} got ${line.terminal.id} ${tail}`),
  });
  useNet(net);
  useListDesk({ register, random: random.store, made: hooks.listMade });
  const wall = (): number => START + scheduler.now + gatewayOff;
  let deskUp = true;
  const gateway: Gateway = createGateway({
    scheduler,
    net,
    register,
    watch: hooks,
    wall,
    dir,
    lines,
    desk: {
      post: (message) => (message.t === 'commissioned' ? keys.post(message) : enrolment.post(message)),
      ended() {
        enrolment.ended();
        keys.ended();
      },
    },
  });
  const enrolWatch: EnrolWatch = {
    codeMade: hooks.codeMade,
    codeUsed: hooks.codeUsed,
    traded: hooks.traded,
    changed(controller, at) {
      for (const device of devices) if (device.parts.controllerId === controller.id) steadiness.touched(device);
      hooks.changed(controller, at);
    },
  };
  const enrolment = createEnrolDesk({ scheduler, register, random: random.fitters, gateway, watch: enrolWatch, wall, up: () => deskUp, hints: () => made.hints });
  const keys = createKeyDesk({ scheduler, register, random: stream(seed, 'serial desk'), gateway, wall, up: () => deskUp, hints: () => made.hints });
  const watch: Hooks = {
    ...hooks,
    became(device) {
      steadiness.touched(device);
      hooks.became(device);
    },
  };
  const devices: readonly SimController[] = makeDevices({ scheduler, net, register, site }, random.people, watch, offsets);
  for (const device of devices) byId.set(device.id, device);
  enrolSome(devices, register, random.fitters);
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

  /** Changed by `changed` and by every start as somebody else, so that bounds begin anew. */
  function enrolled({ secret, parts: { controllerId } }: SimController): boolean {
    const row = register.now().one('controller', controllerId);
    return row !== undefined && !row.retired && secret === secretHex(row.secretSealed);
  }

  const made: World = {
    scheduler,
    random,
    site,
    register,
    net,
    disk,
    gateway,
    devices,
    lines,
    keys,
    sealed,
    enrolment,
    steady: steadiness.steady,
    get deskUp() {
      return deskUp;
    },
    set deskUp(up) {
      deskUp = up;
      if (up) return;
      enrolment.ended();
      keys.ended();
    },
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
    happens: (fault) => happens(made, fault),
    touched: steadiness.touched,
    enrolled,
    steadyLine: (device) => (enrolled(device) ? Math.min(steadiness.device(device), steadiness.steady.lists) : 0),
    steadySerial: (place) => Math.min(steadiness.line(place), steadiness.steady.journal),
    entries,
  };
  return made;
}
