import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Config } from './config.ts';
import { errorLines } from './error-line.ts';
import type { App } from './http/app-type.ts';
import { buildApp } from './http/app.ts';
import { createSimulator } from './http/demo-socket.ts';
import { filingOf } from './http/filing.ts';
import { createDoorPort, type DoorPort } from './http/door-port.ts';
import { repeat } from './http/jobs.ts';
import { localUrl, removeRunFile, writeRunFile } from './http/run-file.ts';
import { ABSOLUTE_MS, IDLE_MS, newToken } from './http/sessions.ts';
import { createSite, type Site } from './http/site.ts';
import { openReader } from './journal/reader.ts';
import { accountsOf } from './store/accounts.ts';
import { homesOf } from './store/homes.ts';
import { ownVaultKeys } from './store/keys.ts';
import { placesOf } from './store/places.ts';
import { scopesOf } from './store/scopes.ts';
import { openRegister } from './store/register.ts';
import { rostersOf } from './http/rosters.ts';
import type { DeskStart, ToDeskSide, ToDoorSide } from './threads.ts';

/** The desk side: register, HTTP and live feed in a thread of its own, so that the doors never wait for a desk (design.md 4). */
const BEAT_MS = 20_000;
/** An assignment that ends at a moment ends the live feed within a second of it. */
const DUE_MS = 500;
const SWEEP_MS = 3_600_000;
/** Retention waits for the quiet hour; what was interrupted is taken up within this time. */
const RETENTION_MS = 5 * 60_000;
/** Somebody new is found by his name within about a second. */
const TERMS_MS = 1000;
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

/** Listens; once more after a moment when the port is taken, because our own thread may just be ending. Returns the port. */
async function listen(app: App, { host, port }: Config): Promise<number> {
  await app.listen({ host, port }).catch(async (error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    await new Promise((resolve) => setTimeout(resolve, 300));
    await app.listen({ host, port });
  });
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

interface Desk {
  readonly site: Site;
  readonly app: App;
  close(): Promise<void>;
}

async function openDesk(config: Config, doorSide: DoorPort, localToken: string): Promise<Desk> {
  const keysDir = path.join(config.data, 'keys');
  const keys = ownVaultKeys(keysDir);
  const register = await openRegister({ file: path.join(config.data, 'register.sqlite'), keys });
  const journal = openReader({ file: path.join(config.data, 'journal.sqlite'), keysDir, root: keys.journalRoot });
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
    doorSide,
    rosters: rostersOf(register),
    filing: filingOf(register),
    simulator: createSimulator(config.data),
    localToken,
    consoleDir: CONSOLE,
    onError: report,
    onNotice: (line) => void process.stderr.write(`desk: ${line}\n`),
  });
  const app = await buildApp(site);
  site.keyRotations.resume();
  const jobs = [
    repeat('search-terms', TERMS_MS, async () => void (await site.people.catchUp(TERMS_MS / 2)), report),
    repeat('live-beat', BEAT_MS, site.live.beat, report),
    repeat('live-due', DUE_MS, () => site.live.due(Date.now()), report),
    repeat('retention', RETENTION_MS, () => site.retention.tick(Date.now()), report),
    repeat('session-sweep', SWEEP_MS, () => accounts.sweepSessions({ idleSince: Date.now() - IDLE_MS, begunSince: Date.now() - ABSOLUTE_MS }), report),
  ];
  async function close(): Promise<void> {
    for (const job of jobs) job.stop();
    site.live.close();
    await app.close();
    await register.close();
    journal.close();
  }
  return { site, app, close };
}

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
    if (message.t === 'durable') desk?.site.live.onDurable();
    if (message.t === 'doors') desk?.site.live.onDoors();
  });

  desk = await openDesk(config, doorSide, localToken);
  try {
    const listening = await listen(desk.app, config);
    const url = localUrl(config, listening);
    writeRunFile(config, { url, token: localToken, pid: process.pid });
    post(await announce(desk, config, { url, port: listening }));
  } catch (error) {
    post({ t: 'failed', message: listenProblem(error, config) });
  }
}

if (parentPort !== null) {
  const start: DeskStart = workerData;
  await run(parentPort, start);
}
