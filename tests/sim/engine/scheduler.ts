import { promiseHooks } from 'node:v8';

/** A thread or device that can be busy, frozen or dead. What it was to do while it could not waits, or dies with it. */
export interface Host {
  readonly name: string;
  alive: boolean;
  /** Until then it does nothing: a commit, a freeze. */
  busyUntil: number;
  /** Wall clock of its machine, epoch ms. */
  readonly wall: () => number;
}

/** Something that will happen. */
export interface Due {
  at: number;
  readonly n: number;
  readonly host: Host;
  readonly act: () => void;
  cancelled: boolean;
}

const before = (one: Due, other: Due): boolean => one.at < other.at || (one.at === other.at && one.n < other.n);

/** A binary heap keyed (time, counter). */
function heap() {
  const items: Due[] = [];
  function up(from: number, item: Due): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = items[parent];
      if (above === undefined || !before(item, above)) break;
      items[at] = above;
      at = parent;
    }
    items[at] = item;
  }
  function down(item: Due): void {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      let below = items[child];
      const right = items[child + 1];
      if (below !== undefined && right !== undefined && before(right, below)) {
        child += 1;
        below = right;
      }
      if (below === undefined || !before(below, item)) break;
      items[at] = below;
      at = child;
    }
    items[at] = item;
  }
  return {
    push: (item: Due): void => up(items.length, item),
    peek: (): Due | undefined => items[0],
    pop(): Due | undefined {
      const [first] = items;
      const last = items.pop();
      if (last !== undefined && items.length > 0) down(last);
      return first;
    },
    all: (): readonly Due[] => items,
  };
}

/** Simulated time. */
export interface Scheduler {
  /** Ms since the simulation began. */
  readonly now: number;
  /** Whose turn it is. */
  readonly host: Host;
  /** Events carried out so far. */
  readonly events: number;
  at(time: number, host: Host, act: () => void): Due;
  after(ms: number, host: Host, act: () => void): Due;
  /** Events waiting for a host. */
  waiting(host: Host): number;
  /** Nothing more is carried out. */
  halt(): void;
  readonly halted: boolean;
  /** Carries out everything up to and including a moment. */
  run(until: number): Promise<void>;
}

/** Whether a promise was made or settled since it was last set to false: only then there can be microtasks to wait for. */
let promised = false;
const note = (): void => {
  promised = true;
};
promiseHooks.createHook({ init: note, settled: note });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A clock that goes from event to event. `nobody`: the host of what belongs to no machine. */
export function createScheduler(nobody: Host): Scheduler {
  const queue = heap();
  let [now, counter, events] = [0, 0, 0];
  let halted = false;
  let host = nobody;

  function at(time: number, whose: Host, act: () => void): Due {
    counter += 1;
    const due: Due = { at: Math.max(now, Math.ceil(time)), n: counter, host: whose, act, cancelled: false };
    queue.push(due);
    return due;
  }

  async function run(until: number): Promise<void> {
    for (let first = queue.peek(); !halted && first !== undefined && first.at <= until; first = queue.peek()) {
      queue.pop();
      if (first.cancelled || !first.host.alive) continue;
      if (first.host.busyUntil > first.at) {
        // Its number stays, so that what waited keeps its order.
        first.at = first.host.busyUntil;
        queue.push(first);
        continue;
      }
      now = first.at;
      events += 1;
      host = first.host;
      promised = false;
      first.act();
      if (promised) await turn();
    }
    now = Math.max(now, until);
  }

  return {
    get now() {
      return now;
    },
    get host() {
      return host;
    },
    get halted() {
      return halted;
    },
    get events() {
      return events;
    },
    at,
    halt() {
      halted = true;
    },
    // From when the one who has the turn is free: a thread that commits speaks when it is done.
    after: (ms, whose, act) => at(Math.max(now, host.busyUntil) + Math.max(0, ms), whose, act),
    waiting: (whose) => queue.all().filter((due) => due.host === whose && !due.cancelled).length,
    run,
  };
}
