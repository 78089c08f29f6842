/** Why bytes were refused before any parser saw them. */
export type Excess = 'oversize' | 'length' | 'not-connect' | 'type' | 'early';

/** Sizes a stream must keep to, in bytes. */
export interface MeterLimits {
  /** One packet, header included, before login. */
  readonly connect: number;
  /** All bytes before login. */
  readonly early: number;
  /** One packet, header included, after login. */
  readonly packet: number;
}

/** Counts MQTT packets by their announced length. Keeps no bytes. */
export interface PacketMeter {
  /** What is wrong with this chunk, or undefined. Feed every byte once, in order. */
  feed(chunk: Uint8Array): Excess | undefined;
  /** Login succeeded: the limit for packets is the larger one from now on. */
  admit(): void;
}

const CONNECT = 0x10;

/**
 * A meter for one connection (MQTT 3.1.1, 2.2): reads each fixed header, and judges a packet by the length it
 * announces, before anybody buffers for it. Without this aedes 1.2 holds 200 MB for a client that never logs in.
 */
export function createMeter(limits: MeterLimits): PacketMeter {
  let admitted = false;
  let total = 0;
  let first = true;
  /** Header bytes read: 0 before the type byte, then 1 + length bytes; -1 inside the body. */
  let header = 0;
  let announced = 0;
  let left = 0;

  function typeByte(byte: number): Excess | undefined {
    if (first && byte !== CONNECT) return 'not-connect';
    const type = byte >> 4;
    if (type === 0 || type === 15 || (!first && byte === CONNECT)) return 'type';
    first = false;
    header = 1;
    announced = 0;
    return undefined;
  }

  function lengthByte(byte: number): Excess | undefined {
    announced += (byte & 0x7f) * 128 ** (header - 1);
    header += 1;
    if ((byte & 0x80) !== 0) return header > 4 ? 'length' : undefined;
    if (announced + header > (admitted ? limits.packet : limits.connect)) return 'oversize';
    left = announced;
    header = left === 0 ? 0 : -1;
    return undefined;
  }

  function feed(chunk: Uint8Array): Excess | undefined {
    if (!admitted) total += chunk.length;
    for (let at = 0; at < chunk.length; ) {
      if (header === -1) {
        const step = Math.min(left, chunk.length - at);
        left -= step;
        at += step;
        if (left === 0) header = 0;
        continue;
      }
      const byte = chunk[at] ?? 0;
      at += 1;
      const excess = header === 0 ? typeByte(byte) : lengthByte(byte);
      if (excess !== undefined) return excess;
    }
    return !admitted && total > limits.early ? 'early' : undefined;
  }

  return {
    feed,
    admit: () => {
      admitted = true;
    },
  };
}
