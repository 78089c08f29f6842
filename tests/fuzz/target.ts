import type { Random } from './random.ts';

/** A target that has been set up. */
export interface Opened {
  /**
   * Gives the input to the code under test and checks what must hold. What the code declares that it throws is
   * caught here; whatever comes out is a finding. The input is only borrowed.
   */
  run(input: Buffer): void | Promise<void>;
  close(): void;
}

/** Something that reads bytes from outside. */
export interface Target {
  readonly name: string;
  /** Files whose blocks guide the search, from the root. */
  readonly covers: readonly string[];
  /** Words of the format. */
  readonly words: readonly string[];
  /** A valid input. */
  make(random: Random): Buffer;
  open(): Opened;
  /** Longest input, bytes; 8 KiB unless said otherwise. */
  readonly longest?: number;
  /** Longest time for one input, ms, when disk writes are part of it; 10 unless said otherwise. */
  readonly mostMs?: number;
}

/** For targets that hold nothing open. */
export const plain =
  (run: Opened['run']): Target['open'] =>
  () => ({ run, close: () => undefined });

/** Fails with a sentence that tells what did not hold. */
export function hold(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

/** Carries out what may throw one of these errors. Rethrows any other. */
export function allowing<T>(errors: readonly (new (...args: never[]) => Error)[], act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (errors.some((each) => error instanceof each)) return undefined;
    throw error;
  }
}
