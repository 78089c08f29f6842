import type { SimController } from '../world/device.ts';
import type { Checker, Scene } from './checker.ts';

/** 9. While the fire input is on every door is open, whatever else happens; an exit button opens its own; and a lock is shut when its time is over. */
export function fireChecker({ world, fail }: Scene): Checker {
  /** Running time until which each lock is released, by what the firmware ordered. */
  const released = new Map<SimController, number[]>();
  let exit = 0;
  const locks = (device: SimController): number[] => {
    const known = released.get(device) ?? Array.from({ length: device.parts.doors }, () => 0);
    released.set(device, known);
    return known;
  };

  function open(device: SimController, when: string): void {
    locks(device).forEach((until, at) => {
      if (until !== Number.POSITIVE_INFINITY) fail(`${device.id} door ${at + 1} is locked ${when} while the fire input is on`);
    });
  }

  return {
    input(_device, input) {
      exit = input.t === 'exit' ? input.door : 0;
    },
    output(device, output) {
      if (output.t === 'pulse') locks(device)[output.door - 1] = output.until;
      if (output.t !== 'relock') return;
      locks(device)[output.door - 1] = 0;
      if (device.controller.world.fire) fail(`${device.id} door ${output.door} was locked while the fire input is on`);
    },
    stepped(device) {
      if (exit !== 0 && (locks(device)[exit - 1] ?? 0) <= device.u && device.on) fail(`${device.id} door ${exit} did not open for its exit button`);
      exit = 0;
      if (device.controller.world.fire) open(device, 'after an input');
    },
    power(device, on) {
      // Without power the lock is shut (the installer's choice here), unless the fire input holds it.
      if (!on)
        released.set(
          device,
          Array.from({ length: device.parts.doors }, () => (device.controller.world.fire ? Number.POSITIVE_INFINITY : 0)),
        );
    },
    tick() {
      for (const device of world.devices) {
        if (device.host.busyUntil > world.now()) continue;
        if (device.controller.world.fire) open(device, 'later on');
        else
          locks(device).forEach((until, at) => {
            if (device.on && until !== 0 && device.u > until + 50) fail(`${device.id} door ${at + 1} stayed open ${Math.round(device.u - until)} ms beyond its time`);
          });
      }
    },
  };
}
