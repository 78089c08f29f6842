import type { Talk } from '../../firmware-sim/osdp/peripheral.ts';
import { hear, newTalk } from '../../firmware-sim/osdp/peripheral.ts';
import type { Peripheral } from '../../firmware-sim/osdp/peripheral-model.ts';
import { FrameReader } from '../../gateway/wire/osdp/frame.ts';

/** A character has ten bits; before each frame the line is silent for two, and one mark is driven (osdp.md 2.1). */
const BITS = 10;
export const IDLE_CHARACTERS = 2;
const MARK_CHARACTERS = 1;
const POLL = 0x60;
/** Where the code of a secured frame without its mark stands. */
const CODE_AT = 7;

/** What went over a line since it was last asked. */
export interface Traffic {
  /** Time the bytes themselves took, with the silence before each frame, ms. */
  wireMs: number;
  polls: number;
  exchanges: number;
}

interface OnLine {
  readonly at: number;
  readonly bytes: Buffer;
  readonly toDevices: boolean;
}

/**
 * A half-duplex line with its devices, at its speed: a frame is there when its last character is. Devices think for no
 * time at all. Pure: the caller says when bytes came, and asks what is due.
 */
export class PacedLine {
  readonly devices: readonly { readonly peripheral: Peripheral; readonly talk: Talk }[];
  /** Since `takeTraffic`. */
  #traffic: Traffic = { wireMs: 0, polls: 0, exchanges: 0 };
  readonly #character: number;
  readonly #back: (bytes: Buffer) => void;
  readonly #reader = new FrameReader();
  readonly #onLine: OnLine[] = [];
  #startedAt: number | undefined;
  #freeAt = Number.NEGATIVE_INFINITY;

  /** `back`: the last character of a reply has come to the panel. */
  constructor(baud: number, devices: readonly Peripheral[], back: (bytes: Buffer) => void) {
    this.#character = (BITS * 1000) / baud;
    this.devices = devices.map((peripheral) => ({ peripheral, talk: newTalk() }));
    this.#back = back;
  }

  /** Bytes the panel wrote, at this moment (ms). */
  heard(bytes: Uint8Array, now: number): void {
    const startedAt = this.#startedAt ?? now;
    this.#startedAt = startedAt;
    for (const heard of this.#reader.push(bytes)) {
      if (heard.t !== 'frame') throw new Error('the panel wrote no frame');
      const frame = Buffer.from(heard.frame.bytes);
      this.#traffic.exchanges += 1;
      if (frame[CODE_AT] === POLL) this.#traffic.polls += 1;
      this.#put(frame, startedAt, true);
      this.#startedAt = undefined;
    }
  }

  /** When something comes to its end next, ms; Infinity: nothing is on the line. */
  get dueAt(): number {
    return this.#onLine[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** What has come to its end by now; by how much too late each was, ms, goes to `late`. */
  run(now: number, late: (ms: number) => void): void {
    for (let [first] = this.#onLine; first !== undefined && first.at <= now; [first] = this.#onLine) {
      this.#onLine.shift();
      if (first.toDevices) this.#told(first.bytes, first.at);
      else {
        late(now - first.at);
        this.#back(first.bytes);
      }
    }
  }

  takeTraffic(): Traffic {
    const taken = this.#traffic;
    this.#traffic = { wireMs: 0, polls: 0, exchanges: 0 };
    return taken;
  }

  #put(bytes: Buffer, from: number, toDevices: boolean): void {
    const idle = IDLE_CHARACTERS * this.#character;
    const length = (bytes.length + (toDevices ? MARK_CHARACTERS : 0)) * this.#character;
    this.#freeAt = Math.max(from, this.#freeAt + idle) + length;
    this.#traffic.wireMs += idle + length;
    this.#onLine.push({ at: this.#freeAt, bytes, toDevices });
  }

  #told(frame: Buffer, at: number): void {
    const address = frame[1];
    const device = this.devices.find(({ peripheral }) => peripheral.address === address);
    for (const reply of device === undefined ? [] : hear(device.peripheral, device.talk, frame, at)) this.#put(reply, at, false);
  }
}
