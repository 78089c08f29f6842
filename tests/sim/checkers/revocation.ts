import type { HeldList } from '../../../firmware-sim/store-image.ts';
import type { SimController } from '../world/device.ts';
import type { View } from '../world/register.ts';
import { START } from '../world/site.ts';
import type { Checker, Scene } from './checker.ts';
import { beyond, expectedRows, heldRows } from './lists.ts';

/** How far the index may be behind the register: a poll and a turn, ms (index-feed.ts). */
const INDEX_MS = 250 + 20;
/** How long a door on a sound line may hold a list that says too much, ms: gathering changes, making, fetching. */
const ONLINE_MS = 5000;
/** The same after a door came back from whatever kept it away (security.md 5: 30 s). */
const HEALED_MS = 30_000;
/** A door needs this long to notice a broken connection and make a new one, ms. */
const RETURN_MS = 25_000;
const EVERY_S = 2;

/** 3. Who was put out is refused: at once online, within 30 s of a door's return, and nobody keeps a stale index. */
export function revocationChecker({ world, fail }: Scene): Checker {
  const looked = new Map<SimController, { readonly n: number; readonly list: HeldList | undefined; readonly print: string | undefined }>();
  const since = new Map<string, number>();
  let seconds = 0;

  /** A fingerprint it should not hold. Worked out anew when the register or the list has changed, and while there is one. */
  function tooMuch(device: SimController, view: View, now: number): string | undefined {
    const list = device.controller.run?.list;
    const known = looked.get(device);
    if (known !== undefined && known.n === view.n && known.list === list && known.print === undefined) return undefined;
    const print = beyond(heldRows(device, now), expectedRows(world, device, view, now));
    looked.set(device, { n: view.n, list, print });
    return print;
  }

  return {
    asked({ doorId }, { n }) {
      const { register } = world;
      if (n >= register.n || world.steady.gateway < INDEX_MS) return;
      const missed = world.now() - register.madeAt(n + 1);
      if (missed > INDEX_MS) fail(`a tap at door ${doorId} was decided without change ${n + 1}, made ${missed} ms before`);
    },
    tick() {
      seconds += 1;
      if (seconds % EVERY_S !== 0) return;
      const now = START + world.now();
      for (const device of world.devices) {
        const view = world.register.now();
        if (!device.on || !world.enrolled(device) || world.steady.wallRight < 1000) {
          since.delete(device.id);
          continue;
        }
        const print = tooMuch(device, view, now);
        if (print === undefined) {
          since.delete(device.id);
          continue;
        }
        const from = since.get(device.id) ?? world.now();
        since.set(device.id, from);
        const steady = world.steadyLine(device);
        const waited = Math.min(world.now() - from, steady);
        const bound = steady > world.now() - from + RETURN_MS ? ONLINE_MS : HEALED_MS;
        if (waited > bound)
          fail(
            `${device.id} still lets ${print} in ${waited} ms after it could have known better (list ${device.controller.run?.list?.e}.${device.controller.run?.list?.n}, register ${view.n})`,
          );
      }
    },
  };
}
