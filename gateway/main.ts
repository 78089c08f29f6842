import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Logger, pino } from 'pino';
import { type Config, ConfigError, readConfig } from './config.ts';
import { type AccessIndex, createAccessIndex } from './core/access-index.ts';
import { lockData } from './data-lock.ts';
import { createDoorSide, order } from './door-side.ts';
import type { DoorSide } from './doors/link.ts';
import { type MqttLink, openMqttLink } from './doors/mqtt.ts';
import { type IndexFeed, startIndexFeed } from './index-feed.ts';
import { systemEntry } from './journal/access-entries.ts';
import { type JournalClient, openJournal } from './journal/client.ts';
import { createListRefresh, type ListThread, startLists } from './list-refresh.ts';
import { type IndexSource, openIndexSource } from './store/index-source.ts';
import { loadKeys } from './store/keys.ts';
import { markTime } from './store/mark-time.ts';
import { migrateRegister } from './store/migrate.ts';
import { StoreError } from './store/sqlite.ts';
import { createVault, type Vault } from './store/vault.ts';
import { type Supervised, supervise } from './supervise.ts';
import type { DeskStart, ToDeskSide, ToDoorSide } from './threads.ts';
import type { UnlockPath } from './unlock.ts';

/** The project's directory: this file runs as dist/gateway/main.js. */
const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const STOP_GRACE_MS = 4000;
const HEALTH_MS = 1000;
const HINT_MS = 10;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** The stores of one data directory, opened in order, closed in reverse. */
interface Stores {
  readonly vault: Vault;
  readonly source: IndexSource;
  readonly index: AccessIndex;
  readonly journal: JournalClient;
}

async function openStores({ data }: Config, log: Logger): Promise<Stores> {
  const keysDir = path.join(data, 'keys');
  const keys = loadKeys(keysDir);
  const register = path.join(data, 'register.sqlite');
  for (const name of migrateRegister(register)) say(`✓ register: applied ${name}`);
  markTime(register);
  const journal = await openJournal({ file: path.join(data, 'journal.sqlite'), keysDir, root: keys.journalRoot });
  journal.onAlarm((alarm) => log.error(alarm, 'journal alarm'));
  return { vault: createVault(keys), source: openIndexSource(register), index: createAccessIndex(), journal };
}

function unlockPath({ index, vault, journal }: Stores, log: Logger): UnlockPath {
  return {
    index,
    journal,
    now: Date.now,
    fingerprint: (reading) => vault.fingerprint(reading),
    alarm: (what, detail) => log.error({ what, detail }, `alarm: ${what}`),
  };
}

/** Everything that runs; each part knows only what it is handed. */
interface Running {
  readonly config: Config;
  readonly log: Logger;
  readonly stores: Stores;
  readonly feed: IndexFeed;
  readonly unlock: UnlockPath;
  readonly link: MqttLink;
  readonly lists: ListThread;
  readonly desk: Supervised<ToDeskSide>;
}

async function openLink(config: Config, options: Omit<Parameters<typeof openMqttLink>[0], 'port' | 'host'>): Promise<MqttLink> {
  const { mqttPort: port } = config;
  try {
    return await openMqttLink({ ...options, host: '127.0.0.1', port });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    throw new ConfigError(`MQTT_PORT: expected a free port, but ${port} is in use by another program. Choose another: MQTT_PORT=1884 npm start`);
  }
}

type Listening = Extract<ToDoorSide, { t: 'listening' }>;

/** What the desk side asks of the door side, answered over its port. */
function onDesk(running: () => Running, onListening: (at: Listening) => void, message: ToDoorSide): void {
  const { desk, feed, stores, unlock, link } = running();
  switch (message.t) {
    case 'listening':
      return onListening(message);
    case 'changed':
      return feed.pull();
    case 'failed':
      return fail(new ConfigError(message.message));
    case 'append':
      return void stores.journal.append(message.entry).then(
        (result) => desk.post({ t: 'appended', id: message.id, result }),
        (error: unknown) => desk.post({ t: 'appended', id: message.id, result: { error: String(error) } }),
      );
    case 'destroy':
      return void stores.journal.destroy(message.wish).then(
        (result) => desk.post({ t: 'destroyed', id: message.id, result }),
        (error: unknown) => desk.post({ t: 'destroyed', id: message.id, result: { error: String(error) } }),
      );
    case 'command':
      return void order(unlock, link, message.doorId, message).then(
        (result) => desk.post({ t: 'commanded', id: message.id, result }),
        () => desk.post({ t: 'commanded', id: message.id, result: 'refused' }),
      );
  }
}

/** `port`: the one it had before, so that a desk that comes back is where people look for it. */
function startDesk(config: Config, log: Logger, port: () => number, onMessage: (message: ToDoorSide) => void): Supervised<ToDeskSide> {
  return supervise<ToDoorSide, ToDeskSide>({
    file: new URL('./desk.js', import.meta.url),
    onMessage,
    workerData: (): DeskStart => ({ config: { ...config, port: port() } }),
    onDown: (why, waitMs) => log.error({ why, waitMs }, 'the desk side ended and is started again; doors go on'),
  });
}

/** Keeps the desk side told: entries on disk, doors, health. A desk that was away gets the whole picture within a second. */
function keepTold({ desk, stores, feed, link }: Running): () => void {
  const { index, journal } = stores;
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
  const tell = (): void => {
    desk.post({ t: 'health', indexReady: true, credentials: index.credentials, changeN: feed.n, journal: journal.status() });
    desk.post({ t: 'doors', states: link.states() });
  };
  const timer = setInterval(tell, HEALTH_MS);
  tell();
  return () => clearInterval(timer);
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

async function run(config: Config, log: Logger): Promise<void> {
  const demo = config.demo ? await import('../prisma/demo/demo.ts') : undefined;
  await demo?.fillIfEmpty(config.data, say);
  const stores = await openStores(config, log);
  const unlock = unlockPath(stores, log);
  const lists = startLists({ register: path.join(config.data, 'register.sqlite'), keysDir: path.join(config.data, 'keys') }, stores.source.lastN);
  const refresh = createListRefresh((controllerIds) => link.refreshLists(controllerIds));
  const feed = startIndexFeed({ ...stores, onLists: refresh.ask, onFailure: fail });
  say(`✓ access index: ${stores.index.credentials} credentials`);
  await demo?.writePastIfMissing({ ...stores, feed, lists, unlock, data: config.data, say });

  let stopping = false;
  const doorSide = createDoorSide({ ...unlock, doorOf: feed.doorOf, onState: (state) => desk.post({ t: 'doors', states: [state] }) });
  // A controller that loses us because we stop has not gone anywhere.
  const side: DoorSide = { ...doorSide, link: (event) => (stopping ? Promise.resolve() : doorSide.link(event)) };
  let port = config.port;
  const desk = startDesk(
    config,
    log,
    () => port,
    (message) => onDesk(() => running, listening, message),
  );
  const link = await openLink(config, { registry: feed.registry, side, lists, now: Date.now, uptime: () => performance.now(), log });
  const running: Running = { config, log, stores, feed, unlock, link, lists, desk };
  await stores.journal.append(systemEntry('started', Date.now()));
  const stopTelling = keepTold(running);
  const doors = demo?.startDoors({ data: config.data, registry: feed.registry, mqttPort: link.port, log });
  let announced = false;

  function listening(at: Listening): void {
    port = at.port;
    if (!announced) say(demo ? demo.box(at.url) : ready(at));
    announced = true;
  }

  const stopOnce = (): void => {
    if (stopping) return;
    stopping = true;
    doors?.stop();
    stopTelling();
    refresh.stop();
    void stop(running);
  };
  process.on('SIGTERM', stopOnce).on('SIGINT', stopOnce);
  // Lets an operator renew the desk side without touching a door, and a test end it in the middle of a request.
  process.on('SIGUSR2', () => void desk.restart());
}

/** Ends the process: one line for what a person can act on, the whole story for anything else. */
function fail(error: unknown): never {
  const plain = error instanceof ConfigError || error instanceof StoreError;
  process.stderr.write(plain ? `${error.message}\n` : `Doorbook stopped: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}

try {
  const config = readConfig(process.env, ROOT);
  process.once('exit', lockData(config.data));
  // Not synchronous: a reader of our log that stands still must not hold up a door.
  await run(config, pino({ level: process.env['LOG_LEVEL'] ?? 'warn' }, pino.destination({ dest: 2, sync: false })));
} catch (error) {
  fail(error);
}
