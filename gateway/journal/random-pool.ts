import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 8192;
let pool = Buffer.alloc(0);
let at = 0;

/**
 * Fresh random bytes, at most 8192. One system call fills enough for many entries (a call for each would cost
 * as much as the hashing). Every pool is a new buffer and no byte of it is handed out twice.
 */
export function freshRandom(bytes: number): Buffer {
  if (at + bytes > pool.length) {
    pool = randomFillSync(Buffer.allocUnsafeSlow(POOL_BYTES));
    at = 0;
  }
  at += bytes;
  return pool.subarray(at - bytes, at);
}
