import { createAccessIndex } from '../../../gateway/core/access-index.ts';
import type { DoorId } from '../../../gateway/core/ids.ts';
import { createPinTries } from '../../../gateway/core/pin-tries.ts';
import { createDoorSide, order } from '../../../gateway/door-side.ts';
import type { DoorCommand, DoorSide, Tap, Verdict } from '../../../gateway/doors/link.ts';
import { type MqttLink, openMqttLink } from '../../../gateway/doors/mqtt.ts';
import { createTrades, enrolmentBy, type Trades } from '../../../gateway/enrolment.ts';
import { type IndexFeed, startIndexFeed } from '../../../gateway/index-feed.ts';
import { systemEntry } from '../../../gateway/journal/access-entries.ts';
import { type JournalClient, openJournal } from '../../../gateway/journal/client.ts';
import type { Appended, Journal, NewEntry } from '../../../gateway/journal/entry.ts';
import type { Checkpoint } from '../../../gateway/journal/checkpoints.ts';
import type { LineLink } from '../../../gateway/doors/serial/link.ts';
import type { CommissionAct } from '../../../gateway/doors/serial/status.ts';
import { withLines } from '../../../gateway/doors/with-lines.ts';
import { openLines } from '../../../gateway/lines-side.ts';
import { createListRefresh, startLists } from '../../../gateway/list-refresh.ts';
import type { ToDeskSide } from '../../../gateway/threads.ts';
import { mayPass } from '../../../gateway/patience.ts';
import type { Vault } from '../../../gateway/store/vault.ts';
import type { UnlockPath } from '../../../gateway/unlock.ts';
import type { Host, Scheduler } from '../engine/scheduler.ts';
import { threadsOf } from '../ports/threads.ts';
import { disk } from './disk.ts';
import { fingerprintOf } from './fingerprint.ts';
import { simSigner } from './list-key.ts';
import type { Net } from './net.ts';
import type { Register } from './register.ts';
import type { SimLine } from './serial/wire.ts';

/** What checkers see of the gateway. */
export interface GatewayWatch {
  /** A request reached the unlock path: what the index knew, and the time by the gateway's clock. */
  asked(tap: Tap, known: { readonly n: number; readonly wall: number }): void;
  answered(tap: Tap, verdict: Verdict): void;
  /** An entry was acknowledged. */
  appended(entry: NewEntry, answer: Appended): void;
  checkpointed(checkpoint: Checkpoint): void;
  alarmed(what: string): void;
  /** Something was thrown that nobody caught: the process would end. */
  threw(error: unknown): void;
  /** The index follows the register: somebody looked at the newest change. */
  polled(): void;
  started(): void;
  /** An operator begins to give a device on a line a key. */
  begun(deviceRow: number): void;
}

/** What the gateway of a world is made of. */
export interface GatewayParts {
  readonly scheduler: Scheduler;
  readonly net: Net;
  readonly register: Register;
  readonly watch: GatewayWatch;
  /** Wall clock of its machine, epoch ms. */
  readonly wall: () => number;
  readonly dir: string | undefined;
  /** What is plugged into its computer. */
  readonly lines: readonly SimLine[];
  /** The desk side, as far as it enrols and gives keys. */
  readonly desk: { post(message: ToDeskSide): boolean; ended(): void };
}

/** One run of the process. */
interface Run {
  readonly host: Host;
  readonly unlock: UnlockPath;
  readonly link: MqttLink;
  readonly lines: LineLink | undefined;
  readonly journal: JournalClient;
  readonly feed: IndexFeed;
  readonly trades: Trades;
}

/** The gateway of a world: main.ts without its files and sockets, put together from the same parts. */
export interface Gateway {
  start(): void;
  crash(): void;
  /** Ready to decide. */
  readonly run: Run | undefined;
  readonly host: Host | undefined;
  /** Since when, ms of the world; undefined: it is not. */
  readonly readySince: number | undefined;
  freeze(ms: number): void;
  /** Ends one of its threads as a crash would. */
  endThread(file: string): void;
  /** The desk side tells that the register changed. */
  hint(): void;
  /** A person's order to a door. */
  command(doorId: DoorId, command: DoorCommand): Promise<string>;
  /** An operator gives a device on a line a key. */
  commission(deviceRow: number, act: CommissionAct): void;
  /** A person looks at somebody: noted first, as http/disclosure does. True when it was on disk before anything is shown. */
  look(entry: NewEntry): Promise<boolean>;
}

/** Only what the door side asks of the vault; the rest is the desk's. */
const sealedVault = (): Vault => {
  const never = (): never => {
    throw new Error('simulation: the door side does not seal');
  };
  return {
    seal: never,
    sealBytes: never,
    open: never,
    openBytes: (_field, sealed) => sealed,
    hash: never,
    hashes: never,
    fingerprint: fingerprintOf,
    hashKey: 1,
    sealHead: new Uint8Array(3),
    changing: false,
    refresh: () => undefined,
  };
};

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** Root key of the log of every world. */
export const ROOT = Buffer.alloc(32, 9);

/** The gateway's serial lines; undefined where there are none, so that nothing ticks there. */
function linesOf({ lines, desk, watch }: GatewayParts, feed: IndexFeed, side: DoorSide): LineLink | undefined {
  if (lines.length === 0) return undefined;
  const openPort = (port: string) => lines.find((line) => line.port === port)?.open ?? (() => Promise.reject(new Error(`${port}: no such port`)));
  const error = (fields: object, message: string): void => {
    if (message === 'the decision failed') watch.threw(new Error(`${message} ${JSON.stringify(fields)}`));
  };
  return openLines({ feed, side, log: { ...silent, error }, openPort, post: desk.post });
}

async function compose(parts: GatewayParts, host: Host): Promise<Run> {
  const { register, watch, scheduler, dir = '/sim' } = parts;
  const index = createAccessIndex();
  register.markTime();
  const client = await openJournal({ file: `${dir}/journal.sqlite`, keysDir: `${dir}/keys`, root: ROOT, writer: new URL('file:///sim/journal/writer.js') });
  client.onAlarm(({ what }) => watch.alarmed(what));
  client.onCheckpoint(watch.checkpointed);
  const journal: Journal = {
    find: client.find,
    append: (entry) =>
      client.append(entry).then((answer) => {
        watch.appended(entry, answer);
        return answer;
      }),
  };
  const uptime = (): number => scheduler.now;
  const unlock: UnlockPath = {
    index,
    journal,
    now: parts.wall,
    fingerprint: fingerprintOf,
    alarm: (what) => watch.alarmed(what),
    lockdownEnded: index.endLockdown,
    tries: createPinTries(),
  };
  const source = register.source(watch.polled);
  const refresh = createListRefresh((controllerIds) => link.refreshLists(controllerIds));
  const feed = startIndexFeed({ source, index, vault: sealedVault(), onLists: refresh.ask, onFailure: watch.threw });
  const onReady = (): void => refresh.ask([...feed.registry.all()].map(({ controllerId }) => controllerId));
  const lists = startLists({ register: '/sim/register', keysDir: '/sim/keys' }, () => feed.n, { onDown: () => undefined, onReady });
  const side = createDoorSide({ ...unlock, doorOf: feed.doorOf, onState: () => undefined });
  const watched: DoorSide = {
    ...side,
    async tap(tap) {
      watch.asked(tap, { n: feed.n, wall: parts.wall() });
      const verdict = await side.tap(tap);
      watch.answered(tap, verdict);
      return verdict;
    },
  };
  const trades = createTrades(parts.desk.post, feed.pull);
  const alarms: Parameters<typeof enrolmentBy>[1] = {
    raise(what, detail) {
      watch.alarmed(`${what} ${detail}`);
      return true;
    },
    clear: (what) => watch.alarmed(`${what} over`),
  };
  const lines = linesOf(parts, feed, watched);
  const network = await openMqttLink({
    host: '127.0.0.1',
    port: 0,
    registry: feed.registry,
    side: watched,
    lists,
    signer: simSigner(),
    calendar: { holidays: new Set(), makeUpDays: new Set() },
    enrolment: enrolmentBy(trades, alarms),
    checkpoints: { newest: client.checkpoint, judge: client.judge },
    now: parts.wall,
    uptime,
    log: silent,
  });
  const link = lines === undefined ? network : withLines(network, lines);
  await journal.append(systemEntry('started', parts.wall())).catch(() => undefined);
  return { host, unlock, link, lines, journal: client, feed, trades };
}

/** A gateway that does not run yet. */
export function createGateway(parts: GatewayParts): Gateway {
  const { scheduler, net, watch } = parts;
  const files = ['/journal/writer.js', '/list-worker.js'];
  let host: Host | undefined;
  let run: Run | undefined;
  let readySince: number | undefined;

  function crash(): void {
    if (host === undefined) return;
    host.alive = false;
    for (const thread of files.flatMap(threadsOf)) {
      thread.host.alive = false;
      disk().crashed(thread.host);
    }
    parts.desk.ended();
    host = undefined;
    run = undefined;
    readySince = undefined;
    net.detach();
  }

  function start(): void {
    if (host !== undefined) return;
    const mine: Host = { name: 'gateway', alive: true, busyUntil: 0, wall: parts.wall };
    host = mine;
    scheduler.after(1, mine, () => {
      compose(parts, mine).then(
        (made) => {
          if (!mine.alive) return;
          run = made;
          readySince = scheduler.now;
          watch.started();
        },
        (error: unknown) => {
          if (mine.alive && !mayPass(error) && !/simulated|hangs|started again/.test(String(error))) watch.threw(error);
          // main.ts ends the process and whoever runs it starts it again.
          if (!mine.alive) return;
          crash();
          scheduler.after(2000, scheduler.host, () => start());
        },
      );
    });
  }

  return {
    start,
    crash,
    get run() {
      return run;
    },
    get host() {
      return host;
    },
    get readySince() {
      return readySince;
    },
    freeze(ms) {
      const until = scheduler.now + ms;
      for (const one of [host, ...files.flatMap(threadsOf).map((thread) => thread.host)]) if (one !== undefined) one.busyUntil = Math.max(one.busyUntil, until);
    },
    endThread(file) {
      for (const thread of threadsOf(file)) {
        thread.end(new Error('simulated end of a thread'));
        disk().crashed(thread.host);
      }
    },
    hint() {
      const now = run;
      if (now !== undefined) scheduler.after(0, now.host, () => now.feed.pull());
    },
    async command(doorId, command) {
      if (run === undefined) return 'offline';
      const { unlock, link } = run;
      return order(unlock, link, doorId, { command, accountId: 1 }).catch(() => 'refused');
    },
    commission(deviceRow, act) {
      const now = run;
      if (now === undefined) return;
      scheduler.after(0, now.host, () => {
        if (act.act === 'begin') watch.begun(deviceRow);
        now.lines?.commission(deviceRow, act);
      });
    },
    async look(entry) {
      if (run === undefined) return false;
      return run.unlock.journal.append(entry).then(
        () => true,
        () => false,
      );
    },
  };
}
