import type { Reading } from '../gateway/wire/mqtt/reading.ts';
import type { FleetDevice, FleetFile } from './fleet-file.ts';
import { LightDevice, type LightEvents } from './light-device.ts';
import { jittered } from './back-off.ts';

/** What happened since the last look. Times in ms. */
export interface FleetFigures {
  readonly connected: number;
  readonly taps: number;
  /** Answered by the gateway within the door's budget. */
  readonly answered: number;
  readonly refused: number;
  /** Decided by the door itself. */
  readonly local: number;
  /** Attempts that failed, and connections that broke. */
  readonly lost: number;
  readonly p50: number;
  readonly p99: number;
}

/** What a load fleet is made of. */
export interface LoadFleetOptions {
  readonly mqtt: FleetFile['mqtt'];
  readonly devices: readonly Pick<FleetDevice, 'device' | 'site' | 'secretHex' | 'listKeyHex'>[];
  readonly cards: readonly Reading[];
  /** Taps a second, all doors together; 0: none. */
  readonly rate: number;
  /** First attempts are spread over this time, ms. */
  readonly spreadMs: number;
  readonly random: () => number;
  readonly events?: Partial<LightEvents> | undefined;
}

/** Thousands of light devices, and people at their doors. */
export interface LoadFleet {
  readonly devices: readonly LightDevice[];
  /** Figures since the call before; those of the whole run stay in `total`. */
  take(): FleetFigures;
  total(): FleetFigures;
  /** Breaks every connection at once, as a gateway's restart does. */
  cut(): void;
  stop(): void;
}

const TURN_MS = 5;
/** Waits kept for the percentiles of a whole run: beyond, each new one takes the place of one chosen by chance. */
const KEPT = 100_000;

/** The value below which this share of the sorted values lies; 0 of none. */
export const rank = (sorted: Float64Array, share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

class Tally {
  taps = 0;
  answered = 0;
  refused = 0;
  local = 0;
  lost = 0;
  #seen = 0;
  readonly #waits: number[] = [];

  wait(ms: number, random: () => number): void {
    this.#seen += 1;
    const at = this.#waits.length < KEPT ? this.#waits.length : Math.floor(random() * this.#seen);
    if (at < KEPT) this.#waits[at] = ms;
  }

  figures(connected: number): FleetFigures {
    const { taps, answered, refused, local, lost } = this;
    const sorted = Float64Array.from(this.#waits).sort();
    return { connected, taps, answered, refused, local, lost, p50: rank(sorted, 0.5), p99: rank(sorted, 0.99) };
  }
}

/** Taps that are due by now, each at a door chosen by chance among those with a connection. */
function tapper({ cards, rate, random }: LoadFleetOptions, devices: readonly LightDevice[], tapped: () => void): () => void {
  let [since, done] = [performance.now(), 0];
  return () => {
    const due = Math.floor(((performance.now() - since) * rate) / 1000);
    // A second behind: the machine cannot do more, and what was not done is not made up for.
    if (due - done > rate) [since, done] = [performance.now(), 0];
    for (; done < due; done += 1) {
      const device = devices[Math.floor(random() * devices.length)];
      const card = cards[Math.floor(random() * cards.length)];
      if (device?.connected !== true || card === undefined) continue;
      tapped();
      device.tap(card);
    }
  };
}

/** Starts a fleet: connecting begins at once. */
export function startLoadFleet(options: LoadFleetOptions): LoadFleet {
  const { mqtt, random, events = {} } = options;
  const total = new Tally();
  let recent = new Tally();
  const both = (change: (tally: Tally) => void): void => {
    change(total);
    change(recent);
  };
  const heard: LightEvents = {
    ...events,
    up: (device, at) => events.up?.(device, at),
    lost(device) {
      both((tally) => {
        tally.lost += 1;
      });
      events.lost?.(device);
    },
    answered(device, answer, ms) {
      both((tally) => {
        if (answer.local) tally.local += 1;
        else tally.answered += 1;
        if (!answer.granted) tally.refused += 1;
        tally.wait(ms, random);
      });
      events.answered?.(device, answer, ms);
    },
  };
  const backoff = jittered(random);
  const devices = options.devices.map((device) => new LightDevice({ mqtt, device, backoff, events: heard }));
  for (const device of devices) device.start(random() * options.spreadMs);
  const tapped = (): void =>
    both((tally) => {
      tally.taps += 1;
    });
  const tap = tapper(options, devices, tapped);
  const tapping = options.rate > 0 ? setInterval(tap, TURN_MS) : undefined;
  const connected = (): number => devices.reduce((sum, device) => sum + (device.connected ? 1 : 0), 0);
  return {
    devices,
    take() {
      const figures = recent.figures(connected());
      recent = new Tally();
      return figures;
    },
    total: () => total.figures(connected()),
    cut() {
      for (const device of devices) device.cut();
    },
    stop() {
      clearInterval(tapping);
      for (const device of devices) device.stop();
    },
  };
}
