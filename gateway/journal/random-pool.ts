import { randomFillSync } from 'node:crypto';

const pool = Buffer.alloc(8192);
let at = pool.length;

/**
 * Writes fresh random bytes, at most 8192, into a place. One system call fetches enough for many entries (a call
 * for each would cost as much as the hashing), and no byte is handed out twice.
 */
export function putRandom(into: Uint8Array, from: number, bytes: number): void {
  if (at + bytes > pool.length) {
    randomFillSync(pool);
    at = 0;
  }
  pool.copy(into, from, at, at + bytes);
  at += bytes;
}

/** Fresh random bytes of their own, at most 8192. */
export function freshRandom(bytes: number): Buffer {
  const made = Buffer.allocUnsafe(bytes);
  putRandom(made, 0, bytes);
  return made;
}
