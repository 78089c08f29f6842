import { createCipheriv, createDecipheriv, timingSafeEqual } from 'node:crypto';
import { BLOCK, coveredBy, encodeFrame, type Frame, type FrameFields, isSecured } from './frame.ts';

const BLOCK_BYTES = 16;
const ZEROS = Buffer.alloc(BLOCK_BYTES);
const PAD = 0x80;
/** Bytes of the panel's random number that go into the keys (osdp.md 2.8). */
const SEED_BYTES = 6;

/** The keys of one session (osdp.md 2.8). */
export interface SessionKeys {
  readonly enc: Uint8Array;
  readonly mac1: Uint8Array;
  readonly mac2: Uint8Array;
}

function cbc(key: Uint8Array, iv: Uint8Array, bytes: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-128-cbc', key, iv).setAutoPadding(false);
  return Buffer.concat([cipher.update(bytes), cipher.final()]);
}

function ecb(key: Uint8Array, bytes: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(bytes), cipher.final()]);
}

/** 80, then zeros up to whole blocks; at least the 80. */
const padded = (bytes: Uint8Array): Buffer => Buffer.concat([bytes, Buffer.from([PAD]), Buffer.alloc(BLOCK_BYTES - 1 - (bytes.length % BLOCK_BYTES))]);
const inverted = (bytes: Uint8Array): Buffer => Buffer.from(bytes.map((byte) => ~byte));

/** Keys of a session from the device's key and the panel's eight random bytes (osdp.md 2.8, step 2). */
export function deriveKeys(key: Uint8Array, random: Uint8Array): SessionKeys {
  const one = (first: number, second: number): Buffer => {
    const block = Buffer.alloc(BLOCK_BYTES);
    block[0] = first;
    block[1] = second;
    block.set(random.subarray(0, SEED_BYTES), 2);
    return ecb(key, block);
  };
  return { enc: one(0x01, 0x82), mac1: one(0x01, 0x01), mac2: one(0x01, 0x02) };
}

/** What a device proves with that it knows the key (osdp.md 2.8, step 3). */
export const deviceCryptogram = (keys: SessionKeys, panel: Uint8Array, device: Uint8Array): Buffer => ecb(keys.enc, Buffer.concat([panel, device]));
/** What the panel proves with that it knows it too (step 4). */
export const panelCryptogram = (keys: SessionKeys, panel: Uint8Array, device: Uint8Array): Buffer => ecb(keys.enc, Buffer.concat([device, panel]));
/** The code from which the chain of a session starts (step 5). */
export const firstMac = (keys: SessionKeys, cryptogram: Uint8Array): Buffer => ecb(keys.mac2, ecb(keys.mac1, cryptogram));

/** Are these the same bytes? Takes as long whichever differ. */
export const sameBytes = (one: Uint8Array, other: Uint8Array): boolean => one.length === other.length && timingSafeEqual(one, other);

/** The authentication code of `bytes`, 16 bytes (osdp.md 2.8): all blocks but the last under the first key, the last under the second. */
export function macOf({ mac1, mac2 }: SessionKeys, iv: Uint8Array, bytes: Uint8Array): Buffer {
  const whole = bytes.length % BLOCK_BYTES === 0 && bytes.length > 0 ? bytes : padded(bytes);
  const last = whole.length - BLOCK_BYTES;
  const chained = last === 0 ? iv : cbc(mac1, iv, whole.subarray(0, last)).subarray(last - BLOCK_BYTES);
  return cbc(mac2, chained, whole.subarray(last));
}

/** Encrypts data; `mac`: the last code of the other direction. */
export const encrypt = ({ enc }: SessionKeys, mac: Uint8Array, data: Uint8Array): Buffer => cbc(enc, inverted(mac), padded(data));

/** Decrypts data, or undefined when the padding is none. */
export function decrypt({ enc }: SessionKeys, mac: Uint8Array, data: Uint8Array): Uint8Array | undefined {
  if (data.length % BLOCK_BYTES !== 0) return undefined;
  const decipher = createDecipheriv('aes-128-cbc', enc, inverted(mac)).setAutoPadding(false);
  const plain = Buffer.concat([decipher.update(data), decipher.final()]);
  const end = plain.lastIndexOf(PAD);
  const isPad = end >= plain.length - BLOCK_BYTES && plain.subarray(end + 1).every((byte) => byte === 0);
  return end >= 0 && isPad ? plain.subarray(0, end) : undefined;
}

/** What was under a code: its data, and whether they were encrypted. */
export interface OpenedFrame {
  readonly data: Uint8Array;
  readonly encrypted: boolean;
}

/**
 * The secured frames of one session, of either end (osdp.md 2.8). Each code is chained to the last one of the other
 * direction, so frames must be opened in the order they were sealed, each once: a repeat is answered with the bytes sent before.
 */
export class SecureSession {
  readonly #keys: SessionKeys;
  /** Last full code of the panel, and of the device. */
  #command: Uint8Array = ZEROS;
  #reply: Uint8Array;
  #broken = false;

  constructor(keys: SessionKeys, first: Uint8Array) {
    this.#keys = keys;
    this.#reply = first;
  }

  /** The bytes of a secured frame, always with a CRC. Data are encrypted whenever there are any. */
  seal({ address, reply, sequence, code, data }: Omit<FrameFields, 'crc' | 'block'>): Buffer {
    const other = reply ? this.#command : this.#reply;
    const [empty, full] = reply ? [BLOCK.reply, BLOCK.replyData] : [BLOCK.command, BLOCK.commandData];
    const isEmpty = data.length === 0;
    const block = { type: isEmpty ? empty : full, data: new Uint8Array() };
    const sealed = isEmpty ? data : encrypt(this.#keys, other, data);
    return encodeFrame({ address, reply, sequence, crc: true, block, code, data: sealed }, (covered) => this.#advance(reply, covered));
  }

  /** What is in a secured frame; undefined: it is not, or its code or padding is wrong, and the session is over. */
  open(frame: Frame): OpenedFrame | undefined {
    const { block, reply, data } = frame;
    if (this.#broken || block === undefined || !isSecured(block)) return undefined;
    const other = reply ? this.#command : this.#reply;
    const mac = macOf(this.#keys, other, coveredBy(frame));
    const encrypted = block.type >= BLOCK.commandData && data.length > 0;
    const plain = sameBytes(mac.subarray(0, frame.mac.length), frame.mac) ? (encrypted ? decrypt(this.#keys, other, data) : data) : undefined;
    this.#broken = plain === undefined;
    if (plain === undefined) return undefined;
    if (reply) this.#reply = mac;
    else this.#command = mac;
    return { data: plain, encrypted };
  }

  #advance(reply: boolean, covered: Uint8Array): Uint8Array {
    const mac = macOf(this.#keys, reply ? this.#command : this.#reply, covered);
    if (reply) this.#reply = mac;
    else this.#command = mac;
    return mac;
  }
}
