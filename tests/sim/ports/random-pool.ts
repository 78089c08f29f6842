import { current } from '../engine/current.ts';

/** As the real one, without a pool: bytes left over from one seed must not reach the next. */
export function putRandom(into: Uint8Array, from: number, bytes: number): void {
  current().bytes.fill(into.subarray(from, from + bytes));
}

export function freshRandom(bytes: number): Buffer {
  const made = Buffer.alloc(bytes);
  putRandom(made, 0, bytes);
  return made;
}
