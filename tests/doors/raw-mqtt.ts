import { connect, type Socket } from 'node:net';

/** A TCP connection that shows MQTT packets as they are: written out by hand, read back whole. */
export interface Raw {
  send(bytes: Uint8Array | string): void;
  /** The next packet of this type (high half of the first byte) not taken yet. Rejects after `ms`, or when the connection closes first. */
  next(type: number, ms?: number): Promise<Buffer>;
  /** Resolves when the other side has closed. Rejects after `ms`. */
  closed(ms?: number): Promise<void>;
  readonly socket: Socket;
}

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 255), bytes]);
};

/** Remaining length of MQTT 3.1.1, 2.2.3. */
export function lengthBytes(length: number): Buffer {
  const out: number[] = [];
  let left = length;
  do {
    out.push((left % 128) | (left > 127 ? 128 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return Buffer.from(out);
}

/** One packet: first byte, length, body. */
export const packet = (first: number, ...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(first), lengthBytes(body.length), body]);
};

/** What a CONNECT may say besides who it is. */
export interface ConnectSays {
  readonly id: string;
  readonly user?: string;
  readonly password: string;
  readonly clean?: boolean;
  readonly keepalive?: number;
  readonly level?: number;
  readonly will?: { readonly topic: string; readonly payload: Uint8Array; readonly qos?: number; readonly retain?: boolean };
}

/** CONNECT, MQTT 3.1.1 3.1. */
export function connectPacket({ id, user = id, password, clean = true, keepalive = 10, level = 4, will }: ConnectSays): Buffer {
  const flags = 0xc0 | (clean ? 2 : 0) | (will ? 4 | ((will.qos ?? 1) << 3) | (will.retain ? 0x20 : 0) : 0);
  const willParts = will ? [text(will.topic), Buffer.of(will.payload.length >> 8, will.payload.length & 255), will.payload] : [];
  return packet(0x10, text('MQTT'), Buffer.of(level, flags, keepalive >> 8, keepalive & 255), text(id), ...willParts, text(user), text(password));
}

/** PUBLISH, MQTT 3.1.1 3.3. */
export const publishPacket = (topic: string, payload: Uint8Array, { id = 1, qos = 1, retain = false } = {}): Buffer =>
  packet(0x30 | (qos << 1) | (retain ? 1 : 0), text(topic), qos > 0 ? Buffer.of(id >> 8, id & 255) : Buffer.alloc(0), payload);

/** SUBSCRIBE, MQTT 3.1.1 3.8. */
export const subscribePacket = (filters: readonly string[], id = 1): Buffer =>
  packet(0x82, Buffer.of(id >> 8, id & 255), ...filters.flatMap((filter) => [text(filter), Buffer.of(1)]));

/** Topic, packet id and payload of a PUBLISH at QoS 1. */
export function published(bytes: Buffer): { topic: string; id: number; payload: Buffer } {
  const body = bytes.subarray(1 + lengthSize(bytes));
  const end = 2 + body.readUInt16BE(0);
  return { topic: body.toString('utf8', 2, end), id: body.readUInt16BE(end), payload: body.subarray(end + 2) };
}

const lengthSize = (bytes: Buffer): number => {
  let at = 1;
  while ((bytes[at] ?? 0) > 127) at += 1;
  return at;
};

function takeWhole(rest: Buffer): Buffer | undefined {
  let [at, length, factor] = [1, 0, 1];
  for (;;) {
    const byte = rest[at];
    if (byte === undefined) return undefined;
    length += (byte & 127) * factor;
    factor *= 128;
    at += 1;
    if (byte < 128) break;
  }
  return rest.length < at + length ? undefined : rest.subarray(0, at + length);
}

/** Connects to a port of this machine. */
export function openRaw(port: number): Promise<Raw> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const inbox: Buffer[] = [];
  const changed = new Set<() => void>();
  let rest = Buffer.alloc(0);
  let gone = false;
  const tell = (): void => {
    for (const look of [...changed]) look();
  };
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (let whole = takeWhole(rest); whole !== undefined; whole = takeWhole(rest)) {
      inbox.push(whole);
      rest = rest.subarray(whole.length);
    }
    tell();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    gone = true;
    tell();
  });
  const until = <T>(look: () => T | undefined, what: string, ms: number): Promise<T> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const found = look();
        if (found === undefined && !(gone && what !== 'close')) return;
        clearTimeout(timer);
        changed.delete(check);
        if (found === undefined) reject(new Error(`closed before ${what}`));
        else resolve(found);
      };
      const timer = setTimeout(() => {
        changed.delete(check);
        reject(new Error(`no ${what} within ${ms} ms`));
      }, ms);
      changed.add(check);
      check();
    });
  const raw: Raw = {
    socket,
    send: (bytes) => void socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'hex') : bytes),
    next: (type, ms = 2000) =>
      until(
        () => {
          const at = inbox.findIndex((bytes) => (bytes[0] ?? 0) >> 4 === type);
          return at < 0 ? undefined : inbox.splice(at, 1)[0];
        },
        `packet of type ${type}`,
        ms,
      ),
    closed: (ms = 2000) => until(() => (gone ? true : undefined), 'close', ms).then(() => undefined),
  };
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(raw));
    socket.once('error', reject);
  });
}
