import { closeSync, openSync, writeSync } from 'node:fs';
import type { Message } from '../gateway/wire/mqtt/messages.ts';
import type { UpTail } from '../gateway/wire/mqtt/topics.ts';
import type { StartLink } from './faults.ts';
import type { Down } from './model.ts';

/** First line of a recording. */
export interface RecordHead {
  readonly recording: 1;
  readonly device: string;
  readonly doors: number;
  /** Epoch ms. */
  readonly began: number;
}

/** A message as it crossed the line, unsealed, or a change of the connection. `at`: running time of the device, ms. */
export type RecordLine =
  | { readonly at: number; readonly dir: 'up' | 'down'; readonly tail: string; readonly body: Readonly<Record<string, unknown>> }
  | { readonly at: number; readonly dir: 'link'; readonly up: boolean };

const OPEN_METHODS: readonly unknown[] = ['card', 'qr'];
const OWNER_ONLY = 0o600;

/** A message without what somebody knows by heart: the reading of a keypad is zeros of its length, the digits of a card are gone. */
export function masked(tail: string, body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { p: digits, pin: _pin, ...others } = body;
  // Elsewhere `p` is something else.
  const rest = tail === 'req' || digits === undefined ? others : { ...others, p: digits };
  const method = tail === 'req' ? body['k'] : body['k'] === 'outcome' ? body['m'] : undefined;
  if (method === undefined || OPEN_METHODS.includes(method)) return rest;
  const { w, x }: { readonly w?: unknown; readonly x?: unknown } = Object(body['c']);
  return { ...rest, c: { w, x: '0'.repeat(String(x ?? '').length) } };
}

/** Writes what crosses a device's line, one JSON object a line, into a file for the owner alone. */
export class Recorder {
  readonly #file: number;
  readonly #uptime: () => number;

  /** Throws what the file system throws; an existing file is not overwritten. */
  constructor(file: string, head: RecordHead, uptime: () => number) {
    this.#file = openSync(file, 'wx', OWNER_ONLY);
    this.#uptime = uptime;
    writeSync(this.#file, `${JSON.stringify(head)}\n`);
  }

  /** Notes one message. */
  message(dir: 'up' | 'down', tail: string, body: object): void {
    this.#write({ at: this.#uptime(), dir, tail, body: masked(tail, { ...body }) });
  }

  /** Notes that the connection stands, or is gone. */
  link(up: boolean): void {
    this.#write({ at: this.#uptime(), dir: 'link', up });
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(line: RecordLine): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
  }
}

/** A link whose messages are also given to the recorder of the moment, if there is one. */
export const recorded =
  (start: StartLink, recorder: () => Recorder | undefined): StartLink =>
  (options) => {
    const link = start({
      ...options,
      connected() {
        recorder()?.link(true);
        options.connected();
      },
      disconnected() {
        recorder()?.link(false);
        options.disconnected();
      },
      received(message: Down) {
        recorder()?.message('down', message.tail, message.body);
        options.received(message);
      },
    });
    return {
      publish(tail: UpTail, body: Message<UpTail>) {
        recorder()?.message('up', tail, body);
        link.publish(tail, body);
      },
      stop: () => link.stop(),
    };
  };
