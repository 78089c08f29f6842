/** MQTT 3.1.1 packets written out by hand: what a controller says and hears, with nothing kept for a connection but the bytes of a packet that is not whole yet. */
export const PACKET = { connect: 1, connack: 2, publish: 3, puback: 4, subscribe: 8, suback: 9, pingreq: 12 } as const;

/** A PUBLISH taken apart. `id` 0: it came at QoS 0 and wants no PUBACK. */
export interface PublishPacket {
  readonly topic: string;
  readonly id: number;
  readonly payload: Buffer;
}

/** What a CONNECT says; clean session always. The will goes at QoS 1, retained. */
export interface ConnectPacket {
  readonly clientId: string;
  readonly username: string;
  readonly password: string;
  /** Seconds. */
  readonly keepalive: number;
  readonly will?: { readonly topic: string; readonly payload: Uint8Array } | undefined;
}

const LEVEL_311 = 4;
const FLAGS = { nameAndPassword: 0xc0, will: 0x2c, clean: 0x02 } as const;
const u16 = (value: number): Buffer => Buffer.of((value >> 8) & 255, value & 255);
const bytes = (value: Uint8Array): Buffer => Buffer.concat([u16(value.length), value]);
const text = (value: string): Buffer => bytes(Buffer.from(value));

/** One packet: its first byte, the length, the body. */
export function packet(first: number, ...parts: readonly Uint8Array[]): Buffer {
  const length: number[] = [];
  for (let left = parts.reduce((sum, part) => sum + part.length, 0); ; left >>= 7) {
    length.push(left > 127 ? (left & 127) | 128 : left);
    if (left < 128) break;
  }
  return Buffer.concat([Buffer.of(first, ...length), ...parts]);
}

/** CONNECT (3.1). */
export function connectPacket({ clientId, username, password, keepalive, will }: ConnectPacket): Buffer {
  const flags = FLAGS.nameAndPassword | FLAGS.clean | (will === undefined ? 0 : FLAGS.will);
  const parts = will === undefined ? [] : [text(will.topic), bytes(will.payload)];
  return packet(PACKET.connect << 4, text('MQTT'), Buffer.of(LEVEL_311, flags), u16(keepalive), text(clientId), ...parts, text(username), text(password));
}

/** SUBSCRIBE at QoS 1 (3.8), as packet 1: a controller subscribes once on a connection. */
export const subscribePacket = (filters: readonly string[]): Buffer => packet((PACKET.subscribe << 4) | 2, u16(1), ...filters.flatMap((filter) => [text(filter), Buffer.of(1)]));

/** PUBLISH at QoS 1 (3.3). `id`: 1 to 65535. */
export const publishPacket = (topic: string, payload: Uint8Array, { id, retain }: { readonly id: number; readonly retain: boolean }): Buffer =>
  packet((PACKET.publish << 4) | 2 | (retain ? 1 : 0), text(topic), u16(id), payload);

/** PUBACK of a packet (3.4). */
export const pubackPacket = (id: number): Buffer => packet(PACKET.puback << 4, u16(id));

/** PINGREQ (3.12). */
export const PING: Buffer = packet(PACKET.pingreq << 4);

/** Topic, packet id and payload of a PUBLISH. `first`: its first byte. RangeError when it is cut short. */
export function readPublish(first: number, body: Buffer): PublishPacket {
  const end = 2 + body.readUInt16BE(0);
  const named = (first & 6) !== 0;
  return { topic: body.toString('utf8', 2, end), id: named ? body.readUInt16BE(end) : 0, payload: body.subarray(named ? end + 2 : end) };
}

/** Calls `on` for each whole packet in a stream of bytes: its first byte, and its body. */
export function framed(on: (first: number, body: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer | undefined;
  return (chunk) => {
    let left = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    rest = undefined;
    while (left.length > 0) {
      let [at, length, shift] = [1, 0, 0];
      while (at < left.length && (left[at] ?? 0) > 127) {
        length |= ((left[at] ?? 0) & 127) << shift;
        [at, shift] = [at + 1, shift + 7];
      }
      const end = at + 1 + (length | ((left[at] ?? 0) << shift));
      if (at >= left.length || left.length < end) {
        // A copy: the chunk it is part of would stay in memory with it.
        rest = Buffer.from(left);
        return;
      }
      on(left[0] ?? 0, left.subarray(at + 1, end));
      left = left.subarray(end);
    }
  };
}
