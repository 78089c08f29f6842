import type { Line, LineInput, Moved } from '../../wire/osdp/acu-model.ts';

/** All devices of a line have so long to be told, and one of them so long, ms. */
const TELLING_MS = 20_000;
const ONE_MS = 5000;

/** What telling needs of its line. */
export interface SpeedTellingParts {
  readonly line: () => Line;
  readonly do: (input: LineInput) => void;
  /** The line's clock, ms. */
  readonly uptime: () => number;
}

interface Run {
  readonly baud: number;
  readonly until: number;
  readonly left: number[];
  asked: number | undefined;
  sent: boolean;
  readonly done: (sent: boolean) => void;
}

/** A device that would not go, or went elsewhere. */
type Said = (address: number, result: 'refused' | 'elsewhere') => void;

/** Tells the devices of a line another speed, one after another. */
export class SpeedTelling {
  readonly #parts: SpeedTellingParts;
  readonly #said: Said;
  #run: Run | undefined;

  constructor(parts: SpeedTellingParts, said: Said) {
    this.#parts = parts;
    this.#said = said;
  }

  /**
   * Tells every device that is up under a key, once. `done`: when each has answered or was given up; whether any may
   * have gone. The first that would not go ends it: then nobody was told, and the line stays whole.
   */
  begin(baud: number, done: Run['done']): void {
    const { line, uptime } = this.#parts;
    const left = line().peers.flatMap(({ phase, session, record }) => (phase === 'up' && session !== undefined ? [record.address] : []));
    this.#run = { baud, until: uptime() + TELLING_MS, left, asked: undefined, sent: false, done };
    this.#next(this.#run);
  }

  /** What came of telling a device; whether it was told from here. */
  heard(address: number, { result }: Moved): boolean {
    const run = this.#run;
    if (run === undefined || run.asked !== address) return false;
    if (result === 'sent') run.sent = true;
    if (result === 'refused' || result === 'elsewhere') {
      this.#said(address, result);
      if (!run.sent) run.left.length = 0;
    }
    this.#next(run);
    return true;
  }

  #next(run: Run): void {
    const now = this.#parts.uptime();
    const address = now < run.until ? run.left.shift() : undefined;
    run.asked = address;
    if (address !== undefined) return this.#parts.do({ t: 'move', address, to: address, baud: run.baud, until: Math.min(run.until, now + ONE_MS) });
    this.#run = undefined;
    run.done(run.sent);
  }
}
