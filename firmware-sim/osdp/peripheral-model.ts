import type { Reply } from '../../gateway/wire/osdp/messages.ts';

/** What a device is, and stays. */
export interface PeripheralIdentity {
  readonly vendor: Uint8Array;
  readonly model: number;
  readonly version: number;
  readonly serial: Uint8Array;
  readonly firmware: Uint8Array;
}

/** `clear`: speaks with anybody; `install`: takes one key under the public one; `full`: only ID, CAP and the handshake without a session. */
export type PeripheralMode = 'clear' | 'install' | 'full';

/** What is wrong with it. */
export interface PeripheralFaults {
  /** So many commands more are answered BUSY. */
  busy: number;
  /** It says of itself that it can neither CRC nor AES. */
  stripped: boolean;
  /** What it does when it is told another address or speed: takes neither, or others than it was told. */
  comset: 'refuses' | LineSettings | undefined;
}

/** Where a device is on its line. */
export interface LineSettings {
  readonly address: number;
  readonly baud: number;
}

/** A lamp of a reader: what it shows now, and until when. */
export interface Lamp {
  colour: number;
  until: number;
  steady: number;
}

/** A reader and door unit on an OSDP line: everything about it that outlives its power, and what stands at the door. */
export interface Peripheral {
  address: number;
  /** Its speed; undefined: that of whatever line it hangs on, until it is told one. */
  baud: number | undefined;
  /** It was told these, and goes there once its answer is on the line. */
  next: LineSettings | undefined;
  key: Uint8Array | undefined;
  mode: PeripheralMode;
  readonly identity: PeripheralIdentity;
  readonly random: (length: number) => Uint8Array;
  /** Events nobody has asked for yet, oldest first. */
  readonly reports: Reply[];
  readonly inputs: number[];
  /** Until when each output is on, by the time of whoever asks; 0: off. */
  readonly outputs: number[];
  /** How often each output was switched on. */
  readonly driven: number[];
  /** Longest frame it takes, bytes; 128: it says nothing of it. */
  readonly buffer: number;
  readonly lamp: Lamp;
  /** Sounds it was told to make. */
  beeps: number;
  tamper: boolean;
  readonly faults: PeripheralFaults;
}

const REPORTS_MAX = 64;

/** What a device is made of. `serial`: a number below 2^32. */
export interface PeripheralOptions {
  readonly address: number;
  readonly baud?: number | undefined;
  readonly key?: Uint8Array | undefined;
  readonly mode: PeripheralMode;
  readonly serial: number;
  readonly inputs?: number;
  readonly outputs?: number;
  readonly buffer?: number;
  readonly random: (length: number) => Uint8Array;
}

/** A device as it leaves its box. */
export function createPeripheral({ address, baud, key, mode, serial, inputs = 2, outputs = 2, buffer = 256, random }: PeripheralOptions): Peripheral {
  const number = Buffer.alloc(4);
  number.writeUInt32LE(serial);
  return {
    address,
    baud,
    next: undefined,
    key,
    mode,
    identity: { vendor: Buffer.from([0x0d, 0xb0, 0x0c]), model: 1, version: 1, serial: number, firmware: Buffer.from([1, 0, 0]) },
    random,
    reports: [],
    inputs: Array.from({ length: inputs }, () => 0),
    outputs: Array.from({ length: outputs }, () => 0),
    driven: Array.from({ length: outputs }, () => 0),
    buffer,
    lamp: { colour: 0, until: 0, steady: 0 },
    beeps: 0,
    tamper: false,
    faults: { busy: 0, stripped: false, comset: undefined },
  };
}

/** Is this output on at this moment? */
export const isOn = ({ outputs }: Peripheral, output: number, now: number): boolean => (outputs[output] ?? 0) > now;

/** What the lamp shows at this moment. */
export const lampOf = ({ lamp }: Peripheral, now: number): number => (lamp.until > now ? lamp.colour : lamp.steady);

function report(peripheral: Peripheral, reply: Reply): void {
  // Too many at once: the oldest stay, as at any reader.
  if (peripheral.reports.length < REPORTS_MAX) peripheral.reports.push(reply);
}

/** Somebody holds a card to the reader. `hex`: its bits, left aligned. */
export function holdCard(peripheral: Peripheral, bits: number, hex: string): void {
  report(peripheral, { name: 'RAW', body: { reader: 0, format: 0, bits, data: Buffer.from(hex, 'hex') } });
}

/** Somebody presses keys: digits, `*` and `#`. */
export function pressKeys(peripheral: Peripheral, keys: string): void {
  const data = Buffer.from(keys.replaceAll('*', '\x7f').replaceAll('#', '\r'), 'latin1');
  report(peripheral, { name: 'KEYPAD', body: { reader: 0, count: data.length, data } });
}

/** A contact or a button changes. */
export function setInput(peripheral: Peripheral, input: number, active: boolean): void {
  if ((peripheral.inputs[input] ?? 0) === Number(active)) return;
  peripheral.inputs[input] = Number(active);
  report(peripheral, { name: 'ISTATR', body: [...peripheral.inputs] });
}

/** Its case is opened, or shut again. */
export function setTamper(peripheral: Peripheral, open: boolean): void {
  peripheral.tamper = open;
  report(peripheral, { name: 'LSTATR', body: { tamper: Number(open), power: 0 } });
}
