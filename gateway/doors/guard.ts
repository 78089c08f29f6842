import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type SecureContext, TLSSocket } from 'node:tls';
import { createMeter, type Excess, type MeterLimits } from './packet-meter.ts';

/** What one listening port allows. */
export interface GuardLimits extends MeterLimits {
  /** Connections that have not logged in, all together. */
  readonly halfOpen: number;
  /** From accept to the end of the TLS handshake; from there, or on a plain port from accept, to login. ms. */
  readonly handshakeMs: number;
  readonly loginMs: number;
  readonly connections: number;
}

/**
 * Limits of design.md 6.1: 2 KiB before login, 16 KiB after, 5 s to log in. So many strangers, and so long a handshake, as
 * a district that comes back at one moment has on its way: with 2,000 of them and 5 s for all, 5,000 controllers with TLS
 * put one another out in the middle of their handshakes, and each of these is made again.
 */
export const GUARD_LIMITS: GuardLimits = { connect: 2048, early: 8192, packet: 16_384, halfOpen: 5000, handshakeMs: 10_000, loginMs: 5000, connections: 20_000 };

/** Why the guard closed a connection. */
export type Dropped = Excess | 'half-open' | 'login-timeout' | 'accept-failed';

/** A connection as the broker sees it: every byte has passed the meter. */
export interface GuardedStream {
  readonly stream: Duplex;
  /** Address of the other end; '' when it is gone already. */
  readonly from: string;
  /** Call at login: lifts the limits for strangers. */
  admit(): void;
}

/** What the guard calls, and how it may be told to be stricter. */
export interface GuardOptions {
  readonly host: string;
  readonly port: number;
  readonly limits: GuardLimits;
  /** TLS on this port, with the certificate of the moment; absent: plain. */
  readonly secure?: (() => SecureContext) | undefined;
  readonly accepted: (guarded: GuardedStream) => void;
  readonly dropped: (why: Dropped) => void;
}

/** A listening port behind the guard. */
export interface Guard {
  readonly port: number;
  /** Connections that have not logged in. */
  halfOpen(): number;
  close(): Promise<void>;
}

/** What was written before a connection is closed (a CONNACK that says why) has this long to leave, ms. */
const LAST_WORDS_MS = 1000;

/**
 * What is read of a connection passes `check` first, which returns false to end it. In place: a stream around each of
 * thousands of sockets takes a tenth of the time they need to come back, and kilobytes of each. Returns what cuts it at once.
 */
function metered(line: Socket, check: (chunk: Buffer) => boolean): () => void {
  const [read, cut] = [line.read.bind(line), line.destroy.bind(line)];
  let ending = false;
  line.read = (size) => {
    const chunk: Buffer | null = read(size);
    return chunk === null || check(chunk) ? chunk : null;
  };
  line.destroy = (error) => {
    // `destroySoon` comes here again, once all is written.
    if (error || ending || line.destroyed) return cut(error);
    ending = true;
    const late = setTimeout(cut, LAST_WORDS_MS);
    line.once('close', () => clearTimeout(late));
    line.destroySoon();
    return line;
  };
  line.on('error', () => cut());
  return cut;
}

/** Strangers in order of arrival. Beyond the cap the oldest goes: a device logs in within milliseconds, a flood never does. */
class Strangers {
  readonly #waiting = new Map<Socket, NodeJS.Timeout>();
  readonly #limits: GuardLimits;
  readonly #drop: (socket: Socket, why: Dropped) => void;

  constructor(limits: GuardLimits, drop: (socket: Socket, why: Dropped) => void) {
    this.#limits = limits;
    this.#drop = drop;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(socket: Socket, secure: boolean): void {
    const [oldest] = this.#waiting.keys();
    if (oldest !== undefined && this.#waiting.size >= this.#limits.halfOpen) this.#drop(oldest, 'half-open');
    this.#wait(socket, secure ? this.#limits.handshakeMs : this.#limits.loginMs);
    socket.once('close', () => this.remove(socket));
  }

  /** Its handshake is done. */
  shook(socket: Socket): void {
    if (!this.#waiting.has(socket)) return;
    clearTimeout(this.#waiting.get(socket));
    this.#wait(socket, this.#limits.loginMs);
  }

  #wait(socket: Socket, ms: number): void {
    this.#waiting.set(
      socket,
      setTimeout(() => this.#drop(socket, 'login-timeout'), ms),
    );
  }

  remove(socket: Socket): void {
    clearTimeout(this.#waiting.get(socket));
    this.#waiting.delete(socket);
  }
}

const listening = (server: Server, host: string, port: number): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 4096 }, () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('no TCP address'));
      else resolve(address);
    });
  });

/** Listens, and hands each connection on behind a meter. Rejects when the port cannot be opened. */
export async function openGuard(options: GuardOptions): Promise<Guard> {
  const { limits } = options;
  /** Open sockets, and what cuts each. */
  const sockets = new Map<Socket, () => void>();
  const drop = (socket: Socket, why: Dropped): void => {
    strangers.remove(socket);
    sockets.get(socket)?.();
    options.dropped(why);
  };
  const strangers = new Strangers(limits, drop);

  const { secure } = options;
  const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
    const meter = createMeter(limits);
    socket.once('close', () => sockets.delete(socket));
    // The handshake is part of the time a stranger has. Its errors end the stream and say nothing: scanners cause them all day.
    const line = secure === undefined ? socket : new TLSSocket(socket, { isServer: true, secureContext: secure() });
    const cut = metered(line, (chunk) => {
      const excess = meter.feed(chunk);
      if (excess !== undefined) drop(socket, excess);
      return excess === undefined;
    });
    if (line !== socket) socket.on('error', cut);
    if (line !== socket) line.once('secure', () => strangers.shook(socket));
    sockets.set(socket, line === socket ? cut : () => void socket.destroy());
    strangers.add(socket, line !== socket);
    options.accepted({
      stream: line,
      from: socket.remoteAddress ?? '',
      admit: () => {
        meter.admit();
        strangers.remove(socket);
      },
    });
  });
  server.maxConnections = limits.connections;
  const { port } = await listening(server, options.host, options.port);
  // Out of descriptors: one connection is lost, the port stays open.
  server.on('error', () => options.dropped('accept-failed'));

  return {
    port,
    halfOpen: () => strangers.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const cut of sockets.values()) cut();
      }),
  };
}
