import type { Message } from '../../gateway/wire/mqtt/messages.ts';
import type { UpTail } from '../../gateway/wire/mqtt/topics.ts';
import type { Connect } from './mqtt-reading.ts';

/** A message of the device under a tail, opened and read, and how it came. `at`: ms of the judge's running time; `session`: which connection; `json`: all that was in it. */
export interface SeenAs<T extends UpTail> {
  readonly tail: T;
  readonly body: Message<T>;
  readonly at: number;
  readonly session: number;
  readonly json: unknown;
  readonly qos: number;
  readonly retain: boolean;
}
/** Any message of the device. */
export type Seen = { readonly [T in UpTail]: SeenAs<T> }[UpTail];

/** One connection of the device. Times as in `Seen`. */
export interface Session {
  readonly at: number;
  readonly connect: Connect;
  readonly filters: string[];
  subscribedAt: number | undefined;
  /** When it last said anything, and its longest silence, ms. */
  heardAt: number;
  quietMs: number;
  readonly tails: UpTail[];
}

const isOf =
  <T extends UpTail>(tail: T) =>
  (seen: Seen): seen is Seen & SeenAs<T> =>
    seen.tail === tail;

/** Everything the device did, in order, and a way to wait for more. */
export class Transcript {
  readonly seen: Seen[] = [];
  readonly sessions: Session[] = [];
  /** What did not open, or had a wrong field. */
  readonly troubles: string[] = [];
  readonly nonces = new Map<string, number>();
  readonly #waiting = new Set<() => void>();

  /** Something was added: whoever waits looks again. */
  changed(): void {
    for (const look of [...this.#waiting]) look();
  }

  /** Messages under a tail, from a place in the order on. */
  of<T extends UpTail>(tail: T, from = 0): SeenAs<T>[] {
    return this.seen.slice(from).filter(isOf(tail));
  }

  /** What `look` finds, as soon as it finds something; undefined after `ms`. */
  wait<T>(ms: number, look: () => T | undefined): Promise<T | undefined> {
    return new Promise((resolve) => {
      const end = (found: T | undefined): void => {
        clearTimeout(timer);
        this.#waiting.delete(again);
        resolve(found);
      };
      const again = (): void => {
        const found = look();
        if (found !== undefined) end(found);
      };
      const timer = setTimeout(() => end(undefined), ms);
      this.#waiting.add(again);
      again();
    });
  }
}
