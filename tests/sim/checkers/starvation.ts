import { fleetLooks } from '../ports/fleet.ts';
import type { SimController } from '../world/device.ts';
import type { Checker, Scene } from './checker.ts';

/** Periods of the loops, ms, as their files say. */
const POLL_MS = 250;
const SWEEP_MS = 1000;
const ANSWER_MS = 400;
const RESEND_MS = 2000;
const FETCH_MS = 20_000;
const STATE_MS = 600_000;
const TIME_MS = 3_600_000;
/** A loop is seen within three of its periods. */
const PERIODS = 3;

/** When each loop of a device was last seen, by its own running time. */
interface Seen {
  taps: Map<number, number>;
  events: number;
  fetch: number;
  state: number;
  time: number;
}
const fresh = (): Seen => ({ taps: new Map(), events: 0, fetch: 0, state: 0, time: 0 });

/** 10. Nothing that is due is forgotten: each loop is seen within three periods, and whoever taps gets an answer. */
export function starvationChecker({ world, fail }: Scene): Checker {
  const seen = new Map<SimController, Seen>();
  const of = (device: SimController): Seen => {
    const known = seen.get(device) ?? fresh();
    seen.set(device, known);
    return known;
  };
  let [polled, looks, looked] = [0, 0, 0];

  function gateway(): void {
    if (fleetLooks() !== looks) [looks, looked] = [fleetLooks(), world.now()];
    const { gateway: steady } = world.steady;
    if (Math.min(world.now() - polled, steady) > PERIODS * POLL_MS) fail(`the register was not looked at for ${world.now() - polled} ms`);
    if (Math.min(world.now() - looked, steady) > PERIODS * SWEEP_MS) fail(`devices were not looked through for ${world.now() - looked} ms`);
  }

  function late(device: SimController, what: string, from: number, most: number): void {
    if (device.u - from > most) fail(`${device.id}: ${what} for ${device.u - from} ms`);
  }

  function door(device: SimController): void {
    const { run } = device.controller;
    const known = of(device);
    if (run === undefined || device.host.busyUntil > world.now()) return;
    for (const at of known.taps.values()) late(device, 'somebody has waited at the door', at, PERIODS * ANSWER_MS);
    if (!run.connected) {
      Object.assign(known, { events: device.u, fetch: device.u, state: device.u, time: device.u });
      return;
    }
    if (run.events.length === 0) known.events = device.u;
    if (run.fetch === undefined) known.fetch = device.u;
    late(device, 'an event was not sent', known.events, PERIODS * RESEND_MS);
    late(device, 'a list was not asked for', known.fetch, PERIODS * FETCH_MS);
    late(device, 'nothing was said of its state', known.state, PERIODS * STATE_MS);
    late(device, 'the time was not asked for', known.time, PERIODS * TIME_MS);
  }

  return {
    polled() {
      polled = world.now();
    },
    power: (device) => void seen.set(device, fresh()),
    input(device, input) {
      if (input.t === 'tap' && input.tag !== undefined && device.on) of(device).taps.set(input.tag, device.u);
    },
    output(device, output) {
      const known = of(device);
      if (output.t === 'lamp' && output.answer?.tag !== undefined) {
        const at = known.taps.get(output.answer.tag) ?? device.u;
        known.taps.delete(output.answer.tag);
        if (device.u - at > ANSWER_MS + 20 && device.host.busyUntil + ANSWER_MS * PERIODS < world.now()) fail(`${device.id}: somebody waited ${device.u - at} ms for an answer`);
      }
      if (output.t !== 'publish') return;
      if (output.tail === 'evt') known.events = device.u;
      else if (output.tail === 'acl/get') known.fetch = device.u;
      else if (output.tail === 'state') known.state = device.u;
      else if (output.tail === 'time/ask') known.time = device.u;
    },
    tick() {
      gateway();
      for (const device of world.devices) door(device);
    },
    threw: (error) => fail(`nobody caught: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
  };
}
