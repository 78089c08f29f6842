import { FieldError } from '../fields.ts';

/** Bytes of a message's data, read from front to back. */
interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

/** How a field, or several, stand in bytes. Both throw FieldError that names the field. */
export interface Codec<T> {
  read(from: Cursor, field: string): T;
  write(value: T, field: string, to: number[]): void;
}
/** The value a codec reads and writes. */
export type ValueOf<C> = C extends Codec<infer T> ? T : never;

const named = (field: string, name: string): string => (field === '' ? name : `${field}.${name}`);

function take(from: Cursor, length: number, field: string): Uint8Array {
  const left = from.bytes.length - from.at;
  if (left < length) throw new FieldError(field, `${length} bytes, got ${left}`);
  const taken = from.bytes.subarray(from.at, from.at + length);
  from.at += length;
  return taken;
}

/** A whole number in `bytes` bytes, low byte first (osdp.md 2.6), from `min` to `max`. */
export function uint(bytes: 1 | 2 | 4, min = 0, max = 2 ** (8 * bytes) - 1): Codec<number> {
  const checked = (value: number, field: string): number => {
    if (!Number.isInteger(value) || value < min || value > max) throw new FieldError(field, `a whole number from ${min} to ${max}, got ${value}`);
    return value;
  };
  return {
    read: (from, field) => checked(Buffer.from(take(from, bytes, field)).readUIntLE(0, bytes), field),
    write(value, field, to) {
      let left = checked(value, field);
      for (let n = 0; n < bytes; n += 1) {
        to.push(left % 256);
        left = Math.floor(left / 256);
      }
    },
  };
}

/** Exactly `length` bytes. */
export const octets = (length: number): Codec<Uint8Array> => ({
  read: (from, field) => take(from, length, field),
  write(value, field, to) {
    if (value.length !== length) throw new FieldError(field, `${length} bytes, got ${value.length}`);
    to.push(...value);
  },
});

/** All bytes to the end. */
export const rest: Codec<Uint8Array> = {
  read: (from, field) => take(from, from.bytes.length - from.at, field),
  write: (value, _, to) => void to.push(...value),
};

/** The same thing again and again to the end, at least once and at most `max` times. */
export const many = <T>(item: Codec<T>, max: number): Codec<readonly T[]> => ({
  read(from, field) {
    const items: T[] = [];
    do {
      if (items.length === max) throw new FieldError(field, `at most ${max}`);
      items.push(item.read(from, `${field}[${items.length}]`));
    } while (from.at < from.bytes.length);
    return items;
  },
  write(value, field, to) {
    if (value.length === 0 || value.length > max) throw new FieldError(field, `1 to ${max}, got ${value.length}`);
    for (const [at, one] of value.entries()) item.write(one, `${field}[${at}]`, to);
  },
});

/** Fields one after another, in this order. */
export function group<S extends Readonly<Record<string, unknown>>>(shape: { readonly [K in keyof S]: Codec<S[K]> }): Codec<{ readonly [K in keyof S]: S[K] }> {
  const names: readonly (keyof S & string)[] = Object.keys(shape);
  return {
    read(from, field) {
      const out: Partial<S> = {};
      for (const name of names) out[name] = shape[name].read(from, named(field, name));
      return out as S;
    },
    write(value, field, to) {
      for (const name of names) shape[name].write(value[name], named(field, name), to);
    },
  };
}

/** Fields, then `data`, as long as the fields say. */
export function counted<T extends object>(head: Codec<T>, size: (head: T) => number): Codec<T & { readonly data: Uint8Array }> {
  return {
    read(from, field) {
      const fields = head.read(from, field);
      return { ...fields, data: take(from, size(fields), named(field, 'data')) };
    },
    write(value, field, to) {
      head.write(value, field, to);
      octets(size(value)).write(value.data, named(field, 'data'), to);
    },
  };
}

/** No data at all. */
export const nothing: Codec<undefined> = { read: () => undefined, write: () => undefined };

/** Reads a whole message's data. Throws FieldError, also when bytes are left over. */
export function readAll<T>(codec: Codec<T>, bytes: Uint8Array): T {
  const from = { bytes, at: 0 };
  const value = codec.read(from, '');
  if (from.at < bytes.length) throw new FieldError('data', `${from.at} bytes, got ${bytes.length}`);
  return value;
}

/** The bytes of a message's data. Throws FieldError. */
export function bytesOf<T>(codec: Codec<T>, value: T): Buffer {
  const to: number[] = [];
  codec.write(value, '', to);
  return Buffer.from(to);
}
