import type { FleetFile } from '../../firmware-sim/fleet-file.ts';
import { LightDevice, type LightEvents } from '../../firmware-sim/light-device.ts';
import { jittered } from '../../firmware-sim/back-off.ts';
import type { BenchSite } from './site.ts';

/** Controllers on their way at once when the speed alone is looked at: fewer than the strangers a guard bears. */
const WINDOW = 150;
/** `info` and `state`. */
const GREETINGS = 2;
const PATIENCE_MS = 300_000;

/** How a crowd came back. */
export interface Return {
  /** From the first attempt until all are connected, subscribed and have said their state, s. */
  readonly seconds: number;
  /** Attempts that came to nothing. */
  readonly lost: number;
}

/** Light devices that are there to be connected. */
export interface Crowd {
  readonly devices: readonly LightDevice[];
  /** Connects all, so many at a time. Rejects when it takes five minutes. */
  connect(window?: number): Promise<Return>;
  /** Breaks all connections at once; each comes back after the pause the protocol asks for. */
  comeBack(): Promise<Return>;
  stop(): void;
}

/** What a crowd is made of. */
export interface CrowdPlan {
  readonly devices: BenchSite['devices'];
  /** Pauses between attempts, against those the protocol asks for: 1 but for a quick try. */
  readonly pauses: number;
  /** Told of each lamp. */
  readonly answered?: LightEvents['answered'] | undefined;
}

/** A crowd for one server. */
export function gather(mqtt: FleetFile['mqtt'], { devices: wanted, pauses, answered = () => undefined }: CrowdPlan): Crowd {
  const greeted = new Map<LightDevice, number>();
  const ready = new Set<LightDevice>();
  let lost = 0;
  let onReady = (): void => undefined;
  const jitter = jittered(Math.random);
  const backoff = (failures: number): number => pauses * jitter(failures);
  const heard: LightEvents = {
    answered,
    up: (device) => void greeted.set(device, 0),
    lost() {
      lost += 1;
    },
    acknowledged(device) {
      const said = (greeted.get(device) ?? GREETINGS) + 1;
      greeted.set(device, said);
      if (said !== GREETINGS) return;
      ready.add(device);
      onReady();
    },
  };
  const devices = wanted.map((device) => new LightDevice({ mqtt, device, backoff, events: heard }));

  /** Resolves when all are ready; `more` is called each time one is. */
  async function all(begin: () => void, more: () => void): Promise<Return> {
    ready.clear();
    const began = performance.now();
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`only ${ready.size} of ${devices.length} controllers came back`)), PATIENCE_MS);
      onReady = () => {
        more();
        if (ready.size < devices.length) return;
        clearTimeout(late);
        resolve();
      };
      begin();
      // Those it began with are broken and count as lost; what counts from here are attempts that failed.
      lost = 0;
    });
    return { seconds: (performance.now() - began) / 1000, lost };
  }

  return {
    devices,
    connect(window = WINDOW) {
      const waiting = devices[Symbol.iterator]();
      const next = (): void => waiting.next().value?.start(0);
      return all(() => {
        for (let at = 0; at < window; at += 1) next();
      }, next);
    },
    comeBack: () =>
      all(
        () => {
          for (const device of devices) device.cut();
        },
        () => undefined,
      ),
    stop() {
      for (const device of devices) device.stop();
    },
  };
}
