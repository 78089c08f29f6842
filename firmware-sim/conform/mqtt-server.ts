import { createServer as createPlain, type Server, type Socket } from 'node:net';
import { createServer as createTls } from 'node:tls';
import { framed, PACKET, packet, pubackPacket, publishPacket, readPublish } from '../mqtt-packets.ts';
import type { ThrowAway } from './certificate.ts';
import { type Connect, readConnect, readFilters } from './mqtt-reading.ts';

/** A PUBLISH as it came. */
export interface Published {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: number;
  readonly retain: boolean;
}

/** One connection of the device, after its CONNECT was taken. */
export interface Peer {
  readonly connect: Connect;
  /** Sends at QoS 1. */
  publish(topic: string, payload: Uint8Array): void;
  /** Breaks the connection as a cut cable would. */
  drop(): void;
}

/** What the server is told, as it happens. */
export interface ServerEvents {
  /** Answers with the return code of CONNACK; 0 lets it in. */
  login(said: Connect): number;
  joined(peer: Peer): void;
  subscribed(peer: Peer, filters: readonly string[]): void;
  published(peer: Peer, packet: Published): void;
  /** Any whole packet. */
  heard(peer: Peer): void;
  left(peer: Peer): void;
  /** A connection that ended before it said anything. */
  silent(): void;
}

/** A listening server. `show`: the next connection sees this certificate. */
export interface JudgeServer {
  readonly port: number;
  show(certificate: ThrowAway): void;
  close(): void;
}

const SUBACK_REFUSED = 0x80;
const LONGEST = 65_535;

function send(socket: Socket, bytes: Buffer): void {
  if (socket.writable) socket.write(bytes);
}

function peerOf(socket: Socket, connect: Connect): Peer {
  let id = 0;
  return {
    connect,
    publish(topic, payload) {
      id = (id % LONGEST) + 1;
      send(socket, publishPacket(topic, payload, { id, retain: false }));
    },
    drop: () => socket.destroy(),
  };
}

function publishCame(socket: Socket, first: number, body: Buffer): Published {
  const { topic, id, payload } = readPublish(first, body);
  const qos = (first >> 1) & 3;
  // The broker has it: that alone, and at once, is what a PUBACK says.
  if (qos === 1) send(socket, pubackPacket(id));
  return { topic, payload: Buffer.from(payload), qos, retain: (first & 1) === 1 };
}

/** Answers one connection. Packets that are none end it. */
function serve(socket: Socket, on: ServerEvents): void {
  let peer: Peer | undefined;
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('close', () => (peer === undefined ? on.silent() : on.left(peer)));
  const take = (first: number, body: Buffer): void => {
    const kind = first >> 4;
    if (peer === undefined) {
      if (kind !== PACKET.connect) return void socket.destroy();
      const said = readConnect(body);
      const code = on.login(said);
      send(socket, packet(PACKET.connack << 4, Buffer.of(0, code)));
      if (code !== 0) return void socket.end();
      peer = peerOf(socket, said);
      return on.joined(peer);
    }
    on.heard(peer);
    if (kind === PACKET.publish) on.published(peer, publishCame(socket, first, body));
    else if (kind === PACKET.subscribe) {
      const filters = readFilters(body);
      send(socket, packet(PACKET.suback << 4, body.subarray(0, 2), Buffer.from(filters.map((filter) => (/[+#]/.test(filter) ? SUBACK_REFUSED : 1)))));
      on.subscribed(peer, filters);
    } else if (kind === PACKET.pingreq) send(socket, packet((PACKET.pingreq + 1) << 4));
  };
  const bytes = framed(take);
  socket.on('data', (chunk: Buffer) => {
    try {
      bytes(chunk);
    } catch {
      socket.destroy();
    }
  });
}

/** Listens. Without `tls` plainly, on loopback alone. Rejects what the system says. */
export function openServer({ port, tls }: { readonly port: number; readonly tls: ThrowAway | undefined }, on: ServerEvents): Promise<JudgeServer> {
  const open = new Set<Socket>();
  const take = (socket: Socket): void => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    serve(socket, on);
  };
  const secure = tls === undefined ? undefined : createTls({ minVersion: 'TLSv1.3', cert: tls.cert, key: tls.key }, take);
  const server: Server = secure ?? createPlain(take);
  secure?.on('tlsClientError', () => on.silent());
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, tls === undefined ? '127.0.0.1' : undefined, () => {
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : port,
        show: ({ cert, key }) => void secure?.setSecureContext({ minVersion: 'TLSv1.3', cert, key }),
        close() {
          server.close();
          for (const socket of open) socket.destroy();
        },
      });
    });
  });
}
