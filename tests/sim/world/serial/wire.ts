import { holdCard, type Peripheral, setInput } from '../../../../firmware-sim/osdp/peripheral-model.ts';
import { hear, newTalk, type Talk } from '../../../../firmware-sim/osdp/peripheral.ts';
import type { DoorId } from '../../../../gateway/core/ids.ts';
import type { PortEars, PortOpener } from '../../../../gateway/serial/port.ts';
import { type Frame, FrameReader } from '../../../../gateway/wire/osdp/frame.ts';
import { hostOf } from '../../engine/current.ts';
import type { Random } from '../../engine/random.ts';
import type { Host, Scheduler } from '../../engine/scheduler.ts';
import type { Trace } from '../trace.ts';

const POLL = 0x60;
/** A device thinks so long before it answers, ms. */
const DEVICE_MS = 2;
const BITS = 10_000;

/** What checkers see of serial lines. */
export interface SerialWatch {
  /** Somebody held a card to a reader that has power. */
  presented(device: SimPeripheral, hex: string): void;
  /** A reader answered a poll with a card for the first time. */
  handed(device: SimPeripheral, hex: string): void;
  /** The same session went on to its next poll: the reader forgets the card. */
  forgot(device: SimPeripheral, hex: string): void;
  /** A device told its inputs as they were at some moment before. */
  told(device: SimPeripheral, inputs: readonly number[]): void;
  /** An output was switched on for so many ms. */
  drove(device: SimPeripheral, output: number, ms: number): void;
  /** A device took another key. */
  rekeyed(device: SimPeripheral, key: Uint8Array): void;
}

/** A moment of a line at which something may be made to go wrong. */
export type Moment = 'card' | 'key';

/** How a line behaves now; faults change it. */
export interface LineMood {
  /** One frame in so many is lost, or bent, either way; 0: none. */
  lostIn: number;
  bentIn: number;
  /** Answers come so much later, ms. */
  lateMs: number;
  /** Nothing gets through. */
  cut: boolean;
  /** The adapter is out of its socket. */
  out: boolean;
}

/** A line on which all is well. */
export const calmLine = (): LineMood => ({ lostIn: 0, bentIn: 0, lateMs: 0, cut: false, out: false });

/** A reader or door unit of the world. */
export class SimPeripheral {
  readonly name: string;
  readonly line: SimLine;
  /** Row of the register. */
  readonly row: number;
  readonly peripheral: Peripheral;
  talk: Talk = newTalk();
  power = true;
  /** When its session began, ms of the world. */
  sessionAt = 0;
  /** The card it gave away last, until the next poll. */
  held: string | undefined;

  constructor(line: SimLine, row: number, peripheral: Peripheral) {
    this.name = `${line.name}/${peripheral.address}`;
    this.line = line;
    this.row = row;
    this.peripheral = peripheral;
  }

  /** Everything but its key goes with the power. */
  powerOff(): void {
    this.power = false;
    this.talk = newTalk();
    this.held = undefined;
    this.peripheral.outputs.fill(0);
    this.peripheral.reports.length = 0;
  }

  card(hex: string): void {
    if (!this.power) return;
    holdCard(this.peripheral, 32, hex);
    this.line.parts.watch.presented(this, hex);
  }

  input(place: number, active: boolean): void {
    if (this.power) setInput(this.peripheral, place, active);
    else this.peripheral.inputs[place] = Number(active);
  }
}

/** A door and the parts it is made of. */
export interface SimLineDoor {
  readonly id: DoorId;
  readonly reader: SimPeripheral;
  readonly unit: SimPeripheral;
  readonly output: number;
  /** Inputs of its unit. */
  readonly contact: number;
  readonly exit: number;
}

/** What a line is made of. */
export interface SimLineParts {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly trace: Trace;
  readonly watch: SerialWatch;
  /** Of the world at large: bytes on the wire belong to no machine. */
  readonly nobody: Host;
}

/** Something that is to go wrong so many frames after the next moment of a kind. */
interface Trap {
  readonly moment: Moment;
  left: number;
  sprung: boolean;
  readonly act: () => void;
}

/** A pair of wires with an adapter at one end and devices along it. */
export class SimLine {
  readonly name: string;
  readonly port: string;
  readonly baud: number;
  readonly parts: SimLineParts;
  readonly devices: SimPeripheral[] = [];
  readonly doors: SimLineDoor[] = [];
  readonly mood: LineMood = calmLine();
  /** Input of the first unit that says there is fire. */
  fireAt: { readonly unit: SimPeripheral; readonly input: number } | undefined;
  #ends: { readonly ears: PortEars; readonly host: Host } | undefined;
  #traps: Trap[] = [];

  constructor(parts: SimLineParts, { name, port, baud }: { readonly name: string; readonly port: string; readonly baud: number }) {
    this.name = name;
    this.port = port;
    this.baud = baud;
    this.parts = parts;
  }

  /** As `serialPort` opens a port: for one program alone, and gone with it. */
  readonly open: PortOpener = async (ears) => {
    if (this.mood.out) throw new Error(`${this.port}: no such port`);
    if (this.#ends?.host.alive === true) throw new Error(`${this.port}: in use`);
    const mine = { ears, host: hostOf() };
    this.#ends = mine;
    return {
      write: (bytes) => {
        if (this.#ends === mine) this.#carry(bytes, 0, (there) => this.#toDevices(there));
      },
      close: () => {
        if (this.#ends === mine) this.#ends = undefined;
      },
    };
  };

  /** The adapter is pulled out. */
  pull(): void {
    this.mood.out = true;
    const ends = this.#ends;
    this.#ends = undefined;
    if (ends !== undefined) this.parts.scheduler.after(0, ends.host, () => ends.ears.gone(`${this.port}: gone`));
  }

  /** Has something happen so many frames after the next moment of a kind. Returns what takes it back. */
  trap(moment: Moment, frames: number, act: () => void): () => void {
    const mine: Trap = { moment, left: frames, sprung: false, act };
    this.#traps.push(mine);
    return () => {
      this.#traps = this.#traps.filter((trap) => trap !== mine);
    };
  }

  forgetTraps(): void {
    this.#traps = [];
  }

  /** A moment of this kind is now. */
  moment(kind: Moment): void {
    for (const trap of this.#traps) if (trap.moment === kind) trap.sprung = true;
    this.#spring();
  }

  #spring(): void {
    const now = this.#traps.filter(({ sprung, left }) => sprung && left <= 0);
    this.#traps = this.#traps.filter((trap) => !now.includes(trap));
    // Never in the middle of what somebody is doing: whoever is killed has sent his frame.
    for (const { act } of now) this.parts.scheduler.at(this.parts.scheduler.now, this.parts.nobody, act);
  }

  /** A frame on its way: lost, bent, late, or as it is. */
  #carry(frame: Uint8Array, extraMs: number, there: (bytes: Buffer) => void): void {
    const { random, scheduler, nobody, trace } = this.parts;
    const { lostIn, bentIn, cut } = this.mood;
    const bytes = Buffer.from(frame);
    trace.line(`${scheduler.now} ${this.name} ${extraMs}`);
    trace.bytes(bytes);
    for (const trap of this.#traps) if (trap.sprung) trap.left -= 1;
    this.#spring();
    if (cut || (lostIn > 0 && random.whole(1, lostIn) === 1)) return;
    if (bentIn > 0 && random.whole(1, bentIn) === 1) bytes[random.whole(0, bytes.length - 1)] = random.whole(0, 255);
    scheduler.at(scheduler.now + DEVICE_MS + extraMs + (bytes.length * BITS) / this.baud, nobody, () => there(bytes));
  }

  /** All hear all; a whole frame is for one of them, and the others are spared it. */
  #toDevices(bytes: Buffer): void {
    const [first] = new FrameReader().push(bytes);
    const frame = first?.t === 'frame' ? first.frame : undefined;
    for (const device of this.devices) if (device.power && (frame === undefined || frame.address === device.peripheral.address)) this.#heard(device, bytes, frame);
  }

  #heard(device: SimPeripheral, bytes: Buffer, frame: Frame | undefined): void {
    const { scheduler, watch } = this.parts;
    const { peripheral, talk } = device;
    const isNewPoll = frame?.code === POLL && frame.sequence !== talk.sequence;
    const [report, driven, key, session] = [peripheral.reports[0], [...peripheral.driven], peripheral.key, talk.session];
    const replies = hear(peripheral, talk, bytes, scheduler.now);
    if (talk.session !== session) device.sessionAt = scheduler.now;
    if (talk.session === undefined) device.held = undefined;
    else if (isNewPoll) {
      if (device.held !== undefined) watch.forgot(device, device.held);
      device.held = undefined;
      if (report !== undefined && report !== peripheral.reports[0]) this.#gave(device, report);
    }
    for (const [output, times] of peripheral.driven.entries()) if (times > (driven[output] ?? 0)) watch.drove(device, output, (peripheral.outputs[output] ?? 0) - scheduler.now);
    if (peripheral.key !== undefined && peripheral.key !== key) {
      watch.rekeyed(device, peripheral.key);
      this.moment('key');
    }
    const life = device.talk;
    for (const reply of replies)
      this.#carry(reply, this.mood.lateMs, (back) => {
        // Whose power goes in the middle of an answer does not end it.
        if (device.talk === life) this.#toPanel(back);
      });
  }

  #gave(device: SimPeripheral, report: Peripheral['reports'][number]): void {
    const { watch } = this.parts;
    if (report.name === 'ISTATR') watch.told(device, report.body);
    if (report.name !== 'RAW') return;
    device.held = Buffer.from(report.body.data).toString('hex').toUpperCase();
    watch.handed(device, device.held);
    this.moment('card');
  }

  /** A program that is frozen finds it later, in the buffer of its port. */
  #toPanel(bytes: Buffer): void {
    const ends = this.#ends;
    if (ends === undefined) return;
    this.parts.scheduler.after(0, ends.host, () => {
      if (this.#ends === ends) ends.ears.heard(bytes);
    });
  }
}
