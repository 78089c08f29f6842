import { hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;

/** SHA-256. By way of a string with a byte in each character: a third of the time that asking for a buffer takes (Node 20). */
export const sha256 = (bytes: Uint8Array): Buffer => Buffer.from(hash('sha256', bytes, 'binary'), 'binary');

/**
 * HMAC-SHA-256 (RFC 2104) under one key of at most 64 bytes, for many short messages: the padded keys are laid
 * out once, and no hash object is made for each message as `createHmac` does.
 */
export function hmacSha256(key: Uint8Array): (message: Uint8Array) => Buffer {
  let inner = Buffer.alloc(BLOCK_BYTES + 64);
  const outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES);
  for (let at = 0; at < BLOCK_BYTES; at += 1) {
    const byte = key[at] ?? 0;
    inner[at] = byte ^ 0x36;
    outer[at] = byte ^ 0x5c;
  }
  return (message) => {
    const length = BLOCK_BYTES + message.length;
    if (length > inner.length) inner = Buffer.concat([inner.subarray(0, BLOCK_BYTES), Buffer.alloc(message.length)]);
    inner.set(message, BLOCK_BYTES);
    outer.set(sha256(inner.subarray(0, length)), BLOCK_BYTES);
    return sha256(outer);
  };
}
