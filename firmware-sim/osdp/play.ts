import { FieldError } from '../../gateway/wire/fields.ts';
import { encodeFrame, FrameReader, MARK } from '../../gateway/wire/osdp/frame.ts';
import { hear, newTalk, type Talk } from './peripheral.ts';
import { holdCard, isOn, lampOf, type Peripheral, pressKeys, setInput, setTamper } from './peripheral-model.ts';
import type { Port, PortOpener } from '../../gateway/serial/port.ts';

/** What is wrong on the way back. `noise`, `lost`: one reply in so many, 0 none; `middle`: somebody bends one in so many and makes its check right again. */
export interface WayFaults {
  noise: number;
  lost: number;
  middle: number;
}

const COLOURS = ['black', 'red', 'green', 'amber', 'blue', 'magenta', 'cyan', 'white'];
/** What stands at the door changes by itself too: looked at so often, ms. */
const LOOK_MS = 50;

/** What is understood of a typed line. */
export const PLAY_HELP = `card BITS HEX · keys 12# · input N on|off · tamper on|off · power off|on · reboot · list
faults: busy N · noise N · lost N · middle N · strip on|off · key HEX · mode clear|install|full`;

const whole = (text: string | undefined, name: string, max: number): number => {
  const value = Number(text);
  if (text === undefined || !Number.isInteger(value) || value < 0 || value > max) throw new FieldError(name, `a whole number from 0 to ${max}`);
  return value;
};
const onOff = (text: string | undefined, name: string): boolean => {
  if (text !== 'on' && text !== 'off') throw new FieldError(name, 'on or off');
  return text === 'on';
};
/** A key in hex. Throws FieldError under this name. */
export function readKey(text: string | undefined, name: string): Buffer {
  if (text === undefined || !/^[0-9a-f]{32}$/i.test(text)) throw new FieldError(name, '32 hex digits');
  return Buffer.from(text, 'hex');
}

/** A device on a port, with what is wrong on the way, and what somebody at the door sees. */
export class PlayedPeripheral {
  readonly #peripheral: Peripheral;
  readonly #say: (line: string) => void;
  readonly #way: WayFaults = { noise: 0, lost: 0, middle: 0 };
  readonly #look: NodeJS.Timeout;
  #talk: Talk = newTalk();
  #power = true;
  #port: Port | undefined;
  #seen = '';

  constructor(peripheral: Peripheral, say: (line: string) => void) {
    this.#peripheral = peripheral;
    this.#say = say;
    this.#look = setInterval(() => this.#show(), LOOK_MS);
  }

  /** Rejects with a sentence when the port cannot be opened. */
  async start(open: PortOpener, gone: (why: string) => void): Promise<void> {
    this.#port = await open({ heard: (bytes) => this.#heard(bytes), gone });
  }

  stop(): void {
    clearInterval(this.#look);
    this.#port?.close();
  }

  /** What stands at the door now. */
  state(): { readonly outputs: readonly boolean[]; readonly lamp: string; readonly inputs: readonly number[]; readonly secure: boolean } {
    const now = performance.now();
    const outputs = this.#peripheral.outputs.map((_, output) => isOn(this.#peripheral, output, now));
    return { outputs, lamp: COLOURS[lampOf(this.#peripheral, now)] ?? 'black', inputs: [...this.#peripheral.inputs], secure: this.#talk.session !== undefined };
  }

  /** Carries out one typed line. Throws FieldError naming what is wrong in it. */
  act(line: string): void {
    const [act = '', first, second] = line.trim().split(/\s+/);
    const { faults, inputs } = this.#peripheral;
    switch (act) {
      case 'card':
        return this.#card(whole(first, 'BITS', 256), second ?? '');
      case 'keys':
        if (!/^[0-9*#]{1,32}$/.test(first ?? '')) throw new FieldError('keys', '1 to 32 of 0-9, * and #');
        return pressKeys(this.#peripheral, first ?? '');
      case 'input':
        return setInput(this.#peripheral, whole(first, 'input', inputs.length - 1), onOff(second, 'input'));
      case 'tamper':
        return setTamper(this.#peripheral, onOff(first, 'tamper'));
      case 'power':
        return this.#powerTo(onOff(first, 'power'));
      case 'reboot':
        return this.#powerTo(true);
      case 'list':
        return this.#say(JSON.stringify(this.state()));
      case 'busy':
        faults.busy = whole(first, 'busy', 1000);
        return;
      case 'strip':
        faults.stripped = onOff(first, 'strip');
        return;
      case 'noise':
      case 'lost':
      case 'middle':
        this.#way[act] = whole(first, act, 1000);
        return;
      case 'key':
        this.#peripheral.key = readKey(first, 'key');
        return;
      case 'mode':
        if (first !== 'clear' && first !== 'install' && first !== 'full') throw new FieldError('mode', 'clear, install or full');
        this.#peripheral.mode = first;
        return;
      default:
        throw new FieldError('line', `one of: ${PLAY_HELP}`);
    }
  }

  #card(bits: number, hex: string): void {
    if (bits < 1 || !/^[0-9a-f]+$/i.test(hex) || hex.length !== 2 * Math.ceil(bits / 8))
      throw new FieldError('card', 'its bits, and two hex digits for each eight of them, left aligned');
    holdCard(this.#peripheral, bits, hex);
  }

  /** Without power nothing is heard, outputs fall, and the session is forgotten; the key is kept. */
  #powerTo(on: boolean): void {
    this.#power = on;
    this.#talk = newTalk();
    this.#peripheral.outputs.fill(0);
    this.#peripheral.reports.length = 0;
  }

  #heard(bytes: Uint8Array): void {
    if (!this.#power) return;
    for (const reply of hear(this.#peripheral, this.#talk, bytes, performance.now())) {
      const sent = this.#onTheWay(reply);
      if (sent !== undefined) this.#port?.write(sent);
    }
    this.#show();
  }

  #onTheWay(reply: Buffer): Buffer | undefined {
    const { noise, lost, middle } = this.#way;
    const happens = (oneIn: number): boolean => oneIn > 0 && Math.random() * oneIn < 1;
    if (happens(lost)) return undefined;
    if (happens(middle)) return bentRight(reply);
    if (!happens(noise)) return reply;
    const bent = Buffer.from(reply);
    bent[Math.floor(Math.random() * bent.length)] = Math.floor(Math.random() * 256);
    return bent;
  }

  #show(): void {
    const { outputs, lamp, secure } = this.state();
    const seen = JSON.stringify({ outputs, lamp, secure });
    if (seen !== this.#seen) this.#say(seen);
    this.#seen = seen;
  }
}

/** What a man in the middle sends on: another code, the check made right again. Only an authentication code tells. */
function bentRight(reply: Buffer): Buffer {
  const [heard] = new FrameReader().push(reply);
  if (heard?.t !== 'frame') return reply;
  const { frame } = heard;
  const mac = frame.mac.length > 0 ? () => frame.mac : undefined;
  return Buffer.concat([Buffer.from([MARK]), encodeFrame({ ...frame, code: frame.code ^ 1 }, mac)]);
}
