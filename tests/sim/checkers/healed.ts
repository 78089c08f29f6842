import { fleetNow } from '../ports/fleet.ts';
import { START } from '../world/site.ts';
import type { Checker, Scene } from './checker.ts';
import { beyond, expectedRows, heldRows } from './lists.ts';

/** 6. When all is well again every door holds exactly the list it should, knows the time, and the gateway knows that it does. */
export function healedChecker({ world, fail }: Scene): Checker {
  return {
    ended() {
      const now = START + world.now();
      const view = world.register.now();
      for (const device of world.devices) {
        if (view.one('controller', device.parts.controllerId)?.retired === true) continue;
        const { run } = device.controller;
        const [want, held] = [expectedRows(world, device, view, now), heldRows(device, now)];
        const [extra, missing] = [beyond(held, want), beyond(want, held)];
        if (extra !== undefined) fail(`${device.id} holds ${extra}, which its list should not have`);
        if (missing !== undefined) fail(`${device.id} does not hold ${missing}, which its list should have`);
        for (const name of held.keys()) if (!want.has(name)) fail(`${device.id} has another end for ${name} than the register`);
        const openMs = world.site.doors.filter(({ controllerId }) => controllerId === device.parts.controllerId).map(({ id }) => view.one('door', id)?.openMs);
        if (run?.list !== undefined && openMs.join() !== run.list.doors.map(({ o }) => o).join())
          fail(`${device.id} opens for ${run.list.doors.map(({ o }) => o).join()} ms, and should for ${openMs.join()}`);
        const locked = world.site.doors.filter(({ controllerId }) => controllerId === device.parts.controllerId).map(({ id }) => view.one('door', id)?.lockdownUntil);
        if (run?.list !== undefined && locked.join() !== run.list.doors.map(({ k }) => k).join())
          fail(`${device.id} is in lockdown until ${run.list.doors.map(({ k }) => k).join()}, and should be until ${locked.join()}`);
        const known = fleetNow()?.remembered(device.id);
        const version = `${run?.list?.e}.${run?.list?.n}`;
        if (known?.online !== true) fail(`${device.id} is not online`);
        if (known?.have !== version || known.list?.version !== version)
          fail(`${device.id} holds list ${version}; the gateway wants ${known?.list?.version} and believes it has ${known?.have}`);
        if (run?.clock === undefined) fail(`${device.id} was never told the time in this boot`);
      }
    },
  };
}
