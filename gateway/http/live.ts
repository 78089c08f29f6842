import type { WebSocket } from '@fastify/websocket';
import type { DoorState } from '../doors/link.ts';
import type { StoredEntry } from '../journal/entry.ts';
import type { JournalReads } from './deps.ts';
import { liveFor } from './disclosure.ts';
import type { DoorList } from './door-list.ts';
import type { Ledger } from './ledger.ts';
import { mayHear } from './live-rights.ts';
import type { LiveMessage } from './schemas/ledger.ts';
import { assigned, hasDoor, hasUnit, inScope, type Viewer } from './viewer.ts';

/** Entries read and sent in one go. */
const BATCH = 500;
/** A console that leaves this much unread is too slow to follow; it reconnects and fills the gap. */
const MOST_BUFFERED = 1_048_576;
const MOST_CLIENTS = 500;
/** Close codes of RFC 6455, and ours: the session is over. */
const TRY_LATER = 1013;
export const SESSION_OVER = 4401;

/** What a console asked to follow. */
export interface Following {
  /** Undefined: all buildings in scope. */
  readonly buildingId: number | undefined;
  /** Newest line it has; undefined: it has none and fetches a page. */
  readonly since: number | undefined;
  /** Hex hash of the session; '' for the local operator. */
  readonly session: string;
  /** The viewer as he stands now; undefined when his session is over. */
  readonly again: () => Promise<Viewer | undefined>;
}

interface Client extends Following {
  readonly socket: WebSocket;
  viewer: Viewer;
  /** Newest entry that was looked at for this console. */
  upTo: number;
  answered: boolean;
  readonly doors: Map<number, string>;
}

/** Where the register changed: in one home, or in the building as a whole. */
export interface Changed {
  readonly buildingId: number;
  readonly unitId?: number;
}

export interface Live {
  attach(socket: WebSocket, viewer: Viewer, following: Following): void;
  /** There are new entries on disk: a hint to read them. */
  onDurable(): void;
  onDoors(): void;
  onRegister(at?: Changed): void;
  /** Serial lines changed, or their state: told to whoever sees everything; others ask again by themselves. */
  onSerial(): void;
  /** Alarms of doors changed: those are told who may know of it. */
  onAlarms(concerns: (viewer: Viewer) => boolean): void;
  /** The log has a checkpoint up to this entry. */
  onCheckpoint(index: number): void;
  /** Hex hash of a session that was closed. */
  endSession(session: string): void;
  /** Hex hash a session had until now: its console connects again with the new token. */
  renewSession(session: string): void;
  /** Rights changed: every console is seen anew, now. */
  recheck(): Promise<void>;
  /** Sees anew whom an assignment's start or end by `now` (epoch ms) concerns. */
  due(now: number): Promise<void>;
  /** Consoles that follow, and bytes that wait to be sent to them. */
  numbers(): { readonly consoles: number; readonly unsentBytes: number };
  /** Once in a while: drops consoles that answer no ping or whose session is over. */
  beat(): Promise<void>;
  close(): void;
}

export interface LiveParts {
  readonly journal: JournalReads;
  readonly ledger: Ledger;
  readonly doorList: DoorList;
  readonly states: () => readonly DoorState[];
  readonly onError: (error: unknown, where: string) => void;
}

/** The one way to a console: what its role has no right to is not sent. */
function send(client: Client, message: LiveMessage): void {
  if (!mayHear(client.viewer, message.t)) return;
  if (client.socket.readyState !== client.socket.OPEN) return;
  if (client.socket.bufferedAmount > MOST_BUFFERED) client.socket.close(TRY_LATER, 'too slow');
  else client.socket.send(JSON.stringify(message));
}

/** Sends the doors whose state, as this viewer may see it, is another than last sent. */
function sendDoors(client: Client, states: readonly DoorState[], doorList: DoorList): void {
  const changed = states.flatMap((state) => {
    const door = doorList.of(state.doorId);
    if (door === undefined || !hasDoor(client.viewer, door) || (client.buildingId ?? door.buildingId) !== door.buildingId) return [];
    const live = liveFor(client.viewer.role, door, state);
    const text = JSON.stringify(live);
    if (client.doors.get(state.doorId) === text) return [];
    client.doors.set(state.doorId, text);
    return [{ doorId: state.doorId, live }];
  });
  if (changed.length > 0) send(client, { t: 'doors', doors: changed });
}

/** Greets a new client and sends what it missed since it was last here. */
function welcome({ journal, ledger, states, doorList }: LiveParts, client: Client, since: number | undefined): void {
  const { viewer, buildingId } = client;
  client.upTo = journal.last();
  send(client, { t: 'hello', last: ledger.top(viewer, buildingId), role: viewer.role });
  if (since !== undefined) {
    const { missed, upTo } = ledger.missed(viewer, since, buildingId);
    if (missed.gap || missed.lines.length > 0) send(client, { t: 'lines', ...missed });
    client.upTo = Math.max(client.upTo, upTo);
  }
  sendDoors(client, states(), doorList);
}

/** Sends a client what of these entries is new to it and meant for it. */
function pass({ ledger }: LiveParts, client: Client, entries: readonly StoredEntry[]): void {
  const fresh = entries.filter(({ index }) => index > client.upTo);
  const lines = ledger.lines(client.viewer, fresh, client.buildingId);
  client.upTo = Math.max(client.upTo, entries.at(-1)?.index ?? 0);
  const last = lines.at(-1)?.index;
  if (last !== undefined) send(client, { t: 'lines', lines, last, gap: false });
}

/** Is the change in his scope? One that could be anywhere is told to whoever sees everything; others ask again by themselves within a minute. */
function concerns({ viewer, buildingId }: Client, at: Changed | undefined): boolean {
  if (at === undefined) return viewer.scope.all;
  if (buildingId !== undefined && buildingId !== at.buildingId) return false;
  return at.unitId === undefined ? inScope(viewer, at.buildingId) : hasUnit(viewer, { id: at.unitId, buildingId: at.buildingId });
}

function drop(clients: Set<Client>, client: Client, code: number, why: string): void {
  clients.delete(client);
  client.socket.close(code, why);
}

/** Is the session still good, with a place to look at? False: it was dropped. */
async function seeAnew(clients: Set<Client>, client: Client): Promise<boolean> {
  const viewer = await client.again();
  if (viewer === undefined || !assigned(viewer)) {
    drop(clients, client, SESSION_OVER, 'session over');
    return false;
  }
  client.viewer = viewer;
  return true;
}

/** As `seeAnew`, and did the console answer since the last beat? */
async function check(clients: Set<Client>, client: Client): Promise<void> {
  if (!(await seeAnew(clients, client))) return;
  if (!client.answered) {
    clients.delete(client);
    return client.socket.terminate();
  }
  client.answered = false;
  client.socket.ping();
}

/** Carries out for each what may fail for one without failing for the others. */
async function forEach(some: readonly Client[], work: (client: Client) => Promise<unknown>, onError: LiveParts['onError']): Promise<void> {
  await Promise.all(some.map((client) => work(client).catch((error: unknown) => onError(error, 'live feed'))));
}

const numbersOf = (clients: ReadonlySet<Client>): ReturnType<Live['numbers']> => ({
  consoles: clients.size,
  unsentBytes: [...clients].reduce((sum, { socket }) => sum + socket.bufferedAmount, 0),
});

/** The live feed. Lines go through the same gate as pages; what a viewer may not see leaves no trace, not even a number. */
export function createLive(parts: LiveParts): Live {
  const { journal } = parts;
  const clients = new Set<Client>();
  let read = journal.last();
  let reading = false;

  function readOn(): void {
    reading = false;
    if (clients.size === 0) return;
    const entries = journal.since(read, BATCH);
    const newest = entries.at(-1)?.index;
    if (newest === undefined) return;
    read = newest;
    for (const client of clients) pass(parts, client, entries);
    if (entries.length === BATCH) schedule();
  }

  /** Many hints in one turn are one reading. */
  function schedule(): void {
    if (reading) return;
    reading = true;
    setImmediate(() => {
      try {
        readOn();
      } catch (error) {
        parts.onError(error, 'live feed');
      }
    });
  }

  function tell(message: LiveMessage, whom: (client: Client) => boolean): void {
    for (const client of clients) if (whom(client)) send(client, message);
  }
  const each = (some: readonly Client[], work: (client: Client) => Promise<unknown>): Promise<void> => forEach(some, work, parts.onError);
  const recheck = (some: readonly Client[]): Promise<void> => each(some, (client) => seeAnew(clients, client));
  const leave = (session: string, code: number, why: string): void => {
    for (const client of clients) if (client.session === session) drop(clients, client, code, why);
  };

  return {
    attach(socket, viewer, following) {
      if (clients.size >= MOST_CLIENTS) return socket.close(TRY_LATER, 'too many');
      const client: Client = { ...following, socket, viewer, upTo: 0, answered: true, doors: new Map() };
      // While nobody looked nothing was read.
      if (clients.size === 0) read = journal.last();
      clients.add(client);
      socket.on('pong', () => Object.assign(client, { answered: true }));
      socket.on('close', () => clients.delete(client));
      welcome(parts, client, following.since);
    },
    onDurable: schedule,
    onDoors() {
      for (const client of clients) sendDoors(client, parts.states(), parts.doorList);
    },
    onRegister: (at) => tell({ t: 'register' }, (client) => concerns(client, at)),
    onSerial: () => tell({ t: 'serial' }, ({ viewer }) => viewer.scope.all),
    onAlarms: (knows) => tell({ t: 'alarms' }, ({ viewer }) => knows(viewer)),
    onCheckpoint: (index) => tell({ t: 'checkpoint', index }, () => true),
    endSession: (session) => leave(session, SESSION_OVER, 'session over'),
    renewSession: (session) => leave(session, TRY_LATER, 'session renewed'),
    recheck: () => recheck([...clients]),
    due: (now) => recheck([...clients].filter(({ viewer }) => viewer.scope.until <= now)),
    numbers: () => numbersOf(clients),
    beat: () => each([...clients], (client) => check(clients, client)),
    close() {
      for (const client of clients) drop(clients, client, 1001, 'stopping');
    },
  };
}
