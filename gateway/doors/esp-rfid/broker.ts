import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { Aedes, type AedesOptions, type Client } from 'aedes';
import { BOARD_TAILS, type BoardEar, type BoardTail, tailOf } from '../../wire/esp-rfid/login.ts';
import { passwordMatches } from '../connect-rules.ts';
import { GUARD_LIMITS, type GuardLimits, openGuard } from '../guard.ts';
import { SWITCHLESS } from '../switchless.ts';
import type { Limiter } from '../limiter.ts';

/** A board that has logged in, on one connection. */
export interface BoardConnection {
  readonly user: string;
  /** Address it comes from; '' unknown. */
  readonly from: string;
  /** Sends at QoS 1, never retained, where the board listens; false while it listens nowhere. `sent`: the socket has taken it, or never will. */
  send(payload: Buffer, sent?: () => void): boolean;
  /** Where it listens; undefined: it has not said. */
  ear(): BoardEar | undefined;
  drop(): void;
}

/** What the broker asks the link. */
export interface BoardBrokerOptions {
  readonly host: string;
  readonly port: number;
  readonly limits?: Partial<GuardLimits> | undefined;
  /** Limits the failures of one name that get an answer. */
  readonly failures: Limiter;
  /** Of a board the register has and has not retired. */
  login(user: string): { readonly password: string; readonly topic: string } | undefined;
  message(connection: BoardConnection, tail: BoardTail, payload: Buffer): Promise<void>;
  joined(connection: BoardConnection): void;
  left(connection: BoardConnection): void;
  /** It listens now, and can be told things. */
  listens(connection: BoardConnection): void;
  /** Something came in that was no message: a ping. */
  heard(connection: BoardConnection): void;
  /** Something was turned away, by a stable lower-case word; `user` is '' for a stranger. */
  refused(user: string, why: string): void;
}

/** The listening port for boards. */
export interface BoardBroker {
  readonly port: number;
  close(): Promise<void>;
}

/** Boards come in ones and twos: far fewer connections than the port for controllers takes. */
const LIMITS: GuardLimits = { ...GUARD_LIMITS, packet: 8192, halfOpen: 50, connections: 1000 };
const SETTINGS: AedesOptions = {
  queueLimit: 10,
  maxInflightInbound: 20,
  maxTopicLevels: 8,
  maxClientsIdLength: 23,
  connectTimeout: 5000,
  drainTimeout: 10_000,
  concurrency: 100,
  heartbeatInterval: 60_000,
};
const MAX_PAYLOAD = 4096;
const MAX_WILL_BYTES = 256;
const MAX_KEEPALIVE_S = 300;
const MAX_REFUSED_FILTERS = 16;

interface Seat {
  readonly user: string;
  readonly login: { readonly password: string; readonly topic: string } | undefined;
  /** A rule its CONNECT broke, by its word. */
  readonly broken: string | undefined;
  readonly connection: BoardConnection;
  ear: BoardEar | undefined;
  refusedFilters: number;
}

type Connect = Parameters<NonNullable<AedesOptions['preConnect']>>[1];

/** The first rule a CONNECT breaks. A kept session would queue an order to open and deliver it hours later. */
function brokenRule(packet: Connect, topic: string | undefined): string | undefined {
  if (packet.protocolVersion !== 4) return 'protocol';
  if (packet.clean !== true) return 'session';
  const keepalive = packet.keepalive ?? 0;
  if (keepalive === 0 || keepalive > MAX_KEEPALIVE_S) return 'keepalive';
  const { will } = packet;
  if (will === undefined || topic === undefined) return undefined;
  return tailOf(topic, will.topic) !== undefined && will.payload.length <= MAX_WILL_BYTES ? undefined : 'will';
}

const isRead = (tail: string): tail is BoardTail => BOARD_TAILS.some((one) => one === tail);
const bytesOf = (payload: Buffer | string): Buffer => (typeof payload === 'string' ? Buffer.from(payload) : payload);

/** What is ours to deliver: aedes asks for each message, also for one that a board said on the topic it listens on. */
type Ours = WeakSet<Buffer>;

function connectionOf(client: Client, ours: Ours, { user, from, seat }: { readonly user: string; readonly from: string; readonly seat: () => Seat | undefined }): BoardConnection {
  return {
    user,
    from,
    ear: () => seat()?.ear,
    send(payload, sent) {
      const { login, ear } = seat() ?? {};
      if (login === undefined || ear === undefined || !client.connected || client.closed) return false;
      const topic = ear === '' ? login.topic : `${login.topic}/${ear}`;
      ours.add(payload);
      client.publish({ cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false }, () => sent?.());
      return true;
    },
    drop: () => client.close(),
  };
}

/** Why a PUBLISH is turned away; otherwise the tail below the board's own topic. */
function judgePublish(
  base: string,
  packet: { readonly topic: string; readonly qos: number; readonly payload: Buffer | string },
): { readonly tail: string } | { readonly why: string } {
  const tail = tailOf(base, packet.topic);
  // `cmd` is ours to speak on.
  if (tail === undefined || tail === 'cmd') return { why: 'topic' };
  if (packet.qos === 2) return { why: 'qos' };
  return packet.payload.length > MAX_PAYLOAD ? { why: 'oversize' } : { tail };
}

type Arrivals = WeakMap<Duplex, { readonly from: string; readonly admit: () => void }>;

/** The hooks aedes calls; every callback is called on every path. Nothing a board says reaches another: no filter but its own ear is granted. */
function hooks(options: BoardBrokerOptions, seats: WeakMap<Client, Seat>, arrivals: Arrivals): AedesOptions {
  const ours: Ours = new WeakSet();
  return {
    preConnect(client, packet, done) {
      const user = packet.username ?? '';
      const login = options.login(user);
      // Whoever connects under the id of another closes that one's connection: so the id is the name the password is for.
      packet.clientId = login === undefined ? '' : user;
      const from = arrivals.get(client.conn)?.from.replace(/^::ffff:/, '') ?? '';
      const connection = connectionOf(client, ours, { user, from, seat: () => seats.get(client) });
      seats.set(client, { user, login, broken: brokenRule(packet, login?.topic), connection, ear: undefined, refusedFilters: 0 });
      done(null, true);
    },

    authenticate(client, _username, password, done) {
      const seat = seats.get(client);
      const right = passwordMatches(seat?.login?.password ?? '', seat?.login === undefined ? undefined : password);
      const why = seat?.login === undefined || !right ? 'password' : seat.broken;
      if (seat !== undefined && why === undefined) {
        arrivals.get(client.conn)?.admit();
        options.joined(seat.connection);
        client.conn.once('close', () => options.left(seat.connection));
        return done(null, true);
      }
      const name = seat?.login === undefined ? '' : seat.user;
      options.refused(name, why ?? 'password');
      if (!options.failures.allow(name)) client.conn.destroy();
      done(Object.assign(new Error(why), { returnCode: why === 'password' ? 4 : 5 }), false);
    },

    authorizePublish(client, packet, done) {
      const seat = client === null ? undefined : seats.get(client);
      if (seat?.login === undefined) return done(new Error('not logged in'));
      const asked = judgePublish(seat.login.topic, packet);
      if ('why' in asked) {
        options.refused(seat.user, asked.why);
        return done(new Error(asked.why));
      }
      packet.retain = false;
      // Its own talk to other programs (availability, pins) is nothing to us.
      if (!isRead(asked.tail)) return done(null);
      const settle = (): void => void setImmediate(done, null);
      options.message(seat.connection, asked.tail, bytesOf(packet.payload)).then(settle, settle);
    },

    authorizeSubscribe(client, subscription, done) {
      const seat = seats.get(client);
      if (seat?.login === undefined) return done(new Error('not logged in'));
      const tail = tailOf(seat.login.topic, subscription.topic);
      if (tail === '' || tail === 'cmd') {
        // One that listens on both hears everything once.
        seat.ear = seat.ear === 'cmd' ? 'cmd' : tail;
        setImmediate(() => options.listens(seat.connection));
        return done(null, subscription);
      }
      options.refused(seat.user, 'filter');
      seat.refusedFilters += 1;
      if (seat.refusedFilters > MAX_REFUSED_FILTERS) return done(new Error('too many filters'));
      done(null, null);
    },

    authorizeForward: (_client, packet) => (Buffer.isBuffer(packet.payload) && ours.has(packet.payload) ? packet : null),
  };
}

/** Opens the port for boards: plain MQTT with a password each, and nothing else is offered on it. Rejects when the port cannot be opened. */
export async function openBoardBroker(options: BoardBrokerOptions): Promise<BoardBroker> {
  const seats = new WeakMap<Client, Seat>();
  const arrivals: Arrivals = new WeakMap();
  const aedes = await Aedes.createBroker({ ...SETTINGS, ...SWITCHLESS, ...hooks(options, seats, arrivals) });
  aedes.on('ping', (_packet, client) => {
    const seat = seats.get(client);
    if (seat?.login !== undefined) options.heard(seat.connection);
  });
  aedes.on('keepaliveTimeout', (client) => options.refused(client.id, 'keepalive-timeout'));
  aedes.on('connectionError', (_client, error) => options.refused('', error.message === 'connect did not arrive in time' ? 'login-timeout' : 'malformed-packet'));
  // An 'error' nobody hears would end the process.
  const emitter: EventEmitter = aedes;
  emitter.on('error', () => undefined);
  const guard = await openGuard({
    host: options.host,
    port: options.port,
    limits: { ...LIMITS, ...options.limits },
    accepted: ({ stream, from, admit }) => {
      arrivals.set(stream, { from, admit });
      aedes.handle(stream);
    },
    dropped: (why) => options.refused('', why),
  });
  return {
    port: guard.port,
    close: async () => {
      await new Promise<void>((resolve) => aedes.close(resolve));
      await guard.close();
    },
  };
}
