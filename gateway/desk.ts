import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Config } from './config.ts';
import type { DoorId } from './core/ids.ts';
import type { DoorState } from './doors/link.ts';
import { errorLines } from './error-line.ts';
import type { App } from './http/app-type.ts';
import { buildApp } from './http/app.ts';
import { createSimulator } from './http/demo-socket.ts';
import { createCheckpointCopies } from './exchange/checkpoint-copies.ts';
import { witnessAt } from './exchange/witness.ts';
import { filingOf } from './http/filing.ts';
import { createDoorPort, type DoorPort } from './http/door-port.ts';
import { repeat } from './http/jobs.ts';
import { localUrl, removeRunFile, writeRunFile } from './http/run-file.ts';
import { ABSOLUTE_MS, IDLE_MS, newToken } from './http/sessions.ts';
import { createSite, type Site } from './http/site.ts';
import { type Evidence, openEvidence } from './journal/evidence.ts';
import { openProofs, type Proofs } from './journal/proofs.ts';
import { type JournalReader, openReader } from './journal/reader.ts';
import { codeOf, mayPass, type Patience, patiently, said } from './patience.ts';
import { endLockdown } from './register/lock-down.ts';
import { accountsOf } from './store/accounts.ts';
import { noteBegun } from './store/begun.ts';
import { homesOf } from './store/homes.ts';
import { ownVaultKeys } from './store/keys.ts';
import { placesOf } from './store/places.ts';
import { scopesOf } from './store/scopes.ts';
import { openRegister, type Register } from './store/register.ts';
import { StoreError } from './store/sqlite.ts';
import { createDistrictSealer } from './http/district-sealer.ts';
import { districtsOf, rostersOf } from './http/rosters.ts';
import type { DeskStart, ToDeskSide, ToDoorSide } from './threads.ts';
import { createWaitingRoom } from './waiting-room.ts';

/** The desk side: register, HTTP and live feed in a thread of its own, so that the doors never wait for a desk (design.md 4). */
const BEAT_MS = 20_000;
/** An assignment that ends at a moment ends the live feed within a second of it. */
const DUE_MS = 500;
/** Copies of the newest checkpoint leave the machine this often. */
const COPIES_MS = 10_000;
/** A console is told of a new checkpoint no more often than this. */
const CHECKPOINT_MS = 5000;
const SWEEP_MS = 3_600_000;
/** A door that goes by its own list lets somebody booked ahead in at most so late, and a clock that is wrong for so long is noticed; and how far a new desk side looks back, for what began while there was none. */
const BEGUN_MS = 1000;
const BEGUN_BEFORE_MS = 3_600_000;
/** Retention waits for the quiet hour; what was interrupted is taken up within this time. */
const RETENTION_MS = 5 * 60_000;
/** What the log did not take of stopped cards is tried again. */
const STOPS_MS = 2000;
/** Somebody new is found by his name within about a second. */
const TERMS_MS = 1000;
const BACKUP_MS = 60_000;
/** What a hint did not bring is read, and who stays away is seen, this often. */
const ALARMS_MS = 15_000;
const RUN_FILE_MS = 2000;
/** From dist/gateway/ to the built console in dist/console/. */
const CONSOLE = fileURLToPath(new URL('../console/', import.meta.url));

function report(error: unknown, where: string): void {
  process.stderr.write(`desk: ${errorLines(error, where)}\n`);
}

/** Why the port could not be had, as the one line a person is shown. */
function listenProblem(error: unknown, { host, port }: Config): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return `PORT: ${port} on ${host} is in use by another program. Stop it, or set PORT to a free number.`;
  if (code === 'EACCES') return `PORT: this user may not listen on ${port}. Set PORT to a number above 1023.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `HOST: ${host} is no address of this computer. Set HOST to 127.0.0.1, 0.0.0.0 or one it has.`;
  return `PORT: could not listen on ${host}:${port} (${error instanceof Error ? error.message : String(error)}).`;
}

/** The demo has somebody before the screen who can choose another port; a real site's console is to come back by itself. */
const givesUp = ({ demo }: Config, error: unknown): boolean => demo && codeOf(error) === 'EADDRINUSE';

/**
 * Listens and returns the port. A port that is taken (by our own thread that is just ending, too) or an address this
 * computer does not have yet is waited for.
 */
async function listen(app: App, config: Config, patience: Patience): Promise<number> {
  const { host, port } = config;
  let tries = 0;
  await patiently(async () => {
    tries += 1;
    await app.listen({ host, port }).catch((error: unknown) => {
      throw !mayPass(error) || (tries > 2 && givesUp(config, error)) ? new StoreError(listenProblem(error, config)) : error;
    });
  }, patience);
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** How the desk side waits: the door side raises the alarm. */
const waitingFor = (what: Extract<ToDoorSide, { t: 'waiting' }>['for'], post: (message: ToDoorSide) => void, onWait: (error: unknown) => string): Patience => ({
  onWait: (error, waitMs) => post({ t: 'waiting', for: what, detail: `${onWait(error)} Trying again in ${waitMs} ms.` }),
});

/** What only a person can put right, in one sentence; undefined for what a new start of this thread may get over. */
function lastingProblem(error: unknown): string | undefined {
  if (/^ERR_(OSSL|SSL|TLS)/.test(codeOf(error))) return `TLS_CERT: expected a certificate and, in TLS_KEY, the key that belongs to it (${said(error)}).`;
  return error instanceof StoreError && !mayPass(error) ? error.message : undefined;
}

interface DeskStores {
  readonly register: Register;
  readonly journal: JournalReader;
  readonly proofs: Proofs;
  readonly evidence: Evidence;
}

/** The register and the log as the desk side has them. Rejects when one of them cannot be opened; then neither is open. */
async function openDeskStores(config: Config, { disagrees }: DoorPort): Promise<DeskStores> {
  const keysDir = path.join(config.data, 'keys');
  const keys = ownVaultKeys(keysDir);
  const register = await openRegister({ file: path.join(config.data, 'register.sqlite'), keys });
  const place = { file: path.join(config.data, 'journal.sqlite'), keysDir, root: keys.journalRoot };
  const onDamaged = (index: number): void => disagrees('entry-damaged', `entry ${index} does not open to what the log proves`);
  const opened: { close(): void }[] = [];
  const keep = <T extends { close(): void }>(reading: T): T => {
    opened.push(reading);
    return reading;
  };
  try {
    return { register, journal: keep(openReader(place, onDamaged)), proofs: keep(openProofs(place.file)), evidence: keep(openEvidence(place, onDamaged)) };
  } catch (error) {
    for (const reading of opened) reading.close();
    await register.close();
    throw error;
  }
}

/** Trades the code of a device that asks the door side to be enrolled. */
async function traded(site: Site | undefined, { id, ask }: Extract<ToDeskSide, { t: 'trade' }>): Promise<ToDoorSide> {
  if (site === undefined) return { t: 'traded', id, result: { error: 'starting' } };
  try {
    return { t: 'traded', id, result: await site.enrolment.trade(ask) };
  } catch (error) {
    report(error, 'enrolment');
    return { t: 'traded', id, result: { error: said(error) } };
  }
}

/** What the door side tells of serial lines. */
function onSerial(site: Site | undefined, message: Extract<ToDeskSide, { t: 'lines' | 'commissioned' }>): void {
  if (message.t === 'lines') site?.serial.heard(message.lines);
  else void site?.serial.acted(message.deviceRow, message.news).catch((error: unknown) => report(error, 'key of a serial device'));
}

/** Doors' states, for the consoles and for whoever waits for a stopped card. */
function onDoors(site: Site | undefined, states: readonly DoorState[]): void {
  site?.live.onDoors();
  site?.cardStopTracker.heard(states);
}

interface Desk {
  readonly site: Site;
  readonly app: App;
  /** The register says what a duty card did at a door. */
  endLockdown(doorId: DoorId): Promise<void>;
  close(): Promise<void>;
}

/** A duty card ended the lockdown at a door, whose own entry tells of it: the register says so too, and consoles show it. */
async function released({ deps: { register }, doorList, registerChanged }: Site, doorId: DoorId): Promise<void> {
  if ((await endLockdown(register, { doorIds: [doorId], now: Date.now() }, async () => undefined)) === 0) return;
  const door = doorList.of(doorId);
  await registerChanged(door && { buildingId: door.buildingId });
}

/** The newest checkpoint beside the databases, and wherever the operator wants it. */
function copiesOf({ data, checkpoints }: Config, proofs: Proofs, doorSide: DoorPort): ReturnType<typeof createCheckpointCopies> {
  const files = [path.join(data, 'checkpoint.txt'), checkpoints?.file ?? ''].filter((file) => file !== '');
  const witness = checkpoints?.url === undefined ? undefined : witnessAt(checkpoints.url, proofs, fetch);
  return createCheckpointCopies({ proofs, files, witness, disagrees: doorSide.disagrees, report });
}

/** Consoles are told of new checkpoints, and copies of them leave the machine. */
const checkpointJobs = ({ logProof, live }: Site, { tick }: ReturnType<typeof copiesOf>) => [
  repeat('log-checkpoint', CHECKPOINT_MS, async () => logProof.look(({ first, size }) => live.onCheckpoint(first + size - 1)), report),
  repeat('checkpoint-copies', COPIES_MS, tick, report),
];

async function openDesk(config: Config, { register, journal, proofs, evidence }: DeskStores, { doorSide, localToken }: { doorSide: DoorPort; localToken: string }): Promise<Desk> {
  const accounts = accountsOf(register);
  const site = await createSite({
    config,
    clock: Date.now,
    register,
    accounts,
    scopes: scopesOf(register),
    places: placesOf(register),
    homes: homesOf(register),
    journal,
    proofs,
    evidence,
    doorSide,
    rosters: rostersOf(register),
    districts: districtsOf(register, createDistrictSealer({ keysDir: path.join(config.data, 'keys') })),
    filing: filingOf(register),
    simulator: createSimulator(config.data),
    localToken,
    consoleDir: CONSOLE,
    onError: report,
    onNotice: (line) => void process.stderr.write(`desk: ${line}\n`),
  });
  const app = await buildApp(site);
  site.keyRotations.resume();
  await site.serial.enterConfigured();
  const { job } = site.metrics;
  const jobs = [
    repeat(
      'search-terms',
      TERMS_MS,
      job('search-terms', async () => void (await site.people.catchUp(TERMS_MS / 2))),
      report,
    ),
    repeat('live-beat', BEAT_MS, job('live-beat', site.live.beat), report),
    ...checkpointJobs(site, copiesOf(config, proofs, doorSide)),
    repeat('live-due', DUE_MS, job('live-due', atNow(site.live.due)), report),
    repeat(
      'backup',
      BACKUP_MS,
      job('backup', async () => site.backups.tick(Date.now())),
      report,
    ),
    repeat(
      'retention',
      RETENTION_MS,
      job('retention', () => site.retention.tick(Date.now())),
      report,
    ),
    repeat('card-stops', STOPS_MS, job('card-stops', site.cardStopTracker.catchUp), report),
    repeat('door-alarms', ALARMS_MS, job('door-alarms', site.alarmFollower.tick), report),
    repeat('begun-access', BEGUN_MS, job('begun-access', begunNoter(register)), report),
    repeat(
      'session-sweep',
      SWEEP_MS,
      job('session-sweep', () => accounts.sweepSessions({ idleSince: Date.now() - IDLE_MS, begunSince: Date.now() - ABSOLUTE_MS })),
      report,
    ),
  ];
  async function close(): Promise<void> {
    for (const job of jobs) job.stop();
    site.live.close();
    await app.close();
    await register.close();
    for (const reading of [journal, proofs, evidence]) reading.close();
  }
  return { site, app, endLockdown: (doorId) => released(site, doorId), close };
}

/** Work that is to be told the time, epoch ms. */
const atNow = (work: (now: number) => Promise<void>) => (): Promise<void> => work(Date.now());

/** Notes again and again what began since the last time that it worked. */
function begunNoter(register: Register): () => Promise<void> {
  let from = Date.now() - BEGUN_BEFORE_MS;
  return async () => {
    const upTo = Date.now();
    await noteBegun(register, { from, upTo });
    from = upTo;
  };
}

const portsOf = ({ mqttPort, doors }: Config): { readonly mqttPort: number; readonly mqttsPort?: number } => ({
  mqttPort,
  ...(doors === undefined ? {} : { mqttsPort: doors.port }),
});

/** Tells the door side where the console is, and while nobody can sign in, the link that makes the first account. */
async function announce({ site }: Desk, config: Config, at: { readonly url: string; readonly port: number }): Promise<ToDoorSide> {
  const address = config.publicUrl ?? at.url;
  const token = await site.firstAccount.offer();
  return { t: 'listening', url: address, port: at.port, ...(token === undefined ? {} : { setupLink: `${address}/setup?token=${token}` }) };
}

async function run(port: MessagePort, { config }: DeskStart): Promise<void> {
  const localToken = newToken();
  const post = (message: ToDoorSide): void => port.postMessage(message);
  const doorSide = createDoorPort(post);
  let desk: Desk | undefined;

  async function stop(): Promise<void> {
    removeRunFile(config, localToken);
    await desk?.close().catch((error: unknown) => report(error, 'stop'));
    process.exit(0);
  }
  port.on('message', (message: ToDeskSide) => {
    doorSide.receive(message);
    if (message.t === 'stop') void stop();
    if (message.t === 'durable') {
      desk?.site.live.onDurable();
      desk?.site.alarmFollower.onDurable();
    }
    if (message.t === 'lines' || message.t === 'commissioned') onSerial(desk?.site, message);
    if (message.t === 'doors') onDoors(desk?.site, message.states);
    if (message.t === 'lockdown-ended') void desk?.endLockdown(message.doorId).catch((error: unknown) => report(error, 'lockdown'));
    if (message.t === 'card-read') void desk?.site.cardWindows.heard(message).catch((error: unknown) => report(error, 'card of a reader'));
    if (message.t === 'trade') void traded(desk?.site, message).then(post);
  });

  try {
    const waiting = waitingFor('register-waiting', post, said);
    const room = createWaitingRoom(config);
    const stores = await patiently(() => openDeskStores(config, doorSide), {
      onWait(error, waitMs) {
        waiting.onWait(error, waitMs);
        room.open('register-waiting');
      },
    });
    post({ t: 'waiting', for: 'register-waiting', detail: undefined });
    await room.close();
    desk = await openDesk(config, stores, { doorSide, localToken });
    // What came in while there was no desk side.
    desk.site.alarmFollower.onDurable();
    const listening = await listen(
      desk.app,
      config,
      waitingFor('console-port', post, (error) => listenProblem(error, config)),
    );
    post({ t: 'waiting', for: 'console-port', detail: undefined });
    const url = localUrl(config, listening);
    // Without room for the file the command line has to wait; the console need not.
    const written = patiently(() => writeRunFile(config, { url, token: localToken, pid: process.pid, ...portsOf(config) }), {
      onWait: (error) => report(error, 'run.json'),
    });
    await Promise.race([written, sleep(RUN_FILE_MS)]);
    post(await announce(desk, config, { url, port: listening }));
  } catch (error) {
    const lasting = lastingProblem(error);
    if (lasting === undefined) throw error;
    post({ t: 'failed', message: lasting });
  }
}

if (parentPort !== null) {
  const start: DeskStart = workerData;
  await run(parentPort, start);
}
