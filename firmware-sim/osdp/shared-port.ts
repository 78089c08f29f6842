import type { Port, PortEars, PortOpener } from '../../gateway/serial/port.ts';

/** A port that went, or is not there, is looked for again so often, ms. */
const REOPEN_MS = 1000;

/** The one port of a line that several devices hang on. While `cut`, nothing gets through. */
export class SharedPort {
  cut = false;
  readonly #open: PortOpener;
  readonly #ears: PortEars[] = [];
  #port: Port | undefined;
  #again: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(open: PortOpener) {
    this.#open = open;
  }

  /** The port as a device has it: opened at once, and silent until the line's own is there. */
  readonly device: PortOpener = async (ears) => {
    this.#ears.push(ears);
    return { write: (bytes) => void (this.cut || this.#port?.write(bytes)), close: () => undefined };
  };

  /** Opens the line's port, now and whenever it is gone. */
  start(): void {
    if (this.#stopped) return;
    this.#open({ heard: (bytes) => this.#heard(bytes), gone: () => this.#gone() }).then(
      (port) => {
        if (this.#stopped) port.close();
        else this.#port = port;
      },
      () => this.#gone(),
    );
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#again);
    this.#port?.close();
    this.#port = undefined;
  }

  #heard(bytes: Uint8Array): void {
    if (this.cut) return;
    for (const { heard } of this.#ears) heard(bytes);
  }

  #gone(): void {
    if (this.#stopped) return;
    this.#port = undefined;
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.start(), REOPEN_MS);
  }
}
