import { fleetNow } from '../ports/fleet.ts';
import type { Checker, Scene } from './checker.ts';

/** As in doors/requests.ts, events.ts and commands.ts: written down again, so that a bound that is raised is seen. */
const MOST = { requests: 32, events: 32, commands: 16, deciding: 33 };
/** Timers and messages waiting for the door side, beyond what comes in bursts after a freeze. */
const MOST_WAITING = 3000;
const EVERY_S = 20;

/** 7. Nothing grows without end: records on doors, work at the gateway; and when all is well again nothing waits. */
export function queuesChecker({ world, fail }: Scene): Checker {
  let seconds = 0;
  function bounded(): void {
    for (const device of world.devices) {
      const records = device.store?.image.records.size ?? 0;
      if (records > device.parts.queueMax) fail(`${device.id} keeps ${records} records, ${device.parts.queueMax} is the most`);
    }
    for (const device of fleetNow()?.all() ?? []) {
      const sizes = { requests: device.requests, events: device.events, commands: device.commands.size, deciding: device.deciding.size };
      for (const [name, most] of Object.entries(MOST) as [keyof typeof MOST, number][])
        if (sizes[name] > most || sizes[name] < 0) fail(`the gateway has ${sizes[name]} ${name} of ${device.id} at once`);
    }
    const { host } = world.gateway;
    const waiting = host === undefined ? 0 : world.scheduler.waiting(host);
    if (waiting > MOST_WAITING) fail(`${waiting} timers and messages wait for the door side`);
  }
  return {
    tick() {
      seconds += 1;
      if (seconds % EVERY_S === 0) bounded();
    },
    ended() {
      bounded();
      for (const { id, controller } of world.devices) {
        const { run } = controller;
        if (run === undefined) fail(`${id} is without power at the end`);
        else if (run.requests.size + run.events.length + run.sent.size > 0 || run.fetch !== undefined)
          fail(`${id} still has ${run.requests.size} requests, ${run.events.length} events, ${run.sent.size} on their way, fetch ${run.fetch !== undefined}`);
      }
      for (const device of fleetNow()?.all() ?? [])
        if (device.requests + device.events + device.commands.size + device.deciding.size > 0 || device.sendingList)
          fail(`the gateway still has work of ${device.id}: ${device.requests} requests, ${device.events} events, ${device.commands.size} commands, sending ${device.sendingList}`);
      const { host } = world.gateway;
      const waiting = host === undefined ? 0 : world.scheduler.waiting(host);
      if (waiting > 20 + 4 * world.devices.length) fail(`${waiting} timers and messages wait for the door side when nothing happens`);
    },
  };
}
