import { createLine, type DeviceRecord, type Line, type LineConfig, type LineInput, type LineOutput } from '../wire/osdp/acu-model.ts';
import { lineWakeAt, stepLine } from '../wire/osdp/acu.ts';
import type { Port, PortOpener } from './port.ts';

/** A port that is not there, or went, is looked for again so often, ms. */
const REOPEN_MS = 1000;
const TIMER_MAX_MS = 2 ** 31 - 1;

/** What a line tells, but for the bytes it sends. */
export type Told = Exclude<LineOutput, { t: 'send' }>;

/** What a line of devices is made of. */
export interface BusOptions {
  readonly open: PortOpener;
  readonly config: LineConfig;
  readonly devices: readonly DeviceRecord[];
  readonly told: (output: Told) => void;
  /** The line's clock, ms, never going back; absent: that of this process. */
  readonly uptime?: (() => number) | undefined;
  /** The port came, or why it did not, or went. */
  readonly port: (up: boolean, why: string) => void;
}

/** A line of OSDP devices on a real clock and a port that comes back by itself. */
export class OsdpBus {
  readonly line: Line;
  readonly #options: BusOptions;
  #port: Port | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reopen: NodeJS.Timeout | undefined;
  #stopped = false;
  #saidWhy = '';

  /** Throws RangeError for devices that cannot share a line. */
  constructor(options: BusOptions) {
    this.#options = options;
    this.line = createLine(options.config, options.devices);
  }

  /** Opens the port, now and whenever it is gone. */
  start(): void {
    if (this.#stopped) return;
    this.#options.open({ heard: (bytes) => this.do({ t: 'bytes', bytes }), gone: (why) => this.#gone(why) }).then(
      (port) => {
        if (this.#stopped) return port.close();
        this.#port = port;
        this.#saidWhy = '';
        this.#options.port(true, '');
        this.do({ t: 'port', up: true });
      },
      (error: unknown) => this.#gone(error instanceof Error ? error.message : String(error)),
    );
  }

  /** Closes the port for good. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#reopen);
    clearTimeout(this.#timer);
    this.#port?.close();
    this.#port = undefined;
  }

  /** The moment, on the line's clock, ms. */
  now(): number {
    return this.#options.uptime?.() ?? performance.now();
  }

  /** One input, at this moment. */
  do(input: LineInput): void {
    if (this.#stopped) return;
    for (const output of stepLine(this.line, input, this.now())) {
      if (output.t === 'send') this.#port?.write(output.bytes);
      else this.#options.told(output);
    }
    // A timer is never sooner than a millisecond: at 115,200 that is ten characters.
    if (input.t !== 'tick' && lineWakeAt(this.line) <= this.now()) return this.do({ t: 'tick' });
    clearTimeout(this.#timer);
    const wait = lineWakeAt(this.line) - this.now();
    if (Number.isFinite(wait)) this.#timer = setTimeout(() => this.do({ t: 'tick' }), Math.min(TIMER_MAX_MS, Math.max(0, Math.ceil(wait))));
  }

  #gone(why: string): void {
    if (this.#stopped) return;
    this.#port = undefined;
    if (why !== this.#saidWhy) this.#options.port(false, why);
    this.#saidWhy = why;
    this.do({ t: 'port', up: false });
    this.#reopen = setTimeout(() => this.start(), REOPEN_MS);
  }
}
