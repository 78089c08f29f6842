import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { Aedes, type AedesOptions, type Client } from 'aedes';
import { ENROL_SITE, ENROL_USER, enrolTopic, isNewcomer } from '../wire/mqtt/enrol.ts';
import { type DownTail, deviceTopic, type UpTail } from '../wire/mqtt/topics.ts';
import { type ConnectRefusal, connectRefusal, type Login, passwordMatches } from './connect-rules.ts';
import { type Guard, GUARD_LIMITS, type GuardLimits, openGuard } from './guard.ts';
import type { Limiter } from './limiter.ts';
import { SWITCHLESS } from './switchless.ts';
import { publishable, subscribable } from './topic-rules.ts';

/** A device that has logged in, on one connection. */
export interface Connection {
  readonly deviceId: string;
  readonly site: string;
  /** Sends at QoS 1, never retained. `sent` is called when the socket has taken it, also when it never will. */
  send(tail: DownTail, payload: Buffer, sent?: () => void): void;
  drop(): void;
}

/** What the broker asks the link. `login` and `message` are on the path of every tap. */
export interface BrokerOptions {
  readonly host: string;
  readonly port: number;
  readonly limits?: Partial<GuardLimits> | undefined;
  /** Limits the failures of one device that get an answer. */
  readonly failures: Limiter;
  login(deviceId: string): Login | undefined;
  /** What a device that is not enrolled yet asks; the answer to send, undefined for none. Absent: nobody is enrolled here. */
  newcomer?: ((clientId: string, payload: Buffer) => Promise<Buffer | undefined>) | undefined;
  /** A message on a topic the device owns. PUBACK leaves after the promise settles, however it settles. */
  message(connection: Connection, tail: UpTail, payload: Buffer): Promise<void>;
  joined(connection: Connection): void;
  left(connection: Connection): void;
  /** Something came in that was no message: a ping. */
  heard(connection: Connection): void;
  /** Something was turned away, by a stable lower-case word; `deviceId` is '' for a stranger. */
  refused(deviceId: string, why: string): void;
}

/** A port with TLS. */
export interface SecurePort {
  readonly host: string;
  readonly port: number;
  /** The certificate of the moment. */
  readonly context: () => SecureContext;
}

/** The embedded broker, listening. */
export interface Broker {
  readonly port: number;
  /** Opens a port with TLS as well; resolves to its number. Rejects when it cannot be opened. */
  listen(secure: SecurePort): Promise<number>;
  /** Connections that have not logged in. */
  halfOpen(): number;
  close(): Promise<void>;
}

/** Refused filters after which a client that goes on asking is put out. */
const MAX_REFUSED_FILTERS = 16;

/** Settings of mqtt.md 1.3. Keepalive is judged in connect-rules: aedes would answer a code 3.1.1 does not have. */
const SETTINGS: AedesOptions = {
  queueLimit: 10,
  maxInflightInbound: 20,
  maxTopicLevels: 8,
  maxClientsIdLength: 23,
  connectTimeout: 5000,
  drainTimeout: 10_000,
  concurrency: 1000,
  heartbeatInterval: 60_000,
};

/** Our record of an aedes client from its first byte on. */
interface Seat {
  readonly connection: Connection;
  readonly login: Login | undefined;
  readonly refusal: ConnectRefusal | undefined;
  refusedFilters: number;
  /** A newcomer asks once on a connection. */
  asked: boolean;
}

const NEWCOMER: Login = { site: ENROL_SITE, password: undefined };
/** Largest ask of a newcomer, bytes. */
const MAX_ASK = 1024;

const bytesOf = (payload: Buffer | string): Buffer => (typeof payload === 'string' ? Buffer.from(payload) : payload);

function connectionOf(client: Client, owner: { readonly deviceId: string; readonly site: string }): Connection {
  return {
    ...owner,
    send(tail, payload, sent) {
      const packet = { cmd: 'publish', topic: deviceTopic(owner.site, owner.deviceId, tail), payload, qos: 1, retain: false, dup: false } as const;
      // Nothing may leave before CONNACK. aedes calls the callback without asking whether there is one.
      if (client.connected && !client.closed) client.publish(packet, () => sent?.());
      else setImmediate(() => sent?.());
    },
    drop: () => client.close(),
  };
}

const UNSEATED: ConnectRefusal = { code: 5, why: 'not-asked' };

/** Why this login fails: a rule it broke, else its name or password. */
function refusalOf({ connection, login, refusal }: Seat, given: { readonly username: string | undefined; readonly password: Buffer | undefined }): ConnectRefusal | undefined {
  if (refusal !== undefined || login === undefined) return refusal ?? UNSEATED;
  if (login.password === undefined) return given.username === ENROL_USER ? undefined : { code: 4, why: 'password' };
  const right = passwordMatches(login.password, given.password);
  return right && given.username === connection.deviceId ? undefined : { code: 4, why: 'password' };
}

/** May this connection hear this topic? */
const isHeardBy = ({ connection, login }: Seat, topic: string): boolean =>
  login !== undefined && login.password === undefined ? topic === enrolTopic(connection.deviceId, 'given') : subscribable(connection, topic);

/** The one thing a newcomer may say, and the answer. `done` leaves when the answer has been handed to the socket. */
function answerNewcomer(
  { newcomer, refused }: BrokerOptions,
  { client, seat }: { readonly client: Client; readonly seat: Seat },
  packet: { readonly topic: string; readonly qos: number; readonly retain: boolean; readonly payload: Buffer | string },
  done: (error?: Error | null) => void,
): void {
  const { deviceId } = seat.connection;
  const may = packet.topic === enrolTopic(deviceId, 'ask') && packet.qos < 2 && !packet.retain && packet.payload.length <= MAX_ASK && !seat.asked;
  if (!may || newcomer === undefined) {
    refused('', 'enrol-topic');
    return done(new Error('enrol-topic'));
  }
  seat.asked = true;
  const settle = (): void => void setImmediate(done, null);
  newcomer(deviceId, bytesOf(packet.payload)).then((answer) => {
    if (answer !== undefined && !client.closed)
      client.publish({ cmd: 'publish', topic: enrolTopic(deviceId, 'given'), payload: answer, qos: 1, retain: false, dup: false }, () => undefined);
    settle();
  }, settle);
}

/** The hooks aedes calls. A promise returned to it is ignored; every callback below is called on every path. */
function hooks(options: BrokerOptions, seats: WeakMap<Client, Seat>, admit: (stream: Duplex) => void): AedesOptions {
  return {
    preConnect(client, packet, done) {
      const login = isNewcomer(packet.clientId) && options.newcomer !== undefined ? NEWCOMER : options.login(packet.clientId);
      const connection = connectionOf(client, { deviceId: packet.clientId, site: login?.site ?? '' });
      seats.set(client, { connection, login, refusal: connectRefusal(packet, login), refusedFilters: 0, asked: false });
      done(null, true);
    },

    authenticate(client, username, password, done) {
      const seat = seats.get(client);
      const refusal = seat === undefined ? UNSEATED : refusalOf(seat, { username, password });
      // A newcomer stays a stranger to the guard: few bytes, five seconds, and the oldest goes when there are many.
      if (refusal === undefined && seat?.login?.password === undefined) return done(null, true);
      if (seat !== undefined && refusal === undefined) {
        admit(client.conn);
        // Before aedes closes a connection this one replaces, so that its end is known to mean nothing.
        options.joined(seat.connection);
        client.conn.once('close', () => options.left(seat.connection));
        return done(null, true);
      }
      const deviceId = seat?.login === undefined ? '' : client.id;
      const { why, code } = refusal ?? UNSEATED;
      options.refused(deviceId, why);
      // Only failures are slowed: shutting out the right password would let a stranger lock a door out.
      if (!options.failures.allow(deviceId)) client.conn.destroy();
      done(Object.assign(new Error(why), { returnCode: code }), false);
    },

    authorizePublish(client, packet, done) {
      const seat = client === null ? undefined : seats.get(client);
      if (client === null || seat?.login === undefined) return done(new Error('not logged in'));
      if (seat.login.password === undefined) return answerNewcomer(options, { client, seat }, packet, done);
      const asked = publishable(seat.connection, packet);
      if ('why' in asked) {
        options.refused(seat.connection.deviceId, asked.why);
        return done(new Error(asked.why));
      }
      // Nobody may subscribe to upward topics here, so a kept copy would only be memory.
      packet.retain = false;
      // Through the event loop, so that aedes' stack stays flat under bursts (mqtt.md 2.3).
      const settle = (): void => void setImmediate(done, null);
      options.message(seat.connection, asked.tail, bytesOf(packet.payload)).then(settle, settle);
    },

    authorizeSubscribe(client, subscription, done) {
      const seat = seats.get(client);
      if (seat === undefined) return done(new Error('not logged in'));
      if (isHeardBy(seat, subscription.topic)) return done(null, subscription);
      options.refused(seat.connection.deviceId, 'filter');
      seat.refusedFilters += 1;
      if (seat.refusedFilters > MAX_REFUSED_FILTERS) return done(new Error('too many filters'));
      done(null, null);
    },

    authorizeForward(client, packet) {
      const seat = seats.get(client);
      return seat !== undefined && isHeardBy(seat, packet.topic) ? packet : null;
    },
  };
}

/** Opens the broker on a plain port, which is to be loopback: plain MQTT is never offered to a network (design.md 6.1). Rejects when the port cannot be opened. */
export async function openBroker(options: BrokerOptions): Promise<Broker> {
  const seats = new WeakMap<Client, Seat>();
  const admissions = new WeakMap<Duplex, () => void>();
  const aedes = await Aedes.createBroker({ ...SETTINGS, ...SWITCHLESS, ...hooks(options, seats, (stream) => admissions.get(stream)?.()) });
  aedes.on('ping', (_packet, client) => {
    const seat = seats.get(client);
    if (seat !== undefined) options.heard(seat.connection);
  });
  aedes.on('keepaliveTimeout', (client) => options.refused(client.id, 'keepalive-timeout'));
  aedes.on('connectionError', (_client, error) => options.refused('', error.message === 'connect did not arrive in time' ? 'login-timeout' : 'malformed-packet'));
  // Its sweep of old wills asks with no client and is refused; an 'error' nobody hears would end the process.
  const emitter: EventEmitter = aedes;
  emitter.on('error', () => undefined);
  const guards: Guard[] = [];
  async function listen({ host, port, context }: Omit<SecurePort, 'context'> & Partial<SecurePort>): Promise<number> {
    const guard = await openGuard({
      host,
      port,
      limits: { ...GUARD_LIMITS, ...options.limits },
      secure: context,
      accepted: ({ stream, admit }) => {
        admissions.set(stream, admit);
        aedes.handle(stream);
      },
      dropped: (why) => options.refused('', why),
    });
    guards.push(guard);
    return guard.port;
  }
  return {
    port: await listen(options),
    listen,
    halfOpen: () => guards.reduce((sum, guard) => sum + guard.halfOpen(), 0),
    close: async () => {
      await new Promise<void>((resolve) => aedes.close(resolve));
      await Promise.all(guards.map((guard) => guard.close()));
    },
  };
}
