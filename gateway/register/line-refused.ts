/** Why a serial line, a device on it or its key is not changed. */
export type LineRefusal =
  /** Nobody could have it so. */
  | 'wrong'
  /** Somebody else has it already. */
  | 'taken'
  | 'missing'
  /** A door or the fire input uses it. */
  | 'used'
  | 'full'
  /** The controller of the door is in service. */
  | 'in-service'
  /** A key that whoever listens tries first. */
  | 'weak'
  /** The device may have a key that waits, and nothing but that key could prove who answers. */
  | 'waiting'
  /** Nobody knows yet at which of two addresses the device is. */
  | 'moving'
  /** Nobody knows yet at which of two speeds the line is. */
  | 'speed';

/** A line, a device or a key was not changed: nothing was written. `expected`: what the field should have been, both languages. */
export class LineRefused extends Error {
  override readonly name = 'LineRefused';
  readonly why: LineRefusal;
  readonly field: string;
  readonly expected: string;

  constructor(why: LineRefusal, field: string, expected: string) {
    super(`${field}: expected ${expected}`);
    this.why = why;
    this.field = field;
    this.expected = expected;
  }
}

/** What an entry of the log has room for, characters. */
const WORDS_LENGTH = 120;

/** Words of an entry, cut to what it has room for. */
export const lineWords = (...parts: readonly (string | number)[]): string => parts.join(' ').slice(0, WORDS_LENGTH);
