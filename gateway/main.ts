import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Logger, pino } from 'pino';
import { isAlarmKind } from './alarm-words.ts';
import { type Alarms, createAlarms } from './alarms.ts';
import { openBoards } from './boards-port.ts';
import { settleRegister } from './backup/settle.ts';
import { finishRestore } from './backup/switch-over.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { type CardWatch, createCardWatch } from './card-watch.ts';
import { lockData } from './data-lock.ts';
import { meterTaps } from './door-numbers.ts';
import { createDoorSide, order } from './door-side.ts';
import { inOneTurn, noticeNewerLists } from './door-told.ts';
import { createTrades, enrolmentBy, type Trades } from './enrolment.ts';
import type { CheckpointSource } from './doors/checkpoints.ts';
import type { ControllerId } from './core/ids.ts';
import { doorsPortOf } from './doors-port.ts';
import type { DoorSide, DoorState } from './doors/link.ts';
import type { ListSource } from './doors/lists.ts';
import { type MqttLink, openMqttLink } from './doors/mqtt.ts';
import { withBoards } from './doors/with-boards.ts';
import { withLines } from './doors/with-lines.ts';
import { type IndexFeed, startIndexFeed } from './index-feed.ts';
import { systemEntry } from './journal/access-entries.ts';
import { JournalUnavailable } from './journal/entry.ts';
import { keepTold } from './keep-told.ts';
import { type Lines, openLines } from './lines-side.ts';
import { createLateLink, type LateLink } from './late-link.ts';
import { type ListEpoch, openListEpoch } from './list-epoch.ts';
import { createListRefresh, type ListThread, startLists } from './list-refresh.ts';
import { backupState, lastBackup, siteSince } from './machine/backups.ts';
import { diskSpace } from './machine/disk.ts';
import { keepWatching, watchMachine } from './machine/watch.ts';
import { openStores, type Stores, waiting } from './open-stores.ts';
import { openPinTries } from './pin-tries-file.ts';
import { codeOf, mayPass, patiently, said } from './patience.ts';
import { PUBLIC_HOLIDAYS } from './register/public-holidays.ts';
import { serialPort } from './serial/port.ts';
import { StoreError } from './store/sqlite.ts';
import { type Supervised, supervise } from './supervise.ts';
import type { DeskStart, ToDeskSide, ToDoorSide } from './threads.ts';
import type { UnlockPath } from './unlock.ts';
import { createWaitingRoom } from './waiting-room.ts';

/** The project's directory: this file runs as dist/gateway/main.js. */
const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const STOP_GRACE_MS = 4000;
const WATCH_MS = 10_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function unlockPath(
  { config, index, vault, journal }: Pick<Stores, 'index' | 'vault' | 'journal'> & { readonly config: Config },
  { alarms, log, tell }: { readonly alarms: Alarms; readonly log: Logger; readonly tell: (message: ToDeskSide) => void },
): UnlockPath {
  return {
    index,
    journal,
    now: Date.now,
    fingerprint: (reading) => vault.fingerprint(reading),
    tries: openPinTries(config.data, (error) => log.error({ error: said(error) }, 'the count of wrong PINs was not written')),
    lockdownEnded(doorId) {
      index.endLockdown(doorId);
      tell({ t: 'lockdown-ended', doorId });
    },
    alarm: (what, detail) => (isAlarmKind(what) ? void alarms.raise(what, detail) : log.error({ what, detail }, `alarm: ${what}`)),
  };
}

/** Everything that runs; each part knows only what it is handed. */
interface Running {
  readonly config: Config;
  readonly log: Logger;
  readonly stores: Stores;
  readonly feed: IndexFeed;
  readonly unlock: UnlockPath;
  readonly link: LateLink;
  readonly lines: Lines;
  readonly lists: ListThread;
  readonly alarms: Alarms;
  readonly desk: Supervised<ToDeskSide>;
  readonly trades: Trades;
  readonly cards: CardWatch;
}

const MQTT_BUSY = (port: number): string => `MQTT_PORT: expected a free port, but ${port} is in use by another program. Choose another: MQTT_PORT=1884 npm start`;

/** Opens the broker. A port that is taken is waited for, since doors are to come back by themselves; at the demo somebody sits before the screen and is told. */
async function openLink({ demo, mqttPort: port }: Config, alarms: Alarms, options: Omit<Parameters<typeof openMqttLink>[0], 'port' | 'host'>): Promise<MqttLink> {
  const open = () =>
    openMqttLink({ ...options, host: '127.0.0.1', port }).catch((error: unknown) => {
      throw demo && codeOf(error) === 'EADDRINUSE' ? new ConfigError(MQTT_BUSY(port)) : error;
    });
  const link = await patiently(open, { onWait: (_error, waitMs) => void alarms.raise('mqtt-port', `${MQTT_BUSY(port)} Trying again in ${waitMs} ms.`) });
  alarms.clear('mqtt-port');
  return link;
}

/** What the link to the doors is made of. */
const linkParts = ({ feed, lists, stores, trades, alarms, log }: Running, side: DoorSide): Omit<Parameters<typeof openMqttLink>[0], 'port' | 'host'> => ({
  registry: feed.registry,
  side,
  lists: countedLists(lists, stores),
  signer: stores.signer,
  calendar: PUBLIC_HOLIDAYS,
  checkpoints: checkpointsOf(stores),
  enrolment: enrolmentBy(trades, alarms),
  now: Date.now,
  uptime: () => performance.now(),
  log,
});

/** Doors with an esp-rfid board join the others once the port for boards is open; nothing waits for it. */
async function joinBoards({ config, feed, lists, stores, alarms, link, lines, log }: Running, side: DoorSide, native: MqttLink): Promise<void> {
  const knows = (reading: { bits: number; hex: string }): boolean => stores.index.facts(0, stores.vault.fingerprint(reading)).credential !== undefined;
  const options = { registry: feed.boards, users: lists, side, knows, now: Date.now, uptime: () => performance.now(), log, say };
  link.set(withLines(withBoards(native, await openBoards(config, alarms, options)), lines));
}

/** Opens the broker, and joins it with the serial lines, and with boards when their port is open. */
async function openNetwork(running: Running, side: DoorSide): Promise<MqttLink> {
  const native = await openLink(running.config, running.alarms, linkParts(running, side));
  running.link.set(withLines(native, running.lines));
  joinBoards(running, side, native).catch(fail);
  return native;
}

type Listening = Extract<ToDoorSide, { t: 'listening' }>;

/** The desk is told what came of its question, or why nothing did. */
const told = <T>(work: Promise<T>, tell: (result: T | { error: string }) => void): void => void work.then(tell, (error: unknown) => tell({ error: String(error) }));

/** What the desk side asks of the door side, answered over its port. */
function onDesk(running: () => Running, onListening: (at: Listening) => void, message: ToDoorSide): void {
  const { desk, feed, stores, unlock, link, lines, alarms, trades, cards } = running();
  switch (message.t) {
    case 'listening':
      return onListening(message);
    case 'changed':
      return feed.pull();
    case 'commission':
    case 'line-test':
      return lines.asked(message);
    case 'watch-cards':
      return cards.watch(message.doorId, message.until);
    case 'traded':
      return trades.settle(message);
    case 'disagrees':
      return void alarms.raise(message.what, message.detail);
    case 'waiting':
      return message.detail === undefined ? alarms.clear(message.for) : void alarms.raise(message.for, message.detail);
    case 'failed':
      return fail(new ConfigError(message.message));
    case 'append':
      return told(stores.journal.append(message.entry), (result) => desk.post({ t: 'appended', id: message.id, result }));
    case 'destroy':
      return told(stores.journal.destroy(message.wish), (result) => desk.post({ t: 'destroyed', id: message.id, result }));
    case 'judge':
      return told(stores.journal.judge(message.held), (result) => desk.post({ t: 'judged', id: message.id, result }));
    case 'command':
      return void order(unlock, link, message.doorId, message).then(
        (result) => desk.post({ t: 'commanded', id: message.id, result }),
        () => desk.post({ t: 'commanded', id: message.id, result: 'refused' }),
      );
  }
}

/** `port`: the one it had before, so that a desk that comes back is where people look for it. */
function startDesk(config: Config, onDown: (why: string, waitMs: number) => void, port: () => number, onMessage: (message: ToDoorSide) => void): Supervised<ToDeskSide> {
  return supervise<ToDoorSide, ToDeskSide>({
    file: new URL('./desk.js', import.meta.url),
    onMessage,
    workerData: (): DeskStart => ({ config: { ...config, port: port() } }),
    onDown,
  });
}

/** What a real site prints once it can be used. */
const ready = ({ url, setupLink }: Listening): string =>
  setupLink === undefined ? `✓ Doorbook is ready: ${url}` : `✓ Doorbook is ready. Nobody can sign in yet: make the first account here, once:\n  ${setupLink}`;

/** Closes what was opened, in reverse. */
async function stop({ feed, desk, link, lists, stores }: Running): Promise<void> {
  feed.close();
  await desk.stop({ t: 'stop' }, STOP_GRACE_MS);
  await link.close();
  await lists.close();
  await stores.journal.append(systemEntry('stopped', Date.now())).catch(() => undefined);
  await stores.journal.close();
  stores.source.close();
  process.exit(0);
}

/** Watches disk, clock and backups; a demo is nothing anybody would want a copy of. */
function startWatch({ config, stores, alarms, log }: Pick<Running, 'config' | 'stores' | 'alarms' | 'log'>): () => void {
  const { data, demo } = config;
  const watch = watchMachine({
    alarms,
    now: Date.now,
    uptime: () => performance.now(),
    disk: () => diskSpace(data),
    backup: (now) => (demo ? 'fresh' : backupState(lastBackup(data), siteSince(data), now)),
    note: (what) =>
      void stores.journal.append(systemEntry(what, Date.now())).catch((error: unknown) => log.error({ what, error: said(error) }, 'an alarm was not written into the log')),
  });
  return keepWatching(watch, WATCH_MS, (error) => log.error({ error: said(error) }, 'the computer could not be looked at'));
}

/** Starts the list thread, and has every list looked at when it is back after a fall. */
function startListThread({ data }: Config, { feed, alarms, epoch }: Listing, { restarts, refreshAll }: { restarts: { lists: number }; refreshAll: () => void }): ListThread {
  const place = { register: path.join(data, 'register.sqlite'), keysDir: path.join(data, 'keys') };
  const watch = {
    onDown(why: string, waitMs: number) {
      restarts.lists += 1;
      alarms.raise('lists-ended', `${why} Started again in ${waitMs} ms.`);
    },
    onReady() {
      alarms.clear('lists-ended');
      refreshAll();
    },
  };
  // By the change the doors' rules are as of, for these stand in a list's header: its rows are of then or later.
  return startLists(place, () => feed.n, watch, epoch.current);
}

/** Lists, once this start is counted: until then the version of a list would not rise, and doors would keep the one they have. */
const countedLists = (lists: ListThread, { timeMarked }: Stores): ListSource => ({
  version: (controllerId) => lists.version(controllerId),
  build: (order) => (timeMarked() ? lists.build(order) : Promise.reject(new Error('the register cannot be written yet'))),
});

const checkpointsOf = ({ journal }: Stores): CheckpointSource => ({ newest: journal.checkpoint, judge: journal.judge });

const controllersOf = ({ registry }: IndexFeed): ControllerId[] => [...registry.all()].map(({ controllerId }) => controllerId);

type Restarting = Pick<Running, 'stores' | 'alarms'> & { readonly epoch: ListEpoch };
type Listing = Pick<Running, 'feed' | 'alarms'> & { readonly epoch: ListEpoch };

/** What a restore left to do, before anything is served. */
const settle = ({ data }: Config, { stores, alarms, epoch }: Restarting): Promise<void> =>
  settleRegister({ data, journal: stores.journal, epoch, counted: stores.timeMarked(), older: (detail) => void alarms.raise('register-older', detail), say, now: Date.now });

/** SIGUSR2 lets an operator renew the desk side without touching a door, and a test end it in the middle of a request. */
function onSignals(stopOnce: () => void, desk: Pick<Running['desk'], 'restart'>): void {
  process
    .on('SIGTERM', stopOnce)
    .on('SIGINT', stopOnce)
    .on('SIGUSR2', () => void desk.restart());
}

/** The log says that the gateway started, and its writer's falls are counted from here on. */
async function noteStart({ stores: { journal }, log }: Running, restarts: { journal: number }): Promise<void> {
  journal.onAlarm(({ what }) => {
    if (what === 'writer-ended') restarts.journal += 1;
  });
  await journal.append(systemEntry('started', Date.now())).catch((error: unknown) => log.error({ error: said(error) }, 'the start was not written into the log'));
}

async function run(config: Config, log: Logger, alarms: Alarms): Promise<void> {
  const demo = config.demo ? await import('../prisma/demo/demo.ts') : undefined;
  await demo?.fillIfEmpty(config.data, say);
  const room = createWaitingRoom(config);
  const stores = await openStores(config, { alarms, room, say });
  const patience = waiting(config.data, 'register-waiting', { alarms, room });
  const epoch = openListEpoch(config.data, stores.source.lastN, Date.now);
  await patiently(() => settle(config, { stores, alarms, epoch }), patience);
  const unlock = unlockPath({ config, ...stores }, { alarms, log, tell: (message) => void desk.post(message) });
  const link = createLateLink();
  const restarts = { journal: 0, desk: 0, lists: 0 };
  const refresh = createListRefresh((controllerIds) => link.refreshLists(controllerIds));
  const onFailure = (error: unknown): void => (mayPass(error) ? void alarms.raise('register-unread', said(error)) : fail(error));
  const loading = performance.now();
  const feed = await patiently(() => startIndexFeed({ ...stores, onLists: refresh.ask, onFailure }), patience);
  const loadMs = performance.now() - loading;
  await room.close();
  const refreshAll = (): void => refresh.ask(controllersOf(feed));
  const lists = startListThread(config, { feed, alarms, epoch }, { restarts, refreshAll });
  say(`✓ access index: ${stores.index.credentials} credentials`);
  await demo?.writePastIfMissing({ ...stores, feed, lists, unlock, data: config.data, say });
  const toDesk = inOneTurn<DoorState>((states) => void desk.post({ t: 'doors', states }));
  const onState = noticeNewerLists({ alarms, epoch, refreshAll }, toDesk);
  let stopping = false;
  const cards = createCardWatch((message) => void desk.post(message), Date.now);
  const taps = meterTaps(cards.over(createDoorSide({ ...unlock, doorOf: feed.doorOf, onState })), () => performance.now());
  // A controller that loses us because we stop has not gone anywhere.
  const side: DoorSide = { ...taps.side, link: (event) => (stopping ? Promise.resolve() : taps.side.link(event)) };
  let port = config.port;
  const desk = startDesk(
    config,
    (why, waitMs) => {
      restarts.desk += 1;
      alarms.raise('desk-ended', `${why} Started again in ${waitMs} ms.`);
    },
    () => port,
    (message) => onDesk(() => running, listening, message),
  );
  const trades = createTrades(desk.post, feed.pull);
  const doors = demo?.layDoors(config.data);
  const lines = openLines({ feed, side, log, openPort: doors?.openPort ?? serialPort, post: desk.post });
  const running: Running = { config, log, stores, feed, unlock, link, lines, lists, alarms, desk, trades, cards };
  const doorsPort = doorsPortOf(config, link, alarms);
  const telling = keepTold({ ...running, taps, restarts, loadMs, doorsAt: doorsPort.at });
  const stops = [telling.stop, startWatch(running), refresh.stop, doorsPort.stop];
  let announced = false;
  // A desk that listens already is heard from here on: nothing since its start has waited.
  await noteStart(running, restarts);

  function listening(at: Listening): void {
    port = at.port;
    alarms.clear('desk-ended');
    telling.tellAll();
    if (!announced) say(demo ? demo.box(at.url) : ready(at));
    announced = true;
  }

  const stopOnce = (): void => {
    if (stopping) return;
    stopping = true;
    for (const each of stops) each();
    void stop(running);
  };
  onSignals(stopOnce, desk);
  const native = await openNetwork(running, side);
  doorsPort.open().catch(fail);
  if (doors !== undefined) stops.push(doors.start({ registry: feed.registry, lines: feed.lines, listKey: stores.signer.publicKey, mqttPort: native.port, log }).stop);
}

/** Ends the process: one line for what a person can act on, the whole story for anything else. */
function fail(error: unknown): never {
  const plain = error instanceof ConfigError || error instanceof StoreError || error instanceof JournalUnavailable;
  process.stderr.write(plain ? `${error.message}\n` : `Doorbook stopped: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}

try {
  const config = readConfig(process.env, ROOT);
  // Not synchronous: a reader of our log that stands still must not hold up a door.
  const log = pino({ level: process.env['LOG_LEVEL'] ?? 'warn' }, pino.destination({ dest: 2, sync: false }));
  const alarms = createAlarms(Date.now, log);
  const room = createWaitingRoom(config);
  process.once('exit', await patiently(() => lockData(config.data), waiting(config.data, 'register-waiting', { alarms, room })));
  await room.close();
  if (finishRestore(config.data)) say('✓ an interrupted restore was finished');
  await run(config, log, alarms);
} catch (error) {
  fail(error);
}
