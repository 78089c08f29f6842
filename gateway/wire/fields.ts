/**
 * Readers for untrusted JSON: each takes a value and the name of its field, and returns the checked value or
 * throws a FieldError that says which field and what was expected. Unknown fields are ignored, so that a
 * minor version may add some (mqtt.md 5.2).
 */
export class FieldError extends Error {
  override readonly name = 'FieldError';
  readonly field: string;
  readonly expected: string;
  constructor(field: string, expected: string) {
    super(`${field}: expected ${expected}`);
    this.field = field;
    this.expected = expected;
  }
}

/** Checks an unknown value and names the field when it does not fit. Throws FieldError. */
export type Reader<T> = (value: unknown, field: string) => T;
/** What a reader returns. */
export type ReadBy<R> = R extends Reader<infer T> ? T : never;

/** A whole number from `min` to `max`, both included. */
export const whole =
  (min: number, max: number): Reader<number> =>
  (value, field) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) throw new FieldError(field, `a whole number from ${min} to ${max}`);
    return value;
  };

/** Text matching a pattern; `said` describes it to a person. */
export const text =
  (pattern: RegExp, said: string): Reader<string> =>
  (value, field) => {
    if (typeof value !== 'string' || !pattern.test(value)) throw new FieldError(field, said);
    return value;
  };

/** One of a fixed set of words or numbers. */
export const oneOf =
  <const T extends string | number | boolean>(...choices: readonly T[]): Reader<T> =>
  (value, field) => {
    const found = choices.find((choice) => choice === value);
    if (found === undefined) throw new FieldError(field, `one of ${choices.join(', ')}`);
    return found;
  };

/** A list of at most `max` items. */
export const list =
  <T>(item: Reader<T>, max: number): Reader<T[]> =>
  (value, field) => {
    if (!Array.isArray(value) || value.length > max) throw new FieldError(field, `a list of at most ${max}`);
    return value.map((entry, at) => item(entry, `${field}[${at}]`));
  };

/** The field may be absent. */
export const optional =
  <T>(reader: Reader<T>): Reader<T | undefined> =>
  (value, field) =>
    value === undefined ? undefined : reader(value, field);

type Shape = Readonly<Record<string, Reader<unknown>>>;
type MayMiss<S extends Shape> = { [K in keyof S]: undefined extends ReadBy<S[K]> ? K : never }[keyof S];
/** The object a shape of readers describes; what is optional in it may be left out. */
export type RecordOf<S extends Shape> = { readonly [K in Exclude<keyof S, MayMiss<S>>]: ReadBy<S[K]> } & { readonly [K in MayMiss<S>]?: ReadBy<S[K]> };

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object with these fields; others are dropped. */
export function record<S extends Shape>(shape: S): Reader<RecordOf<S>> {
  const entries = Object.entries(shape);
  return (value, field) => {
    if (!isObject(value)) throw new FieldError(field, 'an object');
    const out: Record<string, unknown> = {};
    for (const [name, reader] of entries) out[name] = reader(Object.hasOwn(value, name) ? value[name] : undefined, field === '' ? name : `${field}.${name}`);
    return out as RecordOf<S>;
  };
}
