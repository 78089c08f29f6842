import { checksum, crc16 } from './crc.ts';

/** First byte of every frame (osdp.md 2.2). */
const SOM = 0x53;
/** What is driven on the line before a frame; no part of it, its length or its check. */
export const MARK = 0xff;
/** Address all devices listen to: only on a line with a single one. */
export const BROADCAST = 0x7f;
/** No frame is longer, bytes. */
export const FRAME_MAX = 1440;
/** Start, address, length, control; shortest frame with a checksum, and with a CRC. */
const HEAD_BYTES = 5;
const SHORTEST = 7;
const SHORTEST_CRC = 8;
const MAC_BYTES = 4;
const REPLY_BIT = 0x80;
const CONTROL = { sequence: 0x03, crc: 0x04, block: 0x08, reserved: 0xf0 } as const;

/** Types of the security block (osdp.md 2.8): the handshake's four, then secured frames without and with data, of the panel and of the device. */
export const BLOCK = { chlng: 0x11, ccrypt: 0x12, scrypt: 0x13, rmac: 0x14, command: 0x15, reply: 0x16, commandData: 0x17, replyData: 0x18 } as const;

/** What a security block says: its type, and the bytes after it. */
export interface Block {
  readonly type: number;
  readonly data: Uint8Array;
}

/** What a frame is made of. `reply`: from a device. `sequence`: 0 to 3. */
export interface FrameFields {
  readonly address: number;
  readonly reply: boolean;
  readonly sequence: number;
  /** False: the older checksum of one byte. */
  readonly crc: boolean;
  readonly block?: Block | undefined;
  readonly code: number;
  readonly data: Uint8Array;
}

/** A frame whose check is right. */
export interface Frame extends FrameFields {
  /** The four bytes that travel of a message authentication code; empty in a frame that is not secured. */
  readonly mac: Uint8Array;
  /** The whole frame, from its start to its check. */
  readonly bytes: Uint8Array;
}

/** Is this the type of a frame that carries a message authentication code? */
export const isSecured = (block: Block | undefined): boolean => block !== undefined && block.type >= BLOCK.command && block.type <= BLOCK.replyData;

/** Bytes a message authentication code is made over: all before it. */
export const coveredBy = (frame: Frame): Uint8Array => frame.bytes.subarray(0, frame.bytes.length - (frame.crc ? 2 : 1) - frame.mac.length);

/**
 * The bytes of a frame, without the mark. `mac` makes the code of a secured frame from the bytes it covers; its first
 * four bytes are sent. RangeError for an address beyond 0x7F, a sequence beyond 3, or a frame longer than any may be.
 */
export function encodeFrame(fields: FrameFields, mac?: (covered: Uint8Array) => Uint8Array): Buffer {
  const { address, reply, sequence, crc, block, code, data } = fields;
  if (address < 0 || address > BROADCAST) throw new RangeError(`address: expected 0 to ${BROADCAST}, got ${address}`);
  if (sequence < 0 || sequence > CONTROL.sequence) throw new RangeError(`sequence: expected 0 to ${CONTROL.sequence}, got ${sequence}`);
  const blockBytes = block === undefined ? [] : [2 + block.data.length, block.type, ...block.data];
  const length = HEAD_BYTES + blockBytes.length + 1 + data.length + (mac === undefined ? 0 : MAC_BYTES) + (crc ? 2 : 1);
  if (length > FRAME_MAX) throw new RangeError(`length: expected at most ${FRAME_MAX} bytes, got ${length}`);
  const control = sequence | (crc ? CONTROL.crc : 0) | (block === undefined ? 0 : CONTROL.block);
  const head = [SOM, address | (reply ? REPLY_BIT : 0), length & 0xff, length >> 8, control];
  const covered = Buffer.concat([Buffer.from([...head, ...blockBytes, code]), data]);
  const checked = mac === undefined ? covered : Buffer.concat([covered, mac(covered).subarray(0, MAC_BYTES)]);
  const check = crc ? crc16(checked) : checksum(checked);
  return Buffer.concat([checked, Buffer.from(crc ? [check & 0xff, check >> 8] : [check])]);
}

/** What was heard: a frame; bytes that began like one whose check is wrong; one whose check is right and whose parts do not fit together. */
export type Heard = { readonly t: 'frame'; readonly frame: Frame } | { readonly t: 'bad-check' } | { readonly t: 'malformed'; readonly address: number };

function checks(bytes: Uint8Array, crc: boolean): boolean {
  const length = bytes.length - (crc ? 2 : 1);
  if (!crc) return bytes[length] === checksum(bytes.subarray(0, length));
  return (bytes[length] ?? 0) + ((bytes[length + 1] ?? 0) << 8) === crc16(bytes.subarray(0, length));
}

/** Takes apart what has the length it claims. */
function parse(bytes: Uint8Array): Heard {
  const [, to = 0, , , control = 0, blockLength = 0] = bytes;
  const crc = (control & CONTROL.crc) !== 0;
  if ((crc && bytes.length < SHORTEST_CRC) || !checks(bytes, crc)) return { t: 'bad-check' };
  const malformed: Heard = { t: 'malformed', address: to & ~REPLY_BIT };
  const hasBlock = (control & CONTROL.block) !== 0;
  const codeAt = HEAD_BYTES + (hasBlock ? blockLength : 0);
  const block = hasBlock ? { type: bytes[HEAD_BYTES + 1] ?? 0, data: bytes.subarray(HEAD_BYTES + 2, codeAt) } : undefined;
  const macBytes = isSecured(block) ? MAC_BYTES : 0;
  const dataEnd = bytes.length - (crc ? 2 : 1) - macBytes;
  if ((control & CONTROL.reserved) !== 0 || (hasBlock && blockLength < 2) || codeAt >= dataEnd) return malformed;
  const [reply, address, sequence] = [(to & REPLY_BIT) !== 0, to & ~REPLY_BIT, control & CONTROL.sequence];
  const [code = 0] = bytes.subarray(codeAt);
  const frame = { address, reply, sequence, crc, block, code, data: bytes.subarray(codeAt + 1, dataEnd), mac: bytes.subarray(dataEnd, dataEnd + macBytes), bytes };
  return { t: 'frame', frame };
}

/**
 * Finds frames in bytes that come in any pieces, with anything between them. Holds at most one frame that is not
 * whole. After a wrong check one byte is dropped, not all: a start byte in noise must not eat the frame after it.
 */
export class FrameReader {
  readonly #longest: number;
  #held: Buffer = Buffer.alloc(0);
  #dropped = 0;

  /** `longest`: bytes of the longest frame that is waited for. */
  constructor(longest: number = FRAME_MAX) {
    this.#longest = longest;
  }

  /** Bytes of a frame that is not whole yet. */
  get waiting(): number {
    return this.#held.length;
  }

  /** Bytes so far that belonged to no frame, marks not among them. */
  get dropped(): number {
    return this.#dropped;
  }

  /** What these bytes complete, in order. */
  push(bytes: Uint8Array): Heard[] {
    const heard: Heard[] = [];
    // In pieces, so that what is held stays small however much comes at once.
    for (let at = 0; at < bytes.length; at += this.#longest) {
      this.#held = Buffer.concat([this.#held, bytes.subarray(at, at + this.#longest)]);
      this.#scan(heard);
    }
    return heard;
  }

  /** The line has been silent (osdp.md 2.2): what claimed more bytes than came was no frame, and what it hid is looked at. */
  silence(): Heard[] {
    const heard: Heard[] = [];
    while (this.#held.length > 0) {
      this.#drop(this.#held.subarray(0, 1));
      this.#held = this.#held.subarray(1);
      this.#scan(heard);
    }
    return heard;
  }

  /** Forgets what is held. */
  clear(): void {
    this.#drop(this.#held);
    this.#held = Buffer.alloc(0);
  }

  #scan(heard: Heard[]): void {
    let [at, from] = [this.#held.indexOf(SOM), 0];
    while (at >= 0) {
      const left = this.#held.length - at;
      if (left < HEAD_BYTES) break;
      const length = this.#held.readUInt16LE(at + 2);
      const plausible = length >= SHORTEST && length <= this.#longest;
      if (plausible && left < length) break;
      const found: Heard = plausible ? parse(this.#held.subarray(at, at + length)) : { t: 'bad-check' };
      if (plausible) heard.push(found);
      if (found.t === 'frame') {
        this.#drop(this.#held.subarray(from, at));
        from = at + length;
      }
      at = this.#held.indexOf(SOM, at + (found.t === 'bad-check' ? 1 : length));
    }
    this.#drop(this.#held.subarray(from, at < 0 ? this.#held.length : at));
    this.#held = at < 0 ? Buffer.alloc(0) : this.#held.subarray(at);
  }

  #drop(bytes: Uint8Array): void {
    for (const byte of bytes) if (byte !== MARK) this.#dropped += 1;
  }
}
