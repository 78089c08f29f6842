import { randomBytes } from 'node:crypto';
import type { PortOpener } from '../../gateway/serial/port.ts';
import { FieldError } from '../../gateway/wire/fields.ts';
import type { FleetLine } from '../fleet-file.ts';
import { type Contact, LineDoor } from './line-door.ts';
import { lineFault } from './line-faults.ts';
import { createPeripheral, type Peripheral, setInput } from './peripheral-model.ts';
import { PlayedPeripheral } from './play.ts';
import { SharedPort } from './shared-port.ts';

const NO_POWER = '门没有电。 The door has no power.';
const NO_RECORDING = '串口上的门没有可录的消息。 A door on a serial line has no messages to record.';

/** What is asked of a door, as it comes over the local socket. */
export interface LineAct {
  readonly act: string;
  readonly card?: string | undefined;
  readonly pin?: string | undefined;
  /** A tap is answered when the reader asks for digits, and `type` goes on. */
  readonly looks?: boolean | undefined;
  readonly on?: boolean | undefined;
  readonly fault?: string | undefined;
  readonly value?: number | undefined;
}

/** The devices of one serial line, and the doors they make. They share one supply and one pair of wires. */
export class PlayedLine {
  readonly doors: readonly LineDoor[];
  readonly #port: SharedPort;
  readonly #devices: readonly { readonly peripheral: Peripheral; readonly played: PlayedPeripheral }[];
  readonly #fire: Contact | undefined;
  #power = true;

  /** Throws FieldError for a door or input of a device that is not on the line. */
  constructor({ devices, doors, fire }: FleetLine, open: PortOpener, walk: boolean) {
    this.#port = new SharedPort(open);
    this.#devices = devices.map(({ address, keyHex, serial, inputs, outputs }) => {
      const key = keyHex === undefined ? undefined : Buffer.from(keyHex, 'hex');
      const peripheral = createPeripheral({ address, key, mode: key === undefined ? 'install' : 'full', serial, inputs, outputs, random: randomBytes });
      return { peripheral, played: new PlayedPeripheral(peripheral, () => undefined) };
    });
    const at = (address: number): Peripheral => {
      const found = this.#devices.find(({ peripheral }) => peripheral.address === address);
      if (found === undefined) throw new FieldError('address', `of a device on the line, got ${address}`);
      return found.peripheral;
    };
    const pointOf = (point: { readonly address: number; readonly input: number } | undefined): Contact | undefined =>
      point === undefined ? undefined : { device: at(point.address), input: point.input };
    this.#fire = pointOf(fire);
    this.doors = doors.map(
      ({ code, reader, relay, output, contact, exit }) =>
        new LineDoor({ code, reader: at(reader), relay: { device: at(relay), output }, contact: pointOf(contact), exit: pointOf(exit), walk }),
    );
  }

  /** Opens the port, now and whenever it is gone. */
  start(): void {
    for (const { played } of this.#devices) void played.start(this.#port.device, () => undefined);
    this.#port.start();
  }

  stop(): void {
    for (const { played } of this.#devices) played.stop();
    this.#port.stop();
  }

  /** What somebody sees of a door, as of the doors with a controller of their own. */
  status(door: LineDoor): Record<string, unknown> {
    return { network: !this.#port.cut, power: this.#power, ...door.status(), queued: 0, list: '' };
  }

  /** Does one thing at a door; the fields of the answer. Rejects with a sentence for a person. */
  async act(door: LineDoor, request: LineAct): Promise<Record<string, unknown>> {
    const { act, on, card = '', pin } = request;
    if (act === 'network' || act === 'power' || act === 'fire') return this.#switched(act, on);
    if (act === 'record') throw new Error(NO_RECORDING);
    if (act === 'fault') return this.#spoil(lineFault(request.fault ?? '', request.value));
    if (!this.#power) throw new Error(NO_POWER);
    if (act === 'tap' || act === 'type') {
      const seen = act === 'tap' ? await door.tap(card, pin) : await door.type(pin);
      return request.looks === true && seen.reason === 'PIN_NEEDED' ? { asks: true, ms: seen.ms } : { ...seen, offline: false };
    }
    if (act === 'push') door.push();
    else door.leaf(act === 'open');
    return {};
  }

  #switched(act: 'network' | 'power' | 'fire', on: boolean | undefined): Record<string, unknown> {
    if (on === undefined) throw new FieldError('on', 'true or false');
    if (act === 'network') this.#port.cut = !on;
    else if (act === 'power') {
      this.#power = on;
      this.#spoil([`power ${on ? 'on' : 'off'}`]);
    } else if (this.#fire === undefined) throw new Error('这条线没有消防输入。 This line has no fire input.');
    else setInput(this.#fire.device, this.#fire.input, on);
    return {};
  }

  #spoil(lines: readonly string[]): Record<string, unknown> {
    for (const { played } of this.#devices) for (const line of lines) played.act(line);
    return {};
  }
}
