import type { Input, Output } from '../../../firmware-sim/model.ts';
import type { RequestRecord } from '../../../firmware-sim/store-image.ts';
import type { SimController } from '../world/device.ts';
import { START } from '../world/site.ts';
import { type Checker, keyName, type MadeOf, type Scene } from './checker.ts';
import { mayUntil, opensUntil } from './reference.ts';

/** The door's own budget (design.md 3), ms of its running time. */
const BUDGET_MS = 400;
/** Refusals that say nothing about who may enter now. */
const NOT_ABOUT_RIGHTS: ReadonlySet<string> = new Set(['STALE', 'UNAVAILABLE', 'TOKEN_REPLAY', 'DEVICE_FAULT']);
/** Seconds are lost in rounding and drift, ms. */
const CLOCK_SLACK_MS = 2000;

/** What one device knows, as its surroundings told it. */
interface Known {
  input: Input | undefined;
  readonly requests: Map<string, { readonly record: RequestRecord; readonly u: number }>;
  /** Grants by the gateway that reached this boot, by request. */
  readonly granted: Set<string>;
  /** Unlock orders that reached this boot, and those carried out. */
  readonly orders: Map<string, { readonly door: number; readonly x: number }>;
  /** Time by the newest answer in time, in this boot: epoch ms at a moment of the world. */
  time: { readonly at: number; readonly told: number } | undefined;
  asked: { readonly nonce: string; readonly u: number } | undefined;
}

const fresh = (): Known => ({ input: undefined, requests: new Map(), granted: new Set(), orders: new Map(), time: undefined, asked: undefined });

/** 1. No opening without a right to it that its decider could know, and no gateway's decision but the reference's. */
export function grantsChecker({ world, fail }: Scene): Checker {
  const asked = new Map<string, { readonly n: number; readonly wall: number }[]>();
  const made = new Map<string, MadeOf[]>();
  /** Entries of decisions doors made by themselves: a request that comes late is answered with what the door did. */
  const local = new Set<number>();
  const known = new Map<SimController, Known>();
  const of = (device: SimController): Known => {
    const now = known.get(device) ?? fresh();
    known.set(device, now);
    return now;
  };
  const doorAt = (device: SimController, number: number) => world.site.doors.find((door) => door.controllerId === device.parts.controllerId && door.number === number);

  /** Might this device let this card in by itself: one of the lists it may hold says so, and none of what it knows of the time forbids it. */
  function mayLocally(device: SimController, door: number, hex: string): boolean {
    const { run } = device.controller;
    const doorId = doorAt(device, door)?.id;
    if (run?.list === undefined || doorId === undefined) return false;
    const { time } = of(device);
    const told = time === undefined ? undefined : time.told + world.now() - time.at;
    if (told !== undefined && told >= run.list.until + CLOCK_SLACK_MS) return false;
    // A lockdown is what the header says that it holds, whatever the register said when its rows were made.
    const lockdown = run.list.doors[door - 1]?.k ?? 0;
    if (told !== undefined && told + CLOCK_SLACK_MS < lockdown) return false;
    return (made.get(`${device.parts.controllerId} ${run.list.e}.${run.list.n}`) ?? []).some(({ n, wall }) => {
      const until = mayUntil(world.register.at(n), doorId, hex, wall);
      if (until === 0) return false;
      return until === Number.POSITIVE_INFINITY || (told !== undefined && told < until + CLOCK_SLACK_MS);
    });
  }

  function byRequest(device: SimController, door: number, n: number): void {
    const { input, requests, granted } = of(device);
    if (n === 0) {
      if (input?.t !== 'tap' || input.door !== door || !mayLocally(device, door, input.reading.x))
        fail(`${device.id} door ${door} opened for an unrecorded tap without a right to it`);
      return;
    }
    const name = `${device.controller.run?.boot}/${n}`;
    const request = requests.get(name);
    if (request === undefined || request.record.door !== door) return fail(`${device.id} door ${door} opened for request ${name}, which nobody made there`);
    const { claim, reading } = request.record;
    if (claim?.granted !== true) return fail(`${device.id} door ${door} opened before the claim of request ${name} was written`);
    requests.delete(name);
    if (claim.source === 'local') {
      if (!mayLocally(device, door, reading.x))
        fail(`${device.id} door ${door} let ${reading.x} in by its list ${device.controller.run?.list?.e}.${device.controller.run?.list?.n}, which gives no right to it`);
      return;
    }
    if (!granted.has(name)) fail(`${device.id} door ${door} opened for request ${name} on a grant that never came`);
    if (device.u - request.u > BUDGET_MS + 1) fail(`${device.id} door ${door} opened ${device.u - request.u} ms after the tap on the gateway's word`);
  }

  function pulsed(device: SimController, { door, cause }: Extract<Output, { t: 'pulse' }>): void {
    const now = of(device);
    if (cause.by === 'request') return byRequest(device, door, cause.n);
    if (cause.by === 'exit' && (now.input?.t !== 'exit' || now.input.door !== door)) fail(`${device.id} door ${door} opened by an exit button nobody pressed`);
    if (cause.by === 'fire' && !device.controller.world.fire) fail(`${device.id} door ${door} opened by a fire input that is off`);
    if (cause.by !== 'command') return;
    const order = now.orders.get(cause.id);
    if (order === undefined || order.door !== door) fail(`${device.id} door ${door} opened by command ${cause.id}, which was not given in this boot or was done before`);
    else if (order.x < device.u) fail(`${device.id} door ${door} opened by command ${cause.id} after its end`);
    now.orders.delete(cause.id);
  }

  function wrote(device: SimController, record: RequestRecord): void {
    const { input, requests } = of(device);
    const name = `${record.boot}/${record.n}`;
    const before = requests.get(name);
    if (before === undefined && (input?.t !== 'tap' || input.door !== record.door || input.reading.x !== record.reading.x)) return;
    requests.set(name, { record, u: before?.u ?? device.u });
  }

  return {
    asked(tap, at) {
      const name = keyName(tap.key);
      asked.set(name, [...(asked.get(name) ?? []), at]);
    },
    appended({ event }, { index, duplicate }) {
      if (event.kind === 'access' && event.offline && !duplicate) local.add(index);
    },
    answered(tap, { granted, reason, entry }) {
      if (local.has(entry)) return;
      const hex = tap.credential?.hex ?? '';
      const rights = (asked.get(keyName(tap.key)) ?? []).map(({ n, wall }) => opensUntil(world.register.at(n), tap.doorId, hex, wall) > 0);
      if (granted && !rights.includes(true)) fail(`the gateway granted ${hex} at door ${tap.doorId} (${keyName(tap.key)}): the register gives no right to it`);
      if (!granted && !rights.includes(false) && !NOT_ABOUT_RIGHTS.has(reason))
        fail(`the gateway refused ${hex} at door ${tap.doorId} as ${reason}: the register gives a right to it`);
    },
    listMade: (list) => void made.set(`${list.controllerId} ${list.version}`, [...(made.get(`${list.controllerId} ${list.version}`) ?? []), list]),
    power: (device) => void known.set(device, fresh()),
    input(device, input) {
      of(device).input = input;
    },
    heard(device, { tail, body }) {
      const now = of(device);
      const { run } = device.controller;
      if (run === undefined) return;
      if (tail === 'res' && body.g && body.i === run.instance) now.granted.add(`${body.b}/${body.n}`);
      else if (tail === 'cmd' && body.a === 'unlock' && body.b === run.boot && !run.commands.has(body.id)) now.orders.set(body.id, { door: body.d, x: body.x });
      else if (tail === 'time' && now.asked?.nonce === body.no && device.u - now.asked.u <= 5000) {
        now.time = { at: world.now(), told: body.t };
        if (Math.abs(body.t - START - world.now()) > 6000 && world.steady.wallRight > 6000) fail(`${device.id} was told a time that is ${body.t - START - world.now()} ms wrong`);
      }
    },
    output(device, output) {
      if (output.t === 'pulse') pulsed(device, output);
      else if (output.t === 'store') for (const record of output.change.put ?? []) record.kind === 'request' && wrote(device, record);
      else if (output.t === 'publish' && output.tail === 'time/ask') of(device).asked = { nonce: output.body.no, u: device.u };
    },
  };
}
