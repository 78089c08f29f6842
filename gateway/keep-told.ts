import type { Alarms } from './alarms.ts';
import type { DoorNumbers, TapMeter } from './door-numbers.ts';
import type { DoorsAt } from './doors-port.ts';
import type { MqttLink } from './doors/mqtt.ts';
import type { ListThread } from './list-refresh.ts';
import { type ThreadNumbers, watchThread } from './machine/thread.ts';
import type { IndexFeed } from './index-feed.ts';
import type { Stores } from './open-stores.ts';
import type { Supervised } from './supervise.ts';
import type { ToDeskSide } from './threads.ts';

const HEALTH_MS = 1000;
const HINT_MS = 10;
/** Changes are told as they come; besides, each door is told anew this often, s: all of thousands each second is a twentieth of a core. */
const ROUND_S = 10;

/** What the desk side is told about. */
export interface Told {
  readonly desk: Supervised<ToDeskSide>;
  readonly stores: Stores;
  readonly feed: IndexFeed;
  readonly link: Pick<MqttLink, 'states' | 'numbers'>;
  readonly lists: Pick<ListThread, 'waiting'>;
  readonly taps: TapMeter;
  readonly alarms: Alarms;
  readonly restarts: DoorNumbers['restarts'];
  /** Where a new controller finds the gateway, once that port is open. */
  readonly doorsAt: () => DoorsAt | undefined;
  readonly loadMs: number;
}

/** Changes of the register the index has not taken; while the register cannot be read, as many as before. */
function lagOf({ stores, feed, alarms }: Told, before: number): number {
  try {
    const lag = Math.max(0, stores.source.lastN() - feed.n);
    alarms.clear('register-unread');
    return lag;
  } catch {
    return before;
  }
}

function numbersOf(told: Told, lag: number, thread: ThreadNumbers): DoorNumbers {
  const { stores, link, lists, taps, alarms, restarts, loadMs } = told;
  const { journal } = stores;
  const checkpoint = journal.checkpoint();
  return {
    taps: taps.counts(),
    link: link.numbers(),
    journal: { last: journal.last(), outstanding: journal.outstanding(), checkpoint: checkpoint && { size: checkpoint.size, at: checkpoint.at } },
    index: { loadMs, lag, lists: lists.waiting() },
    alarms: alarms.counts(),
    restarts,
    thread,
  };
}

/** Tells the desk side. */
export interface Telling {
  /** All there is: for a desk that has just come. */
  tellAll(): void;
  stop(): void;
}

/** Keeps the desk side told: entries on disk, doors, health. */
export function keepTold(told: Told): Telling {
  const { desk, stores, feed, link, alarms } = told;
  const { index, journal } = stores;
  const thread = watchThread();
  let lag = 0;
  let second = 0;
  // Under load commits follow each other within milliseconds; the desk needs to hear of them only now and then.
  let hinting = false;
  journal.onDurable(() => {
    if (hinting) return;
    hinting = true;
    setTimeout(() => {
      hinting = false;
      desk.post({ t: 'durable', index: journal.last() });
    }, HINT_MS);
  });
  function tellHealth(): void {
    lag = lagOf(told, lag);
    if (journal.status() === 'ok') alarms.clear('writer-ended');
    const health = { indexReady: true, credentials: index.credentials, changeN: feed.n, journal: journal.status() };
    desk.post({ t: 'health', ...health, alarms: alarms.current(), doorsAt: told.doorsAt(), numbers: numbersOf(told, lag, thread()) });
  }
  const tellAll = (): void => {
    tellHealth();
    desk.post({ t: 'doors', states: link.states() });
  };
  const timer = setInterval(() => {
    tellHealth();
    second += 1;
    desk.post({ t: 'doors', states: link.states().filter((_, at) => at % ROUND_S === second % ROUND_S) });
  }, HEALTH_MS);
  tellAll();
  return { tellAll, stop: () => clearInterval(timer) };
}
